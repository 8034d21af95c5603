"""Cutting texts into messages."""

from __future__ import annotations

import regex
from hypothesis import given
from hypothesis import strategies as st

from cogs._split import MESSAGE_LIMIT, split_text, utf16_length
from masker.verdict import Span, merge_spans

pieces = st.sampled_from(["가", "나다 ", "\n", " ", "●●●", "👨‍👩‍👧‍👦", "e\u0301", "x" * 30, "🙂", "**굵게**"])
texts = st.lists(pieces, max_size=200).map("".join)


@st.composite
def masked_texts(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(texts)
    clusters = [found.span() for found in regex.finditer(r"\X", text)]
    spans = []
    for _ in range(draw(st.integers(0, 5)) if clusters else 0):
        first = draw(st.integers(0, len(clusters) - 1))
        last = min(len(clusters) - 1, first + draw(st.integers(0, 6)))
        spans.append(Span(clusters[first][0], clusters[last][1]))
    return text, list(merge_spans(spans))


@given(masked_texts(), st.integers(60, 300))
def test_nothing_but_blank_parts_is_ever_lost(masked: tuple[str, list[Span]], limit: int) -> None:
    text, masks = masked
    parts = split_text(text, masks, first_limit=limit - 20, limit=limit)
    assert "".join("".join(parts).split()) == "".join(text.split())
    at = 0
    for part in parts:
        found = text.index(part, at)
        assert not text[at:found].strip()
        at = found + len(part)


@given(masked_texts(), st.integers(60, 300))
def test_every_part_fits_and_says_something(masked: tuple[str, list[Span]], limit: int) -> None:
    text, masks = masked
    parts = split_text(text, masks, first_limit=limit - 20, limit=limit)
    assert all(part.strip() for part in parts)
    assert all(utf16_length(part) <= limit for part in parts)
    assert not parts or utf16_length(parts[0]) <= limit


@given(masked_texts(), st.integers(120, 300))
def test_no_cut_goes_through_a_mask_or_a_character(masked: tuple[str, list[Span]], limit: int) -> None:
    text, masks = masked
    boundaries = {found.start() for found in regex.finditer(r"\X", text)} | {len(text)}
    at = 0
    for part in split_text(text, masks, first_limit=limit, limit=limit):
        start = text.index(part, at)
        at = start + len(part)
        for cut in (start, at):
            through = [mask for mask in masks if mask.start < cut < mask.end]
            assert all(utf16_length(text[mask.start : mask.end]) > limit for mask in through)
            assert cut in boundaries or through


def test_a_short_text_is_one_part() -> None:
    assert split_text("안녕하세요") == ["안녕하세요"]


def test_a_cut_goes_after_a_line_rather_than_through_a_sentence() -> None:
    text = "가" * 1_500 + "\n" + "나" * 1_000
    assert split_text(text) == ["가" * 1_500 + "\n", "나" * 1_000]


def test_a_cluster_longer_than_a_message_is_cut_because_it_must() -> None:
    text = "e" + "\u0301" * 2_500
    parts = split_text(text)
    assert "".join(parts) == text
    assert [utf16_length(part) <= MESSAGE_LIMIT for part in parts] == [True, True]


def test_a_text_of_blanks_makes_no_part() -> None:
    assert split_text(" \n ") == []
