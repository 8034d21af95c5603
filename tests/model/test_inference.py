"""Tokens with exact offsets, long texts in windows, stable answers."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masker.labels import LABELS, Label
from masker.model.calibration import Calibration, Platt, label_scores
from masker.model.inference import MAX_CHARS, OnnxClassifier, token_scores
from masker.model.mlflow_loader import texts_of
from masker.model.windows import LENGTH_RATIO, LENGTH_SLACK, MAX_WINDOWS, OVERLAP_TOKENS, Window, by_budget, windows_of
from masker.training.tokenizer import train_tokenizer

CHAT = ["시발 진짜 짜증나네", "오늘 날씨 좋네요", "what a lovely day", "개새끼야 꺼져 ㅋㅋ", "ㅅㅂ 1234 !!"] * 5
TOKENIZER = train_tokenizer(CHAT, 400)


def _pieces(text: str) -> list[str]:
    """Return the pieces of the text that its tokens cover."""
    encoding = TOKENIZER.encode(text, add_special_tokens=False)
    return [text[token.start : token.end] for token in token_scores(text, encoding.offsets, [0.5] * len(encoding.ids))]


@pytest.mark.parametrize(
    ("text", "expected", "reason"),
    [
        ("오늘 시발", ["오늘", "시발"], "a word's token begins after its space"),
        ("오늘\n\t시발", ["오늘", "시발"], "line breaks are white space too"),
        ("시\u200b발", ["시\u200b발"], "an invisible character inside a word belongs to it"),
        (unicodedata.normalize("NFD", "시발"), [unicodedata.normalize("NFD", "시발")], "NFD is the same word"),
        ("😀시발", ["😀", "시발"], "an emoji is one code point"),
        ("👍🏽 시발", ["👍", "🏽", "시발"], "a skin tone is a code point of its own"),
        ("ㅅㅣㅂㅏㄹ", ["ㅅㅣㅂㅏ", "ㄹ"], "letters written apart still form their word"),
        ("", [], "nothing has no tokens"),
        ("   ", [], "white space has no tokens"),
    ],
)
def test_offsets_point_at_the_written_text(text: str, expected: list[str], reason: str) -> None:
    assert "".join(_pieces(text)) == "".join(expected), reason
    assert all(any(part.startswith(piece[0]) for part in _pieces(text)) for piece in expected), reason


def test_no_spelling_of_korean_is_unknown() -> None:
    unknown = TOKENIZER.token_to_id("[UNK]")
    for text in ("뷁 갽뷰늰 둝쨩", "ㄱㄴㄷㅏㅑㅓㄳㄺ", "㉮㉯", unicodedata.normalize("NFD", "뷁")):
        assert unknown not in TOKENIZER.encode(text).ids, text
    assert unknown in TOKENIZER.encode("龘").ids


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_tokens_are_in_order_inside_the_text_and_apart(text: str) -> None:
    readable = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    encoding = TOKENIZER.encode(readable, add_special_tokens=False)
    tokens = token_scores(readable, encoding.offsets, [0.5] * len(encoding.ids))
    reached = 0
    for token in tokens:
        assert reached <= token.start < token.end <= len(readable)
        assert not readable[token.start].isspace()
        assert not readable[token.end - 1].isspace()
        reached = token.end


def test_a_syllable_shared_by_two_tokens_goes_to_the_first_with_the_higher_score() -> None:
    found = token_scores("갽다", [(0, 1), (0, 1), (1, 2)], [0.2, 0.9, 0.4])
    assert [(token.start, token.end, token.score) for token in found] == [(0, 1, 0.9), (1, 2, 0.4)]


@given(st.integers(0, 3000), st.integers(8, 200))
def test_windows_cover_every_token_and_overlap(tokens: int, size: int) -> None:
    windows = list(windows_of(0, tokens, size))
    assert len(windows) <= MAX_WINDOWS
    assert windows[0].start == 0
    for left, right in pairwise(windows):
        assert left.end - right.start == min(OVERLAP_TOKENS, size // 2)
    if len(windows) < MAX_WINDOWS:
        assert windows[-1].end == tokens


@given(st.lists(st.integers(0, 90), max_size=40), st.integers(1, 500))
def test_batches_hold_each_window_once_within_the_budget(lengths: list[int], budget: int) -> None:
    windows = [Window(row, 0, length) for row, length in enumerate(lengths)]
    batches = list(by_budget(windows, budget))
    assert sorted(window.row for batch in batches for window in batch) == list(range(len(lengths)))
    for batch in batches:
        longest, shortest = max(window.length for window in batch), min(window.length for window in batch)
        assert len(batch) == 1 or len(batch) * longest <= budget
        assert longest <= shortest * LENGTH_RATIO + LENGTH_SLACK


def test_a_curse_at_the_end_of_a_long_text_is_found(tiny_classifier: OnnxClassifier) -> None:
    texts = ["공원 춥다 " * 150 + word for word in ("시발", "공원")]
    cursed, clean = tiny_classifier.predict(texts)
    assert cursed.tokens[-1].end == clean.tokens[-1].end == len(texts[0])
    assert cursed.tokens[-1].score > 10 * clean.tokens[-1].score


def test_texts_past_the_bound_are_read_up_to_it(tiny_classifier: OnnxClassifier) -> None:
    prediction = tiny_classifier.predict(["시발 " * MAX_CHARS])[0]
    assert prediction.tokens[-1].end <= MAX_CHARS


def test_lone_surrogates_and_control_characters_do_not_break_it(tiny_classifier: OnnxClassifier) -> None:
    texts = ["\ud800시발", "\x00\x1b[31m", "\u202e발시", "a" * 5000, "\U0010ffff"]
    assert len(tiny_classifier.predict(texts)) == len(texts)


def test_nothing_in_nothing_out(tiny_classifier: OnnxClassifier) -> None:
    assert tiny_classifier.predict([]) == []
    assert tiny_classifier.predict([""])[0].tokens == ()


def test_order_and_company_change_a_score_by_little(tiny_classifier: OnnxClassifier) -> None:
    texts = [f"{place} {word} 왔어" for place in ("서울", "부산 바다 공원") for word in ("시발", "정말", "지랄")]
    alone = [tiny_classifier.predict([text])[0] for text in texts]
    together = tiny_classifier.predict(texts)
    backwards = tiny_classifier.predict(texts[::-1])[::-1]
    for first, second, third in zip(alone, together, backwards, strict=True):
        for label in LABELS:
            # Dynamic quantisation picks one activation scale per batch, hence not exactly equal.
            assert second.scores[label] == pytest.approx(first.scores[label], abs=0.1)
            assert third.scores[label] == pytest.approx(second.scores[label], abs=1e-6)


def test_threads_may_share_a_classifier(tiny_classifier: OnnxClassifier) -> None:
    texts = [f"{number} 시발 왔어" for number in range(40)]
    expected = [tiny_classifier.predict([text])[0] for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: tiny_classifier.predict([text])[0], texts)) == expected


CURVES = st.builds(Platt, st.floats(0.05, 5), st.floats(-5, 5))


@given(
    st.lists(st.lists(st.floats(-20, 20), min_size=14, max_size=14), min_size=1, max_size=5),
    CURVES,
    st.dictionaries(st.sampled_from(LABELS), CURVES),
)
def test_the_highest_label_is_the_offence_score(
    rows: list[list[float]], offence: Platt, labels: dict[Label, Platt]
) -> None:
    logits = np.array(rows)
    scores = label_scores(Calibration(offence, labels, offence), logits)
    assert scores.max(axis=1) == pytest.approx(offence.apply(logits[:, 0]))
    assert ((scores >= 0) & (scores <= 1)).all()
    for column, label in enumerate(LABELS):
        if label not in labels and label is not Label.INSULT and labels:
            below_half = scores[:, column] == 0
            assert below_half.all()


@pytest.mark.parametrize(
    ("logits", "named", "reason"),
    [
        ([3.0, 4.0, -4.0], Label.PROFANITY, "a likely label names the offence"),
        ([3.0, -1.0, -4.0], Label.INSULT, "an offence without a likely label is an insult"),
        ([-3.0, 4.0, -4.0], Label.INSULT, "a label does not exceed the offence, and below a half it names nothing"),
    ],
)
def test_the_offence_takes_the_name_of_its_likeliest_label(logits: list[float], named: Label, reason: str) -> None:
    plain = Platt(1.0, 0.0)
    row = np.array([[*logits, *[-9.0] * 11]])
    scores = label_scores(Calibration(plain, {Label.PROFANITY: plain, Label.INSULT: plain}, plain), row)[0]
    assert scores[LABELS.index(named)] == pytest.approx(plain.one(logits[0])), reason


@pytest.mark.parametrize("given_", [["a", "b"], pd.Series(["a", "b"]), np.array(["a", "b"], dtype=object)])
def test_texts_come_in_any_shape_that_mlflow_hands_over(given_: object) -> None:
    assert texts_of(given_) == ["a", "b"]
    assert texts_of("a") == ["a"]
    assert texts_of(pd.DataFrame({"id": [1, 2], "text": ["a", "b"]})) == ["a", "b"]


@pytest.mark.parametrize("given_", [[1, 2], pd.DataFrame({"a": ["x"], "b": ["y"]})])
def test_what_holds_no_texts_is_refused(given_: object) -> None:
    with pytest.raises(ValueError):
        texts_of(given_)
