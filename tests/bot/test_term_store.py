"""TermStore: limits, cache, versions and audit, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest

from bot.crypto import Keyring
from bot.errors import SettingsError
from bot.records import AuditKind
from bot.setting_changes import MovedOnError
from bot.storage import Storage, open_storage
from bot.terms import ENTRY_LIMIT, PATTERN_LIMIT, WORD_LIMIT, GuildTerm, GuildTerms, TermKind
from masker.labels import Label

BLOCK, ALLOW, PATTERN = TermKind.BLOCK, TermKind.ALLOW, TermKind.PATTERN


async def test_terms_hold_at_once_and_after_a_restart(database_url: str, keyring: Keyring) -> None:
    async with open_storage(database_url, keyring) as storage:
        assert await storage.terms.list(1) == GuildTerms()
        assert await storage.terms.add(1, BLOCK, "나쁜말", Label.INSULT, 9)
        assert not await storage.terms.add(1, BLOCK, "나쁜말", Label.AGE, 9), "it was there"
        assert await storage.terms.add(1, ALLOW, "나쁜말", None, 9), "another kind is another entry"
        assert await storage.terms.add(1, PATTERN, "나쁜.?말", Label.THREAT, 9)
        assert await storage.terms.add(2, BLOCK, "다른 서버", Label.INSULT, 9)
        terms = await storage.terms.list(1)
    assert terms.block == (GuildTerm(BLOCK, "나쁜말", Label.INSULT),)
    assert terms.allow == (GuildTerm(ALLOW, "나쁜말"),)
    assert terms.patterns == (GuildTerm(PATTERN, "나쁜.?말", Label.THREAT),)
    assert len(list(terms)) == 3
    async with open_storage(database_url, keyring) as storage:
        assert await storage.terms.list(1) == terms


async def test_every_change_has_a_version_of_its_own_and_is_audited(storage: Storage) -> None:
    seen = {(await storage.terms.list(1)).version}
    for number in range(3):
        await storage.terms.add(1, BLOCK, f"말{number}", Label.INSULT, 9)
        seen.add((await storage.terms.list(1)).version)
    assert await storage.terms.remove(1, BLOCK, "말1", 9)
    assert not await storage.terms.remove(1, BLOCK, "말1", 9)
    seen.add((await storage.terms.list(1)).version)
    imported = await storage.terms.replace(1, [GuildTerm(ALLOW, "시발점"), GuildTerm(ALLOW, "시발점")], 9)
    assert imported == await storage.terms.list(1)
    assert (imported.block, imported.allow) == ((), (GuildTerm(ALLOW, "시발점"),))
    assert len({*seen, imported.version}) == 6
    history = [(entry.what, entry.detail) for entry in await storage.audit.history(1)]
    assert history[0] == (AuditKind.TERMS_IMPORTED, {"terms": 1})
    assert history[1] == (AuditKind.TERM_REMOVED, {"kind": "block", "entry": "말1", "label": "insult"})
    assert history[2] == (AuditKind.TERM_ADDED, {"kind": "block", "entry": "말2", "label": "insult"})
    assert len(history) == 5


async def test_terms_are_replaced_only_where_nobody_has_changed_them_since(storage: Storage) -> None:
    async def put(word: str) -> GuildTerms:
        return await storage.terms.replace(1, [GuildTerm(ALLOW, word)], 9, expected=0)

    results = await asyncio.gather(put("하나"), put("둘"), return_exceptions=True)
    assert {type(result) for result in results} == {GuildTerms, MovedOnError}
    now = await storage.terms.list(1)
    assert now in results
    await storage.terms.add(1, BLOCK, "셋", Label.INSULT, 9)
    with pytest.raises(MovedOnError):
        await storage.terms.replace(1, [], 9, expected=now.version)
    assert len(list(await storage.terms.list(1))) == 2
    again = await storage.terms.replace(1, [], 9, expected=(await storage.terms.list(1)).version)
    assert list(again) == []


async def test_limits_hold_even_for_two_at_once(storage: Storage) -> None:
    words = [GuildTerm(BLOCK, f"말{number}", Label.INSULT) for number in range(WORD_LIMIT - 1)]
    patterns = [GuildTerm(PATTERN, f"말{number}", Label.INSULT) for number in range(PATTERN_LIMIT)]
    full = await storage.terms.replace(1, [*words, *patterns], 9)
    adding = (storage.terms.add(1, kind, "하나 더", None, 9) for kind in (ALLOW, BLOCK))
    results = await asyncio.gather(*adding, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["SettingsError", "bool"]
    with pytest.raises(SettingsError):
        await storage.terms.add(1, PATTERN, "하나 더", Label.INSULT, 9)
    with pytest.raises(SettingsError):
        await storage.terms.replace(1, [*words, *patterns, GuildTerm(PATTERN, "하나 더")], 9)
    for entry in ("", "가" * (ENTRY_LIMIT + 1), "끝\x00없이", "반쪽 \ud800"):
        with pytest.raises(SettingsError):
            await storage.terms.add(2, BLOCK, entry, Label.INSULT, 9)
    assert (await storage.terms.list(1)).patterns == full.patterns
    assert await storage.terms.list(2) == GuildTerms()
