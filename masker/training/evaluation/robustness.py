"""Robustness: offensive rows that are caught in plain form, with the offending words under every disguise."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from masker.pipeline import Masker
from masker.presets import BASE_THRESHOLD, Preset, thresholds_for
from masker.training.evaluation.disguises import DISGUISES, disguised
from masker.training.evaluation.judged import ENTRANTS, Judged, judge, spans_of
from masker.training.evaluation.scored import Figures, Report, share
from masker.training.example import Example

ROWS = 400
MOST_DISGUISED = 24
"""Code points: where more is found, whole clauses are, which nobody disguises."""
KOREAN = frozenset({"kmhas", "kodoli", "beep", "curse_detection", "malicious_comments", "kda_pairs"})
SEED = 5


def robustness_figures(masker: Masker, examples: Sequence[Example], judged: Judged, report: Report) -> Figures:
    """Return per disguise the share of rows still flagged at the standard preset, by each entrant.

    Rows are those of Korean sources that the pipeline flags in plain form; what it found there is disguised. A row
    that a disguise leaves as it was does not count.
    """
    bar = thresholds_for(Preset.STANDARD)
    rows = []
    for example, verdict in zip(examples, judged.verdicts, strict=True):
        spans = spans_of(verdict.flagged(bar))
        if (
            example.offensive
            and example.source in KOREAN
            and spans
            and sum(span.end - span.start for span in spans) <= MOST_DISGUISED
        ):
            rows.append((example.text, spans))
    random = Random(SEED)
    rows = random.sample(rows, min(ROWS, len(rows)))
    figures: Figures = {"rows": len(rows), "kinds": {}}
    for number, kind in enumerate(DISGUISES):
        report("disguises", number / len(DISGUISES))
        changed = [made for text, spans in rows if (made := disguised(text, spans, kind, random)) != text]
        if not changed:
            continue
        again = judge(masker, changed)
        figures["kinds"][kind] = {
            "rows": len(changed),
            **{entrant: share(again.strongest[entrant] >= BASE_THRESHOLD[Preset.STANDARD]) for entrant in ENTRANTS},
        }
    report("disguises", 1.0)
    return figures
