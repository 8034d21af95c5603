"""The answer of `garim mask --jsonl`: one verdict as the contract's object."""

from __future__ import annotations

from typing import Any

from masker.labels import LABELS
from masker.pipeline import Masker
from masker.presets import Thresholds
from masker.verdict import Verdict


def report(
    masker: Masker, text: str, verdict: Verdict, thresholds: Thresholds, operator: str = "star"
) -> dict[str, Any]:
    """Return `{"text","masked","flagged","complete","labels","spans"}` for one text.

    `labels` holds every label's highest score; `spans` the flagged findings, half-open in code points of `text`.
    """
    flagged = verdict.flagged(thresholds)
    return {
        "text": text,
        "masked": masker.mask_verified(text, flagged, thresholds, operator).text,
        "flagged": bool(flagged),
        "complete": verdict.complete,
        "labels": {label.value: round(verdict.scores.get(label, 0.0), 4) for label in LABELS},
        "spans": [
            {
                "start": finding.span.start,
                "end": finding.span.end,
                "label": finding.label.value,
                "score": round(finding.score, 4),
                "detector": finding.detector,
            }
            for finding in flagged
        ],
    }
