"""Words whose letters an author sends one by one, a message each: read together, found where they cross messages.

Two readings of the last few short messages: one below the other, as a reader sees them, judged like the lines of one
text; and run together, where each is a bare fragment without a space. A word counts when it ends in the newest message
and takes up all of every message that it touches but one: 시 / 발표 준비하자 are two messages and no word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from masker.detectors.lexicon import Detection
from masker.labels import Label
from masker.normalise import is_ignorable
from masker.verdict import Finding, Span

MAX_MESSAGES = 8
MAX_LENGTH = 40
"""Code points of a message that may hold part of a word: a longer one is a sentence."""
MAX_FRAGMENT = 4
"""Letters of a bare fragment: longer ones are words of their own, which run together by accident."""
_FILLERS = frozenset("ㅋㅎㅠㅜ")


@dataclass(frozen=True, slots=True)
class SeriesFinding:
    """Say what stands over several messages: `spans` holds, per message touched, its index and the span inside it."""

    label: Label
    score: float
    rule: str | None
    spans: tuple[tuple[int, Span], ...]


def find_in_series(texts: Sequence[str], detect: Callable[[str], Detection]) -> tuple[SeriesFinding, ...]:
    """Return the words that the newest message (the last) completes; older than MAX_MESSAGES is not read."""
    run = _trailing_run(texts)
    if len(run) < 2:
        return ()
    found: dict[tuple[tuple[int, Span], ...], SeriesFinding] = {}
    for together, between in _readings(texts, run):
        joined = between.join(texts[index] for index in together)
        for finding in detect(joined).findings:
            spans = _per_message(texts, together, finding.span, len(between))
            if len(spans) < 2 or spans[-1][0] != run[-1] or _left_over(texts, spans) > 1:
                continue
            known = found.get(spans)
            if known is None or known.score < finding.score:
                found[spans] = _series_finding(finding, spans)
    return tuple(sorted(found.values(), key=lambda item: (item.spans, -item.score)))


def _series_finding(finding: Finding, spans: tuple[tuple[int, Span], ...]) -> SeriesFinding:
    return SeriesFinding(finding.label, finding.score, finding.rule, spans)


def _trailing_run(texts: Sequence[str]) -> list[int]:
    """Return the indexes of the newest messages that are all short, oldest first."""
    run: list[int] = []
    for index in range(len(texts) - 1, max(-1, len(texts) - 1 - MAX_MESSAGES), -1):
        if not texts[index].strip() or len(texts[index]) > MAX_LENGTH:
            break
        run.append(index)
    return run[::-1]


def _readings(texts: Sequence[str], run: list[int]) -> list[tuple[list[int], str]]:
    """Return what to read together, and what to put between: all of it in lines; the newest bare fragments alone, in
    lines and run together.
    """
    bare: list[int] = []
    for index in reversed(run):
        if _letters(texts[index]) > MAX_FRAGMENT or " " in texts[index].strip():
            break
        bare.insert(0, index)
    readings = [(run, "\n")]
    if len(bare) > 1:
        readings += [(bare, ""), *([(bare, "\n")] if bare != run else [])]
    return readings


def _per_message(texts: Sequence[str], run: list[int], span: Span, between: int) -> tuple[tuple[int, Span], ...]:
    """Return the parts of a span of the joined text, by message, white space at their edges left out."""
    parts = []
    at = 0
    for index in run:
        text = texts[index]
        start, end = max(0, span.start - at), min(len(text), span.end - at)
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start < end:
            parts.append((index, Span(start, end)))
        at += len(text) + between
    return tuple(parts)


def _left_over(texts: Sequence[str], spans: tuple[tuple[int, Span], ...]) -> int:
    """Return how many of the messages say something besides their part of the word."""
    return sum(_letters(texts[index][: span.start] + texts[index][span.end :]) > 0 for index, span in spans)


def _letters(text: str) -> int:
    return sum(char.isalnum() and char not in _FILLERS and not is_ignorable(char) for char in text)
