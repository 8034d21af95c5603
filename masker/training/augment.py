"""Light disguises for training, on offensive and clean rows alike, with an alignment back to the written text.

Each disguise maps a text to pieces, one per original character, so that token targets can follow their characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from random import Random

from masker.training.example import TokenTargets

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
MEDIALS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS: list[str] = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]
SYLLABLE_BASE, SYLLABLE_LAST = 0xAC00, 0xD7A3
"""Hangul syllable arithmetic, Unicode chapter 3.12."""

FILLERS = (*"1234!~.,*@^;-_/♡", " ", " ", " ", "\u200b")
LATIN_LOOKS = {"a": "@", "e": "3", "i": "1", "o": "0", "s": "$", "l": "1"}

Pieces = list[str]


def split_jamo(syllable: str) -> str:
    """Return a syllable as compatibility jamo; any other character as it is."""
    code = ord(syllable)
    if not SYLLABLE_BASE <= code <= SYLLABLE_LAST:
        return syllable
    initial, rest = divmod(code - SYLLABLE_BASE, 588)
    medial, final = divmod(rest, 28)
    return INITIALS[initial] + MEDIALS[medial] + FINALS[final]


def _jamo(text: str, random: Random) -> Pieces:
    share = random.choice((0.1, 0.3))
    return [split_jamo(char) if random.random() < share else char for char in text]


def _fill(text: str, random: Random) -> Pieces:
    filler, share = random.choice(FILLERS), random.choice((0.08, 0.2))
    last = len(text) - 1
    return [
        char + filler if index < last and char.isalnum() and random.random() < share else char
        for index, char in enumerate(text)
    ]


def _space_out(text: str, random: Random) -> Pieces:
    return [char + " " if char.isalnum() and random.random() < 0.7 else char for char in text]


def _squeeze(text: str, random: Random) -> Pieces:
    return ["" if char == " " else char for char in text]


def _stretch(text: str, random: Random) -> Pieces:
    return [char * random.randint(2, 4) if char.isalnum() and random.random() < 0.08 else char for char in text]


def _latin(text: str, random: Random) -> Pieces:
    return [LATIN_LOOKS.get(char.lower(), char) if random.random() < 0.3 else char for char in text]


def _decompose(text: str, random: Random) -> Pieces:
    return [unicodedata.normalize("NFD", char) for char in text]


DISGUISES: tuple[Callable[[str, Random], Pieces], ...] = (
    *(_jamo, _fill, _fill, _space_out),
    *(_squeeze, _stretch, _latin, _decompose),
)


def disguise(text: str, targets: TokenTargets, random: Random) -> tuple[str, TokenTargets]:
    """Return the text under one random disguise, with its targets moved along."""
    pieces = random.choice(DISGUISES)(text, random)
    starts = [0]
    for piece in pieces:
        starts.append(starts[-1] + len(piece))
    moved = tuple((starts[start], starts[end], value, weight) for start, end, value, weight in targets.segments)
    kept = tuple(segment for segment in moved if segment[0] < segment[1])
    return "".join(pieces), TokenTargets(targets.default_value, targets.default_weight, kept)
