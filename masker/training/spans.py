"""Token supervision: gold spans where a source has them, careful weak ones where it has not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import ahocorasick

from masker.training.example import CLEAN_TOKENS, UNKNOWN_TOKENS, TokenTargets

SpanList = list[tuple[int, int]]

MIN_TERM_COUNT = 3
MIN_TERM_PRECISION = 0.9
"""A word-list entry labels tokens only when it stands in at least 3 training rows, 9 in 10 of them offensive."""
DIFF_WEIGHT = 0.3
LEXICON_WEIGHT = 0.7
SHORT_DIFF_SHARE = 0.35
"""A rewrite that differs from its neutral source in more than this share of its characters marks no tokens."""


class TermMatcher:
    """Find the word-list entries in a text: Korean ones anywhere, Latin ones between word boundaries."""

    def __init__(self, words: Mapping[str, bool]) -> None:
        self._automaton = ahocorasick.Automaton()
        for word, bounded in words.items():
            self._automaton.add_word(word, (word, bounded))
        self._empty = not words
        if words:
            self._automaton.make_automaton()

    def matches(self, text: str) -> list[tuple[int, int, str]]:
        """Return `(start, end, word)` for every entry, in order of their ends."""
        lowered = text.lower()
        if self._empty or len(lowered) != len(text):
            return []
        found = []
        for last, (word, bounded) in self._automaton.iter(lowered):
            start, end = last - len(word) + 1, last + 1
            if bounded and not (_is_edge(lowered, start - 1) and _is_edge(lowered, end)):
                continue
            found.append((start, end, word))
        return found


def _is_edge(text: str, index: int) -> bool:
    return not 0 <= index < len(text) or not (text[index].isascii() and text[index].isalnum())


def reliable_terms(words: Mapping[str, bool], rows: Iterable[tuple[str, bool]]) -> dict[str, bool]:
    """Keep the entries whose presence predicts offence in `rows` of `(text, offensive)`; see MIN_TERM_*."""
    matcher = TermMatcher(words)
    seen: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    for text, offensive in rows:
        for word in {word for _, _, word in matcher.matches(text)}:
            seen[word] += 1
            bad[word] += offensive
    return {
        word: words[word]
        for word, count in seen.items()
        if count >= MIN_TERM_COUNT and bad[word] / count >= MIN_TERM_PRECISION
    }


def difference_spans(text: str, neutral: str) -> SpanList:
    """Return the runs of words of `text` that do not stand in `neutral`."""
    mine = [match.span() for match in re.finditer(r"\S+", text)]
    words = [text[start:end] for start, end in mine]
    spans = []
    for tag, first, last, _, _ in SequenceMatcher(None, words, neutral.split(), autojunk=False).get_opcodes():
        if tag != "equal" and last > first:
            spans.append((mine[first][0], mine[last - 1][1]))
    return spans


def _segments(spans: Iterable[Sequence[int]], value: float, weight: float) -> list[tuple[int, int, float, float]]:
    return [(int(start), int(end), value, weight) for start, end in spans if end > start]


def gold_targets(spans: Iterable[Sequence[int]]) -> TokenTargets:
    """Return targets for a fully annotated text: inside is offensive, outside is not."""
    return TokenTargets(default_weight=1.0, segments=tuple(_segments(spans, 1.0, 1.0)))


def paired_targets(text: str, differences: SpanList, matches: SpanList) -> TokenTargets:
    """Return targets for a toxic rewrite: what it shares with its neutral source is clean.

    Word-list matches inside the differences are offensive; short differences without one are weakly so; a rewrite
    that changed almost everything says nothing of its differences.
    """
    changed = sum(end - start for start, end in differences)
    weak = DIFF_WEIGHT if changed <= SHORT_DIFF_SHARE * len(text) and not matches else 0.0
    segments = _segments(differences, 1.0, weak) + _segments(matches, 1.0, LEXICON_WEIGHT)
    return TokenTargets(default_weight=0.5 if differences else 0.0, segments=tuple(segments))


def targets_for(source: str, row: Mapping[str, Any], neutral: str | None, matcher: TermMatcher) -> TokenTargets:
    """Return what is known of the tokens of one row. `neutral` is the clean sentence it was rewritten from, if any."""
    text = row["text"]
    matches = [(start, end) for start, end, _ in matcher.matches(text)]
    if not row["offensive"]:
        # A clean row with a listed word is a doubtful annotation or a harmless use: say nothing of that word.
        return (
            TokenTargets(default_weight=1.0, segments=tuple(_segments(matches, 0.0, 0.0))) if matches else CLEAN_TOKENS
        )
    if source == "english_toxic_spans":
        # An offensive text without a span is one on whose words the annotators did not agree.
        return gold_targets(row["spans"]) if row["spans"] else UNKNOWN_TOKENS
    if source == "kda_pairs":
        return paired_targets(text, [(start, end) for start, end in row["diff_spans"]], matches)
    if neutral is not None:
        return paired_targets(text, difference_spans(text, neutral), matches)
    return TokenTargets(segments=tuple(_segments(matches, 1.0, LEXICON_WEIGHT)))
