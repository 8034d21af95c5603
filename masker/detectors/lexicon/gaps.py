"""What stands between the letters of a match, and what touches its edges."""

from __future__ import annotations

import re
from dataclasses import dataclass

from masker.normalise import LATIN_FOLD, is_ignorable

MAX_GAP = 8
"""Most visible characters between two letters of one word; more than that and a reader no longer joins them."""
MARKS_RE = re.compile(r"\*{1,3}|__?|~~|\|\||`")
"""Marks of Markdown that close inside a word: a reader does not see them (**시발**놈)."""
_NATURAL = ".,!?;:…·'\"()[]<>-~/ㅋㅎㅠㅜ"
"""What ordinary writing puts between two words without a space."""
_ODD_SPACES = frozenset(map(chr, (*range(0x2000, 0x200B), 0x1680, 0x2028, 0x2029, 0x205F)))
"""White space that no keyboard has: where it parts two syllables, somebody put it there."""
WIDE = 4
"""Spaces in a row that ordinary writing never puts between two words of a line."""
MAX_LETTERS_IN_GAP = 3
"""Most letters or digits of another script between two letters of one Korean word."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Describe the characters between two neighbouring letters, the invisible ones left out.

    `inserted`: something stands there that ordinary writing never puts inside or between Korean words (시1발, 시@발).
    """

    length: int
    spaces: int
    lines: int
    letters: int
    inserted: bool

    @property
    def bounded(self) -> bool:
        """Tell whether a reader still joins the letters across this gap."""
        return self.length <= MAX_GAP and self.letters <= (1 if self.spaces else MAX_LETTERS_IN_GAP) and self.lines <= 2


def gap_between(text: str, start: int, end: int) -> Gap | None:
    """Return the gap in `text[start:end]`, or None when a reader sees nothing there. Counts to MAX_GAP + 1 at most."""
    length = spaces = lines = letters = 0
    inserted = False
    for at in range(start, end):
        char = text[at]
        if char == " ":
            spaces += 1
        elif is_ignorable(char):
            continue
        elif char.isspace() and char not in _ODD_SPACES:
            spaces += 1
            lines += char == "\n"
        elif char.isalnum() and not "ㄱ" <= char <= "ㅣ":
            letters += 1
        length += 1
        inserted = inserted or char in _ODD_SPACES or not (char.isspace() or char in _NATURAL)
        if length > MAX_GAP:
            break
    wide = spaces == length and spaces >= WIDE and not lines
    return Gap(length, spaces, lines, letters, wide or (inserted and not spaces)) if length else None


def visible_before(text: str, index: int) -> int:
    """Return the index of the nearest visible character before `index`, or -1. Gives up after 64 invisible ones."""
    for at in range(index - 1, max(-1, index - 65), -1):
        if not is_ignorable(text[at]):
            return at
    return -1


def visible_after(text: str, index: int) -> int:
    """Return the index of the nearest visible character from `index` on, or -1. Gives up after 64 invisible ones."""
    for at in range(index, min(len(text), index + 64)):
        if not is_ignorable(text[at]):
            return at
    return -1


def is_hangul(char: str) -> bool:
    """Tell whether this is a Hangul syllable, or a letter other than laughter and tears."""
    return "가" <= char <= "힣" or ("ㄱ" <= char <= "ㅣ" and char not in "ㅋㅎㅠㅜ") or "\u1100" <= char <= "\u11ff"


def is_latin(char: str) -> bool:
    """Tell whether this is a letter of an alphabet that is not Hangul."""
    if char < "\u2100":
        return char.isalpha() and not is_hangul(char)
    if char.isalpha() and char < "\u2e80":
        return True
    return "a" <= char.translate(LATIN_FOLD)[:1] <= "z"  # bold, circled, full-width
