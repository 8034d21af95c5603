"""What the classifier reads in place of words that the lexicon has excused.

A classifier trained on comments has hardly seen 시발역 or "Dickens" and takes them for the curse inside. The lexicon
knows better, so the word is replaced before the classifier reads the text, rather than its findings vetoed afterwards:
a sentence score that rests on such a word falls with it, and everything else in the text still counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import cycle, islice

from masker.detectors.lexicon.extended import Allowed
from masker.verdict import Rejection, Span, merge_spans

_HANGUL = "이것"
_LATIN = ("", "a", "it", "one", "this", "these", "things", "another", "anything", "something", "everything")
"""Ordinary words by their length: a string of letters that is no word looks like a disguise to the classifier."""


def with_stand_ins(text: str, rejections: Iterable[Rejection], allowed: Sequence[Span] = ()) -> str:
    """Return the text with every word that holds a known innocent reading replaced by a neutral one.

    Of what is `allowed` just that is replaced: what a word goes on with still counts.

    Laws: the length in code points is kept, so that positions stay true; without such a rejection the text is
    unchanged; letters outside those words are unchanged.
    """
    held = Allowed([(span.start, span.end) for span in allowed])
    excused = (one.span for one in rejections if one.innocent and not held.holds(one.span.start, one.span.end))
    spans = merge_spans([*allowed, *(_word(text, span) for span in excused)])
    if not spans:
        return text
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], _neutral(text[span.start : span.end])]
        at = span.end
    return "".join([*parts, text[at:]])


def _word(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return Span(start, end)


def _neutral(word: str) -> str:
    if word.isascii():
        return _LATIN[min(len(word), len(_LATIN) - 1)].ljust(len(word))
    return "".join(islice(cycle(_HANGUL), len(word)))
