"""Asides: what an author puts between the letters of a word for a reader to skip (병(웃음)신, 시:heart:발).

Each is rewritten as one star, padded to its length: a gap like any other that ordinary writing never puts there.
"""

from __future__ import annotations

import re

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
    r"| \| (?<=\| [가-힣] \| )(?=[가-힣] \|)"
)


def without_asides(text: str) -> str:
    """Return the text, as long as it was, each aside a star."""
    return ASIDE_RE.sub(lambda aside: "*" + PAD * (len(aside[0]) - 1), text)
