"""A community's own terms beside the common lexicon: found in every disguise, excused as written, nobody else's."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masker import Masker
from masker.detectors.lexicon import LexiconDetector, embedded_lexicon, extended
from masker.detectors.lexicon.morphology import Morphology
from masker.labels import Label
from masker.own_terms import Because, OwnKind, OwnTerm, OwnTerms, rule_of
from masker.prediction import Prediction, TokenScore
from masker.presets import Preset, thresholds_for
from masker.verdict import Verdict

PLAIN = Morphology(enabled=False)
COMMON = Masker(morphology=PLAIN)
ORDINARY = ("오늘 점심 뭐 먹을까", "회의는 세 시에 시작해요", "hello everyone", "시발역에서 만나자", "아 시발 진짜", "")


def block(*words: str, label: Label = Label.PROFANITY) -> list[OwnTerm]:
    return [OwnTerm(OwnKind.BLOCK, word, label) for word in words]


def allow(*words: str) -> list[OwnTerm]:
    return [OwnTerm(OwnKind.ALLOW, word) for word in words]


def pattern(*expressions: str) -> list[OwnTerm]:
    return [OwnTerm(OwnKind.PATTERN, expression) for expression in expressions]


def masker_with(*terms: OwnTerm) -> Masker:
    return COMMON.with_terms(OwnTerms(terms, PLAIN).compile())


def masked(text: str, *terms: OwnTerm) -> str:
    return masker_with(*terms).mask(text).text


@pytest.mark.parametrize(
    ("text", "expected", "reason"),
    [
        ("저 꼬부기는 귀엽다", "저 ●●●는 귀엽다", "a particle stays outside"),
        ("ㄲㅗㅂㅜㄱㅣ", "●●●●●●", "taken apart"),
        ("꼬.부.기 봐", "●●●●● 봐", "symbols between"),
        ("꼬\u200b부\u200b기", "●●●●●", "the invisible between"),
        ("Rhqnrl", "●●●●●●", "typed on a Latin keyboard"),
        ("kkobugi", "●●●●●●●", "romanised"),
        ("꼬bu기 시발", "●●●● ●●", "beside a common curse"),
        ("https://example.com/%EA%BC%AC%EB%B6%80%EA%B8%B0", None, "encoded in a link"),
    ],
)
def test_what_is_added_is_found_in_its_disguises(text: str, expected: str | None, reason: str) -> None:
    shown = masked(text, *block("꼬부기"))
    assert shown != text, reason
    if expected is not None:
        assert shown == expected, reason
    assert COMMON.mask(text).text == text or "시발" in text, "the common lexicon does not know it"


@pytest.mark.parametrize(
    ("text", "terms", "expected", "reason"),
    [
        ("시발택시 타자", allow("시발택시"), "시발택시 타자", "the allowed word itself"),
        ("시발택시 아니 시발", allow("시발택시"), "시발택시 아니 ●●", "what stands beside it"),
        ("시발 시1발", allow("시발"), "시발 ●●●", "as written, not in disguise"),
        (
            "꼬부기 꼬부기빵",
            [*block("꼬부기"), *allow("꼬부기빵")],
            "●●● 꼬부기빵",
            "an own word in an allowed one",
        ),
        ("코드 1234 와 9999", [*pattern(r"\d{4}"), *allow("1234")], "코드 1234 와 ●●●●", "a pattern's match"),
        (unicodedata.normalize("NFD", "시발택시 좋다"), allow("시발택시"), None, "in letters, as some systems send it"),
        ("시발  택시", allow("시발  택시"), "●●  택시", "white space of an entry counts as one space"),
    ],
)
def test_what_is_allowed_is_excused_and_what_stands_beside_it_is_not(
    text: str, terms: Sequence[OwnTerm], expected: str | None, reason: str
) -> None:
    assert masked(text, *terms) == (text if expected is None else expected), reason


class Suspicious:
    """Find every word that begins with 나쁜 an insult, as a model would: tokens and a sentence score."""

    name = "suspicious"

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Prediction:
        at = text.find("나쁜")
        if at < 0:
            return Prediction({Label.INSULT: 0.01}, ())
        return Prediction({Label.INSULT: 0.98}, (TokenScore(at, at + 3, 0.98),))


@pytest.mark.parametrize(
    ("text", "flagged", "reason"),
    [
        ("나쁜말 봐", "나쁜말", "the model flags it"),
        ("저 나쁜놀이터 봐", None, "allowed: the model reads another word there"),
        ("저 나쁜놀이터 나쁜말", "나쁜말", "what stands beside it"),
    ],
)
def test_an_allowed_word_is_excused_from_the_classifier_too(text: str, flagged: str | None, reason: str) -> None:
    own = OwnTerms(allow("나쁜놀이터"), PLAIN)
    verdict = Masker(classifier=Suspicious(), morphology=PLAIN).with_terms(own).inspect(text)
    found = [text[one.span.start : one.span.end] for one in verdict.findings]
    assert found == ([] if flagged is None else [flagged]), reason


def test_what_a_word_goes_on_with_is_still_read_by_the_classifier() -> None:
    read: list[str] = []

    class Listening(Suspicious):
        def predict(self, texts: Sequence[str]) -> list[Prediction]:
            read.extend(texts)
            return super().predict(texts)

    Masker(classifier=Listening(), morphology=PLAIN).with_terms(OwnTerms(allow("시발"), PLAIN)).inspect("시발새끼")
    assert read[0].endswith("새끼")
    assert "시발" not in read[0]


def test_what_is_blocked_counts_under_every_preset_and_names_itself() -> None:
    own = OwnTerms([*block("꼬부기", label=Label.GENDER), *pattern("밤양갱[0-9]+")], PLAIN)
    verdict = COMMON.with_terms(own).inspect("꼬부기 밤양갱77")
    for preset in Preset:
        flagged = verdict.flagged(thresholds_for(preset))
        assert [(one.label, one.detector, own.rules[one.rule or ""]) for one in flagged] == [
            (Label.GENDER, "terms", "꼬부기"),
            (Label.PROFANITY, "patterns", "밤양갱[0-9]+"),
        ]


def test_a_word_sent_letter_by_letter_and_a_pattern_over_messages_are_found() -> None:
    masker = masker_with(*block("꼬부기"), *pattern("밤양갱"))
    assert masker.inspect_series(["꼬", "부", "기"])
    assert masker.inspect_series(["밤", "양갱"])
    assert not COMMON.inspect_series(["꼬", "부", "기"])


def test_what_cannot_be_used_is_left_out_and_told_and_the_rest_counts() -> None:
    terms = [
        *block("가", " ", "가" * 65, "a1", "꼬부기"),
        *allow("가" * 201, "나" * 200),
        *pattern("(", "(?=x)", "x*", "밤양갱"),
    ]
    own = OwnTerms(terms, PLAIN)
    assert {(one.term.entry, one.because) for one in own.refused} == {
        ("가", Because.LETTERS),
        (" ", Because.EMPTY),
        ("가" * 65, Because.LONG),
        ("a1", Because.LETTERS),
        ("가" * 201, Because.LONG),
        ("(", Because.EXPRESSION),
        ("(?=x)", Because.EXPRESSION),
        ("x*", Because.EXPRESSION),
    }
    assert COMMON.with_terms(own).mask("꼬부기 밤양갱 시발").text == "●●● ●●● ●●"


def test_more_patterns_than_one_detector_takes_are_shared_out() -> None:
    big = [f"(?:[가-힣]{{1,40}}[a-z]{{1,40}}){{1,9}}{number}" for number in range(100)]
    own = OwnTerms([*pattern(*big), *pattern("밤양갱")][:100] + pattern("밤양갱"), PLAIN)
    assert COMMON.with_terms(own).mask("밤양갱").text == "●●●"


def test_a_rule_is_the_same_as_long_as_the_term_is_and_holds_no_text() -> None:
    one, other = block("꼬부기")[0], allow("꼬부기")[0]
    assert rule_of(one) == rule_of(OwnTerm(OwnKind.BLOCK, "꼬부기", Label.AGE)) != rule_of(other)
    assert "꼬부기" not in rule_of(one)
    assert rule_of(pattern("\ud800")[0])


def test_the_common_automata_are_shared_and_not_built_again() -> None:
    own = masker_with(*block("꼬부기"), *allow("시발택시"))
    shared = embedded_lexicon()
    assert own.lexicon.lexicon.jamo is shared.jamo
    assert own.lexicon.lexicon.phonetic is shared.phonetic
    assert own.lexicon.lexicon.initials is shared.initials
    assert own.lexicon.lexicon.latin is shared.latin


_syllables = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)
_words = st.text(_syllables, min_size=2, max_size=5)


@settings(max_examples=30, deadline=None)
@given(word=_words, around=st.sampled_from(ORDINARY))
def test_whatever_word_is_added_is_found_as_written_and_taken_back_without_a_trace(word: str, around: str) -> None:
    text = f"{around} {word}"
    own = masker_with(*block(word))
    place = (len(around) + 1, len(text))
    verdict = own.inspect(text)
    assert any(one.span.start <= place[0] and place[1] <= one.span.end for one in verdict.findings)
    assert _said(COMMON.inspect(text)) == _said(masker_with().inspect(text)), "without terms nothing differs"


@settings(max_examples=30, deadline=None)
@given(
    words=st.lists(_words, max_size=3),
    allowed=st.lists(st.sampled_from(("시발", "시발역", "아 시발", "씨발 진짜")), max_size=2),
    text=st.lists(st.sampled_from(("시발", "시발역", "씨발 진짜", "꼬부기", "병신", "안녕")), max_size=6).map(" ".join),
)
def test_nothing_is_found_inside_an_allowed_word_and_nothing_else_is_lost(
    words: list[str], allowed: list[str], text: str
) -> None:
    own = OwnTerms([*block(*words), *allow(*allowed)], PLAIN)
    found = COMMON.with_terms(own).inspect(text).findings
    places = own.allowed_in(text)
    assert not any(place.start <= one.span.start and one.span.end <= place.end for one in found for place in places)
    for one in COMMON.inspect(text).findings:
        if not any(place.overlaps(one.span) for place in places):
            assert any(other.span == one.span and other.label == one.label for other in found)


def test_what_is_found_beside_the_lexicon_is_what_is_found_inside_it() -> None:
    words = ("꼬부기", "밤양갱", "goblin", "ㄲㅂㄱ", "쀍")
    texts = ("꼬1부1기 g0bl1n", "ㅂㅏㅁ양갱 ㄲㅂㄱ", "시발 꼬부기 밤 양 갱", "꼬부기새끼", "goblins", *ORDINARY)
    own = OwnTerms(block(*words), PLAIN)
    together = LexiconDetector(extended(embedded_lexicon(), words[:-1]), PLAIN)
    for text in texts:
        inside = {one.span for one in together.detect(text).findings if (one.rule or "").startswith("block.")}
        assert {one.span for one in own.detect(text).findings} == inside, text


def _said(verdict: Verdict) -> object:
    return verdict.findings, verdict.rejections, verdict.scores, verdict.complete
