"""The small memories: what was seen of a message, and who works on it."""

from __future__ import annotations

import asyncio

import pytest

from cogs._watch import DeletionWatch, KeyedLocks, Remembered


def test_the_oldest_entry_is_forgotten_first() -> None:
    memory: Remembered[int, str] = Remembered(2)
    memory.put(1, "a")
    memory.put(2, "b")
    memory.put(1, "c")
    memory.put(3, "d")
    assert (memory.get(1), memory.get(2), memory.get(3), len(memory)) == ("c", None, "d", 2)


def test_a_memory_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Remembered(0)


def test_a_deletion_reported_before_our_first_try_was_somebody_elses() -> None:
    watch = DeletionWatch()
    watch.reported(7)
    assert watch.removed_by_others(7)


def test_a_deletion_reported_after_our_first_try_proves_nothing() -> None:
    watch = DeletionWatch()
    watch.trying(7)
    watch.reported(7)
    assert not watch.removed_by_others(7)


def test_a_try_that_never_left_counts_for_nothing() -> None:
    watch = DeletionWatch()
    watch.trying(7)
    watch.not_sent(7)
    watch.reported(7)
    assert watch.removed_by_others(7)


async def test_work_on_one_key_is_serial_and_in_order() -> None:
    locks: KeyedLocks[int] = KeyedLocks()
    seen: list[str] = []

    async def work(name: str) -> None:
        async with locks.holding(1):
            seen.append(f"{name} in")
            await asyncio.sleep(0)
            seen.append(f"{name} out")

    await asyncio.gather(*(work(name) for name in "abc"))
    assert seen == ["a in", "a out", "b in", "b out", "c in", "c out"]


async def test_other_keys_do_not_wait_and_idle_keys_cost_nothing() -> None:
    locks: KeyedLocks[int] = KeyedLocks()
    async with locks.holding(1), asyncio.timeout(1), locks.holding(2):
        assert len(locks) == 2
    assert len(locks) == 0


async def test_a_waiter_that_gives_up_leaves_nothing_behind() -> None:
    locks: KeyedLocks[int] = KeyedLocks()
    async with locks.holding(1):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), locks.holding(1):
                raise AssertionError("held twice")
    assert len(locks) == 0
