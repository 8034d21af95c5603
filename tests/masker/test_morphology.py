"""Morphology: what it decides, that it says so, and that the engine goes on without it."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from masker import Masker, Preset, thresholds_for
from masker.detectors.lexicon.morphology import MAX_WINDOWS, Morphology, Reader
from masker.verdict import Basis

MASKER = Masker()
BY_FORM = Masker(morphology=Morphology(enabled=False))
STANDARD = thresholds_for(Preset.STANDARD)

# Read with no exception that names them: the words around decide.
ORDINARY = [
    ("반드시 발신인을 적어 주세요", "a word ends in 시, the next begins with 발"),
    ("낚시 발판이 미끄러워요", "two nouns"),
    ("말씨 발음 교정 수업", "씨 and 발 over a space"),
    ("몇 시\n발 사이즈 몇이에요", "a line ends in 시"),
    ("물병 신상품이 나왔어요", "병 and 신 over a space"),
    ("세기가 얼마나 되나요", "sounds like 새끼, and is a word"),
    ("육군 신병 교육대에 갔다", "병신 in the other order, and a word"),
    ("발시려 죽겠네", "시발 in the other order, over two words"),
    ("보슬비가 내린다", "a word of the dictionary holds the letters"),
]
DISGUISED = [
    ("시 발 뭐야", "시 발", "a space that no words explain"),
    ("쒸뷀 뭐야", "쒸뷀", "no word at all"),
    ("쥐뢀 하네", "쥐뢀", "another lead and another vowel"),
    ("닥춰 아직 안 끝났어", "닥춰", "another vowel"),
    ("아씨발 깜짝이야", "씨발", "an exclamation touches it"),
    ("조오오온나 길다", "조오오온나", "drawn out"),
]


@pytest.mark.parametrize(("text", "reason"), ORDINARY)
def test_ordinary_words_are_left_alone_without_an_exception(text: str, reason: str) -> None:
    verdict = MASKER.inspect(text)
    assert verdict.flagged(STANDARD) == (), reason
    assert verdict.complete


@pytest.mark.parametrize(("text", "word", "reason"), DISGUISED)
def test_what_reads_as_no_words_is_found_and_morphology_named_as_what_decided(
    text: str, word: str, reason: str
) -> None:
    found = {text[item.span.start : item.span.end]: item.basis for item in MASKER.inspect(text).findings}
    assert found.get(word) is Basis.MORPHOLOGY, reason


def test_a_rejection_says_that_morphology_decided() -> None:
    (rejection, *_) = MASKER.inspect("세기가 얼마나 되나요").rejections
    assert (rejection.basis, rejection.innocent) == (Basis.MORPHOLOGY, True)


def test_form_decides_the_plain_word_and_an_exception_its_own() -> None:
    assert [finding.basis for finding in MASKER.inspect("시발 진짜").findings] == [Basis.FORM]
    assert {item.basis for item in MASKER.inspect("시발역에서 만나자").rejections} == {Basis.EXCEPTION}


def test_switched_off_it_leaves_form_alone_to_decide_and_the_verdict_complete() -> None:
    verdict = BY_FORM.inspect("쒸뷀 뭐야 시발")
    assert [finding.basis for finding in verdict.findings] == [Basis.FORM]
    assert verdict.complete


def test_a_broken_install_is_said_once_and_makes_only_doubtful_verdicts_incomplete(
    caplog: pytest.LogCaptureFixture,
) -> None:
    masker = Masker(morphology=Morphology(package="kiwipiepy_that_is_not_installed"))
    with caplog.at_level(logging.WARNING):
        masker.warm()
        doubtful = [masker.inspect(text) for text in ("쒸뷀 뭐야", "쥐뢀 하네")]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    reason = "morphology: kiwipiepy_that_is_not_installed cannot be used (ModuleNotFoundError); form alone decided"
    assert [verdict.incomplete_reasons for verdict in doubtful] == [(reason,), (reason,)]
    assert masker.inspect("시발 진짜").complete


def test_one_text_asks_about_a_bounded_number_of_windows() -> None:
    reader = Reader(MASKER.lexicon.morphology)
    answers = [reader.ask("", f"시{at}발", " 뭐야", "시발") for at in range(MAX_WINDOWS)]
    assert answers[0] is not None
    assert answers[-1] is None


def test_many_threads_may_ask_at_once_and_get_what_one_gets() -> None:
    texts = [text for text, *_ in (*ORDINARY, *DISGUISED)]
    masker = Masker(morphology=Morphology())
    alone = [verdict.findings for verdict in map(MASKER.inspect, texts)]
    with ThreadPoolExecutor(8) as pool:
        together = [verdict.findings for verdict in pool.map(masker.inspect, texts * 8)]
    assert together == alone * 8
