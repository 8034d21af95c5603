"""The linear model of hashed jamo n-grams, and how it joins the encoder."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.labels import LABELS
from masker.model.inference import OnnxClassifier
from masker.model.linear import LinearModel, buckets_of, fold, read_linear
from masker.model.manifest import LINEAR_FILE
from masker.training.calibrate import fit_blend
from masker.training.config import LinearConfig
from masker.training.example import CLEAN_TOKENS, Example
from masker.training.linear import features, fit_linear
from tests.model.conftest import TinyRun

OUTPUTS = 1 + len(LABELS)
ONES = np.ones(OUTPUTS, np.float32)
DATA = Path("data/classifier")


def _examples() -> list[Example]:
    rows = []
    for number in range(80):
        offensive = number % 2 == 0
        text = f"{number}번 {'병신' if offensive else '사람'} 글"
        label = {LABELS[0]: offensive}
        rows.append(Example(text, "kmhas", offensive, label, CLEAN_TOKENS, text, split="train"))
    return rows


@given(st.text(max_size=40), st.integers(4, 20))
def test_buckets_are_distinct_ordered_and_within_bounds(text: str, bits: int) -> None:
    buckets = buckets_of(text, bits)
    assert all(0 <= bucket < 2**bits for bucket in buckets)
    assert list(buckets) == sorted(set(buckets.tolist()))


@pytest.mark.parametrize(
    ("written", "same", "reason"),
    [
        ("시발", "시발 ", "white space at the ends says nothing"),
        ("아  시발", "아\n시발", "nor does its kind"),
        ("FUCK", "fuck", "case says nothing"),
        ("시발", unicodedata.normalize("NFD", "시발"), "one word in two Unicode forms"),
        ("ㅋㅋㅋㅋㅋ", "ㅋㅋ", "longer laughter is laughter"),
    ],
)
def test_texts_that_read_alike_fill_the_same_buckets(written: str, same: str, reason: str) -> None:
    assert fold(written) == fold(same), reason
    assert np.array_equal(buckets_of(written, 18), buckets_of(same, 18)), reason


def test_no_n_gram_runs_over_the_edge_of_a_word() -> None:
    apart = set(buckets_of("가나", 20)) | set(buckets_of("다라", 20))
    assert set(buckets_of("가나 다라", 20)) == apart


def test_what_was_fitted_is_found_again_in_the_file_and_scores_as_its_matrix_does(tmp_path: Path) -> None:
    rows = _examples()
    model = fit_linear(LinearConfig(bits=12, augmented_share=0.0), rows, 3)
    logits = model.logits([row.text for row in rows])
    assert (logits[:, 0] > 0).tolist() == [row.offensive for row in rows]
    assert not logits[:, 2:].any(), "an output that no row knows stays 0"
    by_matrix = features([row.text for row in rows], 12) @ (model.weights * model.scales) + model.offsets
    assert np.allclose(logits, by_matrix, atol=1e-4)
    model.save(tmp_path / LINEAR_FILE)
    again = read_linear(tmp_path / LINEAR_FILE, OUTPUTS)
    assert np.array_equal(again.logits(["병신 글"]), model.logits(["병신 글"]))


def test_a_bar_keeps_a_source_from_being_known_by_its_words() -> None:
    def row(number: int, source: str, word: str, offensive: bool) -> Example:
        text = f"{word} {'병신' if offensive else '사람'} {number}"
        return Example(text, source, offensive, {}, CLEAN_TOKENS, text)

    # One source calls nearly everything offensive; its rows are known by the word 연예.
    rows = [row(number, "beep", "연예", number % 10 < 9) for number in range(100)]
    rows += [row(number, "kodoli", "게시", number % 10 < 1) for number in range(100)]
    plain, barred = (fit_linear(LinearConfig(bits=12, augmented_share=0.0), rows, 3, bars) for bars in ((), ("beep",)))
    (by_word, by_bar) = (model.logits(["연예"])[0, 0] - model.logits(["게시"])[0, 0] for model in (plain, barred))
    assert by_bar < by_word
    assert barred.logits(["병신"])[0, 0] > barred.logits(["사람"])[0, 0]
    assert len(barred.weights) == len(plain.weights)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (LinearModel(np.zeros((6, OUTPUTS), np.int8), ONES, ONES), "power of two"),
        (LinearModel(np.zeros((8, 3), np.int8), ONES[:3], ONES[:3]), "not 14 outputs"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, model: LinearModel, told: str) -> None:
    model.save(tmp_path / LINEAR_FILE)
    with pytest.raises(ValueError, match=told):
        read_linear(tmp_path / LINEAR_FILE, OUTPUTS)


def test_a_file_that_is_no_linear_model_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / LINEAR_FILE, other=np.zeros(3))
    with pytest.raises(ValueError, match="not the arrays"):
        read_linear(tmp_path / LINEAR_FILE, OUTPUTS)


def test_the_blend_trusts_the_model_that_is_right_and_never_against_its_word() -> None:
    rows = _examples()
    truth = np.array([row.offensive for row in rows])
    random = np.random.default_rng(5)
    right = np.where(truth, 1.0, -1.0)[:, None] + random.normal(0, 0.8, (len(rows), OUTPUTS))
    noise = random.normal(0, 1, (len(rows), OUTPUTS))
    blend = fit_blend(rows, right, noise)
    assert blend.encoder[0] > 3 * blend.linear[0] >= 0
    assert fit_blend(rows, right, -right).linear[0] == 0.0
    assert (blend.encoder[5], blend.linear[5]) == (1.0, 0.0), "an output that no row knows stays the encoder's"


def test_the_packaged_model_reads_a_text_with_both_models(tiny_run: TinyRun, tiny_classifier: OnnxClassifier) -> None:
    blend = tiny_classifier.manifest.blend
    assert blend is not None
    linear = read_linear(tiny_run.model / DATA / LINEAR_FILE, OUTPUTS).logits(["서울 시발 가자"])
    alone = OnnxClassifier(
        tiny_classifier.manifest.model_copy(update={"blend": None}),
        tiny_classifier._tokenizer,
        tiny_classifier._session,
        (tiny_classifier._start, tiny_classifier._end),
    ).raw(["서울 시발 가자"])
    both = tiny_classifier.raw(["서울 시발 가자"])
    expected = alone.sentence * np.array(blend.encoder) + linear * np.array(blend.linear)
    assert np.allclose(both.sentence, expected, atol=1e-4)
    assert all(np.array_equal(one, other) for one, other in zip(both.tokens, alone.tokens, strict=True))
