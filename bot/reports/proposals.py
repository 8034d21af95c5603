"""Thresholds proposed from moderators' verdicts: from labels and scores alone, never from anybody's words.

How likely a flag is right at a score is fitted by isotonic regression: a higher score is never less likely right, and
neighbouring scores that say otherwise are pooled (the pool-adjacent-violators algorithm: Ayer, Brunk, Ewing, Reid and
Silverman, "An empirical distribution function for sampling with incomplete information", Annals of Mathematical
Statistics 26, 1955). The lowest score from which a flag is likely enough right is the threshold proposed.

Laws: with one verdict more that says right in place of wrong, no proposal gets higher; the more precision is asked
for, the less low it gets; and nothing is proposed unless `VERDICTS` verdicts stand between the present threshold and
the new one.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.records import LabelPrecision

VERDICTS = 20
"""Verdicts that a change rests on: when all 20 say the same, that is true of 86 % at least, at 95 % confidence."""
LEAST_RIGHT = 0.8
"""How likely a flag must be right where nobody says otherwise."""
WIDTH = 0.02
"""How far apart the scores of two neighbouring buckets are; empty ones are left out (`ReviewStore.precision`)."""
LOWEST = 0.01
"""The lowest threshold that can be set."""
_CLOSE = 1e-9

Bucket = tuple[float, int, int]
"""The lowest score of a bucket, its verdicts that said right, and those that said wrong."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Count verdicts."""

    right: int
    wrong: int

    @property
    def total(self) -> int:
        """Return how many there are."""
        return self.right + self.wrong

    @property
    def precision(self) -> float | None:
        """Return the share that said right; None without any."""
        return self.right / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Say what a label's threshold could be.

    `changed` counts the reviewed flags that it would take away (a higher threshold) or add (a lower one); `now` and
    `then` count all reviewed flags at or above the present and the proposed threshold.
    """

    label: str
    threshold: float
    proposed: float
    now: Tally
    then: Tally
    changed: Tally


@dataclass(frozen=True, slots=True)
class Finding:
    """Say what the verdicts on a label show; `proposal` is None where nothing should change or too few were given.

    `reachable` is False when flags are not right often enough at any score.
    """

    label: str
    threshold: float
    now: Tally
    verdicts: int
    reachable: bool
    proposal: Proposal | None


def findings(
    precision: Iterable[LabelPrecision], thresholds: Mapping[str, float], least_right: float = LEAST_RIGHT
) -> list[Finding]:
    """Return what the verdicts show for every label that has a threshold, in the order given."""
    return [
        _finding(one.label, one.buckets, thresholds[one.label], least_right)
        for one in precision
        if one.label in thresholds
    ]


def lowest_precise(buckets: Sequence[Bucket], least_right: float) -> float:
    """Return the lowest bucket's score from which a flag is likely enough right; infinity where none is."""
    for (score, _, _), likely in zip(buckets, _fitted(buckets), strict=True):
        if likely >= least_right - _CLOSE:
            return score
    return math.inf


def mark_of(proposals: Iterable[Proposal]) -> str:
    """Return a short mark of what is proposed: equal for equal proposals, and as good as never for others."""
    written = repr([(one.label, one.threshold, one.proposed, one.changed.total) for one in proposals])
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _finding(label: str, buckets: Sequence[Bucket], threshold: float, least_right: float) -> Finding:
    lowest = lowest_precise(buckets, least_right)
    present = _own_bucket(buckets, threshold)
    now = _tally(buckets, present, math.inf)
    proposal = None
    if not math.isinf(lowest) and lowest != present:
        changed = _tally(buckets, min(lowest, present), max(lowest, present))
        if changed.total >= VERDICTS:
            then = _tally(buckets, lowest, math.inf)
            proposal = Proposal(label, threshold, max(lowest, LOWEST), now, then, changed)
    total = sum(right + wrong for _, right, wrong in buckets)
    return Finding(label, threshold, now, total, not math.isinf(lowest), proposal)


def _own_bucket(buckets: Sequence[Bucket], threshold: float) -> float:
    """Return the lowest score of the bucket in which a threshold stands; what that bucket holds was flagged by it."""
    return next((score for score, _, _ in buckets if score <= threshold < score + WIDTH - _CLOSE), threshold)


def _tally(buckets: Sequence[Bucket], since: float, until: float) -> Tally:
    within = [(right, wrong) for score, right, wrong in buckets if since <= score < until]
    return Tally(sum(right for right, _ in within), sum(wrong for _, wrong in within))


def _fitted(buckets: Sequence[Bucket]) -> list[float]:
    """Return for each bucket how likely a flag there is right, never falling with the score."""
    blocks: list[tuple[int, int, int]] = []
    for _, right, wrong in buckets:
        block = (right, right + wrong, 1)
        while blocks and blocks[-1][0] * block[1] >= block[0] * blocks[-1][1]:
            last = blocks.pop()
            block = (last[0] + block[0], last[1] + block[1], last[2] + block[2])
        blocks.append(block)
    return [right / total if total else 0.0 for right, total, width in blocks for _ in range(width)]
