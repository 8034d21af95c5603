"""Judge the candidates of one text: form first, then morphology for what form leaves in doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from masker.detectors.lexicon.compiled import How
from masker.detectors.lexicon.extent import extent
from masker.detectors.lexicon.judge import ALIKE, INSIDE_A_WORD, Question, Surroundings, by_form, excused
from masker.detectors.lexicon.mention import is_mention
from masker.detectors.lexicon.morphology import MAX_WINDOWS, ORDINARY, Answer, Morphology, Reader
from masker.detectors.lexicon.occurrence import Occurrence
from masker.detectors.lexicon.schema import SCORE, Severity
from masker.detectors.lexicon.sense import innocent_sense
from masker.labels import Label
from masker.verdict import Basis, Finding, Rejection, Span, merge_spans

NAME = "lexicon"
MAX_REJECTIONS = 50
FLOOD = 24
"""Sure findings after which a text is no message but a flood of curses: the same words are taken wherever they begin a
word again, and what is left is judged anew; when that is a flood too, the rest of the text is one finding."""
FLOOD_OF_DOUBTS = 8
"""Sure findings that make a flood where they are FLOOD in all with the doubts: those are not read then."""
MANY_DOUBTS = 64
"""Disguised places left in doubt once MAX_WINDOWS were read, after which the rest of the text is one finding: ordinary
chat has fewer than two in a hundred lines."""
FLOOD_RULE = "flood"
ALLOWED_WORD = "inside a word on the allowlist"
OTHER_WORDS = "reads as other words"


_PARTICLE_RE = re.compile("(?<=[가-힣]{2})[은는이가을를의에도만와과로]$")
_OFTEN_WRITTEN = frozenset(["되지", "되질", "되진", "진다", "세개", "세게", "십년", "님의", "색의", "색과", "색에"])
"""What sounds like a term and is nobody's word for it: the commonest in 90,000 reviews and utterances, where each of
them was read as what it says every time it stood there."""


# What is no syllable and no letter but laughter and tears.
_GAP_RE = re.compile("[^가-힣ㄱ-ㅊㅌㅍㅏ-ㅛㅝ-ㅟㅡ-ㅣ]+")


@dataclass(frozen=True, slots=True)
class Detection:
    """Hold what a detector found and what it turned down.

    `cut_short` says that the bound of hits was reached; `reasons` says which stage was wanted and could not speak.
    """

    findings: tuple[Finding, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    cut_short: bool = False
    reasons: tuple[str, ...] = ()


NOTHING = Detection()
"""What most texts hold: one object, known by itself."""


@dataclass(frozen=True, slots=True)
class _Doubt:
    occurrence: Occurrence
    near: Surroundings
    question: Question
    reason: str | None


class Search:
    """Collect findings and rejections over the views of one text."""

    def __init__(self, morphology: Morphology, text: str) -> None:
        self._reader = Reader(morphology) if morphology.enabled or morphology.failure else None
        self._morphology = morphology
        self._findings: dict[tuple[Span, str], Finding] = {}
        self._rejections: dict[tuple[Span, str], Rejection] = {}
        self._doubts: dict[tuple[int, int, str, str], _Doubt] = {}
        self._sure: list[Finding] = []
        self._settled = False
        self._left = 0
        self._first_left = len(text) - 1
        self._text = text

    @property
    def flooded(self) -> bool:
        """Tell whether so much was found that there is no need to judge more."""
        sure = len(self._sure)
        doubted = self._settled or sure + len(self._doubts) >= FLOOD
        return sure >= FLOOD or (doubted and sure >= FLOOD_OF_DOUBTS) or self.overflowed

    @property
    def overflowed(self) -> bool:
        """Tell whether so much was left in doubt that the text is no ordinary writing."""
        return self._left > MANY_DOUBTS

    @property
    def endless(self) -> bool:
        """Tell whether what is left of a flood must be one too: most findings differ, and stand in the first half."""
        words = {self._text[one.span.start : one.span.end] for one in self._sure}
        reached = max((one.span.end for one in self._sure), default=0)
        return 2 * len(words) > len(self._sure) and 2 * reached < len(self._text)

    def judge(self, occurrence: Occurrence) -> bool:
        """Judge one candidate by form; what form leaves in doubt waits for `result`. Tell if form turned it down."""
        refused = self._judge(occurrence)
        if not self._settled and len(self._doubts) >= MAX_WINDOWS:
            self._settled = True
            self._settle()
            self._doubts.clear()
        return refused

    def repeated(self) -> tuple[str, tuple[Finding, ...]]:
        """Return the text with the found words and their repetitions blanked, and a finding for each repetition.

        A repetition begins a word or follows another one: unjudged, it may be no part of another word.
        """
        found: dict[str, Finding] = {self._text[one.span.start : one.span.end]: one for one in self._sure}
        words = "|".join(map(re.escape, sorted(found, key=len, reverse=True)))
        word_re = re.compile(words)
        row_re = re.compile(f"(?<![0-9A-Za-zㄱ-ㅣ가-힣])(?:{words})+(?![0-9A-Za-z])")
        known = {one.span for one in self._findings.values()}
        repeats = []
        for row in row_re.finditer(self._text):
            for match in word_re.finditer(self._text, *row.span()):
                span = Span(*match.span())
                if span not in known:
                    repeats.append(replace(found[match.group()], span=span))
        rest, at = [], 0
        for span in merge_spans([*known, *(one.span for one in repeats)]):
            rest += [self._text[at : span.start], " " * (span.end - span.start)]
            at = span.end
        return "".join([*rest, self._text[at:]]), tuple(repeats)

    def _judge(self, occurrence: Occurrence) -> bool:
        term = occurrence.pattern.term
        if any(_covers(finding, occurrence) for finding in self._sure):
            return False
        near = Surroundings(occurrence)
        exception = excused(occurrence, near)
        if exception is not None:
            self._reject(occurrence, f"exception {exception}", Basis.EXCEPTION, innocent=True)
            return True
        sense = innocent_sense(occurrence)
        if sense is not None:
            self._reject(occurrence, f"sense {sense}", Basis.EXCEPTION, innocent=True)
            return True
        ruling = by_form(occurrence, near)
        hopeless = ruling.reason is not None and term.severity is Severity.MILD  # not worth the time that asking takes
        if ruling.question is not None and not hopeless and not self._settled:
            key = occurrence.start, occurrence.end, term.id, occurrence.pattern.surface
            self._doubts.setdefault(key, _Doubt(occurrence, near, ruling.question, ruling.reason))
        elif ruling.reason is not None:
            left = self._settled and not hopeless and _is_disguised(occurrence)
            if left:
                self._left += 1
                self._first_left = min(self._first_left, occurrence.start)
            innocent = term.kind == "latin" and ruling.reason in INSIDE_A_WORD
            self._reject(occurrence, ruling.reason, Basis.FORM, innocent=innocent)
            return not left
        else:
            self._find(occurrence, Basis.FORM)
        return False

    def excuse(self, occurrence: Occurrence) -> None:
        """Turn a candidate down because it stands inside an allowed word."""
        self._reject(occurrence, ALLOWED_WORD, Basis.EXCEPTION, innocent=True)

    def _find(self, occurrence: Occurrence, basis: Basis) -> None:
        term, span = occurrence.pattern.term, extent(occurrence)
        if (span, term.id) not in self._findings:
            mention = is_mention(occurrence.view.text, span)
            finding = Finding(span, term.label, term.score, NAME, term.id, basis, mention)
            self._findings[span, term.id] = finding
            if term.severity is not Severity.MILD and not any(span.overlaps(other.span) for other in self._sure):
                self._sure.append(finding)

    def _reject(self, occurrence: Occurrence, reason: str, basis: Basis, *, innocent: bool) -> None:
        term, span = occurrence.pattern.term, Span(occurrence.start, occurrence.end)
        known = self._rejections.get((span, term.id))
        # A word read two ways is excused by either: that another reading did not even fit says nothing.
        if len(self._rejections) < MAX_REJECTIONS and not (known is not None and known.innocent):
            self._rejections[span, term.id] = Rejection(span, term.label, NAME, term.id, reason, innocent, basis)

    def _flood(self) -> None:
        """Take the text from its first place to its end for one finding, as sure as the surest."""
        places = [finding.span.start for finding in self._findings.values()] + [self._first_left]
        places += [doubt.occurrence.start for doubt in self._doubts.values()]
        surest = max(self._findings.values(), key=lambda finding: finding.score, default=None)
        label = surest.label if surest is not None else Label.PROFANITY
        score = max(surest.score if surest is not None else 0.0, SCORE[Severity.STRONG])
        span = Span(min(places), len(self._text))
        self._findings[span, FLOOD_RULE] = Finding(span, label, score, NAME, FLOOD_RULE)

    def _settle(self) -> None:
        """Answer the doubts that no sure finding makes idle."""
        found = list(self._findings.values())[: 2 * FLOOD]
        for doubt in self._doubts.values():
            if any(_covers(finding, doubt.occurrence) for finding in found):
                continue
            answer = None if self._reader is None else _ask(self._reader, doubt)
            if answer is None:
                if doubt.reason is None:
                    self._find(doubt.occurrence, Basis.FORM)
                else:
                    self._reject(doubt.occurrence, doubt.reason, Basis.FORM, innocent=False)
            elif _counts(doubt.question, answer):
                self._find(doubt.occurrence, Basis.MORPHOLOGY)
            else:
                reason = doubt.reason or OTHER_WORDS
                self._reject(doubt.occurrence, reason, Basis.MORPHOLOGY, innocent=answer.known)

    def result(self, *, cut_short: bool = False, blank: bool = False, more: Iterable[Finding] = ()) -> Detection:
        """Return the findings without those that lie inside another of the same label, and the rejections left over.

        `blank`: the rest of the text, from its first finding on, is one finding. `more`: findings that
        this search did not make.
        """
        if blank:
            self._flood()
        elif not self.flooded:
            self._settle()
        findings = _outermost(
            sorted([*self._findings.values(), *more], key=lambda item: (item.span.start, -item.span.end, -item.score))
        )
        found = [finding.span for finding in findings]
        rejections = [
            rejection
            for rejection in self._rejections.values()
            if not any(span.overlaps(rejection.span) for span in found[:64])
        ]
        reasons = (self._reader.failure,) if self._reader is not None and self._reader.failure else ()
        return Detection(tuple(findings), tuple(rejections), cut_short, reasons)


def _is_disguised(occurrence: Occurrence) -> bool:
    """Tell whether a place left in doubt is one that ordinary writing does not have by the dozen."""
    return occurrence.inserted or occurrence.pattern.how in (How.PHONETIC, How.REORDERED)


def _ask(reader: Reader, doubt: _Doubt) -> Answer | None:
    """Return how the candidate reads among its neighbours."""
    occurrence, question = doubt.occurrence, doubt.question
    meant = occurrence.pattern.surface
    if doubt.reason == ALIKE and _is_ordinary(reader, occurrence):
        return ORDINARY
    before, surface, after = doubt.near.window(occurrence.surface, wide=not question.itself)
    if occurrence.gapped:  # what stands between says nothing of the words on either side, and costs a score of its own
        surface = _GAP_RE.sub(" ", surface).strip() or surface
    return reader.ask(before, surface, after, meant, itself=question.itself)


def _is_ordinary(reader: Reader, occurrence: Occurrence) -> bool:
    """Tell whether what is only like a term is a word of the dictionary as it stands, or by ear one with a particle."""
    surface = occurrence.surface
    if occurrence.pattern.how is How.PHONETIC:
        noun = _PARTICLE_RE.sub("", surface)
        if surface in _OFTEN_WRITTEN or (noun != surface and reader.is_word(noun)):
            return True
    return reader.is_word(surface)


def _covers(finding: Finding, occurrence: Occurrence) -> bool:
    """Tell whether a finding makes a candidate idle: it covers it, under the same label, with no less of a score."""
    term, span = occurrence.pattern.term, finding.span
    covers = span.start <= occurrence.start and occurrence.end <= span.end
    return covers and finding.label == term.label and finding.score >= term.score


def _counts(question: Question, answer: Answer) -> bool:
    """Tell whether the answer makes the candidate the term."""
    if question.alone and answer.stands and answer.known and (question.itself or not answer.follows_noun):
        return True
    if question.itself and not answer.held:
        return True
    if answer.known and question.need_known is not None:
        return answer.gain >= question.need_known
    return answer.gain >= question.need


def _outermost(ordered: list[Finding]) -> list[Finding]:
    """Drop a finding that an earlier one of its label covers with at least its score; sorted, longest first."""
    kept: list[Finding] = []
    reach: dict[str, list[Finding]] = {}
    for finding in ordered:
        last = reach.setdefault(finding.label, [])
        if any(other.span.end >= finding.span.end and other.score >= finding.score for other in last):
            continue
        kept.append(finding)
        last[:] = [*[other for other in last if other.span.end > finding.span.start][-7:], finding]
    return kept
