"""Look-alikes: characters of any script that a reader takes for a Hangul letter (ㅅl발, ㅂr보, 새77l, 18놈)."""

from __future__ import annotations

import re

from masker.normalise.jamo import build_fold
from masker.normalise.view import Clusters, View

# One character that has the outline of one jamo. Collected from how people write around filters; each has been seen.
_SHAPES = {
    "ㅣ": "lIi1!|｜丨", "ㅏ": "rR卜ト├", "ㅐ": "H", "ㅓ": "┤", "ㅗ": "⊥ㅗ┴", "ㅜ": "T丁┬", "ㅡ": "一ー二",
    "ㅅ": "A^人入ムΛ∧", "ㅇ": "0oO○", "ㄴ": "└", "ㄱ": "7フ", "ㅁ": "口ロ□", "ㄹ": "己乙",
    "ㅈ": "スズ", "ㄷ": "匚", "ㅂ": "廿",
}  # fmt: skip
# Several characters for one reading, longest first: doubled outlines are tensed consonants, digits are read aloud.
_SEQUENCES = {"^^": "ㅆ", "77": "ㄲ", "AA": "ㅆ", "人人": "ㅆ", "18": "ㅅㅣㅂㅍㅏㄹ", "ㅏㅣ": "ㅐ", "8": "ㅍㅏㄹ"}

_HANGUL = build_fold(without="ㅋㅎㅠ")
_SINGLE = {shape: unit for unit, shapes in _SHAPES.items() for shape in shapes}
_OUTLINES = re.escape("".join(_SINGLE))
SHAPED_RE = re.compile(
    rf"[{_OUTLINES}][ㄱ-ㅣ]|[ㄱ-ㅎ가-힣][{_OUTLINES}]|[lI|丨卜ㅏ][가-힣]|[가-힣ㄱ-ㅎ]8|18 ?[가-힣ㄱ-ㅎ]"
)
"""Whether a look-alike touches Hangul at all: without that, the view is not worth building."""


def shape_view(text: str, clusters: Clusters | None = None) -> View:
    """Read a text with its look-alikes taken for the jamo that they resemble."""
    raw: list[str] = []
    sources: list[int] = []
    at = 0
    while at < len(text):
        pair = text[at : at + 2]
        taken = len(pair) if pair in _SEQUENCES else 1
        units = _SEQUENCES.get(pair) or _SEQUENCES.get(text[at]) or _SINGLE.get(text[at]) or _HANGUL[ord(text[at])]
        for order, unit in enumerate(units):
            raw.append(unit)
            sources.append(at + min(taken - 1, order))
        at += taken
    return View(text, "".join(raw), tuple(sources), clusters or Clusters(text), shaped=True)
