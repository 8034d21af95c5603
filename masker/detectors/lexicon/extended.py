"""An admin's own words on top of a lexicon: words to block, in every disguise, and words to leave alone."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from masker.detectors.lexicon.compiled import Automaton, Lexicon
from masker.detectors.lexicon.schema import Severity, Term
from masker.errors import LexiconError
from masker.labels import Label
from masker.normalise.lazy import lazy

MAX_ENTRIES = 1_000
MAX_ENTRY = 64
"""Most code points of one entry."""
BLOCKED = "block."
"""What the ids of blocked words begin with; the word's number in the list follows."""

_KINDS = {
    "korean": re.compile("[가-힣]+[가-힣 ]*|[ㄱ-ㅣ가-힣]*[가-힣][ㄱ-ㅣ가-힣]*"),
    "initials": re.compile("[ㄱ-ㅎ]{2,}"),
    "latin": re.compile("[a-z]+(?: [a-z]+)*"),
}


def extended(
    lexicon: Lexicon,
    block: Sequence[str] = (),
    allow: Sequence[str] = (),
    *,
    label: Label = Label.PROFANITY,
    severity: Severity = Severity.STRONG,
) -> Lexicon:
    """Return a lexicon that also finds the words in `block` and excuses what stands inside the words in `allow`.

    A blocked word takes the disguises that the lexicon's own words take. An allowed word excuses its own occurrences,
    as written: whatever a term finds inside them is turned down, and what stands beside them still counts.
    Raises LexiconError that names the list and the entry.
    """
    terms = [_numbered(number, word, label, severity) for number, word in enumerate(_checked("block", block), 1)]
    allowed = tuple(dict.fromkeys(word.lower() for word in _checked("allow", allow)))
    return Lexicon((*lexicon.terms, *terms), allow=(*lexicon.allow, *allowed))


def _checked(name: str, words: Sequence[str]) -> list[str]:
    if len(words) > MAX_ENTRIES:
        raise LexiconError(f"{name}: {len(words)} entries, at most {MAX_ENTRIES} are allowed")
    checked = []
    for number, word in enumerate(words, 1):
        plain = plain_entry(word)
        if not 1 <= len(plain) <= MAX_ENTRY:
            raise LexiconError(
                f"{name}: entry {number}: {plain[:MAX_ENTRY]!r} is {len(plain)} code points long,"
                f" 1 to {MAX_ENTRY} are allowed"
            )
        checked.append(plain)
    return checked


def _numbered(number: int, word: str, label: Label, severity: Severity) -> Term:
    term = blocked_term(f"{BLOCKED}{number}", word, label, severity)
    if term is None:
        raise LexiconError(
            f"block: entry {number}: {word!r} must be two letters or more, Hangul or a to z; use a pattern instead"
        )
    return term


def plain_entry(word: str) -> str:
    """Return an entry as it is compared: composed, white space at its edges gone, each run of it one space."""
    return " ".join(unicodedata.normalize("NFC", word).split())


def blocked_term(name: str, word: str, label: Label, severity: Severity) -> Term | None:
    """Return the term for a plain entry to block; None for one that is not two letters or more of one script."""
    form = word.lower()
    kind = next((kind for kind, alphabet in _KINDS.items() if alphabet.fullmatch(form)), "")
    if not kind or len(form.replace(" ", "")) < 2:
        return None
    return Term(
        id=name,
        form=(form.replace(" ", "") if kind == "korean" else form,),
        label=label,
        severity=severity,
        kind=kind,
        before="word" if kind == "latin" else "any",
        after="word" if kind == "latin" else "any",
        loose=kind == "korean" and len(form) > 2,
        why="an admin's word",
    )


def allowing(lexicon: Lexicon, allow: Sequence[str]) -> Lexicon:
    """Return a lexicon that also excuses what stands inside these words; what is compiled already is shared."""
    return _Sharing(lexicon, allow) if allow else lexicon


class _Sharing(Lexicon):
    def __init__(self, shared: Lexicon, allow: Sequence[str]) -> None:
        super().__init__(shared.terms, dict.fromkeys((*shared.allow, *(word.lower() for word in allow))))
        self._shared = shared

    @lazy
    def jamo(self) -> Automaton:
        return self._shared.jamo

    @lazy
    def phonetic(self) -> Automaton:
        return self._shared.phonetic

    @lazy
    def initials(self) -> Automaton:
        return self._shared.initials

    @lazy
    def latin(self) -> Automaton:
        return self._shared.latin


class Allowed:
    """Answer whether a place lies inside an allowed word."""

    def __init__(self, places: Sequence[tuple[int, int]]) -> None:
        self._ends = [end for _, end in places]
        # the earliest start of any place that ends here or later: a place holds [start, end) if one of those does
        self._starts = list(accumulate((start for start, _ in reversed(places)), min))[::-1]

    def __bool__(self) -> bool:
        return bool(self._ends)

    def holds(self, start: int, end: int) -> bool:
        """Tell whether one allowed word holds `[start, end)`."""
        at = bisect_left(self._ends, end)
        return at < len(self._ends) and self._starts[at] <= start
