"""The tables: disguised offences are found and pointed at exactly, innocent look-alikes are left alone."""

from __future__ import annotations

import pytest

from masker import Masker, Preset, thresholds_for
from masker.detectors.lexicon import embedded_lexicon
from masker.masking import covered
from tests.masker.sentence_tables import expected, rows, term_rows

MASKER = Masker()
STANDARD = thresholds_for(Preset.STANDARD)


@pytest.mark.parametrize(("marked", "reason"), rows("disguised.tsv"))
def test_a_disguised_offence_is_covered_exactly(marked: str, reason: str) -> None:
    text, span = expected(marked)
    flagged = MASKER.inspect(text).flagged(STANDARD)
    assert covered(text, [finding.span for finding in flagged]) == (span,), reason


@pytest.mark.parametrize(("marked", "reason"), rows("disguised.tsv"))
def test_a_masked_offence_is_clean_when_inspected_again(marked: str, reason: str) -> None:
    text, _ = expected(marked)
    for operator in ("star", "keep_first", "label", "spoiler_label"):
        masked = MASKER.mask(text, operator=operator)
        assert MASKER.is_clean(masked.text, STANDARD), (operator, reason)


@pytest.mark.parametrize(("text", "trap"), rows("innocent.tsv"))
def test_an_innocent_sentence_is_left_alone(text: str, trap: str) -> None:
    assert [finding.rule for finding in MASKER.inspect(text).flagged(STANDARD)] == [], trap
    assert MASKER.mask(text).text == text


@pytest.mark.parametrize(("marked", "term", "reason"), term_rows())
def test_a_term_covers_its_word(marked: str, term: str, reason: str) -> None:
    text, span = expected(marked)
    found = [finding.span for finding in MASKER.inspect(text).findings if finding.rule == term]
    assert found == [span], reason


def test_every_term_has_a_sentence_and_every_sentence_a_term() -> None:
    assert {term.id for term in embedded_lexicon().terms} == {term for _, term, _ in term_rows()}


def test_every_term_says_why_it_is_there() -> None:
    assert [term.id for term in embedded_lexicon().terms if not term.why] == []


def test_what_an_exception_excuses_becomes_a_rejection_that_names_it() -> None:
    verdict = MASKER.inspect("그게 논란의 시발점이었어")
    assert [(rejection.rule, rejection.reason) for rejection in verdict.rejections] == [("sibal", "exception [시발]점")]


def test_an_exception_excuses_its_own_occurrence_alone() -> None:
    text = "아저씨 발 밟았잖아 씨발"
    assert covered(text, [finding.span for finding in MASKER.inspect(text).flagged(STANDARD)])[0].start == 11


def test_presets_differ_by_severity() -> None:
    assert MASKER.mask("졸라 좋다", preset="standard").text == "졸라 좋다"
    assert MASKER.mask("졸라 좋다", preset="strict").text == "●● 좋다"
    assert MASKER.mask("you nigger", preset="lenient").text == "you ●●●●●●"
    assert MASKER.mask("시발", preset="lenient").text == "시발"
