"""What Discord reads as more than text: constructs that live or die as a whole, and the marks that pair up.

Names follow Discord's message formatting reference (mentions, custom emoji, timestamps, guild navigation) and its
Markdown guide (code, spoilers, emphasis, masked links, headings, lists, quotes). Every pattern here takes linear time:
each repetition is bounded, or excludes the character that ends it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

_CONSTRUCT_RE = re.compile(
    r"(?P<tag><(?:@[!&]?\d{1,25}|#\d{1,25}|a?:\w{1,64}:\d{1,25}|t:-?\d{1,20}(?::[a-zA-Z])?|/[^<>:\n]{1,128}:\d{1,25}"
    r"|id:\w{1,32}(?::\d{1,25})?)>)"
    r"|(?P<angled><(?:https?|discord|mailto|tel|sms):[^\s<>]+>)"
    r"|(?P<url>(?:https?|discord)://[^\s<>`|]*)"
    r"|\]\((?P<target>[^()\n]*(?:\([^()\n]*\)[^()\n]*)?)\)",
    re.IGNORECASE,
)
_LINE_MARK_RE = re.compile(r"^(?:[ \t]*(?:>{1,3}|#{1,3}|-#|[-*+]|\d{1,9}[.)])[ \t]+)+", re.MULTILINE)
_MARK_RE = re.compile(r"\*+|_+|~{2,}|\|{2,}|`+")


@dataclass(frozen=True, slots=True)
class Construct:
    """Mark `[start, end)` of the text as one unit. A `whole` one (a mention, an emoji) is masked entirely or not at
    all; in a link a part may be.
    """

    start: int
    end: int
    kind: str

    @property
    def whole(self) -> bool:
        """Tell whether a part of it means nothing by itself."""
        return self.kind == "tag"


def constructs(text: str) -> tuple[Construct, ...]:
    """Return mentions, custom emoji, timestamps, bare and angled URLs, and the targets of masked links, in order."""
    found = []
    at = 0
    while match := _CONSTRUCT_RE.search(text, at):
        kind = match.lastgroup or "target"
        start, end = match.span(kind)
        if kind == "url":  # Discord leaves closing punctuation and marks out of a bare link
            end = start + len(match.group(kind).rstrip("*_~.,:;\"'])"))
        if end > start:
            found.append(Construct(start, end, kind))
        at = max(match.end(), at + 1)
    return tuple(found)


def line_marks(text: str) -> list[tuple[int, int]]:
    """Return where headings, quotes and list items are marked at the start of a line."""
    return [match.span() for match in _LINE_MARK_RE.finditer(text)]


def pairing_marks(text: str) -> list[tuple[int, int]]:
    """Return every run of characters that may open or close emphasis, a spoiler or code; none does in a construct."""
    inert = constructs(text)
    starts = [construct.start for construct in inert]
    marks = []
    for match in _MARK_RE.finditer(text):
        at = bisect_right(starts, match.start()) - 1
        if at < 0 or inert[at].end <= match.start():
            marks.append(match.span())
    return marks
