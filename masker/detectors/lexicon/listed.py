"""Syllables that stand side by side only because they are listed: cells of a table, items, quotations."""

from __future__ import annotations

import re

from masker.detectors.lexicon.occurrence import Occurrence

_REACH = 16
_ITEM_AFTER_RE = re.compile(r"\s*[|,·、]\s*([가-힣])(?![가-힣])")
_ITEM_BEFORE_RE = re.compile(r"(?<![가-힣])([가-힣])\s*[|,·、]\s*$")
_GAPS_RE = re.compile(r"[가-힣](?:\s*[|,·、]\s*[가-힣])+")
_PARTED_RE = re.compile(r"[가-힣](?:(?:,| [/|·]) [가-힣])+")
_QUOTED_RE = re.compile("[가-힣][’'\"”」』] +[가-힣]")
_CURSED = frozenset("놈년들아야새끼네냐임같")
"""Syllables that go on a curse, however they are set apart."""
_CALLING = frozenset("개씹야이저아너니")


def is_listed(occurrence: Occurrence) -> bool:
    """Tell whether a list goes on beyond the syllables (| 병 | 신 | 간 |), or breaks off inside them (개, 새, 끼니)."""
    surface = occurrence.surface
    if _QUOTED_RE.search(surface):
        return True
    if not _GAPS_RE.fullmatch(surface):
        return False
    text, start, end = occurrence.view.text, occurrence.start, occurrence.end
    before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    following, preceding = _ITEM_AFTER_RE.match(after), _ITEM_BEFORE_RE.search(before)
    if (following and following.group(1) not in _CURSED) or (preceding and preceding.group(1) not in _CALLING):
        return True
    if _PARTED_RE.fullmatch(surface) and "가" <= after[:1] <= "힣":
        return True
    cells = r"\s*\|\s*".join(f"{letter}[가-힣]+" for letter in occurrence.letters)
    return "|" in surface and re.match(rf"\s*\|\s*\n\s*\|\s*{cells}", text[end : end + 2 * _REACH]) is not None
