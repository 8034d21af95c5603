"""A community's own terms beside the common lexicon: words and patterns that it blocks, words that it allows.

Its words are compiled alone, in a small lexicon beside the common one, which all share: a thousand words take half a
second and 20 MB that way, a quarter of the time that it takes to compile them together with the common ones.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from masker.detectors.lexicon import Detection, Lexicon, LexiconDetector
from masker.detectors.lexicon.extended import MAX_ENTRY, Allowed, blocked_term, plain_entry
from masker.detectors.lexicon.morphology import Morphology
from masker.detectors.lexicon.schema import SCORE, Severity, Term
from masker.detectors.lexicon.search import ALLOWED_WORD
from masker.detectors.links import detect_in_links
from masker.detectors.patterns import MAX_EXPRESSION, CustomPattern, PatternDetector
from masker.errors import LexiconError, PatternError
from masker.labels import Label
from masker.verdict import Basis, Finding, Rejection, Span

NAME = "terms"
"""The detector's name of findings by own words; those by own patterns bear that of the patterns."""
MAX_ALLOWED = 200
"""Most code points of an allowed entry, which may be a phrase; of a blocked word MAX_ENTRY."""
OWN_SEVERITY = Severity.SEVERE
"""What somebody asked for by name counts under every preset."""


class OwnKind(StrEnum):
    """Name what an own term is."""

    BLOCK = "block"
    ALLOW = "allow"
    PATTERN = "pattern"


_LIMITS = {OwnKind.BLOCK: MAX_ENTRY, OwnKind.ALLOW: MAX_ALLOWED, OwnKind.PATTERN: MAX_EXPRESSION}


class Because(StrEnum):
    """Name why an own term cannot be used."""

    EMPTY = "empty"
    LONG = "long"
    LETTERS = "letters"
    EXPRESSION = "expression"


@dataclass(frozen=True, slots=True)
class OwnTerm:
    """Give one term; `label` is what it is found under, and says nothing where it allows."""

    kind: OwnKind
    entry: str
    label: Label = Label.PROFANITY


@dataclass(frozen=True, slots=True)
class RefusedTerm:
    """Say that a term was left out and why; `detail` is RE2's word on an expression."""

    term: OwnTerm
    because: Because
    detail: str = field(default="", repr=False)


class OwnTerms:
    """Hold one community's terms, compiled. Thread-safe. Raises nothing for a term: `refused` holds what was left out.

    What is blocked is found in the disguises that the lexicon's own words take, and by its patterns; what is allowed
    excuses its own occurrences, as written, from everything that is found by anyone.
    """

    def __init__(self, terms: Iterable[OwnTerm], morphology: Morphology | None = None) -> None:
        refused: list[RefusedTerm] = []
        usable = {rule_of(term): term for term in _usable(terms, refused)}
        self.rules = {rule: term.entry for rule, term in usable.items()}
        allowed = [term.entry for term in usable.values() if term.kind is OwnKind.ALLOW]
        # Some systems send Hangul in letters; an entry is excused in both forms.
        self.allow = tuple(dict.fromkeys((*allowed, *(unicodedata.normalize("NFD", entry) for entry in allowed))))
        blocked = {rule: term for rule, term in usable.items() if term.kind is OwnKind.BLOCK}
        self._words = LexiconDetector(_lexicon(blocked, self.allow, refused), morphology) if blocked else None
        self._excuses = Lexicon((), [entry.lower() for entry in self.allow])
        expressions = [(rule, term) for rule, term in usable.items() if term.kind is OwnKind.PATTERN]
        self._patterns = tuple(_pattern_detectors(expressions, refused))
        self.refused = tuple(refused)

    def compile(self) -> OwnTerms:
        """Do now the work that the first text would wait for."""
        if self._words is not None:
            lexicon = self._words.lexicon
            _ = lexicon.jamo, lexicon.phonetic, lexicon.initials, lexicon.latin
        self._excuses.allowed_in("")
        return self

    def allowed_in(self, text: str) -> tuple[Span, ...]:
        """Return where allowed words stand."""
        return tuple(Span(start, end) for start, end in self._excuses.allowed_in(text))

    def detect(self, text: str) -> Detection:
        """Return what these terms find in a text."""
        parts: list[Detection] = []
        if self._words is not None:
            words, links = self._words.detect(text), detect_in_links(text, self._words)
            parts = [replace(words, findings=tuple(replace(one, detector=NAME) for one in words.findings)), links]
        parts += [patterns.detect(text) for patterns in self._patterns]
        return joined(parts)

    def beside(self, text: str, common: Detection) -> Detection:
        """Return what was found in a text together with what these terms find; allowed words excuse all of it."""
        own = self.detect(text)
        found = [finding.span for finding in own.findings[:64]]
        kept = tuple(one for one in common.rejections if not any(span.overlaps(one.span) for span in found))
        return excused(joined([replace(common, rejections=kept), own]), self.allowed_in(text))


