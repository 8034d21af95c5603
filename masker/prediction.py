"""What a classifier says of one text, and the one thing that the pipeline asks of a classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from masker.labels import Label


@dataclass(frozen=True, slots=True)
class TokenScore:
    """Say how offensive (0 to 1, calibrated) the token at `[start, end)` of the original text is."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """Give one text's sentence score per label (0 to 1, calibrated) and its tokens' scores in text order."""

    scores: Mapping[Label, float]
    tokens: tuple[TokenScore, ...]


class Classifier(Protocol):
    """Score texts. Implementations are thread-safe, and bound the length of what they read."""

    @property
    def name(self) -> str:
        """Return the model's name and version, as shown in a verdict."""
        ...

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction per text, in order. Raises ModelFailed."""
        ...
