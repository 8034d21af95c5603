"""What AutoMod's keyword rules are filled with: the worst terms of the lexicon and their commonest disguises. Pure.

AutoMod stops a message before anybody sees it and knows no context, so a keyword is taken only if the lexicon itself
flags it, and if it matches no place that the lexicon names as innocent; where it does, a narrower keyword is tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from masker import Masker
from masker.detectors.lexicon.respell import half_cut, spellings
from masker.detectors.lexicon.schema import Severity, Term, read_lexicon
from masker.labels import Label
from masker.presets import Preset, thresholds_for

RULES_MAX, KEYWORDS_MAX, KEYWORD_LIMIT = 6, 1_000, 60
"""Keyword rules of a server, keywords of a rule, characters of a keyword. Sources: Discord's developer docs, "Auto
Moderation" (trigger types), and its API description, `KeywordTriggerMetadata`."""
ALLOWED_MAX = 100
"""Words that a rule lets pass. Source: Discord's API description, `KeywordTriggerMetadata`."""
SPARED_MAX = 6
"""Innocent places of one keyword that are let pass; a word with more of them is left to the masker."""
SEPARATORS = (" ", ".", "1")
"""What is put between syllables to get past a filter; more kinds than these are seldom."""
ENDINGS = ("아", "이", "놈", "년", "새끼", "들", "같은", "ㅋㅋ")
"""What commonly follows a curse where its word cannot be taken with anything that follows."""

_RARE = ("", "departure", "raving", "toffee")
"""Innocent senses that are seldom meant where the word stands alone; words of other senses are left to the masker."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """Hold one keyword, with `*` where anything may stand, the label of its term, and what it must not stop."""

    written: str
    label: Label
    spared: tuple[str, ...] = ()

    @property
    def bare(self) -> str:
        """Return the keyword without its `*`."""
        return self.written.strip("*")


@lru_cache(maxsize=1)
def derived() -> tuple[Keyword, ...]:
    """Return every keyword, the worst first: plain spellings of all terms before any disguise. Takes seconds."""
    masker, thresholds = Masker(), thresholds_for(Preset.STANDARD, {})
    return keywords_of(read_lexicon(), lambda words: bool(masker.inspect(words).flagged(thresholds)))


def keywords_of(terms: Iterable[Term], is_flagged: Callable[[str], bool]) -> tuple[Keyword, ...]:
    """Return the keywords that terms give, at most as many as a server's rules hold."""
    worst = sorted((term for term in terms if _clear(term)), key=lambda term: term.severity is not Severity.SEVERE)
    innocent = [place for place in _places(worst) if not is_flagged(place)]
    text = "\n".join(innocent)
    found: dict[str, Keyword] = {}
    for make, most in _STAGES:
        for term in worst:
            for surface in islice(make(term), most):
                keyword = _narrowed(term, surface, text) if _fits(surface) and is_flagged(surface) else None
                if keyword is not None:
                    found.setdefault(keyword.written, keyword)
                if len(found) == RULES_MAX * KEYWORDS_MAX:
                    return tuple(found.values())
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Filling:
    """Hold what one rule is filled with."""

    keywords: tuple[Keyword, ...]

    @property
    def allowed(self) -> tuple[str, ...]:
        """Return what the rule lets pass."""
        return tuple(dict.fromkeys(place for keyword in self.keywords for place in keyword.spared))


def fillings(
    keywords: Iterable[Keyword], labels: Collection[Label], is_allowed: Callable[[str], bool], rules: int
) -> list[Filling]:
    """Return what so many rules hold: keywords of these labels alone, and none that the server allows.

    A keyword whose innocent places find no room in its rule is left out.
    """
    held: list[list[Keyword]] = [[] for _ in range(rules)]
    spared: list[set[str]] = [set() for _ in range(rules)]
    at = 0
    for keyword in keywords:
        if keyword.label not in labels or is_allowed(keyword.bare):
            continue
        while at < rules and len(held[at]) == KEYWORDS_MAX:
            at += 1
        if at == rules:
            break
        if len(spared[at].union(keyword.spared)) <= ALLOWED_MAX:
            held[at].append(keyword)
            spared[at].update(keyword.spared)
    return [Filling(tuple(some)) for some in held if some]


def matches(written: str, text: str) -> bool:
    """Tell whether a keyword stops a text, as Discord matches them: whole words, or with `*` part of a word."""
    return _pattern(written).search(text) is not None


def _pattern(written: str) -> re.Pattern[str]:
    before = "" if written.startswith("*") else r"(?<!\w)"
    after = "" if written.endswith("*") else r"(?!\w)"
    return re.compile(before + re.escape(written.strip("*")) + after, re.IGNORECASE)


def _clear(term: Term) -> bool:
    """Tell whether a term means one thing, whatever stands around it."""
    needs = term.needs_before or term.needs_after
    return term.severity is not Severity.MILD and term.sense in _RARE and not needs and term.kind != "initials"


def _places(terms: Sequence[Term]) -> Iterator[str]:
    """Yield the innocent places that the lexicon names, as text."""
    for term in terms:
        surfaces = list(dict.fromkeys(_plain(term)))
        for middle, around in term.except_.items():
            for before, after in around:
                for word in surfaces if middle == "*" else (middle,):
                    yield f"{before}{word}{after}".strip("^$")


def _fits(surface: str) -> bool:
    return 2 <= len(surface) <= KEYWORD_LIMIT - 2


def _narrowed(term: Term, surface: str, innocent: str) -> Keyword | None:
    """Return the widest keyword for a spelling that stops nothing innocent, or all but a few places; None without."""
    widest: list[str] = []
    if term.kind == "korean" and not term.sense and (term.after == "any" or term.ending != "none"):
        widest = [f"*{surface}*"] if term.before == "any" and len(surface) > 2 else []
        widest.append(f"{surface}*")
    for written in widest:
        if not matches(written, innocent):
            return Keyword(written, term.label)
    stopped = [line for line in innocent.splitlines() if surface in line and matches(surface, line)]
    spared = tuple(f"{line}*" for line in dict.fromkeys(stopped))
    fits = len(spared) <= SPARED_MAX and all(len(place) <= KEYWORD_LIMIT for place in spared)
    return Keyword(surface, term.label, spared) if fits else None


def _plain(term: Term) -> Iterator[str]:
    for form in term.form:
        yield from spellings(form, term.respell)


def _cut(term: Term) -> Iterator[str]:
    for surface in _plain(term):
        if term.kind == "korean" and 3 <= len(surface) <= 4:
            yield from half_cut(surface)


def _ended(term: Term) -> Iterator[str]:
    for surface in _plain(term):
        if term.kind == "korean" and term.ending == "noun":
            yield from (surface + ending for ending in ENDINGS)


def _split_by(separator: str) -> Callable[[Term], Iterator[str]]:
    def split(term: Term) -> Iterator[str]:
        for surface in _plain(term):
            if term.spaced and 2 <= len(surface) <= 4:
                yield separator.join(surface)

    return split


_STAGES: tuple[tuple[Callable[[Term], Iterator[str]], int | None], ...] = (
    (_plain, 40),
    *((_split_by(separator), 16) for separator in SEPARATORS),
    (_cut, 8),
    (_plain, None),
    (_ended, None),
)
"""What is made of each term, the most needful first, and how much of it: no term crowds the others out."""
