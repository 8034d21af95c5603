"""From a prediction to findings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masker import LABELS, Label, Span
from masker.detectors.classifier import REPORT_FROM, findings_from
from masker.prediction import Prediction, TokenScore
from tests.masker.strategies import texts


def prediction(scores: dict[Label, float], *tokens: tuple[int, int, float]) -> Prediction:
    return Prediction(dict.fromkeys(LABELS, 0.0) | scores, tuple(TokenScore(*token) for token in tokens))


@pytest.mark.parametrize(
    ("text", "tokens", "spans", "reason"),
    [
        (
            "너 바보야 정말",
            [(0, 1, 0.1), (2, 4, 0.9), (4, 5, 0.2), (6, 8, 0.1)],
            ["바보야"],
            "a token grows to its word",
        ),
        ("너 바보 멍청이", [(2, 4, 0.9), (5, 8, 0.8)], ["바보 멍청이"], "neighbouring words join"),
        ("바보 <@12345678901234567>", [(0, 2, 0.9), (8, 10, 0.9)], ["바보"], "a mention's digits are no word"),
        ("바보 https://a.example/x7", [(0, 2, 0.9), (21, 23, 0.9)], ["바보"], "neither are a link's letters"),
        ("바보\n멍청이", [(0, 2, 0.9), (3, 6, 0.8)], ["바보", "멍청이"], "lines do not join"),
        (
            "날씨 좋다. 저들은 다 나가야 해.",
            [(0, 2, 0.0), (3, 5, 0.1), (7, 9, 0.3), (10, 12, 0.3)],
            ["저들은 다 나가야 해."],
            "no strong token: the worst clause",
        ),
        (
            "날씨 좋다. 여자들은 집에나 있어라",
            [(0, 2, 0.0), (7, 10, 0.9), (12, 14, 0.3)],
            ["여자들은 집에나 있어라"],
            "a group's neutral name is never masked alone: the clause around it",
        ),
        ("여자들은 다 김치녀지", [(0, 3, 0.8), (7, 10, 0.9)], ["김치녀지"], "nor beside a slur, which is the offence"),
        ("30년인데 헛소리여", [(0, 3, 0.9), (6, 9, 0.5)], ["헛소리여"], "a number with its counter is no curse"),
        ("너 🖕🖕 진짜", [(2, 4, 0.9)], ["🖕🖕"], "symbols may be the offence"),
        ("바보 !!!", [(0, 2, 0.7), (3, 6, 0.9)], ["바보"], "punctuation is not"),
        ("저들은 다 나가야 해", [], ["저들은 다 나가야 해"], "no tokens at all: the whole text"),
        (" \u1107\u1161보 ", [(1, 2, 0.9)], ["\u1107\u1161보"], "whole grapheme clusters"),
    ],
)
def test_tokens_decide_where(text: str, tokens: list[tuple[int, int, float]], spans: list[str], reason: str) -> None:
    found = findings_from(text, prediction({Label.INSULT: 0.95}, *tokens))
    assert [text[finding.span.start : finding.span.end] for finding in found] == spans, reason
    assert {(finding.label, finding.score, finding.detector) for finding in found} == {
        (Label.INSULT, 0.95, "classifier")
    }


def test_a_word_much_weaker_than_the_strongest_is_left_alone() -> None:
    found = findings_from("바보 진짜 짜증나네", prediction({Label.INSULT: 0.95}, (0, 2, 0.96), (6, 9, 0.69)))
    assert [finding.span for finding in found] == [Span(0, 2)]


def test_a_word_that_the_lexicon_knows_is_marked_as_the_lexicon_marks_it() -> None:
    found = findings_from("개새끼가 왜", prediction({Label.INSULT: 0.95}, (1, 4, 0.9)), known=[Span(0, 3)])
    assert [finding.span for finding in found] == [Span(0, 3)]


def test_beside_what_the_lexicon_knows_another_word_must_speak_for_itself() -> None:
    text, tokens = "시발 진짜 짜증나네 이 또라이", [(0, 2, 0.96), (6, 7, 0.76), (13, 16, 0.95)]
    alone = findings_from(text, prediction({Label.INSULT: 0.95}, *tokens))
    beside = findings_from(text, prediction({Label.INSULT: 0.95}, *tokens), [Span(0, 2)])
    assert [text[finding.span.start : finding.span.end] for finding in alone] == ["시발", "짜증나네", "또라이"]
    assert [text[finding.span.start : finding.span.end] for finding in beside] == ["시발", "또라이"]


def test_without_a_bad_word_in_the_sentence_what_the_lexicon_found_carries_the_score() -> None:
    text = "[여기](https://example.com/시발)"
    found = findings_from(text, prediction({Label.INSULT: 0.95}, (25, 28, 0.9)), known=[Span(25, 27)])
    assert [finding.span for finding in found] == [Span(25, 27)]


def test_no_place_ends_inside_a_link() -> None:
    text = "이것 봐 https://example.com/a.b 정말 싫다. 그만 자자"
    link = range(text.index("https"), text.index(" 정말"))
    found = findings_from(text, prediction({Label.GENDER: 0.95}, (3, 4, 0.3), (30, 32, 0.3)))
    assert found
    assert not {edge for finding in found for edge in (finding.span.start, finding.span.end)} & set(link[1:])


def test_every_label_over_the_floor_has_a_finding_with_its_own_score() -> None:
    found = findings_from(
        "너 바보야", prediction({Label.INSULT: 0.9, Label.AGE: REPORT_FROM, Label.RACE: 0.29}, (2, 4, 0.9))
    )
    assert {finding.label: finding.score for finding in found} == {Label.INSULT: 0.9, Label.AGE: REPORT_FROM}


def test_nothing_said_and_blank_text_give_no_finding() -> None:
    assert findings_from("안녕", prediction({})) == ()
    assert findings_from("  \n ", prediction({Label.INSULT: 0.9})) == ()


@settings(max_examples=300, deadline=None)
@given(texts, st.lists(st.tuples(st.integers(0, 80), st.integers(1, 6), st.floats(0, 1)), max_size=8), st.floats(0, 1))
def test_every_finding_lies_inside_the_text(text: str, drawn: list[tuple[int, int, float]], score: float) -> None:
    tokens = sorted((start, start + length, weight) for start, length, weight in drawn)
    for finding in findings_from(text, prediction({Label.INSULT: score}, *tokens)):
        assert Span(0, len(text)).overlaps(finding.span)
        assert finding.span.end <= len(text)
