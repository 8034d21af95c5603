"""Lexicon and classifier join: a mild term may be seconded, a strong one needs nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker import LABELS, Label, Masker, Preset, Span, thresholds_for
from masker.detectors.seconding import SECONDED_FROM, seconded
from masker.prediction import Prediction
from masker.presets import BASE_THRESHOLD
from masker.verdict import Finding

BAR = BASE_THRESHOLD[Preset.STANDARD]


def said(score: float) -> Prediction:
    return Prediction(dict.fromkeys(LABELS, 0.0) | {Label.INSULT: score}, ())


class Says:
    """Give every text the same score and no token: a classifier that seconds the lexicon or does not."""

    name = "says/1"

    def __init__(self, score: float) -> None:
        self._score = score

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [said(self._score) for _ in texts]


MILD = Finding(Span(0, 2), Label.INSULT, 0.80, "lexicon", "a")


@pytest.mark.parametrize(
    ("finding", "score", "expected", "reason"),
    [
        (MILD, SECONDED_FROM, BAR, "a mild term with a second witness"),
        (MILD, SECONDED_FROM - 0.01, 0.80, "without one it stays mild"),
        (replace(MILD, score=0.95), 1.0, 0.95, "a strong term is not changed"),
        (replace(MILD, score=0.95), 0.0, 0.95, "nor doubted"),
        (replace(MILD, mention=True), 1.0, 0.80, "a word that is talked about is not used"),
        (replace(MILD, detector="patterns"), 1.0, 0.80, "a guild's own pattern has the score that it was given"),
    ],
)
def test_a_mild_term_is_raised_where_the_classifier_agrees(
    finding: Finding, score: float, expected: float, reason: str
) -> None:
    assert [each.score for each in seconded([finding], said(score))] == [expected], reason


def test_the_standard_preset_masks_a_mild_term_in_an_offensive_text_alone() -> None:
    text = "졸라 춥네"
    alone = Masker().inspect(text)
    assert alone.findings
    assert not alone.flagged(thresholds_for(Preset.STANDARD))
    agreed = Masker(classifier=Says(0.8)).inspect(text)
    assert {finding.detector for finding in agreed.flagged(thresholds_for(Preset.STANDARD))} == {"lexicon"}
    assert not Masker(classifier=Says(0.2)).inspect(text).flagged(thresholds_for(Preset.STANDARD))


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0, 1), st.booleans()), max_size=6), st.floats(0, 1))
def test_no_score_falls_and_nothing_else_changes(drawn: list[tuple[int, float, bool]], score: float) -> None:
    findings = [
        Finding(Span(start, start + 1), Label.INSULT, value, "lexicon" if ours else "links")
        for start, value, ours in drawn
    ]
    joined = seconded(findings, said(score))
    assert [replace(each, score=0.0) for each in joined] == [replace(each, score=0.0) for each in findings]
    assert all(after.score >= before.score for before, after in zip(findings, joined, strict=True))
