"""How long filters take: ordinary messages in turns, hostile ones, and how the time grows with the length.

Everything runs on one thread of one process, and what is counted is the processor time of that process: another
program on the machine, or the turn that a filter had, then changes little.
"""

from __future__ import annotations

import gc
import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bot.bench.corpus import chat_lines
from bot.bench.text_cases import Case
from bot.bench.text_score import Contestant

CHUNK = 50
"""Messages that one filter reads before the next has its turn."""
WARM_UP = 100
LENGTHS = (500, 1_000, 2_000, 4_000, 8_000)
"""Code points, up to what Garim inspects of one text (`masker.pipeline.MAX_LENGTH`)."""
HOSTILE_LENGTH = 2_000
TEXTS_PER_LENGTH = 7

Progress = Callable[[int], None]
Timings = dict[str, list[float]]
"""Seconds per message, by contestant."""


@contextmanager
def _settled() -> Iterator[None]:
    """Keep the collector from walking, inside someone's turn, what was loaded before."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def timed(contestants: Sequence[Contestant], texts: Sequence[str], progress: Progress = lambda _: None) -> Timings:
    """Return the seconds that each filter takes for each text, chunk by chunk in turns; the first turn goes round."""
    taken: Timings = {contestant.name: [] for contestant in contestants}
    for contestant in contestants:
        for text in chat_lines(WARM_UP):
            contestant.flags(text)
    with _settled():
        for turn, at in enumerate(range(0, len(texts), CHUNK)):
            first = turn % len(contestants)
            for contestant in (*contestants[first:], *contestants[:first]):
                taken[contestant.name] += [_seconds(contestant.flags, text) for text in texts[at : at + CHUNK]]
            progress(at)
    return taken


def _seconds(work: Callable[[str], object], text: str) -> float:
    started = time.process_time_ns()
    work(text)
    return (time.process_time_ns() - started) / 1e9


def hostile_texts(cases: Sequence[Case], length: int, count: int, seed: int = 7) -> list[str]:
    """Return texts of exactly `length` code points, packed with disguised words of all classes at once.

    Each class has the same share, whatever its number of cases. Raises ValueError without a marked case.
    """
    fragments: dict[str, list[str]] = {}
    for case in cases:
        for span in case.gold:
            fragments.setdefault(case.kind, []).append(case.text[span.start : span.end])
    if not fragments:
        raise ValueError("hostile texts are made of marked cases, and there is none")
    chance = random.Random(seed * 100_000 + length)
    kinds = sorted(fragments)
    texts = []
    for _ in range(count):
        parts: list[str] = []
        size = 0
        while size < length:
            part = chance.choice(fragments[chance.choice(kinds)]) + chance.choice(("", "", " "))
            parts.append(part)
            size += len(part)
        texts.append("".join(parts)[:length])
    return texts


def hostile(contestants: Sequence[Contestant], cases: Sequence[Case], length: int = HOSTILE_LENGTH) -> Timings:
    """Return the seconds that each filter takes for hostile texts, each read once."""
    texts = hostile_texts(cases, length, TEXTS_PER_LENGTH + 1)
    with _settled():
        for contestant in contestants:
            contestant.flags(texts[0])
        return {contestant.name: [_seconds(contestant.flags, text) for text in texts[1:]] for contestant in contestants}


def growth(
    contestants: Sequence[Contestant], cases: Sequence[Case], progress: Progress = lambda _: None
) -> dict[str, float]:
    """Return for each filter the exponent with which its time grows with the length of a hostile text (1: linear)."""
    medians: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for number, length in enumerate(LENGTHS):
        for name, seconds in hostile(contestants, cases, length).items():
            medians[name].append(statistics.median(seconds))
        progress(number + 1)
    return {name: slope(LENGTHS, seconds) for name, seconds in medians.items()}


def slope(lengths: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the exponent of the power law that fits best (least squares on the logarithms).

    A filter that is faster than the clock's step at some length counts as one step there.
    """
    logs = [(math.log(length), math.log(max(second, 1e-9))) for length, second in zip(lengths, seconds, strict=True)]
    return statistics.linear_regression(*zip(*logs, strict=True)).slope
