"""Where a term may stand: what each view brings to the judge, and how it says that the text differs from the form."""

from __future__ import annotations

import pytest

from masker.detectors.lexicon import embedded_lexicon
from masker.detectors.lexicon.candidates import Candidates
from masker.detectors.lexicon.compiled import How
from masker.normalise import Normalised


def found(text: str) -> dict[str, How]:
    """Return the candidates of a text: what is written there, and how the nearest pattern differs from its form."""
    nearest: dict[str, How] = {}
    for occurrence in Candidates(Normalised(text), embedded_lexicon()):
        written = text[occurrence.start : occurrence.end]
        nearest[written] = min(nearest.get(written, How.TYPED), occurrence.pattern.how, key=list(How).index)
    return nearest


@pytest.mark.parametrize(
    ("text", "written", "how", "reason"),
    [
        ("진짜 시발", "시발", How.EXACT, "as the lexicon has it"),
        ("쒸뷀 뭐야", "쒸뷀", How.PHONETIC, "tensed, rounded, and another vowel"),
        ("야 병씬아", "병씬", How.PHONETIC, "tensed"),
        ("뒈줘라 좀", "뒈줘라", How.PHONETIC, "rounded"),
        ("시밸 또야", "시밸", How.PHONETIC, "another vowel"),
        ("즤롤 말고", "즤롤", How.PHONETIC, "one vowel blurred"),
        ("발시 뭐야", "발시", How.REORDERED, "two syllables turned about"),
        ("끼새개 드디어", "끼새개", How.REORDERED, "three syllables reversed"),
        ("개끼새 저거", "개끼새", How.REORDERED, "two of three changed about"),
        ("kcuf this", "kcuf", How.REORDERED, "an English word backwards"),
        ("what a bithc", "bithc", How.REORDERED, "two letters changed about"),
        ("sibal 진짜", "sibal", How.ROMANISED, "romanised"),
        ("ssibalnom 진짜", "ssibal", How.ROMANISED, "romanised with a suffix"),
        ("gaesaekki ya", "gaesaekki", How.ROMANISED, "ae and kk are one letter each"),
        ("byungshin같은", "byungshin", How.ROMANISED, "by ear"),
        ("Ｓｉｂａｌ", "Ｓｉｂａｌ", How.ROMANISED, "full-width"),
        ("dakchyeo 좀", "dakchyeo", How.ROMANISED, "k closes a syllable, yeo is one vowel"),
        ("emchang 걸어", "emchang", How.ROMANISED, "ng is one letter"),
        ("si발 뭐야", "si발", How.ROMANISED, "Latin and Hangul mixed"),
        ("ㅆibal", "ㅆibal", How.ROMANISED, "one letter of Hangul"),
        ("gae새끼", "gae새끼", How.ROMANISED, "a syllable romanised"),
        ("c8 진짜", "c8", How.ROMANISED, "a letter and a digit read aloud"),
        ("10새끼야", "10새끼", How.ROMANISED, "a number read aloud"),
        ("シバル 뭐야", "シバル", How.ROMANISED, "Katakana"),
        ("ｼﾊﾞﾙ 뭐야", "ｼﾊﾞﾙ", How.ROMANISED, "half-width Katakana with its voicing mark apart"),
        ("病身 같은", "病身", How.ROMANISED, "Hanja"),
        ("始발 뭐야", "始발", How.ROMANISED, "Hanja and Hangul"),
        ("tlqkf 뭐야", "tlqkf", How.TYPED, "typed without switching the keyboard"),
        ("TlqtoRl 튀었네", "TlqtoRl", How.TYPED, "tensed letters are capitals"),
        ("t l q k f", "t l q k f", How.TYPED, "typed, with spaces"),
        ("ｔｌｑｋｆ", "ｔｌｑｋｆ", How.TYPED, "typed, full-width"),
        ("려차 뭐야", "려차", How.TYPED, "an English word typed in Hangul"),
        ("ㅜㅑㅎㅎㄷㄱ", "ㅜㅑㅎㅎㄷㄱ", How.TYPED, "letters of laughter and tears among them"),
    ],
)
def test_a_disguise_is_a_candidate_that_says_how_it_differs(text: str, written: str, how: How, reason: str) -> None:
    assert found(text).get(written) is how, reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("오늘 날씨가 좋네요", "nothing sounds alike"),
        ("변기 신호", "white space parts words"),
        ("하는 습관을 고치다", "inside another word"),
        ("출발 시간표", "another order across a space"),
        ("a super idea", "an English word that sounds like one"),
        ("Boji and Sega are names", "short names"),
        ("$100 bid, 10 birds", "a number before another word"),
        ("관객 108명", "a number that holds 18"),
        ("18 years old", "18 before no Korean word"),
        ("usb신호", "the end of a Latin word"),
        ("stuff it with insults", "letters of an English word changed about"),
        ("고려차 한 잔", "inside another word"),
        ("10시8분", "the time"),
        ("시발역(始發驛)", "Hanja inside a longer word of Hanja"),
        ("그 장기를 배우다", "not the vowels of any term"),
    ],
)
def test_ordinary_words_cost_no_judgement(text: str, reason: str) -> None:
    assert not [how for how in found(text).values() if how not in (How.EXACT, How.RESPELT)], reason
