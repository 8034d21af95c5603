"""Occlusion finds the words that carry a text's score, within a bounded number of readings."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masker.model.occlusion import PIECE_WORDS, PIECES, WORDS_AT_ONCE, cut, occlude


def in_company(text: str) -> float:
    """Find `bad` on its own, and `group` only in the company of `leave`."""
    words = text.split()
    together = "group" in words and "leave" in words
    return 0.95 if "bad" in words else 0.9 if together else 0.05


class Reader:
    """Score a text by rules of its own, and count what it was asked."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.rule: Callable[[str], float] = in_company

    def __call__(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        self.calls.append(len(texts))
        return np.array([self.rule(text) for text in texts])


def _heavy(text: str, reader: Reader) -> list[str]:
    (tokens,) = occlude([text], [reader.rule(text)], reader)
    return [text[token.start : token.end] for token in tokens if token.score >= 0.5]


@pytest.mark.parametrize(
    ("text", "heavy", "reason"),
    [
        ("a bad day", ["bad"], "the score falls without it"),
        ("bad and bad again", ["bad", "bad"], "each excuses the other's absence, but scores alone"),
        ("that group must leave now", ["group", "leave"], "neither offends alone, and without either the score falls"),
        ("bad", ["bad"], "a single word carries it all"),
        ("a fine day", [], "a clean text has no such word"),
        ("  bad  ", ["bad"], "white space is no word"),
        ("", [], "nothing to find"),
        (" \n ", [], "nothing but white space"),
        ("ok " * 60 + "bad " + "ok " * 60, ["bad"], "a long text is cut, and looked into where it offends"),
        ("ok. " * 60 + "that group must leave. ", ["group"], "a sentence is not cut apart; `leave.` is another word"),
    ],
)
def test_the_words_that_carry_the_score_are_found(text: str, heavy: list[str], reason: str) -> None:
    reader = Reader()
    if "group must leave." in text:
        reader.rule = lambda one: 0.9 if {"group", "leave."} <= set(one.split()) else 0.05
        heavy = ["group", "leave."]
    assert _heavy(text, reader) == heavy, reason


def test_a_long_rant_marks_the_pieces_that_were_not_looked_into_as_a_whole() -> None:
    text = " ".join(["so bad it is."] * 20)
    heavy = _heavy(text, Reader())
    assert heavy.count("bad") == 20
    assert heavy.count("so") == 20 - PIECES


def test_a_harmless_word_that_the_model_misjudges_on_its_own_is_left_alone() -> None:
    reader = Reader()
    reader.rule = lambda one: 0.8 if one == "cafe" else in_company(one)
    assert _heavy("the cafe is bad", reader) == ["bad"]


def test_clean_texts_cost_no_reading_and_many_texts_share_their_calls() -> None:
    reader = Reader()
    assert [len(tokens) for tokens in occlude(["a b c", "d"], [0.01, 0.29], reader)] == [3, 1]
    assert reader.calls == []
    occlude(["a bad day", "bad " * 40, "fine"] * 5, [0.95, 0.95, 0.0] * 5, reader)
    assert len(reader.calls) == 3


words = st.lists(st.sampled_from(["bad", "ok", "group", "leave", "end.", "가", "\n"]), max_size=400).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(words)
def test_readings_are_bounded_and_words_are_in_order_and_whole(text: str) -> None:
    reader = Reader()
    whole = reader.rule(text)
    (tokens,) = occlude([text], [whole], reader)
    assert [text[token.start : token.end] for token in tokens] == text.split()
    assert all(0.0 <= token.score <= whole for token in tokens)
    pieces = len(text.split())
    assert sum(reader.calls) <= pieces + 3 * max(WORDS_AT_ONCE, PIECES * PIECE_WORDS)


@settings(max_examples=60, deadline=None)
@given(words)
def test_pieces_hold_every_word_once_and_are_bounded(text: str) -> None:
    places = [token.span() for token in re.finditer(r"\S+", text)]
    pieces = cut(text, places)
    assert [place for piece in pieces for place in piece] == places
    assert all(1 <= len(piece) <= PIECE_WORDS for piece in pieces)
