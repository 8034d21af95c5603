"""MemberStore: a member's whole data, and words that are gone, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import json

from bot.crypto import Keyring
from bot.incidents import OutcomeKind
from bot.records import AuditKind, SanctionKind
from bot.storage import Storage, members, open_storage
from tests.bot.conftest import make_draft


async def _fill(storage: Storage) -> None:
    """Give member 7 something of every kind in guild 1, and member 8 the same; an incident in guild 2 too."""
    for member, first in ((7, 100), (8, 200)):
        closed = await storage.incidents.open(make_draft(first, author_id=member, original=f"말 {member} \ud800"))
        await storage.incidents.close(closed.id, OutcomeKind.MASKED)
        await storage.incidents.open(make_draft(first + 1, author_id=member))
        await storage.contests.open(closed.id, 1, member, f"이의 {member}")
        await storage.contests.answer(closed.id, 9, True, f"답변 {member}")
        old = await storage.cases.open(1, member, 9, closed.id)
        await storage.cases.note(1, old.number, 9, f"옛 메모 {member}")
        await storage.cases.close(1, old.number, 9)
        new = await storage.cases.open(1, member, 9)
        await storage.cases.note(1, new.number, 9, f"새 메모 {member}")
        await storage.sanctions.record(1, member, SanctionKind.WARN, 9, key=f"warn:{member}")
        await storage.incidents.record(make_draft(first + 2, author_id=member, guild_id=2), OutcomeKind.ALERTED)
        await storage.reviews.decide(closed.id, 9, member == 7)
        await storage.guilds.update(1, {"observe": member == 7}, actor_id=member)
    await storage.guilds.update(2, {"exempt_member_ids": [7]}, actor_id=9)


async def test_an_export_holds_everything_of_the_member_and_nothing_of_another(storage: Storage) -> None:
    await _fill(storage)
    data = await storage.members.export(1, 7)
    written = json.dumps(data.as_json(), ensure_ascii=True)
    assert json.loads(written)["member_id"] == "7"
    assert [row["original"] for row in data.incidents] == ["말 7 \ud800", make_draft().original]
    assert data.incidents[0]["masked"] == "이런 ●●\n텍스트"
    assert data.incidents[0]["files"] == ["사진.png"]
    assert data.incidents[0]["guild_id"] == "1"
    assert [(row["words"], row["answer"], row["granted"]) for row in data.contests] == [("이의 7", "답변 7", True)]
    assert [[note["words"] for note in case["notes"]] for case in data.cases] == [["옛 메모 7"], ["새 메모 7"]]
    assert [(row["incident_id"], row["right"]) for row in data.reviews] == [(data.incidents[0]["id"], True)]
    assert data.incidents[0]["spans"] == make_draft().verdict["spans"]
    assert [row["kind"] for row in data.sanctions] == ["warn"]
    assert {row["what"] for row in data.about_them} >= {"contest_answered", "case_opened", "note_added"}
    assert [row["what"] for row in data.by_them] == ["contested"]
    assert [(row["key"], row["new"]) for row in data.settings_changed] == [("observe", True)]
    assert "말 8" not in json.dumps(data.as_json(), ensure_ascii=False)
    assert not {"moderator_id", "actor_id", "opened_by"} & set(written.split('"')), "who else was there is left out"
    assert data.exempt_in == ()
    everywhere = await storage.members.export(None, 7)
    assert everywhere.exempt_in == ("2",)
    assert [row["guild_id"] for row in everywhere.incidents] == ["1", "1", "2"]
    assert (await storage.members.export(1, 99)).incidents == ()


async def test_more_than_a_batch_is_exported(storage: Storage, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(members, "_BATCH", 2)
    for number in range(5):
        await storage.incidents.open(make_draft(number + 1))
    assert [row["message_id"] for row in (await storage.members.export(1, 7)).incidents] == ["1", "2", "3", "4", "5"]


async def test_erasing_takes_the_words_and_leaves_the_numbers(storage: Storage) -> None:
    await _fill(storage)
    before = await storage.members.export(1, 8)
    counts = await storage.members.erase(1, 7, 7)
    assert (counts.incidents, counts.contests, counts.notes, counts.put_off) == (1, 1, 1, 2)
    data = await storage.members.export(1, 7)
    assert [row["original"] for row in data.incidents] == [None, make_draft().original]
    assert [row["labels"] for row in data.incidents] == [{"profanity": 0.99, "insult": 0.91}] * 2
    assert [(row["words"], row["answer"], row["granted"]) for row in data.contests] == [(None, None, True)]
    assert [[note["words"] for note in case["notes"]] for case in data.cases] == [[None], ["새 메모 7"]]
    assert (await storage.members.export(2, 7)).incidents[0]["original"] is not None, "another guild was not meant"
    after = await storage.members.export(1, 8)
    assert after == before, "nor another member"
    (erased,) = await storage.audit.history(1, what=AuditKind.MEMBER_ERASED)
    assert (erased.actor_id, erased.member_id, erased.detail) == (
        7,
        7,
        {"incidents": 1, "contests": 1, "notes": 1, "put_off": 2},
    )


async def test_what_is_unfinished_loses_its_words_once_it_is_closed(storage: Storage) -> None:
    await _fill(storage)
    await storage.members.erase(1, 7, 7)
    (unfinished,) = await storage.incidents.for_message(101)
    assert unfinished.draft.original, "it is needed until the message is dealt with"
    await storage.incidents.mark_deleted(unfinished.id)
    await storage.incidents.close(unfinished.id, OutcomeKind.DELETED_ONLY)
    (closed,) = await storage.incidents.for_message(101)
    assert (closed.erased, closed.outcome) == (True, OutcomeKind.DELETED_ONLY)
    await storage.cases.close(1, 2, 9)
    case = await storage.cases.of(1, 2)
    assert case is not None
    assert [note.words for note in case.notes] == [None]
    assert (await storage.members.erase(1, 7, 7)).put_off == 0


async def test_erasing_everywhere_is_audited_in_each_guild(storage: Storage) -> None:
    await _fill(storage)
    assert (await storage.members.erase(None, 7, 7)).incidents == 2
    for guild_id in (1, 2):
        assert [entry.detail for entry in await storage.audit.history(guild_id, what=AuditKind.MEMBER_ERASED)] == [None]
    assert await storage.audit.history(3) == []


async def test_one_that_waits_for_a_human_is_erased_at_once(sqlite_url: str, keyring: Keyring) -> None:
    async with open_storage(sqlite_url, keyring) as storage:
        stuck = await storage.incidents.open(make_draft())
        await storage.incidents.stick(stuck.id, OutcomeKind.NOT_REPOSTED)
        erased = await storage.members.erase(1, 7, 7)
        assert (erased.incidents, erased.spool_keys) == (1, ("k" * 43,)), "its attachment waited with it"
        late = await storage.incidents.open(make_draft(2))
        await storage.members.erase(1, 7, 7)
        await storage.incidents.stick(late.id, OutcomeKind.NOT_REPOSTED)
        found = [await storage.incidents.by_id(one.id) for one in (stuck, late)]
        assert [one.erased for one in found if one] == [True, True]
