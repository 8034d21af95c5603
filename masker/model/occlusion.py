"""Occlusion: where a classifier that only scores whole texts sees the offence (Zeiler and Fergus 2014).

A word weighs as much as the text's score falls without it, or as much as it scores on its own, whichever is more: two
curses in one sentence each excuse the other's absence, and some words only offend in company. A model is not made for
single words, though, and calls some harmless ones an offence. So the heaviest are taken out one after another until the
rest is harmless; the words that are left then weigh by the fall alone.

The work is bounded. A text of at most WORDS_AT_ONCE words costs three readings a word. A longer one is cut into pieces
of at most PIECE_WORDS, each read once by itself; the words of the PIECES highest are weighed within their piece. Every
other piece gives its own score to all its words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from masker.prediction import TokenScore

REPORT_FROM = 0.3
"""Texts below are not looked into: no finding comes of them (see masker.detectors.classifier.REPORT_FROM)."""
WORDS_AT_ONCE = 24
PIECE_WORDS = 12
PIECES = 4
PIECE_SHARE = 0.5
"""A piece below this share of its text's score is not looked into either."""
HARMLESS_SHARE = 0.5
"""What is left of a text is harmless below this share of its score."""

Place = tuple[int, int]
Scores = npt.NDArray[np.float64]
ScoreTexts = Callable[[Sequence[str]], Scores]
"""Give each text's offence score, 0 to 1, in order."""

_WORD_RE = re.compile(r"\S+")
_SENTENCE_ENDS = (".", "!", "?", "…", "。")


@dataclass(frozen=True, slots=True)
class _Part:
    """Name the words of a text that are weighed against each other, and the score that they have together."""

    row: int
    words: tuple[Place, ...]
    score: float


def occlude(texts: Sequence[str], scores: Sequence[float], score_texts: ScoreTexts) -> list[tuple[TokenScore, ...]]:
    """Return per text its words, each with its share of the text's score; `scores` are the texts' own.

    Calls `score_texts` at most three times, each time with the variants of all texts.
    """
    weights: list[dict[Place, float]] = [{} for _ in texts]
    parts: list[_Part] = []
    pieces: list[_Part] = []
    for row, (text, score) in enumerate(zip(texts, scores, strict=True)):
        words = tuple((match.start(), match.end()) for match in _WORD_RE.finditer(text))
        weights[row] = dict.fromkeys(words, 0.0)
        if score < REPORT_FROM or not words:
            continue
        if len(words) <= WORDS_AT_ONCE:
            parts.append(_Part(row, words, score))
        else:
            pieces += [_Part(row, piece, score) for piece in cut(text, words)]
    parts += _promising(texts, pieces, weights, score_texts)
    _weigh(texts, parts, weights, score_texts)
    return [tuple(TokenScore(start, end, weight) for (start, end), weight in of_text.items()) for of_text in weights]


def cut(text: str, words: Sequence[Place]) -> list[tuple[Place, ...]]:
    """Return the words in pieces of at most PIECE_WORDS, which end where a line or a sentence does if they can."""
    pieces: list[tuple[Place, ...]] = []
    piece: list[Place] = []
    for number, (start, end) in enumerate(words):
        piece.append((start, end))
        following = words[number + 1][0] if number + 1 < len(words) else len(text)
        ends = text[end - 1] in _SENTENCE_ENDS or "\n" in text[end:following]
        if len(piece) == PIECE_WORDS or ends:
            pieces.append(tuple(piece))
            piece = []
    if piece:
        pieces.append(tuple(piece))
    return pieces


def _promising(
    texts: Sequence[str], pieces: Sequence[_Part], weights: list[dict[Place, float]], score_texts: ScoreTexts
) -> list[_Part]:
    """Return the pieces of long texts that are worth looking into; the others' words get their piece's score."""
    if not pieces:
        return []
    alone = score_texts([texts[piece.row][piece.words[0][0] : piece.words[-1][1]] for piece in pieces])
    by_row: dict[int, list[_Part]] = {}
    whole: dict[int, float] = {}
    for piece, score in zip(pieces, alone.tolist(), strict=True):
        whole[piece.row] = piece.score
        by_row.setdefault(piece.row, []).append(_Part(piece.row, piece.words, min(piece.score, score)))
        weights[piece.row].update(dict.fromkeys(piece.words, min(piece.score, score)))
    return [
        part
        for row, of_text in by_row.items()
        for part in sorted(of_text, key=lambda part: -part.score)[:PIECES]
        if part.score >= whole[row] * PIECE_SHARE
    ]


def _weigh(
    texts: Sequence[str], parts: Sequence[_Part], weights: list[dict[Place, float]], score_texts: ScoreTexts
) -> None:
    """Weigh the words of every part against each other, in two calls for all parts."""
    for part in parts:
        if len(part.words) == 1:
            weights[part.row][part.words[0]] = part.score
    several = [part for part in parts if len(part.words) > 1]
    read = _Readings(score_texts)
    falls = [[_without(texts[part.row], part, {word}) for word in part.words] for part in several]
    alone = [[texts[part.row][start:end] for start, end in part.words] for part in several]
    read.all(variant for variants in (*falls, *alone) for variant in variants)
    ranked: list[list[Place]] = []
    for part, rests, singles in zip(several, falls, alone, strict=True):
        found = weights[part.row]
        for word, rest, single in zip(part.words, rests, singles, strict=True):
            found[word] = min(part.score, max(0.0, part.score - read[rest], read[single]))
        heavy = [word for word in part.words if found[word] >= part.score * HARMLESS_SHARE]
        ranked.append(sorted(heavy, key=found.__getitem__, reverse=True))
    fewer = [
        [_without(texts[part.row], part, set(heavy[: count + 1])) for count in range(len(heavy))]
        for part, heavy in zip(several, ranked, strict=True)
    ]
    read.all(variant for variants in fewer for variant in variants)
    for part, heavy, left, fall in zip(several, ranked, fewer, falls, strict=True):
        enough = next((n for n, rest in enumerate(left) if read[rest] < part.score * HARMLESS_SHARE), len(heavy))
        for word in heavy[enough + 1 :]:
            weights[part.row][word] = max(0.0, part.score - read[fall[part.words.index(word)]])


class _Readings:
    """Remember the score of every variant that was read, so that none is read twice."""

    def __init__(self, score_texts: ScoreTexts) -> None:
        self._score_texts = score_texts
        self._known: dict[str, float] = {}

    def all(self, variants: Iterable[str]) -> None:
        """Read those variants that were not read yet, in one call."""
        new = [variant for variant in dict.fromkeys(variants) if variant not in self._known]
        if new:
            self._known.update(zip(new, self._score_texts(new).tolist(), strict=True))

    def __getitem__(self, variant: str) -> float:
        return self._known[variant]


def _without(text: str, part: _Part, words: Collection[Place]) -> str:
    """Return the part's words with the text between them, these words left out."""
    at, kept = part.words[0][0], []
    for start, end in part.words:
        if (start, end) in words:
            kept.append(text[at:start])
            at = end
    return "".join((*kept, text[at : part.words[-1][1]]))
