"""An admin's own words: blocked in every disguise, allowed where they stand."""

from __future__ import annotations

import time

import pytest

from masker import Masker
from masker.detectors.lexicon import embedded_lexicon, extended
from masker.detectors.lexicon.morphology import Morphology
from masker.errors import LexiconError


def masked(text: str, block: tuple[str, ...] = (), allow: tuple[str, ...] = ()) -> str:
    lexicon = extended(embedded_lexicon(), block, allow)
    return Masker(lexicon, morphology=Morphology(enabled=False)).mask(text).text


@pytest.mark.parametrize(
    ("word", "text", "expected", "reason"),
    [
        ("꼬부기", "저 꼬부기 봐", "저 ●●● 봐", "as written"),
        ("꼬부기", "저 꼬부기는 귀엽다", "저 ●●●는 귀엽다", "a particle stays outside"),
        ("꼬부기", "ㄲㅗㅂㅜㄱㅣ", "●●●●●●", "taken apart"),
        ("꼬부기", "꼬.부.기 봐", "●●●●● 봐", "symbols between"),
        ("꼬부기", "꼬\u200b부\u200b기", "●●●●●", "the invisible between"),
        ("꼬부기", "Rhqnrl", "●●●●●●", "typed on a Latin keyboard"),
        ("꼬부기", "kkobugi", "●●●●●●●", "romanised"),
        ("꼬부기", "꼬bu기", "●●●●", "half romanised"),
        ("Goblin", "what a GOBLIN", "what a ●●●●●●", "Latin in either case"),
        ("goblin", "g0bl1n g o b l i n", "●●●●●● ●●●●●●●●●●●", "leet and spacing"),
        ("ㄲㅂㄱ", "ㄲㅂㄱ 왔다", "●●● 왔다", "initials"),
        ("꼬부기 왕자", "꼬부기 왕자 왔다", "●●●●●● 왔다", "two words"),
    ],
)
def test_a_blocked_word_is_masked_in_the_disguises_that_shipped_words_take(
    word: str, text: str, expected: str, reason: str
) -> None:
    assert masked(text, block=(word,)) == expected, reason


@pytest.mark.parametrize(
    ("word", "text", "expected", "reason"),
    [
        ("시발택시", "시발택시 타자", "시발택시 타자", "the allowed word itself"),
        ("시발", "시발 시1발", "시발 ●●●", "allowed as written, not in disguise"),
        ("시발택시", "시발택시 아니 시발", "시발택시 아니 ●●", "what stands beside it still counts"),
        ("Shitake", "SHITAKE, shit", "SHITAKE, ●●●●", "in either case"),
        ("병신", "개병신", "●●●", "a longer word is not the allowed one"),
    ],
)
def test_an_allowed_word_excuses_its_own_occurrences(word: str, text: str, expected: str, reason: str) -> None:
    assert masked(text, allow=(word,)) == expected, reason


def test_an_excuse_is_told() -> None:
    masker = Masker(extended(embedded_lexicon(), allow=["시발"]), morphology=Morphology(enabled=False))
    verdict = masker.inspect("시발")
    assert not verdict.findings
    assert {rejection.reason for rejection in verdict.rejections} == {"inside a word on the allowlist"}


@pytest.mark.parametrize(
    ("block", "allow", "said"),
    [
        (["가나", "가"], [], "block: entry 2: '가'"),
        (["a1"], [], "block: entry 1: 'a1' must be two letters"),
        (["가" * 65], [], "65 code points long"),
        ([" "], [], "block: entry 1: '' is 0"),
        ([], ["가" * 65], "allow: entry 1"),
        (["가나"] * 1001, [], "block: 1001 entries, at most 1000"),
        ([], ["가나"] * 1001, "allow: 1001 entries"),
        (["[가나]다"], [], r"'\[가나\]다' must be"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named(block: list[str], allow: list[str], said: str) -> None:
    with pytest.raises(LexiconError, match=said):
        extended(embedded_lexicon(), block, allow)


def test_a_thousand_words_compile_in_no_more_than_a_few_times_what_the_shipped_ones_take() -> None:
    words = ["".join(chr(0xAC00 + (at * step) % 11172) for step in (7, 31, 97)) for at in range(1, 1001)]

    def took(block: list[str]) -> float:
        started = time.process_time()
        lexicon = extended(embedded_lexicon(), block)
        assert lexicon.jamo.keys
        assert lexicon.phonetic.keys
        return time.process_time() - started

    assert min(took(words) for _ in range(2)) < 4 * min(took([]) for _ in range(2)) + 0.2
