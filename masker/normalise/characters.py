"""Classes of characters: what is invisible, what is a letter to a reader, what only looks like one."""

from __future__ import annotations

import re
import unicodedata

from masker.normalise.fold import MAX_KEPT, Fold

# Default_Ignorable_Code_Point of Unicode (DerivedCoreProperties.txt), plus every format control (Cf), the braille blank
# and the Hangul fillers. Variation selectors, tag characters, bidi controls and joiners are among them.
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
IGNORABLE_RE = re.compile(f"[{_IGNORABLE}]")


def is_ignorable(char: str) -> bool:
    """Tell whether a reader sees nothing at all here: invisible characters, combining marks and stray controls."""
    if char < "\x7f":
        return char < " " and char not in "\t\n\r\v\f"
    return bool(IGNORABLE_RE.match(char)) or unicodedata.category(char) in ("Mn", "Me", "Cf")


# What a reader takes for a Latin letter and Unicode's names do not tell: letters of other scripts of the same shape,
# after confusables.txt (UTS 39), kept to those that read as one letter in running text; and letters turned upside down.
# Each group begins with the letter.
_LATIN_SHAPES = (
    "aаαᗩᎪ bьвβᗷᏴ cсϲᑕᏟɔↄ dԁᗪᎠ eеεєҽᗴᎬ fғᖴɟ gցᏀƃ hһнհᕼᎻ iіιıӏᎥ jјᒍᎫ kкκᛕᏦ lⅼᒪᏞ mмᗰᎷ nпηռᑎ oоοօσ pрρᑭᏢ"
    " qԛգ rгᖇᎡ sѕᔕᏚՏ tтτ丅Ꭲ uυսцᑌμµ vѵνᐯᏙ wԝωшᗯᏔ xхχ᙭ yуγүчᎩ zᘔᏃ aⲀⲁ bⲂⲃ cⲤⲥ eⲈⲉ hⲎⲏ iⲒⲓ kⲔⲕ mⲘⲙ nⲚⲛ oⲞⲟ pⲢⲣ tⲦⲧ uⲨⲩ"
    " xⲬⲭ bꓐ pꓑ dꓓ tꓔ gꓖ kꓗ jꓙ cꓚ fꓝ mꓟ nꓠ lꓡ sꓢ rꓣ vꓦ hꓧ wꓪ xꓫ yꓬ aꓮ eꓰ iꓲ oꓳ uꓴ zꓜ"
)
_SHAPE_OF = {ord(shape): group[0] for group in _LATIN_SHAPES.split() for shape in group[1:]}
_NAMED_RE = re.compile(
    "(?:NEGATIVE CIRCLED|NEGATIVE SQUARED|SQUARED|MODIFIER|REGIONAL INDICATOR SYMBOL|LATIN|LATIN SUBSCRIPT)"
    "(?: LATIN)?(?: SMALL| CAPITAL)? LETTER(?: SMALL CAPITAL| SMALL)?"
    "(?: TURNED| REVERSED| INVERTED| SIDEWAYS| DOTLESS| SCRIPT| OPEN| STRETCHED)*"
    " ([A-Z])(?: (?:WITH|ROTUNDA|DOTLESS) ?.*)?"
)


def _named_letter(char: str) -> str:
    """Return the Latin letter that a character's Unicode name says it is a form of, or ""."""
    named = _NAMED_RE.fullmatch(unicodedata.name(char, ""))
    return named[1].lower() if named else ""


LEET = {
    "0": "o",
    "1": "i",
    "3": "e",
    "4": "a",
    "5": "s",
    "6": "g",
    "7": "t",
    "8": "b",
    "9": "g",
    "@": "a",
    "$": "s",
    "!": "i",
    "|": "i",
    "€": "e",
    "¡": "i",
}
"""Digits and symbols that stand for a letter of the same shape."""


def latin_letter(code_point: int) -> str:
    """Return what this code point reads as in Latin: lower-case letters or digits, or "" when it is neither."""
    if code_point in _SHAPE_OF:  # before folding: NFKC would make another letter of some
        return _SHAPE_OF[code_point]
    out = ""
    for part in unicodedata.normalize("NFD", unicodedata.normalize("NFKC", chr(code_point)).lower()):
        part = _SHAPE_OF.get(ord(part)) or (part if part.isascii() else _named_letter(part))
        if part.isalnum():
            out += part
    return out


class LatinFold(Fold):
    """Map a code point to Latin units for `str.translate`; what is not there yet is worked out and kept.

    A leet digit or symbol reads as its letter, `*` stays as the wildcard it is, Hangul is a wall that no match crosses,
    everything else is dropped.
    """

    def __missing__(self, code_point: int) -> str:
        char = chr(code_point)
        if "ㄱ" <= char <= "ㅣ" or "가" <= char <= "힣":
            units = WALL
        elif char in LEET or char == "*":
            units = LEET.get(char, char)
        else:
            units = "".join(LEET.get(part, part) for part in latin_letter(code_point))
            units = "".join(part for part in units if part.isalpha())
        if len(self) >= MAX_KEPT:
            self.clear()
        self[code_point] = units
        return units


WALL = "\x00"

# A letter to a reader, in any guise: what decides whether the Latin view is worth building.
LATIN_RE = re.compile(
    "[A-Za-z\u00aa\u00ba\u00c0-\u02ff\u0370-\u052f\u0561-\u0587\u2c80-\u2cb1\ua4d0-\ua4f7\u13a0-\u13ff\u1401-\u167f\u16d5\u1d00-\u1dbf\u1e00-\u1fff"
    "\u2071\u207f\u2090-\u209c\u2100-\u214f\u2160-\u2188\u249c-\u24e9\u4e05\ua722-\ua7ff\uab30-\uab6f\uff21-\uff5a"
    "\U0001d400-\U0001d7cb\U0001f110-\U0001f1ff]"
)
