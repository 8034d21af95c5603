"""The lexicon detector: terms found in any disguise, judged where they stand."""

from __future__ import annotations

from functools import cache

from masker.detectors.lexicon.candidates import Candidates
from masker.detectors.lexicon.compiled import Lexicon
from masker.detectors.lexicon.extended import Allowed, extended
from masker.detectors.lexicon.morphology import Morphology, shared_morphology
from masker.detectors.lexicon.schema import Term, parse_terms, read_lexicon
from masker.detectors.lexicon.search import NOTHING, Detection, Search
from masker.normalise import Normalised

__all__ = [
    "NOTHING",
    "Detection",
    "Lexicon",
    "LexiconDetector",
    "Term",
    "embedded_lexicon",
    "extended",
    "parse_terms",
    "read_lexicon",
]


@cache
def embedded_lexicon() -> Lexicon:
    """Return the lexicon that ships in the package, compiled once."""
    return Lexicon(read_lexicon())


class LexiconDetector:
    """Find a lexicon's terms. Thread-safe; takes time linear in the text whatever the lexicon holds."""

    def __init__(self, lexicon: Lexicon | None = None, morphology: Morphology | None = None) -> None:
        self.lexicon = lexicon if lexicon is not None else embedded_lexicon()
        self.morphology = morphology if morphology is not None else shared_morphology()

    def detect(self, text: str) -> Detection:
        """Return every term that stands in the text, each once, and what an exception or boundary excused."""
        search, cut_short = self._searched(text)
        if search is None:
            return NOTHING
        if not search.flooded:
            return search.result(cut_short=cut_short)
        if search.overflowed or search.endless:
            return search.result(blank=True)
        rest, repeats = search.repeated()
        last, cut_short = self._searched(rest)
        if last is None:
            return search.result(more=repeats)
        if last.flooded:
            return search.result(blank=True)
        left = last.result(cut_short=cut_short)
        return search.result(more=(*repeats, *left.findings), cut_short=cut_short)

    def _searched(self, text: str) -> tuple[Search | None, bool]:
        """Return the search of a text, as far as it took, or None where no term may stand; and if it was cut short."""
        candidates = Candidates(Normalised(text), self.lexicon)
        search: Search | None = None
        allowed: Allowed | None = None
        for occurrence in candidates:
            if search is None:
                search, allowed = Search(self.morphology, text), Allowed(self.lexicon.allowed_in(text))
            if allowed and allowed.holds(occurrence.start, occurrence.end):
                search.excuse(occurrence)
            elif search.judge(occurrence):
                candidates.refused(occurrence)
            if search.flooded:
                break
        return search, candidates.cut_short
