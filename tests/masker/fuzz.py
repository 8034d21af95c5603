"""A fuzzer of the text engine: arbitrary and structured Unicode until the time is over, every law checked on each text.

    python -m tests.masker.fuzz --minutes 10 [--seed N]

Hypothesis draws the texts and shrinks the one that breaks a law. The same seed draws the same texts.
"""

from __future__ import annotations

import argparse
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from masker import Masker
from masker.detectors.lexicon import embedded_lexicon
from masker.detectors.lexicon.extended import extended
from masker.detectors.patterns import CustomPattern
from tests.masker.laws import LAWS, Pace
from tests.masker.strategies import fuzz_texts, long_texts

ROUND = 400
"""Texts of one round; between rounds the clock is looked at, and each has a seed of its own."""
LONG_ROUND = 10


@dataclass(slots=True)
class Done:
    """Count what was run; `found` counts the texts in which something was found."""

    rounds: int = 0
    texts: int = 0
    characters: int = 0
    found: int = 0


def maskers() -> list[Masker]:
    """Return the maskers that take turns: as it ships, and with an admin's words and patterns."""
    lexicon = extended(embedded_lexicon(), block=("무지개", "quokka"), allow=("무지개떡", "시발점"))
    patterns = (
        CustomPattern("invite", r"(?i)discord\.gg/\w+"),
        CustomPattern("number", r"\d{6}-\d{7}"),
        CustomPattern("laugh", "[ㅋㅎ]{3,}"),
    )
    return [Masker(), Masker(lexicon, patterns=patterns)]


def fuzz(turns: list[Masker], start: int, for_s: float, look: Callable[[Done], None] = lambda _: None) -> Done:
    """Check every law on texts drawn from seed `start` on, for `for_s` seconds. Raises AssertionError with the text."""
    paces = [Pace(masker) for masker in turns]
    done = Done()

    def check(text: str) -> None:
        masker, pace = turns[done.rounds % len(turns)], paces[done.rounds % len(turns)]
        done.texts += 1
        done.characters += len(text)
        done.found += bool(masker.inspect(text).findings)
        for law in LAWS:
            law(masker, text)
        pace.holds(masker, text)

    ends = time.monotonic() + for_s
    while time.monotonic() < ends:
        _round(fuzz_texts, ROUND, start + done.rounds, check, ends)
        _round(long_texts(), LONG_ROUND, start + done.rounds, check, ends)
        done.rounds += 1
        look(done)
    return done


def _round(texts: st.SearchStrategy[str], count: int, number: int, check: Callable[[str], None], ends: float) -> None:
    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(texts)
    def run(text: str) -> None:
        if time.monotonic() < ends:
            check(text)

    run()


def main() -> None:
    """Fuzz for as long as the command line asks, printing the seed first and the counts every ten rounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=None)
    asked = parser.parse_args()
    start = secrets.randbelow(1 << 32) if asked.seed is None else asked.seed
    print(f"seed {start}", flush=True)

    def look(done: Done) -> None:
        if done.rounds % 10 == 0:
            print(
                f"{done.texts:,} texts, something found in {done.found:,}, {done.characters:,} characters", flush=True
            )

    done = fuzz(maskers(), start, asked.minutes * 60, look)
    print(
        f"no law broken: {done.rounds} rounds, {done.texts:,} texts, something found in {done.found:,}, "
        f"{done.characters:,} characters, seed {start}"
    )


if __name__ == "__main__":
    main()
