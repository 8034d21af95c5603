"""Morphology: what a reader of Korean makes of the words around a candidate.

Kiwi (kiwipiepy) reads a short window of the text twice: as it is written, and with the candidate replaced by the word
that it is suspected to be. Its scores are log probabilities of one language model, so their difference says which of
the two a writer rather meant: the noisy-channel test of spelling correctors (Kernighan, Church and Gale, 1990).
다시 발급해 reads far better than 다 시발 급해; 쒸뷀 뭐야 reads far worse than 시발 뭐야.
"""

from __future__ import annotations

import importlib
import logging
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

logger = logging.getLogger(__name__)

MAX_WINDOWS = 24
"""Most windows read of one text: some 50 microseconds each. Beyond it form alone decides."""
MOST_WORDS = 4_096
"""Words of the dictionary that are remembered as such."""
STAND_IN = "시발"
"""The curse that stands in for a suspected word which the dictionary does not have."""
_WORSE = 6.0
"""A word whose log probability is this much below the stand-in's is no word to Kiwi but several by accident (씨 빨)."""
_NOUNS = ("NN", "XR", "NP", "SL")
_CONTENT = ("N", "V", "M", "XR", "IC")
"""Tags of words that mean something by themselves (Sejong tag set): particles and endings join what they follow."""


@dataclass(frozen=True, slots=True)
class Word:
    """Place one morpheme in a window: `[start, end)`, its tag in the Sejong set, and if the dictionary has it."""

    start: int
    end: int
    tag: str
    known: bool

    @property
    def content(self) -> bool:
        """Tell whether this is a word of the dictionary that means something by itself."""
        return self.known and self.tag.startswith(_CONTENT)


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold the best analysis of one window: its morphemes in order and its log probability."""

    words: tuple[Word, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Say how the candidate reads.

    `gain`: by how much the window's log probability rises when the suspected word stands there.
    `stands`: the candidate is one morpheme of its own. `held`: a word of the dictionary holds the candidate and more
    (시발점), or begins or ends inside it (다시 발급). `noun`: a noun begins where the candidate begins.
    `known`: the dictionary has every morpheme of the candidate, or all but the intensifier 개 before one word.
    `follows_noun`: a noun touches it on the left.
    """

    gain: float
    stands: bool
    held: bool
    noun: bool
    known: bool
    follows_noun: bool


ORDINARY = Answer(gain=float("-inf"), stands=True, held=True, noun=True, known=True, follows_noun=False)
"""The answer where the candidate is simply another word of the dictionary."""


class Morphology:
    """Load Kiwi once, at the first question or by `warm`. Thread-safe; keeps nobody's text.

    With `enabled=False` it answers no question. `failure` says why it cannot, "" where it can or was switched off.
    """

    def __init__(self, *, enabled: bool = True, package: str = "kiwipiepy") -> None:
        self.enabled = enabled
        self.failure = ""
        self._package = package
        self._lock = threading.Lock()
        self._kiwi: Any = None
        self._named: dict[str, str] = {}
        self._words: set[str] = set()

    def warm(self) -> None:
        """Load the analyser, which takes seconds and 270 MB. Never raises: a failure is kept in `failure`."""
        with self._lock:
            if not self.enabled or self._kiwi is not None:
                return
            try:
                kiwi = importlib.import_module(self._package).Kiwi(num_workers=1)
                kiwi.analyze(STAND_IN, top_n=1)  # the first analysis builds the model
            except Exception as error:  # noqa: BLE001 - Kiwi raises the bare class, and the engine must go on
                self.failure = (
                    f"morphology: {self._package} cannot be used ({type(error).__name__}); form alone decided"
                )
                self.enabled = False
                logger.warning("%s; reinstall %s and its model", self.failure, self._package)
                return
            self._kiwi = kiwi

    def read(self, window: str) -> Reading | None:
        """Return the best analysis of a window, or None where there is no analyser."""
        if self._kiwi is None:
            self.warm()
        if not self.enabled:
            return None
        tokens, score = self._kiwi.analyze(window, top_n=1)[0]
        return Reading(tuple(Word(token.start, token.end, token.tag, not token.oov) for token in tokens), score)

    def named(self, suspected: str) -> str:
        """Return the word to read in a candidate's place: the suspected one, or STAND_IN where Kiwi reads it worse.

        Only words of the lexicon come here, so what is kept is bounded by it and is nobody's message.
        """
        if suspected not in self._named:
            reading, usual = self.read(suspected), self.read(STAND_IN)
            if reading is None or usual is None:
                return STAND_IN
            known = all(word.known for word in reading.words) and reading.score >= usual.score - _WORSE
            self._named[suspected] = suspected if known else STAND_IN
        return self._named[suspected]

    def is_word(self, surface: str) -> bool:
        """Tell whether this is one word of the dictionary.

        Short surfaces alone are asked about, and those that are words are kept for the next message, MOST_WORDS at
        most: a word of the dictionary is nobody's message.
        """
        if surface in self._words:
            return True
        reading = self.read(surface)
        if reading is None or len(reading.words) != 1 or not reading.words[0].content:
            return False
        if len(self._words) < MOST_WORDS:
            self._words.add(surface)
        return True


@cache
def shared_morphology() -> Morphology:
    """Return the analyser that all maskers of a process share."""
    return Morphology()


class Reader:
    """Ask about the candidates of one text: each window is read once, at most MAX_WINDOWS in all."""

    def __init__(self, morphology: Morphology) -> None:
        self._morphology = morphology
        self._readings: dict[str, Reading] = {}
        self.failure = ""

    def ask(self, before: str, surface: str, after: str, suspected: str, *, itself: bool = False) -> Answer | None:
        """Return how `surface` reads between its neighbours, or None when nobody can say.

        `itself`: it is the suspected word as written, so that the second reading is needed only where another word
        holds it.
        """
        written = self._read(before + surface + after)
        if written is None:
            return None
        start, end = len(before), len(before) + len(surface)
        inside = [word for word in written.words if word.start < end and word.end > start and word.end > word.start]
        held = any(word.content and (word.start < start or word.end > end) for word in inside)
        gain = 0.0
        if held or not itself:
            apart = " " if before and not before.endswith(" ") else ""
            meant = self._read(before + apart + self._morphology.named(suspected) + after)
            if meant is None:
                return None
            gain = meant.score - written.score
        return Answer(
            gain=gain,
            stands=len(inside) == 1 and (inside[0].start, inside[0].end) == (start, end),
            held=held,
            noun=any(word.start == start and word.tag.startswith(_NOUNS) for word in inside),
            known=all(word.known for word in inside) or self._intensified(surface),
            follows_noun=any(word.end == start and word.tag.startswith("NN") for word in written.words),
        )

    def is_word(self, surface: str) -> bool:
        """Tell whether this is one word of the dictionary."""
        return self._morphology.is_word(surface)

    def _intensified(self, surface: str) -> bool:
        """Tell whether this is one word of the dictionary after the intensifier 개 (개사기), which is no curse."""
        return surface[:1] == "개" and len(surface) > 2 and self.is_word(surface[1:])

    def _read(self, window: str) -> Reading | None:
        if window in self._readings:
            return self._readings[window]
        if len(self._readings) >= MAX_WINDOWS:
            return None
        reading = self._morphology.read(window)
        if reading is None:
            self.failure = self._morphology.failure
            return None
        self._readings[window] = reading
        return reading
