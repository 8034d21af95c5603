"""Percent-encoded words inside links: the reader of a link sees them decoded, so the lexicon reads them decoded too."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from masker.detectors.lexicon import NOTHING, Detection, LexiconDetector
from masker.markdown import Construct, constructs
from masker.verdict import Finding, Span

NAME = "links"
_ROUNDS = 2
"""Links are often encoded twice, when one address carries another."""

Letter = tuple[str, int, int]
"""One decoded character, and the `[start, end)` of the text that it was written in."""


def detect_in_links(text: str, lexicon: LexiconDetector) -> Detection:
    """Return what stands encoded in links, each finding over the encoded letters alone."""
    if "%" not in text:
        return NOTHING
    found: dict[tuple[Span, str, str | None], Finding] = {}
    for construct in constructs(text):
        letters = _decoded(text, construct)
        for inner in lexicon.detect("".join(char for char, _, _ in letters)).findings if letters else ():
            span = Span(letters[inner.span.start][1], letters[inner.span.end - 1][2])
            found[span, inner.label, inner.rule] = Finding(
                span, inner.label, inner.score, NAME, inner.rule, inner.basis, inner.mention
            )
    return Detection(tuple(found.values()))


def _decoded(text: str, construct: Construct) -> list[Letter]:
    """Return a link's letters with percent-encoding undone; nothing where none was encoded, or in no link."""
    raw = text[construct.start : construct.end]
    if construct.whole or "%" not in raw:
        return []
    plain = [(char, construct.start + at, construct.start + at + 1) for at, char in enumerate(raw)]
    letters = plain
    for _ in range(_ROUNDS):
        letters = list(_undone(letters))
    return letters if len(letters) < len(plain) else []


def _undone(letters: list[Letter]) -> Iterator[Letter]:
    """Undo one round of percent-encoding (RFC 3986, section 2.1; UTF-8); what is no character is left out."""
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    begun: int | None = None
    for value, start, end in _bytes(letters):
        begun = start if begun is None else begun
        char = decoder.decode(bytes([value]))
        if char:
            # A sequence that broke off is dropped by the decoder: only the last character began here.
            yield char[-1], begun if len(char) == 1 else start, end
            begun = None


def _bytes(letters: list[Letter]) -> Iterable[tuple[int, int, int]]:
    at = 0
    while at < len(letters):
        char, start, end = letters[at]
        digits = "".join(letter for letter, _, _ in letters[at + 1 : at + 3])
        if char == "%" and len(digits) == 2 and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            yield int(digits, 16), start, letters[at + 2][2]
            at += 3
        else:
            yield from ((value, start, end) for value in char.encode("utf-8", "ignore"))
            at += 1
