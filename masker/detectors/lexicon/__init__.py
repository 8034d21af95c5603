"""The lexicon detector: terms found in any disguise, judged where they stand."""

from __future__ import annotations

from functools import cache

from masker.detectors.lexicon.compiled import Automaton, Lexicon
from masker.detectors.lexicon.morphology import Morphology, shared_morphology
from masker.detectors.lexicon.schema import Term, parse_terms, read_lexicon
from masker.detectors.lexicon.search import Detection, Search
from masker.normalise import Normalised, View

__all__ = ["Detection", "Lexicon", "LexiconDetector", "Term", "embedded_lexicon", "parse_terms", "read_lexicon"]

NOTHING = Detection()


@cache
def embedded_lexicon() -> Lexicon:
    """Return the lexicon that ships in the package, compiled once."""
    return Lexicon(read_lexicon())


class LexiconDetector:
    """Find a lexicon's terms. Thread-safe; takes time linear in the text whatever the lexicon holds."""

    def __init__(self, lexicon: Lexicon | None = None, morphology: Morphology | None = None) -> None:
        self.lexicon = lexicon if lexicon is not None else embedded_lexicon()
        self.morphology = morphology if morphology is not None else shared_morphology()
        self._jamo, self._initials, self._latin = self.lexicon.jamo, self.lexicon.initials, self.lexicon.latin

    def detect(self, text: str) -> Detection:
        """Return every term that stands in the text, each once, and what an exception or boundary excused."""
        read = Normalised(text)
        views = self._firing(read)
        if not views:
            return NOTHING
        search = Search(self.morphology)
        for view, automaton in views:
            search.run(view, automaton)
        return search.result()

    def _firing(self, read: Normalised) -> list[tuple[View, Automaton]]:
        """Return the views in which some key stands at all."""
        views: list[tuple[View, Automaton]] = []
        if read.jamo_units and self._jamo.fires(read.jamo_units):
            views.append((read.jamo, self._jamo))
        if read.has_split and self._jamo.fires(read.split.units):
            views.append((read.split, self._jamo))
        if read.has_shapes and self._jamo.fires(read.shapes.units):
            views.append((read.shapes, self._jamo))
        if read.has_initials and self._initials.fires(read.initials.units):
            views.append((read.initials, self._initials))
        if read.latin_units and self._latin.fires(read.latin_units):
            views.append((read.latin, self._latin))
        if "*" in read.latin_units and self._latin.fires(read.unstarred.units):
            views.append((read.unstarred, self._latin))
        return views
