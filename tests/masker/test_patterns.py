"""An admin's patterns: what they find, what is refused when they are loaded, and the bounds on what they cost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from masker import Label, Masker, Span
from masker.detectors.patterns import MAX_MATCHES, CustomPattern, PatternDetector
from masker.errors import PatternError
from tests.masker.strategies import texts


def detector(*expressions: str) -> PatternDetector:
    return PatternDetector([CustomPattern(f"p{at}", expression) for at, expression in enumerate(expressions)])


@pytest.mark.parametrize(
    ("expression", "text", "spans", "reason"),
    [
        ("나+", "가👍나나 나", [(2, 4), (5, 6)], "spans count code points, not bytes"),
        (r"(?i)casino\d*", "CASINO77 주소", [(0, 8)], "flags of the expression"),
        (r"\d{2,3}-\d{4}", "전화 010-1234 요", [(3, 11)], "digits"),
        ("e", "cafe\u0301", [(3, 5)], "a match is widened to whole grapheme clusters"),
        (r"\bab\b", "ab \ud800 ab", [(0, 2), (5, 7)], "half of a surrogate pair counts as one"),
        ("없는", "여기에는", [], "no match"),
    ],
)
def test_a_pattern_is_found_where_it_stands(
    expression: str, text: str, spans: list[tuple[int, int]], reason: str
) -> None:
    findings = detector(expression).detect(text).findings
    assert [(finding.span.start, finding.span.end) for finding in findings] == spans, reason
    assert {(finding.detector, finding.rule) for finding in findings} <= {("patterns", "p0")}


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("(가", "missing )"),
        ("[a", "missing ]"),
        ("a**", "bad repetition operator: **"),
        (r"(a)\1", r"invalid escape sequence: \1"),
        ("(?=a)", "invalid perl operator: (?="),
        ("(?:[가-힣]{900}){9}", "invalid repetition size"),
        ("a*", "match nothing"),
        ("^", "match nothing"),
        (r"\b", "match nothing"),
        (r"\B", "match nothing"),
        ("가|$", "match nothing"),
        ("", "1 to 256"),
        ("가" * 257, "257 code points"),
        ("\ud800", "surrogate"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_its_name_and_the_cause(expression: str, said: str) -> None:
    with pytest.raises(PatternError) as caught:
        PatternDetector([CustomPattern("links", expression)])
    assert "links" in str(caught.value)
    assert said in str(caught.value)


def test_ids_scores_and_numbers_are_checked() -> None:
    with pytest.raises(PatternError, match="'Bad id'"):
        PatternDetector([CustomPattern("Bad id", "a")])
    with pytest.raises(PatternError, match=r"'a'.*twice"):
        PatternDetector([CustomPattern("a", "x"), CustomPattern("a", "y")])
    with pytest.raises(PatternError, match=r"score 1\.5"):
        PatternDetector([CustomPattern("a", "x", score=1.5)])
    with pytest.raises(PatternError, match="at most 100"):
        detector(*("x" * (at + 1) for at in range(101)))


def test_a_bound_that_is_reached_makes_the_verdict_incomplete() -> None:
    masker = Masker(patterns=[CustomPattern("vowels", "[aeiou]", Label.INSULT, 0.99)])
    enough, more = "a-" * MAX_MATCHES, "a-" * (MAX_MATCHES + 1)
    assert masker.inspect(enough).complete
    verdict = masker.inspect(more)
    assert verdict.incomplete_reasons == (f"patterns: stopped at {MAX_MATCHES} matches",)
    assert len(verdict.findings) == MAX_MATCHES
    late = PatternDetector([CustomPattern("a", "a")], budget_ms=-1).detect("a")
    assert late.reasons == ("patterns: ran out of their -1 ms",)


def test_a_pattern_is_masked_beside_what_the_lexicon_finds() -> None:
    masker = Masker(patterns=[CustomPattern("promo", r"(?i)promo-[a-z]+", Label.INSULT)])
    assert masker.mask("시발 PROMO-xyz 보세요").text == "●● ●●●●●●●●● 보세요"
    found = masker.inspect("PROMO-xyz").findings
    assert [(finding.span, finding.label, finding.rule) for finding in found] == [(Span(0, 9), Label.INSULT, "promo")]


@settings(max_examples=200, deadline=None)
@given(texts)
def test_any_text_is_read_and_every_span_lies_inside_it(text: str) -> None:
    for finding in detector(".", "시.?발", r"[\s\S]{2}").detect(text).findings:
        assert 0 <= finding.span.start < finding.span.end <= len(text)