def rule_of(term: OwnTerm) -> str:
    """Return what findings of a term name as their rule: the same for as long as the term is there, and no text."""
    return f"{term.kind}-{hashlib.blake2s(term.entry.encode('utf-8', 'replace'), digest_size=8).hexdigest()}"


def joined(parts: Sequence[Detection]) -> Detection:
    """Return several detections as one."""
    return Detection(
        tuple(finding for part in parts for finding in part.findings),
        tuple(rejection for part in parts for rejection in part.rejections),
        any(part.cut_short for part in parts),
        tuple(dict.fromkeys(reason for part in parts for reason in part.reasons)),
    )


def excused(detection: Detection, allowed: Sequence[Span]) -> Detection:
    """Return a detection whose findings inside allowed words are rejections."""
    if not allowed or not detection.findings:
        return detection
    findings, rejections = without_allowed(detection.findings, allowed)
    return replace(detection, findings=findings, rejections=(*detection.rejections, *rejections))


def without_allowed(
    findings: Sequence[Finding], allowed: Sequence[Span]
) -> tuple[tuple[Finding, ...], tuple[Rejection, ...]]:
    """Return the findings that no allowed word holds, and a rejection for each that one does."""
    places = Allowed([(span.start, span.end) for span in allowed])
    kept = tuple(one for one in findings if not places.holds(one.span.start, one.span.end))
    turned_down = tuple(
        Rejection(one.span, one.label, one.detector, one.rule, ALLOWED_WORD, True, Basis.EXCEPTION)
        for one in findings
        if places.holds(one.span.start, one.span.end)
    )
    return kept, turned_down


def _usable(terms: Iterable[OwnTerm], refused: list[RefusedTerm]) -> Iterator[OwnTerm]:
    for term in terms:
        entry = term.entry if term.kind is OwnKind.PATTERN else plain_entry(term.entry)
        limit = _LIMITS[term.kind]
        if not entry.strip():
            refused.append(RefusedTerm(term, Because.EMPTY))
        elif len(entry) > limit:
            refused.append(RefusedTerm(term, Because.LONG))
        elif term.kind is OwnKind.BLOCK and blocked_term("", entry, term.label, OWN_SEVERITY) is None:
            refused.append(RefusedTerm(term, Because.LETTERS))
        else:
            yield replace(term, entry=entry)


def _lexicon(blocked: dict[str, OwnTerm], allow: Sequence[str], refused: list[RefusedTerm]) -> Lexicon:
    """Return the blocked words' lexicon; when they do not compile together, that of those that compile alone."""
    terms = {rule: blocked_term(rule, one.entry, one.label, OWN_SEVERITY) for rule, one in blocked.items()}
    excuses = [entry.lower() for entry in allow]

    def compiled(some: Iterable[Term | None]) -> Lexicon:
        lexicon = Lexicon((term for term in some if term is not None), excuses)
        _ = lexicon.jamo, lexicon.phonetic, lexicon.initials, lexicon.latin
        return lexicon

    try:
        return compiled(terms.values())
    except LexiconError:
        for rule in list(terms):
            try:
                compiled([terms[rule]])
            except LexiconError as error:
                refused.append(RefusedTerm(blocked[rule], Because.LETTERS, str(error)))
                del terms[rule]
        return compiled(terms.values())


def _pattern_detectors(
    expressions: Sequence[tuple[str, OwnTerm]], refused: list[RefusedTerm]
) -> Iterator[PatternDetector]:
    """Yield one detector for all expressions, or as few as take them: what RE2 refuses alone is left out."""
    if not expressions:
        return
    score = SCORE[OWN_SEVERITY]
    try:
        yield PatternDetector([CustomPattern(rule, one.entry, one.label, score) for rule, one in expressions])
    except PatternError as error:
        if len(expressions) == 1:
            rule, term = expressions[0]
            said = str(error).removeprefix(f"pattern {rule!r}: {term.entry[:MAX_EXPRESSION]!r}: ")
            refused.append(RefusedTerm(term, Because.EXPRESSION, said))
            return
        half = len(expressions) // 2
        yield from _pattern_detectors(expressions[:half], refused)
        yield from _pattern_detectors(expressions[half:], refused)
