"""Is a word used, or talked about? '시발'이라는 말은 쓰지 맙시다 quotes it: found all the same and reported so."""

from __future__ import annotations

import re

from masker.verdict import Span

_AHEAD, _BEHIND = 24, 16
_OPENING, _CLOSING = "'\"‘“「『《〈`", "'\"’”」』》〉`"
_WORDS = r"(?:말|단어|낱말|표현|욕|욕설|비속어|속어|은어|글자|용어|어휘|뜻|의미|어원|유래|호칭|댓글|금지어|필터)"
# What follows a word that is talked about, particles between; each alternative is bounded and starts differently.
_ABOUT_RE = re.compile(
    rf"\s?(?:"
    rf"(?:이?라는|이?란|같은|따위의|등의|이?라고\s?하는)\s?(?:[가-힣]{{1,4}}\s)?{_WORDS}"
    r"|이?라고\s?(?:말|욕|쓰|적|부르|불러|하지|하면|입력|검색|댓글)"
    r"|(?:은|는|이|가|도)?\s?(?:무슨|뭔|어떤)\s?(?:뜻|말|의미)"
    r"|(?:의|에\s?대한)\s?(?:뜻|의미|어원|유래)"
    rf"|(?:은|는|도|이|가)\s?(?:[가-힣]{{1,4}}\s)?(?:욕|욕설|비속어|금지어|비하\s?표현|나쁜\s?말)(?:이|입|인|예|일|$|[.!?\s])"
    r"|\s?(?:금지어|어원|뜻이?\s?뭐)"
    r")"
)
_QUOTED_RE = re.compile(r"(?:이?라(?:는|고|며|면서|니)|이?란|같은|등|따위|은|는|이|가|을|를|도|와|과|의|\s|$|[.,!?)])")


def is_mention(text: str, span: Span) -> bool:
    """Tell whether the word in this span is quoted by itself, or is what its sentence speaks about."""
    before, after = text[max(0, span.start - _BEHIND) : span.start].rstrip("*_~|"), text[span.end : span.end + _AHEAD]
    after = after.lstrip("*_~|")
    quoted = before[-1:] in _OPENING and after[:1] in _CLOSING if before and after else False
    if quoted and _QUOTED_RE.match(after, 1):
        return True
    return _ABOUT_RE.match(after, 1 if quoted or after[:1] in tuple(_CLOSING) else 0) is not None
