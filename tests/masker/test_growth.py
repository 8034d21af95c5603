"""Work grows no faster than the text: counted in steps of the interpreter, so that a busy machine changes nothing."""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Callable
from functools import cache
from types import FrameType
from typing import Any

import pytest

from masker import Masker, Preset, Span, mask, thresholds_for
from masker.detectors.lexicon import Lexicon, LexiconDetector, embedded_lexicon, extended, parse_terms
from masker.detectors.patterns import CustomPattern

HOSTILE = {
    "every class of disguise": "시1발ㅅㅂ개ㅅH끼 fu*k 다시 발급 병\u200b신 18놈 ㅋㅋ^^ㅣ발 "
    "쒸뷀 si발 tlqkf シバル 氏發 끼새개 려차 ",
    "sounds alike": "쒸뷀",
    "read aloud": "sibal",
    "typed": "tlqkf",
    "other scripts": "シ氏",
    "another order": "끼새개",
    "an admin's words": "\uac07\uac1f\uac61",
    "one letter": "시",
    "one initial": "ㅅ",
    "stuttered word": "시발",
    "spaced letters": "시 ",
    "stars": "f*",
    "invisible runs": "시\u200b\u200b\u200b",
    "combining runs": "시\u0301\u0336",
    "marks": "*_~|`",
    "brackets": "[](",
    "percent": "https://a.b/%EC",
    "tags": "<@1><:a:2>",
}


def steps(work: Callable[[], Any]) -> int:
    """Count the lines that the interpreter runs while it works."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("pattern", HOSTILE.values(), ids=HOSTILE.keys())
def test_inspecting_and_masking_take_linear_work(pattern: str) -> None:
    masker = Masker()
    thresholds = thresholds_for(Preset.STRICT)

    def work(length: int) -> int:
        text = (pattern * length)[:length]
        return steps(lambda: masker.mask_verified(text, masker.inspect(text).flagged(thresholds), thresholds))

    work(200)  # folds fill their tables on first sight of a character
    small, large = work(500), work(2000)
    assert large <= 4 * small * 1.35 + 2000


def test_many_spans_take_linear_work() -> None:
    def work(length: int) -> int:
        text = "시*" * length
        spans = [Span(at, at + 1) for at in range(0, 2 * length, 2)]
        return steps(lambda: mask(text, spans))

    small, large = work(250), work(1000)
    assert large <= 4 * small * 1.35 + 2000


WORDS = ["".join(chr(0xAC00 + at * step % 11172) for step in (7, 31, 97)) for at in range(1, 1001)]
PATTERNS = [CustomPattern(f"p{at}", f"(?i)[a-z]+{at}|시.{{0,3}}발{at}|(?:x+x+)+y{at}") for at in range(100)]


@cache
def an_admins_masker() -> Masker:
    """Return a masker with as many words and patterns as an admin may add."""
    return Masker(extended(embedded_lexicon(), WORDS, WORDS[:500]), patterns=PATTERNS)


def slope(work: Callable[[str], Any], pattern: str) -> float:
    """Fit how the time that a text takes grows with its length: 1 is linear, 2 is quadratic."""
    points = []
    for length in (500, 1000, 2000, 4000, 8000):
        text = (pattern * length)[:length]
        took_s = []
        for _ in range(3):
            started_s = time.process_time()
            work(text)
            took_s.append(time.process_time() - started_s)
        points.append((math.log(length), math.log(min(took_s) + 1e-9)))
    return statistics.linear_regression(*zip(*points, strict=True)).slope


@pytest.mark.parametrize("pattern", HOSTILE.values(), ids=HOSTILE.keys())
def test_with_an_admins_thousand_words_and_hundred_patterns_time_grows_no_faster_than_the_text(pattern: str) -> None:
    masker = an_admins_masker()
    masker.read((pattern * 8000)[:8000])  # folds and automata are built on first sight
    assert any(slope(masker.read, pattern) < 1.35 for _ in range(3))


def test_the_slope_tells_work_that_outgrows_the_text() -> None:
    assert slope(lambda text: [text.count("x") for _ in text], "시발") > 1.5


def test_the_size_of_the_lexicon_does_not_slow_the_search() -> None:
    rows = "\n".join(
        f't{at} = {{ form = "{chr(0xAC00 + at * 7)}{chr(0xAC00 + at * 5)}", label = "insult", severity = "mild" }}'
        for at in range(1000)
    )
    added = tuple(parse_terms("[term]\n" + rows, "added.toml"))
    text = "오늘 날씨가 참 좋네요 그렇지 않나요 " * 20
    small, large = LexiconDetector(), LexiconDetector(Lexicon((*embedded_lexicon().terms, *added)))
    small.detect(text)
    large.detect(text)
    assert steps(lambda: large.detect(text)) <= steps(lambda: small.detect(text)) * 1.35 + 2000
