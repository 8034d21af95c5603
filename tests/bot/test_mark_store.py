"""Marks of time survive, and never go back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.storage import Storage

NOON = datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)


async def test_a_mark_that_was_never_set_is_none(storage: Storage) -> None:
    assert await storage.marks.get("seen") is None


async def test_a_mark_moves_forward_and_not_back(storage: Storage) -> None:
    await storage.marks.advance("seen", NOON)
    await storage.marks.advance("seen", NOON + timedelta(seconds=5))
    await storage.marks.advance("seen", NOON + timedelta(seconds=1))
    assert await storage.marks.get("seen") == NOON + timedelta(seconds=5)


async def test_marks_have_names_of_their_own(storage: Storage) -> None:
    await storage.marks.advance("seen", NOON)
    assert await storage.marks.get("other") is None


async def test_marks_set_at_once_end_at_the_latest(storage: Storage) -> None:
    times = [NOON + timedelta(seconds=number) for number in range(8)]
    await asyncio.gather(*(storage.marks.advance("seen", at) for at in times))
    assert await storage.marks.get("seen") == times[-1]
