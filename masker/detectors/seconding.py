"""How lexicon and classifier join: each finding stands by its own score, and a mild term may be seconded.

Two witnesses that err apart say more together than either alone, but only one way round. Measured on held-out rows, by
the figures that `garim evaluate` gives for each way of joining (`combination`):

* A mild term, which the standard preset leaves alone, in a text that the classifier flags at the strict preset: raised
  to the standard bar. That catches 1.5 to 2% more of the offensive rows, and 3% more of the English spans' characters;
  of clean chat it adds 3 in 7,000, each of which does use the term as abuse. With a lower bar for the classifier, words
  that only look like a term (Rio Negro) are seconded by their own looks.
* A strong term that the classifier says nothing of stays strong: that is what disguised words look like, which the
  lexicon reads and the classifier does not.
* Scores are not multiplied up (1 - (1 - a)(1 - b)): that would make the lenient preset mask what it is chosen to leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from masker.detectors.lexicon.search import NAME
from masker.prediction import Prediction
from masker.presets import BASE_THRESHOLD, Preset
from masker.verdict import Finding

SECONDED_FROM = BASE_THRESHOLD[Preset.STRICT]
"""A classifier whose highest label has at least this score seconds."""


def seconded(findings: Iterable[Finding], prediction: Prediction) -> tuple[Finding, ...]:
    """Return the findings with the lexicon's mild ones raised to the standard bar where the classifier agrees.

    Laws: order and number are kept, no score falls, a word that is only talked about keeps its score.
    """
    agrees = max(prediction.scores.values(), default=0.0) >= SECONDED_FROM
    bar = BASE_THRESHOLD[Preset.STANDARD]
    return tuple(
        replace(finding, score=bar)
        if agrees and finding.detector == NAME and not finding.mention and finding.score < bar
        else finding
        for finding in findings
    )
