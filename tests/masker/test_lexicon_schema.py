"""The lexicon as data: its schema, its respelling rules, and what every shipped term must fulfil."""

from __future__ import annotations

import pytest

from masker import LABELS
from masker.detectors.lexicon import Lexicon, LexiconDetector, embedded_lexicon, parse_terms, read_lexicon
from masker.detectors.lexicon.morphology import Morphology
from masker.detectors.lexicon.respell import misspellings, reorderings, spellings, typed_on_hangul
from masker.errors import LexiconError

LINE = 'form = "가나", label = "insult", severity = "strong"'


def found(source: str, text: str) -> list[str]:
    """Return what form alone finds: these terms are no words, and morphology would have its own opinion of them."""
    lexicon = Lexicon(parse_terms("[term]\n" + source, "test.toml"))
    detector = LexiconDetector(lexicon, Morphology(enabled=False))
    return [text[finding.span.start : finding.span.end] for finding in detector.detect(text).findings]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("[term]\nx = { label = 'insult', severity = 'mild' }", "test.toml: x: form: is missing"),
        ("[term]\nx = { form = '가', label = 'rude', severity = 'mild' }", "test.toml: x: label or severity: 'rude'"),
        ("[term]\nx = { form = '가', label = 'insult', severity = 'mild', shape = 1 }", "x: shape: no such field"),
        (
            "[term]\nx = { form = '가', label = 'insult', severity = 'mild', before = 'end' }",
            "x: before: must be one of",
        ),
        (
            "[term]\nx = { form = '가', label = 'insult', severity = 'mild', loose = 'yes' }",
            "x: loose: must be true or false",
        ),
        (
            "[term]\nx = { form = '가', label = 'insult', severity = 'mild', respell = 'loud' }",
            "x: respell: known rules are",
        ),
        (
            "[term]\nx = { form = '가', label = 'insult', severity = 'mild', except = '가' }",
            "must hold the term in brackets",
        ),
        ("[term]\nx = { form = '가', label = 'insult', severity = 'mild', except = '{y}[가]' }", "no list named y"),
        (
            "[term]\nx = { form = '가', label = 'insult', severity = 'mild', needs_after = '{y}' }",
            "x: needs_after: no list named y",
        ),
        ("[term]\nx = { form = '가{y}', label = 'insult', severity = 'mild' }", "x: form: no list named y"),
        ("[words]\nx = 1", "a file holds defaults, lists and term"),
        ("[term]\nx = 1", "x: a term is a table of fields"),
        ("[term", "not valid TOML"),
    ],
)
def test_a_term_that_breaks_the_schema_is_refused_by_name(source: str, said: str) -> None:
    with pytest.raises(LexiconError, match=said.replace("(", r"\(")):
        list(parse_terms(source, "test.toml"))


@pytest.mark.parametrize(
    ("form", "said"), [("[가", "a \\[ without its \\]"), ("[가나다라마바사아]" * 4, "4096 spellings")]
)
def test_a_form_that_cannot_be_spelt_out_is_refused_by_name(form: str, said: str) -> None:
    terms = parse_terms(f'[term]\nx = {{ form = "{form}", label = "insult", severity = "mild" }}', "test.toml")
    with pytest.raises(LexiconError, match=f"x: form: {said}"):
        _ = Lexicon(terms).jamo


def test_a_form_may_be_built_with_each_word_of_a_list() -> None:
    source = "x = { form = '가나{who}', label = 'insult', severity = 'strong' }\n[lists]\nwho = ['놈', '년']"
    assert found(source, "가나년아 가나.놈 가나") == ["가나년아", "가나.놈"]


def test_words_that_a_term_needs_may_be_named_by_a_list() -> None:
    source = f"x = {{ {LINE}, needs_after = ['{{who}}'] }}\n[lists]\nwho = ['놈', '년']"
    assert found(source, "가나놈이 가나라고") == ["가나놈"]


def test_adding_a_word_is_one_line() -> None:
    assert found(f"x = {{ {LINE} }}", "이 가1나새끼야 뭐") == ["가1나새끼야"]


@pytest.mark.parametrize(
    ("fields", "text", "spans", "reason"),
    [
        ("", "다가나", ["가나"], "anything may stand before by default"),
        (', before = "word"', "다가나", [], "begins inside another word"),
        (', before = "word"', "개가나", ["개가나"], "a prefix of curses may stand before, and belongs to it"),
        (', after = "word"', "가나다", [], "goes on as another word"),
        (', after = "noun"', "가나는", ["가나"], "a particle may follow, and stays outside"),
        (', after = "noun"', "가나돌", [], "goes on as another word"),
        (', ending = "verb"', "가나하네요", ["가나하네요"], "the ending belongs to the word"),
        (', ending = "none"', "가나놈아", ["가나"], "no suffix is taken along"),
        (", spaced = false", "가 나", [], "two words"),
        ("", "가 나", ["가 나"], "spaced out"),
        ("", "다가 나", [], "a gap needs a word's start"),
        ("", "가 나다", [], "a gap needs a word's end"),
        ("", "가아나", [], "drawn out only where loose"),
        (", loose = true", "가아나", ["가아나"], "drawn out"),
        (', except = "[가나]다"', "가나다 가나", ["가나"], "an exception is scoped to its occurrence"),
        (', needs_after = ["다"]', "가나 다 가나", ["가나"], "only next to certain words"),
        (', respell = ["tense"]', "까나", ["까나"], "a rule derives the spelling"),
    ],
)
def test_each_field_does_what_it_says(fields: str, text: str, spans: list[str], reason: str) -> None:
    assert found(f"x = {{ {LINE}{fields} }}", text) == spans, reason


def test_spellings_are_derived_by_rule() -> None:
    assert spellings("[가나]다", frozenset()) == ["가다", "나다"]
    assert spellings("가[나]?", frozenset()) == ["가나", "가"]
    assert set(spellings("가", frozenset({"tense", "aspirate"}))) == {"가", "까", "카"}
    assert set(spellings("새끼", frozenset({"double"}))) == {"새끼", "색끼", "샛끼"}
    assert set(spellings("병", frozenset({"nasal", "open"}))) == {"병", "변", "벙", "번"}
    assert set(spellings("시", frozenset({"round"}))) == {"시", "쉬", "싀"}


def test_an_english_word_typed_in_hangul_is_derived() -> None:
    assert typed_on_hangul("fuck") == ["ㄹㅕㅊㅏ"]
    assert typed_on_hangul("dick") == ["ㅇㅑㅊㅏ", "ㅑㅊㅏ"]
    assert typed_on_hangul("a b") == []


def test_other_orders_are_derived() -> None:
    assert reorderings("시발") == ["발시"]
    assert set(reorderings("개새끼")) == {"개끼새", "새개끼", "새끼개", "끼개새", "끼새개"}
    assert reorderings("개호로새끼") == []
    assert misspellings("shit") == ["tihs", "siht", "shti"]


def test_every_shipped_term_is_defended_and_every_label_is_covered() -> None:
    terms = read_lexicon()
    assert [term.id for term in terms if not term.why] == []
    assert {term.label for term in terms} == set(LABELS)
    assert len(terms) >= 120
    lexicon = embedded_lexicon()
    assert lexicon.jamo.keys > 1000
    assert lexicon.latin.keys > 500
    assert lexicon.phonetic.keys > 500
