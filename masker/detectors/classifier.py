"""From a prediction to findings: the sentence's scores say what and how surely, the tokens' scores say where.

A finding's score is its label's sentence score, so that a guild's thresholds decide on findings alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from masker.markdown import constructs
from masker.normalise import Clusters
from masker.prediction import Prediction, TokenScore
from masker.verdict import Basis, Finding, Span, merge_spans

NAME = "classifier"
REPORT_FROM = 0.3
"""A label with a sentence score from here on gets a finding: well below every preset, so that policy decides."""
TOKEN_FROM = 0.5
"""A token from here on is part of the offence: the scores are calibrated, so more likely than not."""
WORDS_WITHIN = 0.15
"""A word this much weaker than the strongest only stands around the offence: it does not carry the score."""
STRONGEST_WITHIN = 0.15
"""Labels this close to the strongest mark the same words: one word is often an insult and a slur at once."""

# Where a clause may end: closing punctuation, a line's end, or a connective ending with the space after it.
_CLAUSE_RE = re.compile(r"[.!?…。！？]+[\s\"'”’)]*|\n+|[,;]\s+|(?<=[가-힣][고만서면데])\s+")


def findings_from(text: str, prediction: Prediction, known: Sequence[Span] = ()) -> tuple[Finding, ...]:
    """Return at least one finding for every label whose sentence score is REPORT_FROM or more.

    `known` are spans that the lexicon found: a word that holds one is marked as exactly as the lexicon marks it.
    """
    said = {label: score for label, score in prediction.scores.items() if score >= REPORT_FROM}
    if not said or not text.strip():
        return ()
    tokens = [token for token in prediction.tokens if 0 <= token.start < token.end <= len(text)]
    words = _offending_words(text, tokens, known)
    # Where no word of the sentence speaks up, what the lexicon found (in a link, say) carries the score; else a clause.
    places = words or list(merge_spans(known)) or [_worst_clause(text, tokens)]
    strongest = max(said.values())
    narrow = places[:1]
    return tuple(
        Finding(span, label, float(score), NAME, basis=Basis.CLASSIFIER)
        for label, score in sorted(said.items())
        for span in (places if score >= strongest - STRONGEST_WITHIN else narrow)
    )


def _offending_words(text: str, tokens: Sequence[TokenScore], known: Sequence[Span]) -> list[Span]:
    """Return the words that hold the strongest offending tokens, joined where only spaces lie between.

    What stands in a mention, an emoji or a link is no word of a sentence: a model has nothing to say of its digits.
    """
    clusters = Clusters(text)
    places = merge_spans(Span(place.start, place.end) for place in constructs(text))
    terms = merge_spans(known)
    strong = [
        token for token in tokens if token.score >= TOKEN_FROM and not _touching(places, Span(token.start, token.end))
    ]
    least = max((token.score for token in strong), default=0.0) - WORDS_WITHIN
    spans: list[Span] = []
    for token in strong:
        if token.score >= least:
            word = _word_around(text, clusters, token)
            spans.extend(_touching(terms, word) or [word])
    joined: list[Span] = []
    for span in merge_spans(spans):
        if joined and text[joined[-1].end : span.start].isspace() and "\n" not in text[joined[-1].end : span.start]:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined


def _touching(merged: Sequence[Span], span: Span) -> list[Span]:
    """Return those of the merged spans that overlap this one."""
    at = max(0, bisect_right(merged, span) - 1)
    found = []
    while at < len(merged) and merged[at].start < span.end:
        if merged[at].overlaps(span):
            found.append(merged[at])
        at += 1
    return found


def _word_around(text: str, clusters: Clusters, token: TokenScore) -> Span:
    start, end = token.start, token.end
    while start < end - 1 and text[start].isspace():
        start += 1
    while end - 1 > start and text[end - 1].isspace():
        end -= 1
    while start > 0 and _in_word(text[start - 1]):
        start -= 1
    while end < len(text) and _in_word(text[end]):
        end += 1
    return Span(*clusters.cover(start, end))


def _in_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _worst_clause(text: str, tokens: Sequence[TokenScore]) -> Span:
    """Return the clause whose tokens score highest on average; the whole text when it is one clause."""
    best, best_mean = Span(0, len(text)), -1.0
    at = 0
    for clause in _clauses(text):
        scores = []
        while at < len(tokens) and tokens[at].start < clause.end:
            if tokens[at].end > clause.start:
                scores.append(tokens[at].score)
            at += 1
        mean = sum(scores) / len(scores) if scores else 0.0
        if mean > best_mean:
            best, best_mean = clause, mean
    return Span(*Clusters(text).cover(best.start, best.end))


def _clauses(text: str) -> list[Span]:
    """Return the clauses of a text without the white space around them; none ends inside a link or an emoji."""
    whole = [Span(place.start, place.end) for place in constructs(text)]
    ends = [match.end() for match in _CLAUSE_RE.finditer(text) if not _touching(whole, Span(*match.span()))]
    clauses = []
    start = 0
    for end in [*ends, len(text)]:
        body = text[start:end]
        if body.strip():
            left = start + len(body) - len(body.lstrip())
            clauses.append(Span(left, left + len(body.strip())))
        start = end
    return clauses
