"""A minute of the fuzzer; `python -m tests.masker.fuzz --minutes 10` is the long form."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from masker import MaskedText, Masker, Span, Verdict, mask
from tests.masker import laws
from tests.masker.fuzz import fuzz, maskers

SEED = int(os.environ.get("FUZZ_SEED", "20261122"))
SECONDS = 55.0
"""With the warm-up a minute in all."""


@pytest.mark.timeout(600)  # a failure takes longer: Hypothesis then shrinks the text that broke a law
def test_a_minute_of_arbitrary_unicode_breaks_no_law() -> None:
    print(f"python -m tests.masker.fuzz --seed {SEED}")
    done = fuzz(maskers(), SEED, SECONDS)
    assert done.rounds >= 1
    assert done.texts > done.found > 100


def test_the_laws_notice_a_letter_that_survives() -> None:
    class Leaky(Masker):
        def mask_verified(self, text: str, *_: Any, **__: Any) -> MaskedText:
            return MaskedText(text, ())

    with pytest.raises(AssertionError, match="still to be read"):
        laws.masks_hide_what_was_found(Leaky(), "야 시발 뭐")


def test_the_laws_notice_a_mask_that_touches_what_is_outside() -> None:
    class Greedy(Masker):
        def mask_verified(self, text: str, *_: Any, **__: Any) -> MaskedText:
            return MaskedText(mask(text, [Span(0, len(text))]).text, (Span(2, 4),))

    with pytest.raises(AssertionError):
        laws.masks_hide_what_was_found(Greedy(), "야 시발 뭐")


def test_the_laws_notice_a_masker_that_changes_its_mind() -> None:
    class Moody(Masker):
        calls = 0

        def inspect(self, text: str) -> Verdict:
            self.calls += 1
            return super().inspect(text if self.calls % 2 else "")

    with pytest.raises(AssertionError):
        laws.verdicts_agree(Moody(), "야 시발 뭐")


@pytest.mark.parametrize(
    ("length", "power", "factor", "beside", "reason"),
    [
        (4_000, 2, 0.03, "its beginning", "eight times the text, sixty-four times the work"),
        (200, 1, 1_000, "ordinary chat", "linear, but far too slow"),
    ],
)
def test_the_pace_notices_work_that_outgrows_the_text(
    length: int, power: int, factor: float, beside: str, reason: str
) -> None:
    pace = laws.Pace(Masker())

    class Slow(Masker):
        def inspect(self, text: str) -> Verdict:
            ends = time.process_time() + pace.chat_s * factor * len(text) ** power
            while time.process_time() < ends:
                pass
            return super().inspect(text)

    with pytest.raises(AssertionError, match=f"its bound beside {beside}"):
        pace.holds(Slow(), ("가나다 " * length)[:length])
