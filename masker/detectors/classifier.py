"""From a prediction to findings: the sentence's scores say what and how surely, the tokens' scores say where.

A finding's score is its label's sentence score, so that a guild's thresholds decide on findings alone.

The place is the words whose tokens speak up; where none does, or only a group's neutral name, the worst clause. Chosen
on comments whose offending clauses were annotated by hand (masker/training/evaluation/sets): a word, even a weak one,
lies inside the annotated clause more often than the best clause does, so the bar for words is low; means over a word's
tokens, smoothing over neighbours and higher bars were measured and found no better.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from unicodedata import category

from masker.detectors.clauses import touching, worst_clause
from masker.detectors.groups import names_a_group
from masker.markdown import constructs
from masker.normalise import Clusters
from masker.prediction import Prediction, TokenScore
from masker.verdict import Basis, Finding, Span, merge_spans

NAME = "classifier"
REPORT_FROM = 0.3
"""A label with a sentence score from here on gets a finding: well below every preset, so that policy decides."""
WORD_FROM = 0.35
"""A word whose strongest token scores this much is a place of the offence; below, the clause is masked."""
WORDS_WITHIN = 0.25
"""A word this much weaker than the strongest only stands around the offence: it does not carry the score."""
BESIDE_KNOWN_FROM = 0.85
"""Where the lexicon knows what offends, another word must say so by itself: annoyance beside a curse is no offence.

Measured on 800 disguised sentences: 12 words beside the marked ones were hidden without it, 3 with it.
"""
STRONGEST_WITHIN = 0.15
"""Labels this close to the strongest mark the same words: one word is often an insult and a slur at once."""

# A word, or a run of symbols (🖕); punctuation alone says nothing, nor does a number with its counter (18년, 15개만).
_WORD_RE = re.compile(r"\w+|[^\w\s]+")
_NUMBER_RE = re.compile(r"\d+(?:(?:년|월|일|개|명|살|번|시|분|초|대|위|원|호|편|장|회|층|마리|주)[가-힣]{0,2})?")


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
    places = words or list(merge_spans(known)) or [_clause(text, tokens)]
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
    terms = merge_spans(known)
    scored = [
        (score, Span(*clusters.cover(word.start, word.end)))
        for word, score in _scored_words(text, tokens)
        if score >= WORD_FROM
    ]
    least = max((score for score, _ in scored), default=0.0) - WORDS_WITHIN
    alone = max(least, BESIDE_KNOWN_FROM) if terms else least
    spans: list[Span] = []
    for score, word in scored:
        held = touching(terms, word)
        if score >= (least if held else alone):
            spans += held or [word]
    joined: list[Span] = []
    for span in merge_spans(spans):
        if joined and text[joined[-1].end : span.start].isspace() and "\n" not in text[joined[-1].end : span.start]:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined


def _scored_words(text: str, tokens: Sequence[TokenScore]) -> Iterator[tuple[Span, float]]:
    """Yield every word that may offend with the score of its strongest token."""
    places = merge_spans(Span(place.start, place.end) for place in constructs(text))
    at = 0
    for match in _WORD_RE.finditer(text):
        while at < len(tokens) and tokens[at].end <= match.start():
            at += 1
        best, here = 0.0, at
        while here < len(tokens) and tokens[here].start < match.end():
            token = tokens[here]
            if token.score > best and not touching(places, Span(token.start, token.end)):
                best = token.score
            here += 1
        if best and not _says_nothing(match[0]):
            yield Span(*match.span()), best


def _says_nothing(word: str) -> bool:
    if not word[0].isalnum() and all(category(char).startswith("P") for char in word):
        return True
    return _NUMBER_RE.fullmatch(word) is not None or names_a_group(word)


def _clause(text: str, tokens: Sequence[TokenScore]) -> Span:
    clause = worst_clause(text, tokens)
    return Span(*Clusters(text).cover(clause.start, clause.end))
