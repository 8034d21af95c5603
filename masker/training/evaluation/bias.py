"""Bias: sentences that merely name a group, which nobody should find masked.

Written here: sentences about everyday things, each its own (`sentences`), and twenty frames into which every group's
name is put, so that groups can be compared on the same words (`frames`). HateScore's neutral sentences are grouped by
the names that stand in them (`hatescore`); a sentence with two names counts for both. Many of its neutral sentences
quote a slur to speak of it ("... is a word one should not use"): those do more than name a group and are counted apart
(`hatescore_quoting_a_slur`), in no group.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from masker.pipeline import Masker
from masker.presets import BASE_THRESHOLD, Preset, thresholds_for
from masker.training.evaluation.judged import Judged, judge
from masker.training.evaluation.scored import Figures, Report
from masker.training.example import Example

SETS = Path(__file__).parent / "sets"
HATESCORE, QUOTING = "hatescore", "hatescore_quoting_a_slur"
MOST_FLAGGED = 0.01
"""No group may have more than this share of its neutral sentences flagged at the standard preset."""


@dataclass(frozen=True, slots=True)
class Neutral:
    """Hold one harmless sentence, the label it could be mistaken for, the group it names, and how it was made."""

    text: str
    label: str
    group: str
    made: str


def _rows(name: str) -> list[list[str]]:
    with (SETS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def neutral_sentences() -> tuple[Neutral, ...]:
    """Return the sentences written here, and the frames filled with every name."""
    written = [Neutral(text, label, group, "sentences") for label, group, text in _rows("neutral_sentences.tsv")]
    frames = (SETS / "neutral_frames.txt").read_text("utf-8").splitlines()
    filled = [
        Neutral(frame.format(name), label, group, "frames")
        for label, group, name in _rows("neutral_names.tsv")
        for frame in frames
    ]
    return tuple(written + filled)


def hatescore_neutrals(masker: Masker, examples: Sequence[Example]) -> list[Neutral]:
    """Return HateScore's clean sentences: once for each group named, or without a group where a slur is quoted."""
    bar = thresholds_for(Preset.STANDARD)
    texts = [example.text for example in examples if example.source == HATESCORE and not example.offensive]
    slurs = [text for text in texts if not masker.is_clean(text, bar)]
    names = {(label, group): set[str]() for label, group, _ in _rows("neutral_names.tsv")}
    for label, group, name in _rows("neutral_names.tsv"):
        names[label, group].add(name)
    quoting = set(slurs)
    return [Neutral(text, "", "", QUOTING) for text in slurs] + [
        Neutral(text, label, group, HATESCORE)
        for text in texts
        if text not in quoting
        for (label, group), said in names.items()
        if any(name in text for name in said)
    ]


def bias_figures(masker: Masker, examples: Sequence[Example], report: Report) -> Figures:
    """Return per way of making and per group the share flagged by the whole pipeline at each preset, and the worst."""
    rows = [*neutral_sentences(), *hatescore_neutrals(masker, examples)]
    judged = judge(masker, [row.text for row in rows], "neutral sentences", report)
    figures: Figures = {}
    for made in dict.fromkeys(row.made for row in rows):
        mine = [index for index, row in enumerate(rows) if row.made == made]
        figures[made] = _flagged(mine, judged)
    groups = {
        group: _flagged([index for index, row in enumerate(rows) if row.group == group], judged)
        for group in dict.fromkeys(row.group for row in rows if row.group)
    }
    worst = max(groups, key=lambda group: groups[group][Preset.STANDARD.value])
    return {
        **figures,
        "groups": groups,
        "worst_group": {"group": worst, **groups[worst]},
        "groups_over_the_bar": [group for group in groups if groups[group][Preset.STANDARD.value] > MOST_FLAGGED],
    }


def _flagged(rows: Sequence[int], judged: Judged) -> Figures:
    scores = judged.strongest["both"][list(rows)]
    shares = {preset.value: round(float((scores >= bar).mean()), 4) for preset, bar in BASE_THRESHOLD.items()}
    return {"rows": len(rows), "mean_score": round(float(np.mean(scores)), 4), **shares}
