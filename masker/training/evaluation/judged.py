"""Rows with the whole pipeline's verdicts, and what each detector alone would have said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from masker.detectors.classifier import NAME
from masker.pipeline import Masker
from masker.presets import BASE_THRESHOLD, Preset, Thresholds, thresholds_for
from masker.training.evaluation.scored import Bools, Figures, Report, Scored, Scores, chunks, silent
from masker.verdict import Finding, Span, Verdict, merge_spans

ENTRANTS = ("lexicon", "classifier", "both")
CURVE_BARS = tuple(round(float(bar), 3) for bar in np.linspace(0.5, 0.995, 34))


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold one verdict per row, and per entrant the score of its strongest finding `[rows]` (0 without one)."""

    verdicts: Sequence[Verdict]
    strongest: dict[str, Scores]


def judge(masker: Masker, texts: Sequence[str], stage: str = "verdicts", report: Report = silent) -> Judged:
    """Inspect every text by the pipeline."""
    verdicts = [verdict for part in chunks(texts, stage, report) for verdict in masker.inspect_many(part)]
    return Judged(verdicts, {entrant: _strongest(verdicts, entrant) for entrant in ENTRANTS})


def flagged_by(verdict: Verdict, thresholds: Thresholds, entrant: str = "both") -> tuple[Finding, ...]:
    """Return what an entrant flags: the lexicon alone, the classifier alone, or both."""
    return tuple(finding for finding in verdict.flagged(thresholds) if _is_of(finding, entrant))


def spans_of(findings: Sequence[Finding]) -> tuple[Span, ...]:
    """Return the places that would be masked."""
    return merge_spans(finding.span for finding in findings)


def _is_of(finding: Finding, entrant: str) -> bool:
    return entrant == "both" or (finding.detector == NAME) == (entrant == "classifier")


def _strongest(verdicts: Sequence[Verdict], entrant: str) -> Scores:
    return np.array(
        [
            max((finding.score for finding in verdict.findings if _is_of(finding, entrant)), default=0.0)
            for verdict in verdicts
        ],
        dtype=np.float64,
    )


def verdict_figures(scored: Scored, judged: Judged) -> Figures:
    """Return misses and false alarms of the lexicon, the classifier and both, at each preset and along all bars.

    `misses` is the share of offensive rows that nothing flags, `false_alarms` that of clean rows flagged; clean chat
    stands under its source's name.
    """
    return {
        "at_preset": {
            preset.value: {
                entrant: _costs(scored, judged.strongest[entrant] >= BASE_THRESHOLD[preset]) for entrant in ENTRANTS
            }
            for preset in Preset
        },
        "curve": {
            entrant: [_point(scored, judged.strongest[entrant], bar) for bar in CURVE_BARS] for entrant in ENTRANTS
        },
    }


def _costs(scored: Scored, flagged: Bools) -> Figures:
    def costs(mine: Bools) -> Figures:
        parts = {"misses": ~flagged[mine & scored.truth], "false_alarms": flagged[mine & ~scored.truth]}
        return {name: round(float(part.mean()), 5) for name, part in parts.items() if len(part)}

    return {**costs(np.ones(len(flagged), bool)), "by_source": {name: costs(scored.of(name)) for name in scored.names}}


def _point(scored: Scored, strongest: Scores, bar: float) -> Figures:
    flagged = strongest >= bar
    chat, foul = flagged[scored.clean_chat], flagged[scored.truth]
    return {
        "bar": bar,
        "misses": round(float(1 - foul.mean()), 5) if len(foul) else None,
        "chat_false_alarms": round(float(chat.mean()), 5) if len(chat) else None,
    }


def residual_figures(masker: Masker, texts: Sequence[str], verdicts: Sequence[Verdict], report: Report) -> Figures:
    """Mask what the standard preset flags and read the result again: what offence is left in what people see.

    `still_flagged` counts masked texts in which anything is flagged; `score_before` and `score_after` are the mean of
    the highest label.
    """
    bar = thresholds_for(Preset.STANDARD)
    rows = [(text, verdict) for text, verdict in zip(texts, verdicts, strict=True) if verdict.flagged(bar)]
    if not rows:
        return {"rows": 0}
    masked = [masker.mask_verified(text, verdict.flagged(bar), bar).text for text, verdict in rows]
    again = judge(masker, masked, "masked texts", report)
    return {
        "rows": len(rows),
        "still_flagged": {
            entrant: round(float((again.strongest[entrant] >= BASE_THRESHOLD[Preset.STANDARD]).mean()), 4)
            for entrant in ENTRANTS
        },
        "score_before": round(float(np.mean([max(verdict.scores.values()) for _, verdict in rows])), 4),
        "score_after": round(float(np.mean([max(verdict.scores.values()) for verdict in again.verdicts])), 4),
    }
