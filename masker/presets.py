"""Presets: the thresholds that a guild starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from masker.labels import LABELS, Label


class Preset(StrEnum):
    """Name one set of thresholds, from the fewest false alarms to the fewest misses."""

    LENIENT = "lenient"
    STANDARD = "standard"
    STRICT = "strict"


BASE_THRESHOLD: Mapping[Preset, float] = {Preset.LENIENT: 0.97, Preset.STANDARD: 0.90, Preset.STRICT: 0.70}
"""One threshold for every label of a preset; a lexicon term's score comes from its severity."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Hold one threshold per label; flagged means `score >= threshold`.

    Raises ValueError when a threshold is outside (0, 1].
    """

    default: float
    overrides: Mapping[Label, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in [("default", self.default), *self.overrides.items()]:
            if not 0.0 < value <= 1.0:
                raise ValueError(f"the threshold for {name} must be over 0 and at most 1, got {value}")

    def __getitem__(self, label: Label) -> float:
        return self.overrides.get(label, self.default)

    def as_dict(self) -> dict[Label, float]:
        """Return every label with its threshold."""
        return {label: self[label] for label in LABELS}


def thresholds_for(preset: Preset, overrides: Mapping[Label, float] | None = None) -> Thresholds:
    """Return a preset's thresholds with a guild's own values laid over them."""
    return Thresholds(BASE_THRESHOLD[preset], dict(overrides or {}))
