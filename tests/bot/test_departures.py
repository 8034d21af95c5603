"""Guilds that the bot left: nothing of them stays, nothing of others goes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.crypto import Keyring
from bot.incidents import OutcomeKind
from bot.policy import Policy
from bot.records import AuditKind, Every, SanctionKind
from bot.storage import Storage, departures, open_database, open_storage
from bot.storage.tables import metadata
from bot.terms import GuildTerms, TermKind
from masker.labels import Label
from tests.bot.conftest import Clock, make_draft


async def _fill(storage: Storage, guild_id: int) -> None:
    """Leave a row of the guild's in every table that has any."""
    for number in range(3):
        incident = await storage.incidents.open(make_draft(guild_id * 1_000 + number, guild_id=guild_id))
        await storage.incidents.mark_deleted(incident.id)
        await storage.incidents.record_repost(incident.id, 0, guild_id * 1_000_000 + number)
        await storage.incidents.close(incident.id, OutcomeKind.MASKED)
        await storage.reviews.decide(incident.id, 9, True)
        await storage.alert_posts.record(incident.id, guild_id, 20, 30)
        await storage.contests.open(incident.id, guild_id, 7, "이의")
    case = await storage.cases.open(guild_id, 7, 9)
    await storage.cases.note(guild_id, case.number, 9, "메모")
    await storage.sanctions.record(guild_id, 7, SanctionKind.WARN, 9, key="warn:1")
    await storage.terms.add(guild_id, TermKind.BLOCK, "말", Label.INSULT, 9)
    await storage.guilds.update(guild_id, {"observe": True}, actor_id=9)
    await storage.schedules.set(guild_id, "report", 20, Every.DAY)


async def _rows(url: str) -> dict[str, int]:
    async with open_database(url) as database, database.read() as connection:
        return {
            name: await connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in metadata.tables.items()
        }


async def test_after_the_grace_nothing_of_a_guild_stays_but_the_note_of_it(
    database_url: str, keyring: Keyring, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "_BATCH", 2)
    async with open_storage(database_url, keyring, clock=clock) as storage:
        await _fill(storage, 1)
        before = await _rows(database_url)
        assert {name for name, count in before.items() if count == 0} == {"departures", "marks"}
        await _fill(storage, 2)
        await storage.guilds.left(2)
        assert await storage.guilds.known() == {1}
        assert await storage.guilds.remove_departed(30) == []
        clock.now += timedelta(days=20)
        await storage.guilds.left(2)
        clock.now += timedelta(days=11)
        assert await storage.guilds.remove_departed(30) == [2], "leaving again renews no grace"
        assert await storage.guilds.remove_departed(30) == []
        assert await storage.guilds.policy(2) == Policy()
        assert await storage.terms.list(2) == GuildTerms()
        assert (await storage.terms.list(1)).block
        (note,) = await storage.audit.history(2)
        assert note.what is AuditKind.GUILD_REMOVED
    after = await _rows(database_url)
    assert after.pop("audit") == before.pop("audit") + 1
    assert after == before


async def test_a_guild_that_is_joined_again_keeps_everything(storage: Storage, clock: Clock) -> None:
    await _fill(storage, 1)
    await storage.guilds.left(1)
    await storage.guilds.back(1)
    clock.now += timedelta(days=100)
    assert await storage.guilds.remove_departed(30) == []
    assert await storage.guilds.known() == {1}
    assert (await storage.guilds.policy(1)).observe


async def test_one_that_comes_back_while_it_is_removed_keeps_what_is_left(
    sqlite_url: str, keyring: Keyring, clock: Clock
) -> None:
    async with open_storage(sqlite_url, keyring, clock=clock) as storage:
        await _fill(storage, 1)
        async with open_database(sqlite_url) as database:
            assert not await departures.remove(database, 1, clock())
        assert len(await storage.incidents.for_message(1_000)) == 1
