"""Clauses, and the worst of them."""

from __future__ import annotations

import math
import statistics
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masker.detectors.clauses import CLAUSE_CHARS, CLAUSE_SHARE, clauses, worst_clause
from masker.detectors.groups import names_a_group
from masker.prediction import TokenScore
from masker.verdict import Span
from tests.masker.strategies import texts


@pytest.mark.parametrize(
    ("text", "expected", "reason"),
    [
        ("비가 오네. 집에 가자", ["비가 오네.", "집에 가자"], "a full stop"),
        ("비가 오고 바람도 분다", ["비가 오고", "바람도 분다"], "a connective ending"),
        ("늦었으니까 먼저 가", ["늦었으니까", "먼저 가"], "-니까"),
        ("싸지만 멀어서 안 가", ["싸지만", "멀어서", "안 가"], "-지만, -어서"),
        ("집에서 쉬는 중", ["집에서 쉬는 중"], "-에서 is a particle"),
        ("하나만 더 줘", ["하나만 더 줘"], "-만 after a noun is a particle"),
        ("저들은 다 나가야 해", ["저들은 다 나가야 해"], "다 on its own is an adverb"),
        ("왔네ㅋㅋㅋ 반가워", ["왔네ㅋㅋㅋ", "반가워"], "laughter closes a clause"),
        ("한 줄\n두 줄", ["한 줄", "두 줄"], "a line's end"),
        ("봐 https://a.example/b.c 좋다", ["봐 https://a.example/b.c 좋다"], "none ends inside a link"),
        (" \n ", [], "nothing"),
    ],
)
def test_clauses_end_where_korean_clauses_end(text: str, expected: list[str], reason: str) -> None:
    assert [text[clause.start : clause.end] for clause in clauses(text)] == expected, reason


def _tokens(text: str, scores: dict[str, float]) -> list[TokenScore]:
    found = [TokenScore(text.index(word), text.index(word) + len(word), score) for word, score in scores.items()]
    return sorted(found, key=lambda token: token.start)


def test_the_clause_of_the_strongest_token_is_the_worst() -> None:
    text = "오늘 날씨 참 좋네. 저런 것들은 나가야 해. 밥 먹자"
    worst = worst_clause(text, _tokens(text, {"날씨": 0.1, "것들은": 0.3, "밥": 0.05}))
    assert text[worst.start : worst.end] == "저런 것들은 나가야 해."


def test_a_long_clause_is_narrowed_to_its_worst_words() -> None:
    text = "어제 시장 골목 어귀에 새로 문을 연 작은 가게 앞에 저런 것들은 나가야 해"
    worst = worst_clause(text, _tokens(text, {"시장": 0.05, "저런": 0.3, "것들은": 0.3, "나가야": 0.2}))
    assert "저런 것들은 나가야" in text[worst.start : worst.end]
    assert worst.end - worst.start <= max(CLAUSE_CHARS, CLAUSE_SHARE * len(text))


def test_a_short_sentence_is_masked_as_one_clause() -> None:
    text = "저들은 나가야 해"
    assert worst_clause(text, _tokens(text, {"나가야": 0.3})) == Span(0, len(text))


@settings(max_examples=200, deadline=None)
@given(texts, st.lists(st.tuples(st.integers(0, 80), st.integers(1, 6), st.floats(0, 1)), max_size=8))
def test_clauses_cover_every_word_and_the_worst_lies_in_one(text: str, drawn: list[tuple[int, int, float]]) -> None:
    found = clauses(text)
    covered = {place for clause in found for place in range(clause.start, clause.end)}
    assert all(char.isspace() for place, char in enumerate(text) if place not in covered)
    assert all(one.end <= two.start for one, two in pairwise(found))
    tokens = [TokenScore(start, min(len(text), start + size), score) for start, size, score in sorted(drawn)]
    tokens = [token for token in tokens if token.start < token.end]
    if found and tokens:
        worst = worst_clause(text, tokens)
        assert any(clause.start <= worst.start and worst.end <= clause.end for clause in found)


def test_clauses_take_time_in_proportion_to_length() -> None:
    def seconds(count: int) -> float:
        text = "비가 오고 " * count + " " * count + "." * count
        tokens = [TokenScore(place, place + 1, 0.3) for place in range(len(text))]
        started = time.thread_time()
        worst_clause(text, tokens)
        return time.thread_time() - started

    def slope() -> float:
        points = [(math.log(count), math.log(min(seconds(count) for _ in range(5)))) for count in (200, 400, 800, 1600)]
        return statistics.linear_regression(*zip(*points, strict=True)).slope

    # Work that outgrows the text has a slope of 2; what a busy machine adds is no part of a thread's own time.
    assert any(slope() < 1.35 for _ in range(3))


@pytest.mark.parametrize(
    ("word", "names", "reason"),
    [
        ("여자들은", True, "a plural and a particle"),
        ("중국인이라서", True, "people of a country, with the copula"),
        ("전라도가", True, "a region"),
        ("여자새끼", False, "a curse makes it a slur"),
        ("중국놈들", False, "so does 놈"),
        ("김치녀", False, "a slur of its own"),
        ("인도적", False, "another word that begins alike"),
    ],
)
def test_neutral_names_of_groups_are_told_from_slurs(word: str, names: bool, reason: str) -> None:
    assert names_a_group(word) is names, reason
