"""Clauses: what is masked where the offence lies in what is said and not in a word."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from masker.markdown import constructs
from masker.prediction import TokenScore
from masker.verdict import Span, merge_spans

CLAUSE_SHARE = 0.4
"""A clause of more than this share of the text is narrowed to its worst words..."""
CLAUSE_CHARS = 16
"""...but not below this many code points: a short sentence is one clause and is masked as one."""

# Where a clause may end: closing punctuation, laughter, a line's end, or an ending of two syllables' length with the
# space after it (connective -고 -며 -면 -는데 -니까 -지만 -어서; final -다 -네 -냐 -죠 -군; nominal -음 -함 -임).
_CLAUSE_RE = re.compile(
    r"[.!?…。！？]+[\s\"'”’)]*|\n+|[,;]\s+|[ㅋㅎㅠㅜ]{2,}\s*"
    r"|(?:(?<=[가-힣][고며면데네냐죠군듯음함임다])|(?<=니까)|(?<=[지다]만)|(?<=[아어해여라와려켜져]서))\s+"
)
_WORD_RE = re.compile(r"\S+")


def clauses(text: str) -> list[Span]:
    """Return the clauses of a text without the white space around them; none ends inside a link or an emoji."""
    whole = merge_spans(Span(place.start, place.end) for place in constructs(text))
    ends = [match.end() for match in _CLAUSE_RE.finditer(text) if not touching(whole, Span(*match.span()))]
    found = []
    start = 0
    for end in [*ends, len(text)]:
        body = text[start:end]
        if body.strip():
            left = start + len(body) - len(body.lstrip())
            found.append(Span(left, left + len(body.strip())))
        start = end
    return found


def worst_clause(text: str, tokens: Sequence[TokenScore]) -> Span:
    """Return the clause that holds the strongest token (the higher mean decides between equals), narrowed to its worst
    words where it is long beside the text; the whole text when there are no tokens. The text must not be blank.
    """
    if not tokens:
        return Span(0, len(text))
    best, best_score = Span(0, len(text)), (-1.0, -1.0)
    at = 0
    for clause in clauses(text):
        scores = []
        while at < len(tokens) and tokens[at].start < clause.end:
            if tokens[at].end > clause.start:
                scores.append(tokens[at].score)
            at += 1
        score = (max(scores), sum(scores) / len(scores)) if scores else (0.0, 0.0)
        if score > best_score:
            best, best_score = clause, score
    room = max(CLAUSE_CHARS, int(CLAUSE_SHARE * len(text.strip())))
    return best if best.end - best.start <= room else _worst_words(text, best, tokens, room)


def _worst_words(text: str, clause: Span, tokens: Sequence[TokenScore], room: int) -> Span:
    """Return the run of whole words of a clause within `room` code points whose characters score highest in sum."""
    gained = [0.0]
    at = 0
    for place in range(clause.start, clause.end):
        while at < len(tokens) and tokens[at].end <= place:
            at += 1
        inside = at < len(tokens) and tokens[at].start <= place
        gained.append(gained[-1] + (tokens[at].score if inside else 0.0))
    words = [
        (clause.start + match.start(), clause.start + match.end())
        for match in _WORD_RE.finditer(text[clause.start : clause.end])
    ]
    best, best_gain = Span(*words[0]), -1.0
    first = 0
    for start, end in words:
        # A run's worth only grows with its length, so the longest run that ends here within the room is the best.
        while words[first][0] < start and end - words[first][0] > room:
            first += 1
        left = words[first][0]
        gain = gained[end - clause.start] - gained[left - clause.start]
        if gain > best_gain:
            best, best_gain = Span(left, end), gain
    return best


def touching(merged: Sequence[Span], span: Span) -> list[Span]:
    """Return those of the merged spans that overlap this one."""
    at = max(0, bisect_right(merged, span) - 1)
    found = []
    while at < len(merged) and merged[at].start < span.end:
        if merged[at].overlaps(span):
            found.append(merged[at])
        at += 1
    return found
