"""What an evaluation measures: each figure on numbers worked out by hand, and the whole of it on a tiny model."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from masker.labels import LABELS, Label
from masker.model.inference import OnnxClassifier
from masker.pipeline import Masker
from masker.prediction import Prediction
from masker.presets import Preset, thresholds_for
from masker.training.__main__ import main
from masker.training.calibrate import even_logit
from masker.training.champion import score_rows
from masker.training.data import read_examples
from masker.training.evaluate import as_lines, evaluate, evaluate_fully
from masker.training.evaluation.bias import neutral_sentences
from masker.training.evaluation.command import JSON_FILE, PAGE_FILE
from masker.training.evaluation.disguises import DISGUISES, disguised
from masker.training.evaluation.judged import Judged, combination_figures
from masker.training.evaluation.locating import KEY_CHARS, marked_clauses, masked_in_marks, overlap_f1, row_key
from masker.training.evaluation.page import page
from masker.training.evaluation.ranking import confusion, threshold_at
from masker.training.evaluation.reliability import calibration
from masker.training.evaluation.scored import Scored
from masker.training.evaluation.yardstick import MIN_ROWS, Yardstick
from masker.training.example import CLEAN_TOKENS, Example
from masker.training.sources import SOURCES, read_rows
from masker.verdict import Span
from tests.model.conftest import TINY, TinyRun


def test_calibration_compares_what_is_said_with_what_is_true_in_each_bin() -> None:
    scores = np.array([0.05, 0.05, 0.95, 0.95])
    found = calibration(scores, np.array([False, True, True, True]), np.full(4, 0.25))
    assert found["error"] == pytest.approx(0.5 * 0.45 + 0.5 * 0.05, abs=1e-4)
    assert found["brier"] == pytest.approx((0.05**2 + 0.95**2 + 2 * 0.05**2) / 4, abs=1e-4)
    assert found["curve"] == [
        {"said": 0.05, "true": 0.5, "weight": 0.5},
        {"said": 0.95, "true": 1.0, "weight": 0.5},
    ]


def test_a_threshold_leaves_at_most_its_share_of_clean_rows_above_it() -> None:
    clean = np.arange(1000) / 1000
    bar = threshold_at(clean, 0.01)
    assert bar is not None
    assert (clean > bar).mean() == pytest.approx(0.01)
    assert threshold_at(clean[:0], 0.01) is None


def test_an_evaluation_and_a_contest_measure_alike(tiny_run: TinyRun, tiny_classifier: OnnxClassifier) -> None:
    rows, _ = read_examples(tiny_run.data, sources=TINY.sources, check=False)
    contest = Yardstick(rows).figures(score_rows(tiny_classifier, [row.text for row in rows]))
    told = evaluate(tiny_classifier, rows)
    assert told["yardstick"] == pytest.approx(contest, abs=1e-4)
    recalls = told["clean_chat"]["recall_at_false_alarms"]["0.1%"]
    f1 = [label["f1_at_0.5"] for label in told["labels"].values() if label["positive"] >= MIN_ROWS]
    parts = {"auc": list(told["auc_by_source"].values()), "recall_at_false_alarms": list(recalls.values())}
    for name, values in {**parts, "label_f1": f1}.items():
        assert contest[name] == pytest.approx(np.mean(values), abs=1e-4)
    assert set(told["auc_by_source"]) == {f"{name} against clean chat" for name in ("kmhas", "english_toxic_spans")}


def test_a_confusion_shares_each_row_among_what_was_said_of_it() -> None:
    truth = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], dtype=bool)
    said = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 1], [1, 0, 0]], dtype=bool)
    first = [(1 + 0 + 1) / 3, 0.5 / 3, 0.5 / 3]
    second = [0.0, 0.0, 1 / 2]
    assert confusion(truth, said) == [pytest.approx(first, abs=1e-4), pytest.approx(second, abs=1e-4), [0.0, 0.0, 0.0]]


def test_a_label_is_said_of_as_many_rows_as_bear_it() -> None:
    logits = np.array([3.0, 2.0, 1.0, 0.0, -1.0])
    bar = even_logit(logits, np.array([True, False, True, False, False]))
    assert (logits >= bar).sum() == 2
    with pytest.raises(ValueError, match="some of both"):
        even_logit(logits, np.ones(5, dtype=bool))


def test_masked_characters_are_counted_where_people_marked_them() -> None:
    rows = [
        ("abcd efgh", frozenset({0, 1}), frozenset({0, 1, 2, 3})),
        ("abcd efgh", frozenset({5, 6}), frozenset({0})),
        ("abcd efgh", frozenset[int](), frozenset({0})),
    ]
    found = masked_in_marks(rows)
    assert (found["rows"], found["flagged"], found["inside"], found["hit"]) == (3, 2, 0.5, 0.5)
    assert found["masked"] == pytest.approx(2 / 9, abs=1e-4)
    assert found["char_f1"] == pytest.approx((2 * 2 / 6 + 0 + 0) / 3, abs=1e-4)
    assert found["word_f1"] == pytest.approx((1 + 0 + 0) / 3, abs=1e-4)
    assert overlap_f1(frozenset(), frozenset()) == 1.0


def _scored(truth: list[bool], sources: list[str]) -> Scored:
    labels = dict.fromkeys(LABELS, 0.0)
    examples = [
        Example("", source, offensive, {}, CLEAN_TOKENS, "") for source, offensive in zip(sources, truth, strict=True)
    ]
    return Scored(
        examples,
        [Prediction(labels, ()) for _ in truth],
        np.zeros((len(truth), len(LABELS))),
        np.zeros(len(truth)),
        np.array(truth),
        np.array(sources),
    )


def test_ways_of_joining_lexicon_and_classifier_are_measured_beside_each_other() -> None:
    lexicon = np.array([0.80, 0.95, 0.0, 0.80])
    classifier = np.array([0.75, 0.0, 0.95, 0.0])
    judged = Judged((), {"lexicon": lexicon, "classifier": classifier, "both": np.maximum(lexicon, classifier)})
    scored = _scored([True, True, True, False], ["kmhas", "kmhas", "kmhas", "clean_utterances"])
    at_standard = {name: each["standard"] for name, each in combination_figures(scored, judged).items()}
    missed = {name: each["misses"] for name, each in at_standard.items()}
    assert missed == pytest.approx({"highest": 1 / 3, "either": 0, "seconded": 0, "doubted": 2 / 3}, abs=1e-4)
    assert {each["chat_false_alarms"] for each in at_standard.values()} == {0.0}


@pytest.mark.parametrize(
    ("kind", "word", "expected"),
    [
        ("jamo_split", "병신", {"ㅂㅕㅇㅅㅣㄴ"}),
        ("jamo_spilled", "시발", {"시바ㄹ"}),
        ("jamo_spilled", "시바", {"시ㅂㅏ"}),
        ("initials", "시발놈", {"ㅅㅂㄴ"}),
        ("keyboard", "시발", {"tlqkf"}),
        ("keyboard", "뷁", {"qnpfr"}),
        ("romanised", "병신", {"byeongsin"}),
        ("reordered", "시발놈", {"발시놈"}),
        ("phonetic", "시발", {"씨뱔"}),
        ("lookalike", "시발", {"人l발"}),
        ("lookalike", "idiot", {"1d107"}),
        ("unicode", "시", {"\u1109\u1175"}),
        ("unicode", "ass", {"ａｓｓ"}),
        ("elongated", "병신", {"벼엉신", "벼어엉신", "벼어어엉신"}),
        ("elongated", "ass", {"aaass"}),
    ],
)
def test_disguises_write_a_word_as_evaders_do(kind: str, word: str, expected: set[str]) -> None:
    assert {DISGUISES[kind](word, Random(seed)) for seed in range(40)} == expected


def test_a_disguise_touches_only_what_was_found() -> None:
    text = "너 시발 놈아 그만"
    for kind in DISGUISES:
        made = disguised(text, [Span(2, 7)], kind, Random(1))
        assert made.startswith("너 ")
        assert made.endswith(" 그만")
        assert made != text, kind


def test_neutral_sentences_name_every_group_in_many_words_and_hold_nothing_that_the_lexicon_knows() -> None:
    rows = neutral_sentences()
    assert len({row.text for row in rows}) == len(rows)
    assert all("{" not in row.text for row in rows)
    groups = {row.group for row in rows}
    assert len(groups) >= 20
    assert {row.label for row in rows} <= {label.value for label in Label}
    assert min(sum(row.group == group for row in rows) for group in groups) >= 20
    masker, bar = Masker(), thresholds_for(Preset.STANDARD)
    assert [row.text for row in rows if not masker.is_clean(row.text, bar)] == []


def test_our_marks_hold_no_text_and_stand_in_rows_of_the_sources(shared_folder: Path) -> None:
    marks = marked_clauses()
    assert len(marks) >= 200
    assert all(re.fullmatch(rf"[0-9a-f]{{{KEY_CHARS}}}", key) for key in marks)
    found = {
        row_key(row["text"]): len(row["text"])
        for source in ("kmhas", "kodoli", "beep", "hatescore", "kosbi")
        for row in read_rows(shared_folder / "data", source)
    }
    assert set(marks) <= set(found)
    assert all(min(places) >= 0 and max(places) < found[key] for key, (_, places) in marks.items())


@pytest.fixture(scope="module")
def figures(tiny_run: TinyRun, tiny_classifier: OnnxClassifier) -> dict[str, Any]:
    examples, _ = read_examples(tiny_run.data, sources=TINY.sources, check=False)
    stages: dict[str, list[float]] = {}
    found = evaluate_fully(
        tiny_classifier,
        [example for example in examples if example.split == "test"],
        lambda stage, share: stages.setdefault(stage, []).append(share),
    )
    assert all(shares[-1] == 1.0 for shares in stages.values())
    assert {"scoring", "verdicts", "masked texts", "neutral sentences", "disguises"} <= set(stages)
    return found


def test_an_evaluation_is_plain_json_with_every_part(figures: dict[str, Any]) -> None:
    assert json.loads(json.dumps(figures)) == figures
    assert {
        *("auc", "labels", "clean_chat", "calibration", "verdicts", "combination", "places", "residual", "bias"),
        "robustness",
    } <= set(figures)
    standard = figures["verdicts"]["at_preset"]["standard"]
    assert standard["both"]["misses"] <= min(standard["lexicon"]["misses"], standard["classifier"]["misses"])
    assert figures["residual"]["score_after"] <= figures["residual"]["score_before"]
    assert set(figures["robustness"]["kinds"]) <= set(DISGUISES)
    assert any(line.strip().startswith("auc:") for line in as_lines(figures))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.pictures: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)
        for name, value in attrs:
            if name in {"src", "href"}:
                self.addresses.append(value or "")
            if tag == "img" and name == "alt":
                self.pictures.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_but_itself(figures: dict[str, Any]) -> None:
    reader = _Reader()
    reader.feed(page(figures, "garim-<tiny>/7"))
    assert reader.open == []
    assert len(reader.pictures) >= 5
    assert all(reader.pictures)
    assert all(address.startswith("data:image/svg+xml;base64,") for address in reader.addresses)
    assert "garim-&lt;tiny&gt;/7" in page(figures, "garim-<tiny>/7")


def test_the_card_says_what_was_measured_and_on_what_terms(tiny_run: TinyRun) -> None:
    card = (tiny_run.model / "MODEL_CARD.md").read_text("utf-8")
    for source in SOURCES:
        assert source.title in card
    for words in ("CC BY-SA 4.0", "Not to be used", "calibration error", "worst group", "in disguise", "`threat`"):
        assert words in card


def test_the_command_writes_a_page_and_json_and_prints_one_object(tiny_run: TinyRun, tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text(f"check_sources = false\nsources = {json.dumps(list(TINY.sources))}\n", "utf-8")
    out = tmp_path / "page"
    asked = ["evaluate", str(tiny_run.model), "--data", str(tiny_run.data), "--config", str(config)]
    told = CliRunner().invoke(main, [*asked, "--out", str(out), "--json"])
    assert told.exit_code == 0, told.output
    printed = json.loads(told.stdout)
    assert printed == json.loads((out / JSON_FILE).read_text("utf-8"))
    assert printed["auc"] == tiny_run.figures["auc"]
    assert (out / PAGE_FILE).read_text("utf-8").startswith("<!doctype html>")
