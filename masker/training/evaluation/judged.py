"""Rows with the whole pipeline's verdicts, and what each detector alone would have said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from masker.detectors.classifier import NAME
from masker.detectors.lexicon.schema import SCORE, Severity
from masker.detectors.seconding import SECONDED_FROM
from masker.pipeline import Masker
from masker.presets import BASE_THRESHOLD, Preset, thresholds_for
from masker.training.evaluation.scored import Bools, Figures, Report, Scored, Scores, chunks, silent
from masker.verdict import Finding, Span, Verdict, merge_spans

ENTRANTS = ("lexicon", "classifier", "both")
_HARMLESS = "이것"
CURVE_BARS = tuple(round(float(bar), 3) for bar in np.linspace(0.5, 0.995, 34))


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold one verdict per row, and per entrant the score of its strongest finding `[rows]` (0 without one)."""

    verdicts: Sequence[Verdict]
    strongest: dict[str, Scores]


def judge(masker: Masker, texts: Sequence[str], stage: str = "verdicts", report: Report = silent) -> Judged:
    """Inspect every text by the pipeline, stage by stage, so that the lexicon is known alone too.

    Raises ValueError for a masker without a classifier.
    """
    if masker.classifier is None:
        raise ValueError("there is no classifier to judge")
    verdicts: list[Verdict] = []
    lexicon: list[float] = []
    for part in chunks(texts, stage, report):
        stages = [masker.read(text) for text in part]
        predictions = masker.classifier.predict(
            [masker.for_classifier(text, read) for text, read in zip(part, stages, strict=True)]
        )
        verdicts += [masker.conclude(*row) for row in zip(part, stages, predictions, strict=True)]
        lexicon += [_strongest(read.detection.findings) for read in stages]
    strongest = {
        "lexicon": lexicon,
        "classifier": [_strongest(each for each in verdict.findings if each.detector == NAME) for verdict in verdicts],
        "both": [_strongest(verdict.findings) for verdict in verdicts],
    }
    return Judged(verdicts, {entrant: np.array(scores, dtype=np.float64) for entrant, scores in strongest.items()})


def spans_of(findings: Sequence[Finding]) -> tuple[Span, ...]:
    """Return the places that would be masked."""
    return merge_spans(finding.span for finding in findings)


def _strongest(findings: Iterable[Finding]) -> float:
    return max((finding.score for finding in findings), default=0.0)


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
    chat, foul, fair = flagged[scored.clean_chat], flagged[scored.truth], flagged[~scored.truth & ~scored.clean_chat]
    return {
        "bar": bar,
        "misses": round(float(1 - foul.mean()), 5) if len(foul) else None,
        "chat_false_alarms": round(float(chat.mean()), 5) if len(chat) else None,
        "other_false_alarms": round(float(fair.mean()), 5) if len(fair) else None,
    }


def residual_figures(masker: Masker, texts: Sequence[str], verdicts: Sequence[Verdict], report: Report) -> Figures:
    """Mask what the standard preset flags and read the result again: what offence is left in what people see.

    `still_flagged` counts masked texts in which anything is flagged; `score_before` and `score_after` are the mean of
    the highest label. A classifier takes stars themselves for a curse that somebody starred, so the rest of the text
    is also read with harmless words in their place: `rest_still_flagged` and `rest_score`.
    """
    bar = thresholds_for(Preset.STANDARD)
    rows = [
        (text, verdict, flagged)
        for text, verdict in zip(texts, verdicts, strict=True)
        if (flagged := verdict.flagged(bar))
    ]
    if not rows:
        return {"rows": 0}
    masked = [masker.mask_verified(text, flagged, bar).text for text, _, flagged in rows]
    again = judge(masker, masked, "masked texts", report)
    rest = judge(masker, [_without(text, spans_of(flagged)) for text, _, flagged in rows], "masked texts", report)
    return {
        "rows": len(rows),
        "still_flagged": {entrant: _share_over(again.strongest[entrant]) for entrant in ENTRANTS},
        "rest_still_flagged": {entrant: _share_over(rest.strongest[entrant]) for entrant in ENTRANTS},
        "score_before": _mean_score(verdict for _, verdict, _ in rows),
        "score_after": _mean_score(again.verdicts),
        "rest_score": _mean_score(rest.verdicts),
    }


def _share_over(scores: Scores) -> float:
    return round(float((scores >= BASE_THRESHOLD[Preset.STANDARD]).mean()), 4)


def _mean_score(verdicts: Iterable[Verdict]) -> float:
    return round(float(np.mean([max(verdict.scores.values()) for verdict in verdicts])), 4)


def _without(text: str, spans: Sequence[Span]) -> str:
    """Return the text with harmless words of the same length in the spans' place."""
    parts, at = [], 0
    for span in spans:
        filled = (_HARMLESS * (span.end - span.start))[: span.end - span.start]
        parts += [text[at : span.start], filled]
        at = span.end
    return "".join([*parts, text[at:]])


def combination_figures(scored: Scored, judged: Judged) -> Figures:
    """Return what other ways to join lexicon and classifier would cost, at each preset, beside the one in use.

    `seconded` is in use (masker/detectors/seconding.py), here for every mild term. `highest`: each finding stands by
    its own score alone. `either`: two witnesses that err apart, `1 - (1 - lexicon) * (1 - classifier)`. `doubted`: a
    strong term counts as mild where the classifier reports nothing.
    """
    lexicon, classifier = judged.strongest["lexicon"], judged.strongest["classifier"]
    standard = BASE_THRESHOLD[Preset.STANDARD]
    highest = np.maximum(lexicon, classifier)
    joined = {
        "seconded": np.where((lexicon > 0) & (classifier >= SECONDED_FROM), np.maximum(highest, standard), highest),
        "highest": highest,
        "either": 1 - (1 - lexicon) * (1 - classifier),
        "doubted": np.where(
            (lexicon >= standard) & (classifier == 0), np.minimum(lexicon, SCORE[Severity.MILD]), highest
        ),
    }
    return {
        name: {preset.value: _point(scored, scores, BASE_THRESHOLD[preset]) for preset in Preset}
        for name, scores in joined.items()
    }
