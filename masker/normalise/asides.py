"""Asides: what an author puts between the letters of a word for a reader to skip (병(웃음)신, 시:heart:발).

Each is rewritten as one star, padded to its length: a gap like any other that ordinary writing never puts there.
"""

from __future__ import annotations

import re
from itertools import pairwise

from masker.normalise.rewrite import PAD

_STAGE = (
    "웃음", "웃참", "ㅋ+", "ㅎ+", "하트", "삐+", "삑", "욕", "욕설",
    "심한 ?말", "나쁜 ?말", "검열", "자체 ?검열", "음소거", "묵음", "생략", "중략", "쿨럭",
    "콜록", "기침", "한숨", "침묵", "정적", "딸꾹", "흠칫", "움찔", "엣취",
    "퍽", "짝", "하품", "눈물", "박수", "笑",
)  # fmt: skip
"""What is said in brackets of a voice: directions, not words of the sentence."""
ASIDE_RE = re.compile(
    r"[(\[{<（［【*](?<=[가-힣][(\[{<（［【*])[ ~!.-]?"
    rf"(?:{'|'.join(_STAGE)})[ ~!.-]{{0,3}}[)\]}}>）］】*](?=[가-힣])"
    r"|:(?<=[가-힣]:)\w{2,32}:(?=[가-힣])"
    r"|<(?<=[가-힣]<)a?:\w{2,32}:\d{15,20}>(?=[가-힣])"
    r"|\](?<=[가-힣]\])\([^()\s]{1,200}\) ?\[(?=[가-힣])"
    r"|\](?<=\[[가-힣]\])\([^()\s]{1,200}\)(?=[가-힣])"
    r"| \| (?<=\| [가-힣] \| )(?=[가-힣] \|(?! *\n *\|))"
)
# Marks that open a line: bullets, boxes to tick, quotations, headings, small print, and numbers of any sort.
_MARK = (
    r"(?:(?:[-*+•◦▪·‣>]|#{1,3}|-#|[0-9]{1,2}[.)]|\([0-9a-z가-하]\)|[a-zA-Z가-하][.)]|[\u2460-\u24ff\u2160-\u217b]\.?)"
    r"[ \t]{0,3}(?:\[[ xX]\] )?)?"
)
_LINE = rf"[ \t]{{0,3}}{_MARK}[가-힣][ \t]{{0,3}}\r?"
_BLANK = "(?:[ \t\u200b]{0,3}\r?\n){0,2}"
MOST_LINES = 4
"""Lines of a column that may be one word: more are a list of single syllables."""
_COLUMN_RE = re.compile(rf"^{_LINE}(?:\n{_BLANK}{_LINE}){{1,{MOST_LINES}}}(?:[ \t]|$)", re.MULTILINE)
_ORDER_RE = re.compile("[0-9a-zA-Z가-힣\u2460-\u24ff\u2160-\u217b \t]+")
"""What differs from one line of a list to the next: all of a mark but its signs."""
_SYLLABLE_RE = re.compile(rf"^[ \t]{{0,3}}{_MARK}([가-힣])", re.MULTILINE)


def has_asides(text: str) -> bool:
    """Tell whether something a reader skips stands between two letters."""
    return ASIDE_RE.search(text) is not None or ("\n" in text and _COLUMN_RE.search(text) is not None)


def without_asides(text: str) -> str:
    """Return the text, as long as it was, each aside a star; so is what parts a column of a syllable a line."""
    read = ASIDE_RE.sub(lambda aside: _star(len(aside[0])), text)
    return _COLUMN_RE.sub(_joined, read) if "\n" in read else read


def _star(length: int) -> str:
    return "*" + PAD * (length - 1)


def _joined(column: re.Match[str]) -> str:
    lines = list(_SYLLABLE_RE.finditer(column[0]))
    marks = [_ORDER_RE.sub("", line[0][:-1]) for line in lines]
    lines = lines[: next((at for at, mark in enumerate(marks) if mark != marks[0]), len(lines))]
    places = [line.start(1) for line in lines]
    if not 1 < len(places) <= MOST_LINES:
        return column[0]
    parts = [column[0][: places[0] + 1]]
    for at, place in pairwise(places):
        parts += [_star(place - at - 1), column[0][place]]
    return "".join(parts) + column[0][places[-1] + 1 :]
