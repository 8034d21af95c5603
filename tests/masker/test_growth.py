"""Work grows no faster than the text: counted in steps of the interpreter, so that a busy machine changes nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from masker import Masker, Preset, Span, mask, thresholds_for
from masker.detectors.lexicon import Lexicon, LexiconDetector, embedded_lexicon, parse_terms

HOSTILE = {
    "every class of disguise": "시1발ㅅㅂ개ㅅH끼 fu*k 다시 발급 병\u200b신 18놈 ㅋㅋ^^ㅣ발 ",
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
