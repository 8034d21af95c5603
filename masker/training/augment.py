"""Augment: training text under a disguise, with its token targets moved along; clean rows are disguised like others."""

from __future__ import annotations

from random import Random

from masker.training.disguises import DISGUISES
from masker.training.example import TokenTargets

NAMES = tuple(DISGUISES)


def disguise(text: str, targets: TokenTargets, random: Random, name: str | None = None) -> tuple[str, TokenTargets]:
    """Return the text under one disguise, by its name or at random, with its targets moved along."""
    pieces = DISGUISES[name or random.choice(NAMES)](text, random)
    starts = [0]
    for piece in pieces:
        starts.append(starts[-1] + len(piece))
    moved = tuple((starts[start], starts[end], value, weight) for start, end, value, weight in targets.segments)
    kept = tuple(segment for segment in moved if segment[0] < segment[1])
    return "".join(pieces), TokenTargets(targets.default_value, targets.default_weight, kept)
