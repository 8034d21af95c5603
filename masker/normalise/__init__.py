"""Read a text the ways a reader can, and know for every unit which original code points it came from.

Four views, each one fold: `jamo` (Hangul in any Unicode form, opened into letters), `initials` (consonants that stand
alone), `shapes` (look-alikes taken for jamo) and `latin` (Latin in any guise). `Normalised` builds each at most once
and only when asked: whether a view can hold anything is decided by one pass of C code over the text first.
"""

from __future__ import annotations

import re

from masker.normalise.asides import has_asides, without_asides
from masker.normalise.characters import LATIN_RE, WALL, LatinFold, is_ignorable
from masker.normalise.fold import Fold
from masker.normalise.jamo import build_fold
from masker.normalise.lazy import lazy
from masker.normalise.outlines import DRAWN_RE, as_drawn
from masker.normalise.phonetic import PHONETIC_FOLD
from masker.normalise.shapes import SHAPED_RE, SHAPES_FOLD, as_shaped
from masker.normalise.sounds import FOREIGN_RE, SOUNDED_RE, TYPED_FOLD, TYPED_RE, as_sounded, as_typed
from masker.normalise.view import Clusters, View, squeeze

__all__ = [
    "JAMO_FOLD",
    "LATIN_FOLD",
    "PHONETIC_FOLD",
    "SPLIT_FOLD",
    "Clusters",
    "Fold",
    "Normalised",
    "View",
    "is_ignorable",
    "squeeze",
]

# Laughter, tears and dashes between letters (시ㅋㅋ발, 시ㅡ발) are gaps; the split view keeps them for words spelt so.
JAMO_FOLD = build_fold(without="ㅋㅎㅠㅜㅡ")
SPLIT_FOLD = build_fold()
LATIN_FOLD = LatinFold()
UNSTARRED_FOLD = LatinFold({ord("*"): ""})

_SPLIT_RE = re.compile(
    "[ㅋㅎ][ㅏ-ㅣ]|[ㄱ-ㅎ]ㅡ|[ㄱ-ㅎ]ㅜ[ㄱ-ㅎ]|[ㄱ-ㅎ][ㅜㅠ][^ㅜㅠ ]|[ㅠㅜㅡ][ㄱ-ㅊㅏ-ㅛㅣ]|[ㅏ-ㅣ][ㅋㅎ][ㄱ-ㅊ]"
    "|ㅎ[ㄱ-ㅊ][가-힣]"
)
_ALONE_RE = re.compile("[ㄱ-ㅣ]")
_INITIAL_RE = re.compile("[ㄱ-ㅎ\u1100-\u1112\uffa1-\uffbe\u3260-\u326d\u3200-\u320d]")
_INITIAL_FOLD = {
    code_point: units if "ㄱ" <= units <= "ㅎ" else WALL for code_point, units in build_fold().items() if units
}


INITIALS_FOLD = Fold(
    {code: (WALL if 0xAC00 <= code <= 0xD7A3 or len(units) == 0 else units) for code, units in _INITIAL_FOLD.items()}
)


# Syllables, spaces and marks that are no outline of a letter: nothing but Hangul as it is written can stand here.
_PLAIN_RE = re.compile("[가-힣 .,?~]*")


class Normalised:
    """Hold one text and its views.

    Laws: a view's sources never decrease, lie inside the text, and every range that a view returns covers whole
    grapheme clusters; joining the clusters gives the text back.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def plain(self) -> bool:
        """Tell whether the text is plain Hangul: only the views of its letters and of how it sounds hold anything."""
        return _PLAIN_RE.fullmatch(self.text) is not None

    @lazy
    def clusters(self) -> Clusters:
        """Return the text's grapheme clusters."""
        return Clusters(self.text)

    @lazy
    def jamo_units(self) -> str:
        """Return the squeezed units of the jamo view."""
        return "" if self.text.isascii() else self.jamo.units

    @lazy
    def latin_units(self) -> str:
        """Return the squeezed units of the Latin view."""
        return self.latin.units if LATIN_RE.search(self.text) else ""

    @property
    def has_initials(self) -> bool:
        """Tell whether consonants stand alone anywhere."""
        return not self.text.isascii() and _INITIAL_RE.search(self.text) is not None

    @property
    def has_shapes(self) -> bool:
        """Tell whether a look-alike touches Hangul."""
        return not self.text.isascii() and SHAPED_RE.search(self.text) is not None

    @property
    def has_split(self) -> bool:
        """Tell whether laughter letters may be parts of words."""
        return (
            not self.text.isascii()
            and _ALONE_RE.search(self.text) is not None
            and _SPLIT_RE.search(self.text) is not None
        )

    @property
    def has_asides(self) -> bool:
        """Tell whether something a reader skips stands between two letters."""
        return not self.text.isascii() and has_asides(self.text)

    @lazy
    def asides(self) -> View:
        """Return the view of Hangul letters that takes each aside for a mere gap."""
        return View(self.text, JAMO_FOLD, self.clusters, "asides", read=without_asides(self.text))

    @lazy
    def jamo(self) -> View:
        """Return the view of Hangul letters."""
        return View(self.text, JAMO_FOLD, self.clusters, "jamo")

    @lazy
    def split(self) -> View:
        """Return the view of Hangul letters with laughter letters kept."""
        return View(self.text, SPLIT_FOLD, self.clusters, "split")

    @lazy
    def initials(self) -> View:
        """Return the view of consonants that stand alone."""
        return View(self.text, INITIALS_FOLD, self.clusters, "initials")

    @lazy
    def shapes(self) -> View:
        """Return the view that takes look-alikes for jamo."""
        return View(self.text, SHAPES_FOLD, self.clusters, "shapes", shaped=True, read=as_shaped(self.text))

    @lazy
    def phonetic(self) -> View:
        """Return the view of how syllables sound."""
        return View(self.text, PHONETIC_FOLD, self.clusters, "phonetic")

    @lazy
    def _has_foreign(self) -> bool:
        return FOREIGN_RE.search(self.text) is not None

    @property
    def has_sounds(self) -> bool:
        """Tell whether letters of other scripts may be read aloud as Korean."""
        return self._has_foreign and SOUNDED_RE.search(self.text) is not None

    @property
    def has_typed(self) -> bool:
        """Tell whether a Latin word may be Korean typed without switching the keyboard."""
        return self._has_foreign and TYPED_RE.search(self.text) is not None

    @lazy
    def sounds(self) -> View:
        """Return the view of Hangul letters, other scripts and digits as they are read aloud."""
        return View(self.text, JAMO_FOLD, self.clusters, "sounds", read=as_sounded(self.text))

    @lazy
    def sounding(self) -> View:
        """Return the view of how syllables sound, other scripts and digits as they are read aloud."""
        return View(self.text, PHONETIC_FOLD, self.clusters, "sounding", read=self.sounds.read)

    @lazy
    def typed(self) -> View:
        """Return the view of Latin letters as the Hangul letters on the same keys."""
        return View(self.text, TYPED_FOLD, self.clusters, "typed", read=as_typed(self.text))

    @lazy
    def _drawn(self) -> str:
        return as_drawn(self.text) if DRAWN_RE.search(self.text) else self.text

    @lazy
    def latin(self) -> View:
        """Return the view of Latin letters, drawn ones among them."""
        return View(self.text, LATIN_FOLD, self.clusters, "latin", read=self._drawn)

    @lazy
    def unstarred(self) -> View:
        """Return the view of Latin letters in which asterisks are gaps and not censored letters."""
        return View(self.text, UNSTARRED_FOLD, self.clusters, "unstarred", read=self._drawn)
