"""Elongation and stutter: what merely draws a word's letters out (꺼져어, 시발발발, 씨씨발, 조오온나) belongs to it."""

from __future__ import annotations

import re

from masker.normalise.jamo import is_syllable, join_syllable, split_syllable

_ECHO = {
    "ㅑ": "ㅏ",
    "ㅕ": "ㅓ",
    "ㅛ": "ㅗ",
    "ㅠ": "ㅜ",
    "ㅘ": "ㅏ",
    "ㅝ": "ㅓ",
    "ㅖ": "ㅔ",
    "ㅒ": "ㅐ",
    "ㅢ": "ㅣ",
    "ㅟ": "ㅣ",
}
"""Vowels that go on as another when they are drawn out (꺼져어)."""
_SAME = str.maketrans("ㅔㅖ", "ㅐㅒ")
_CUT = frozenset("ㅅㅆㅇㄱㅂㅁ")
"""Tails that cut a drawn-out vowel short."""
_DOTTED_RE = re.compile(r"([가-힣])[.…~-]{1,4}$")
MOST_STAMMERS = 4
MOST = 12
"""Syllables of one stretch that are followed."""


def echoes(syllable: str, vowel: str) -> bool:
    """Tell whether a syllable does nothing but go on with this vowel."""
    if not is_syllable(syllable):
        return False
    lead, sound, tail = split_syllable(syllable)
    vowel, sound = vowel.translate(_SAME), sound.translate(_SAME)
    return lead == "ㅇ" and not tail and sound in (vowel, _ECHO.get(vowel, vowel).translate(_SAME))


def drawn_out(text: str, end: int) -> int:
    """Return where the stretched end of a word ends: its last syllable repeated, its vowel or last letter drawn out.

    One syllable alone counts only where the word then ends: 꺼져어 is drawn out, 시발아이 is not.
    """
    last = text[end - 1]
    if not is_syllable(last):
        return _run(text, end, last)
    _, vowel, tail = split_syllable(last)
    past = end
    while past < len(text) and past - end < MOST and (text[past] == last or (not tail and echoes(text[past], vowel))):
        past += 1
    if past - end == 1 and past < len(text) and is_syllable(text[past]):
        past = end
    elif past > end and not tail and past < len(text) and _closes(text[past], vowel):
        return past + 1
    return _run(text, past, tail or vowel)


def _closes(syllable: str, vowel: str) -> bool:
    """Tell whether a syllable goes on with this vowel and cuts it short (꺼져어어엇)."""
    if not is_syllable(syllable):
        return False
    lead, sound, tail = split_syllable(syllable)
    return tail in _CUT and echoes(join_syllable(lead, sound), vowel)


def _run(text: str, at: int, letter: str) -> int:
    while at < len(text) and text[at] == letter:
        at += 1
    return at


def stammer_before(text: str, start: int) -> int:
    """Return where the stammer before a word begins: its first letter or syllable, repeated (ㅅㅅ시발, 씨씨발)."""
    first = text[start : start + 1]
    letter = split_syllable(first)[0] if is_syllable(first) else first
    begun = (letter, first, _opened(first)) if is_syllable(first) else (letter, first)
    while start > 0 and text[start - 1] in begun:
        start -= 1
    reached = start
    for _ in range(MOST_STAMMERS):
        dotted = _DOTTED_RE.search(text, max(0, start - 6), start)
        if dotted is None or dotted[1] != first:
            break
        start = dotted.start(1)
        reached = start if _begins(text, start) else reached
    return reached


def _opened(syllable: str) -> str:
    """Return a syllable without what closes it (병 to 벼)."""
    lead, vowel, _ = split_syllable(syllable)
    return join_syllable(lead, vowel)


def _begins(text: str, at: int) -> bool:
    """Tell whether no letter stands before this place: a word begins there."""
    return at == 0 or not text[at - 1].isalnum()


def without_stretch(letters: str) -> str:
    """Return letters with every syllable that only draws the one before it out taken back (조오온나 to 존나)."""
    plain: list[str] = []
    for char in letters:
        last = plain[-1] if plain else ""
        if last and is_syllable(last) and is_syllable(char):
            lead, vowel, tail = split_syllable(last)
            silent, sound, closing = split_syllable(char)
            if silent == "ㅇ" and not tail and sound.translate(_SAME) == vowel.translate(_SAME):
                plain[-1] = join_syllable(lead, vowel, closing)
                continue
        plain.append(char)
    return "".join(plain)
