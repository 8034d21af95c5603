"""Look-alikes: characters of any script that a reader takes for a Hangul letter (ㅅl발, ㅂr보, 새77l, 18놈)."""

from __future__ import annotations

import re

from masker.normalise.jamo import build_fold
from masker.normalise.rewrite import Rewriting

# One character that has the outline of one jamo. Collected from how people write around filters; each has been seen.
_SHAPES = {
    "ㅣ": "lIi1!|｜丨", "ㅏ": "rRF卜ト├", "ㅐ": "H", "ㅓ": "┤", "ㅗ": "⊥ㅗ┴", "ㅜ": "T丁┬", "ㅡ": "一ー二",
    "ㅅ": "A^人入ム厶从亻へヘメΛ∧", "ㅇ": "0oO○", "ㄴ": "└L", "ㄱ": "7フ", "ㅁ": "口ロ□囗", "ㄹ": "己乙",
    "ㅈ": "スズ", "ㄷ": "匚", "ㅂ": "廿日曰", "ㅊ": "大",
}  # fmt: skip
# Several characters for one reading: doubled outlines are tensed consonants, digits are read aloud.
_SEQUENCES = {
    "^^": "ㅆ", "77": "ㄲ", "AA": "ㅆ", "人人": "ㅆ", "18": "십팔", "ㅏㅣ": "ㅐ", "8": "팔", "ス": "ㅈ", "ズ": "ㅈ",
    "/\\": "ㅅ", "ㅓㅣ": "ㅔ", "ㄱㄱ": "ㄲ", "ㄷㄷ": "ㄸ", "ㅂㅂ": "ㅃ", "ㅅㅅ": "ㅆ", "ㅈㅈ": "ㅉ",
    "2ㅏ": "ㄹㅏ", "2r": "ㄹㅏ",
    "지2r": "지ㄹ랄", "지2ㅏ": "지ㄹ랄", "지2r2": "지ㄹ랄ㄹ", "지2ㅏ2": "지ㄹ랄ㄹ",
    "L금": "니금", "L기미": "니기미", "L미": "니미",
}  # fmt: skip

_SINGLE = {shape: unit for unit, shapes in _SHAPES.items() for shape in shapes}
CONSONANT_OUTLINES = {ord(shape): unit for shape, unit in _SINGLE.items() if unit < "ㅏ" and not shape.isascii()}
"""Shapes of other scripts that have the outline of a consonant, with the consonant."""
SHAPES_FOLD = build_fold(without="ㅋㅎㅠ")
SHAPES_FOLD.update({ord(shape): unit for shape, unit in _SINGLE.items()})
_OUTLINES = re.escape("".join(_SINGLE))
SHAPED_RE = re.compile(
    rf"[{_OUTLINES}][ㄱ-ㅣ]|[ㄱ-ㅎ가-힣][{_OUTLINES}]|[ㅏ-ㅣ][0oO人日己口]|[lI|丨卜ㅏ人入从亻へヘスズ口己日L][가-힣]"
    "|[7フメ][HrR][가-힣]|[スL][lI1!|][가-힣]|[가-힣ㄱ-ㅎ]8|18 ?[가-힣ㄱ-ㅎ]|77[lI|!]|2[ㅏr](?:[가-힣 2ㄹ]|$)"
    r"|ㅏㅣ|ㅓㅣ|([ㄱㄷㅂㅅㅈ])\1[ㅏ-ㅣ]|/\\[ㅏ-ㅣlI1|]"
)
"""Whether a look-alike touches Hangul at all: without that, the view is not worth building."""

_WRITTEN = Rewriting(_SEQUENCES)
# A ring between two consonants is a vowel (ㅈ0ㅈ); a ㅎ or ㅋ before a vowel, or what looks like one, is no laughter.
_RING_RE = re.compile("(?<=[ㄱ-ㅎ])[0oO](?=[ㄱ-ㅎ])")
_LEAD_RE = re.compile("[ㅎㅋ](?=[ㅏ-ㅞrR卜H├])")
_LEADS = {"ㅎ": "\u1112", "ㅋ": "\u110f"}


def as_shaped(text: str) -> str:
    """Return the text with outlines of several characters written as the letters meant, as long as before."""
    written = _LEAD_RE.sub(lambda lead: _LEADS[lead[0]], _RING_RE.sub("ㅗ", text))
    return _WRITTEN(written)
