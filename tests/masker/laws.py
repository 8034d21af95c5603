"""The laws of the text engine, each checked on one text; `tests.masker.fuzz` throws texts at them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable

import regex

from bot.bench.corpus import chat_lines
from masker import LABELS, OPERATORS, Masker, Preset, Span, Thresholds, Verdict, mask, merge_spans, thresholds_for
from masker.masking import STAR, covered
from masker.normalise import is_ignorable

CLUSTER_RE = regex.compile(r"\X")
STRICT = thresholds_for(Preset.STRICT)
SLOWER_THAN_CHAT = 400
"""How many times the time of ordinary chat a text may take per character: disguises cost, but no text costs at will."""
GROWN, GROWTH = 8, 32
"""A text as many times as long as its beginning may take GROWTH times its time; quadratic work would take 64 times."""
SHORTEST = 60
"""Characters that even a shorter text is allowed the time of."""
LONG = 1_500
"""Characters of ordinary chat that even a quick beginning counts as: a question to morphology may cost that much."""


def verdicts_agree(masker: Masker, text: str) -> None:
    """Spans lie inside the text, every label has a score, and the same text gets the same verdict."""
    verdict, again = masker.inspect(text), masker.inspect(text)
    if verdict.complete and again.complete:  # a stage may run out of time once and not the next time
        assert (verdict.findings, verdict.rejections, verdict.scores) == (
            again.findings,
            again.rejections,
            again.scores,
        )
    assert set(verdict.scores) == set(LABELS)
    spans = [finding.span for finding in verdict.findings] + [rejection.span for rejection in verdict.rejections]
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    for finding in verdict.findings:
        assert 0 < finding.score <= verdict.scores[finding.label] <= 1


def masks_hide_what_was_found(masker: Masker, text: str) -> None:
    """With stars: as many clusters as before, everything flagged hidden whole, what is not masked byte-identical."""
    for thresholds in (STRICT, thresholds_for(Preset.STANDARD)):
        flagged = masker.inspect(text).flagged(thresholds)
        masked = masker.mask_verified(text, flagged, thresholds)
        before, after = CLUSTER_RE.findall(text), CLUSTER_RE.findall(masked.text)
        assert len(before) == len(after)
        hidden = _inside(after, masked.spans)
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            if index in hidden:
                assert new == STAR
            else:
                assert new in (old, "".join(char for char in old if not is_ignorable(char)))
        for index in _touched(before, [finding.span for finding in flagged]) - hidden:
            assert not any(char.isalpha() for char in after[index]), "a letter of a finding is still to be read"
        assert masker.is_clean(masked.text, thresholds), "what was masked is still flagged"


def series_stay_inside_their_messages(masker: Masker, text: str) -> None:
    """A text sent in pieces gets the same answer twice, each finding over several messages and inside each of them."""
    pieces = text.split(" ") if " " in text else list(CLUSTER_RE.findall(text[:200]))
    found = masker.inspect_series(pieces)
    assert masker.inspect_series(pieces) == found
    for finding in found:
        assert 0 < finding.score <= 1
        assert len({index for index, _ in finding.spans}) > 1
        assert all(span.end <= len(pieces[index]) for index, span in finding.spans)


def masking_is_idempotent_and_order_free(masker: Masker, text: str) -> None:
    """Masking what is masked changes nothing, whoever does it; the order and repetition of spans do not matter."""
    flagged = masker.inspect(text).flagged(STRICT)
    spans = [finding.span for finding in flagged]
    shuffled = random.Random(len(text)).sample(spans, len(spans))
    for operator in OPERATORS:
        masked = mask(text, spans, operator)
        assert mask(masked.text, masked.spans, operator) == masked
        assert mask(text, [*shuffled, *spans], operator) == masked
        _outside_is_identical(text, masked.text, covered(text, spans))
        verified = masker.mask_verified(text, flagged, STRICT, operator).text
        assert masker.is_clean(verified, STRICT)
        assert (
            masker.mask_verified(verified, masker.inspect(verified).flagged(STRICT), STRICT, operator).text == verified
        )


def _outside_is_identical(text: str, masked: str, hidden: Iterable[Span]) -> None:
    edges = [0, *(edge for span in hidden for edge in (span.start, span.end)), len(text)]
    parts = [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    assert masked.startswith(parts[0])
    assert masked.endswith(parts[-1])
    at = 0
    for part in parts:
        found = masked.find(part, at)
        assert found >= 0
        at = found + len(part)


def _inside(clusters: list[str], spans: Iterable[Span]) -> set[int]:
    """Return the indices of the clusters that lie inside the spans; each must lie wholly in or out."""
    touched = _touched(clusters, spans)
    merged = merge_spans(spans)
    assert sum(len(clusters[index]) for index in touched) == sum(span.end - span.start for span in merged)
    return touched


def _touched(clusters: list[str], spans: Iterable[Span]) -> set[int]:
    merged = list(merge_spans(spans))
    touched: set[int] = set()
    at = 0
    for index, cluster in enumerate(clusters):
        end = at + len(cluster)
        while merged and merged[0].end <= at:
            merged.pop(0)
        if merged and merged[0].start < end:
            touched.add(index)
        at = end
    return touched


class Pace:
    """Bound the time per character by a factor to what ordinary chat takes in the same run."""

    def __init__(self, masker: Masker) -> None:
        masker.warm()
        lines = chat_lines(400, seed=11)
        _work(masker, lines[0])
        characters = sum(max(len(line), SHORTEST) for line in lines)
        self.chat_s = min(_seconds(lambda: [_work(masker, line) for line in lines]) for _ in range(3)) / characters

    def holds(self, masker: Masker, text: str) -> None:
        """A text takes at most SLOWER_THAN_CHAT times as long per character as ordinary chat; the best of three counts.

        A long one also takes no longer than its beginning allows.
        """
        self._within(masker, text, self.chat_s * SLOWER_THAN_CHAT * max(len(text), SHORTEST), "ordinary chat")
        if len(text) >= LONG:
            beginning_s = _seconds(lambda: _work(masker, text[: len(text) // GROWN]))
            self._within(masker, text, max(beginning_s, self.chat_s * LONG) * GROWTH, "its beginning")

    def _within(self, masker: Masker, text: str, bound_s: float, beside: str) -> None:
        if not any(_seconds(lambda: _work(masker, text)) <= bound_s for _ in range(3)):
            raise AssertionError(f"{len(text)} characters took over {bound_s:.4f} s, its bound beside {beside}")


def _work(masker: Masker, text: str) -> Verdict:
    verdict = masker.inspect(text)
    _masked(masker, text, verdict, STRICT)
    return verdict


def _masked(masker: Masker, text: str, verdict: Verdict, thresholds: Thresholds) -> str:
    return masker.mask_verified(text, verdict.flagged(thresholds), thresholds).text


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time_ns()
    work()
    return (time.process_time_ns() - started) / 1e9


LAWS: tuple[Callable[[Masker, str], None], ...] = (
    verdicts_agree,
    masks_hide_what_was_found,
    series_stay_inside_their_messages,
    masking_is_idempotent_and_order_free,
)
