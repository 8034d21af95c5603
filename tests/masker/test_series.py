"""Letters sent one by one: found over the messages that they cross, and nowhere else."""

from __future__ import annotations

import pytest

from masker import Masker, Span
from masker.series import MAX_LENGTH, MAX_MESSAGES

MASKER = Masker()

SPELT = [
    (["시", "발"], [(0, "시"), (1, "발")], "a syllable a message"),
    (["안녕", "시", "발"], [(1, "시"), (2, "발")], "an ordinary message before"),
    (["개", "새", "끼"], [(0, "개"), (1, "새"), (2, "끼")], "three messages"),
    (["병", "신아"], [(0, "병"), (1, "신아")], "a vocative in the last"),
    (["개", "새끼"], [(0, "개"), (1, "새끼")], "a syllable, then the rest"),
    (["ㅅ", "ㅂ"], [(0, "ㅅ"), (1, "ㅂ")], "initials"),
    (["ㅅ", "ㅣ", "ㅂ", "ㅏ", "ㄹ"], [(0, "ㅅ"), (1, "ㅣ"), (2, "ㅂ"), (3, "ㅏ"), (4, "ㄹ")], "a letter a message"),
    (["f", "u", "c", "k"], [(0, "f"), (1, "u"), (2, "c"), (3, "k")], "Latin letters"),
    (["fu", "ck"], [(0, "fu"), (1, "ck")], "two halves"),
    (["아 ㅅ", "ㅂ"], [(0, "ㅅ"), (1, "ㅂ")], "the end of a sentence, then a bare letter"),
    (["지", "랄하네"], [(0, "지"), (1, "랄하네")], "the ending in the last"),
    ([" 시 ", " 발 "], [(0, "시"), (1, "발")], "spaces around"),
]
INNOCENT = [
    (["시", "발표 준비하자"], "another word begins with the letter"),
    (["개", "새", "고양이"], "three animals"),
    (["몇 시", "발 아파 죽겠네"], "two sentences"),
    (["다시", "발급해 주세요"], "two words"),
    (["병", "신고했어?"], "another word begins with the letter"),
    (["지금 몇 시?", "발목 삐었어"], "two sentences"),
    (["안녕", "하세요"], "nothing at all"),
    (["시", "발", "안녕하세요"], "the newest message completes nothing"),
    (["ㅇ", "ㅋ"], "initials that mean nothing"),
    (["시발"], "one message is no series"),
    ([], "no message at all"),
    (["시", "가" * (MAX_LENGTH + 1), "발"], "a sentence stands between"),
    (["시", *["안녕하세요"] * MAX_MESSAGES, "발"], "too long ago"),
    (["시", "", "발 아프다"], "an empty message stands between"),
]


@pytest.mark.parametrize(("texts", "parts", "reason"), SPELT)
def test_letters_sent_one_by_one_are_found_over_their_messages(
    texts: list[str], parts: list[tuple[int, str]], reason: str
) -> None:
    found = [
        [(index, texts[index][span.start : span.end]) for index, span in finding.spans]
        for finding in MASKER.inspect_series(texts)
    ]
    assert parts in found, reason


@pytest.mark.parametrize(("texts", "reason"), INNOCENT)
def test_ordinary_messages_spell_nothing_together(texts: list[str], reason: str) -> None:
    assert MASKER.inspect_series(texts) == (), reason


def test_what_stands_in_one_message_alone_is_left_to_its_own_inspection() -> None:
    assert MASKER.inspect_series(["안녕", "시발"]) == ()


def test_a_series_finding_carries_label_score_and_rule() -> None:
    (finding,) = MASKER.inspect_series(["시", "발"])
    assert (finding.label.value, finding.score, finding.rule) == ("profanity", 0.95, "sibal")
    assert finding.spans == ((0, Span(0, 1)), (1, Span(0, 1)))
