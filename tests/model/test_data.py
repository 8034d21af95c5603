"""From source files to examples: labels known and unknown, weak spans, duplicates, splits, disguises."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masker.labels import LABELS, Label
from masker.training.augment import disguise
from masker.training.batches import pad, padded_length, plan_batches
from masker.training.data import deduplicate, read_examples, split_of, text_key
from masker.training.disguises import DISGUISES, split_jamo
from masker.training.encode import token_arrays
from masker.training.example import CLEAN_TOKENS, UNKNOWN_TOKENS, Example, TokenTargets
from masker.training.mapping import UNSUPERVISED, known_labels
from masker.training.schedule import learning_rate, share_done
from masker.training.sources import BY_KEY, SOURCES, DataError, data_folder, read_rows, verified_path
from masker.training.spans import TermMatcher, difference_spans, paired_targets, reliable_terms, targets_for
from tests.model.conftest import TinyRun

NOTHING: dict[Label, bool] = {}


@pytest.mark.parametrize(
    ("source", "row", "positive", "negative", "unknown", "reason"),
    [
        (
            "kmhas",
            {"offensive": True, "categories": ["origin", "profanity"]},
            {"origin", "profanity"},
            {"politics", "race"},
            {"insult", "sexuality", "disability"},
            "K-MHaS annotates eight labels and no more",
        ),
        ("kmhas", {"offensive": False, "categories": []}, set(), {"age"}, {"insult"}, "not even for clean rows"),
        (
            "hatescore",
            {"offensive": True, "micro": "인종/국적, 종교"},
            {"origin", "religion"},
            {"gender", "insult"},
            {"race", "profanity"},
            "nationality is origin; skin colour is not annotated apart",
        ),
        (
            "hatescore",
            {"offensive": True, "micro": "기타 혐오, 남성"},
            {"gender"},
            set(),
            {"origin", "disability"},
            "other hate may be anything else",
        ),
        ("hatescore", {"offensive": False, "micro": "None"}, set(), {"insult", "race"}, set(), "clean is clean"),
        (
            "beep",
            {"offensive": True, "bias": "gender"},
            {"gender"},
            set(),
            {"insult", "origin"},
            "gender is the one bias that BEEP! names",
        ),
        ("beep", {"offensive": True, "bias": "none"}, {"insult"}, {"gender"}, {"profanity"}, "offence without bias"),
        (
            "beep",
            {"offensive": False, "bias": "others"},
            set(),
            set(),
            {"gender", "origin"},
            "biased but not offensive",
        ),
        ("malicious_comments", {"offensive": True}, {"insult"}, set(), {"profanity"}, "a malicious comment insults"),
        (
            "kosbi",
            {"offensive": True, "group": "트랜스여성"},
            {"sexuality"},
            {"profanity"},
            {"gender"},
            "the first fitting word names the group",
        ),
        (
            "kosbi",
            {"offensive": True, "group": "흙수저"},
            set(),
            {"profanity"},
            {"age"},
            "no label of ours fits wealth",
        ),
        ("kodoli", {"offensive": True}, set(), set(), {"profanity", "insult"}, "KODOLI says offensive and no more"),
        ("kodoli", {"offensive": False}, set(), {"profanity", "insult"}, set(), "not offensive in any way"),
    ],
)
def test_a_source_supervises_only_what_it_annotates(
    source: str, row: Mapping[str, Any], positive: set[str], negative: set[str], unknown: set[str], reason: str
) -> None:
    known = {label.value: value for label, value in known_labels(source, row).items()}
    assert {name for name, value in known.items() if value} == positive, reason
    assert negative <= {name for name, value in known.items() if not value}, reason
    assert not unknown & set(known), reason


@given(st.sampled_from(["kodoli", "malicious_comments", "kotox", "english_davidson"]), st.booleans())
def test_no_source_ever_speaks_for_the_unsupervised_labels(source: str, offensive: bool) -> None:
    assert not set(UNSUPERVISED) & set(known_labels(source, {"offensive": offensive}))


def test_equal_texts_merge_their_knowledge_and_contradictions_go() -> None:
    def example(text: str, source: str, offensive: bool, labels: dict[Label, bool]) -> Example:
        return Example(text, source, offensive, labels, UNKNOWN_TOKENS, text)

    kept, merged, dropped = deduplicate(
        [
            example("바보 같은", "kmhas", True, {Label.PROFANITY: False}),
            example("바보  같은", "beep", True, {Label.INSULT: True, Label.PROFANITY: True}),
            example("글쎄", "kodoli", True, NOTHING),
            example("글 쎄", "beep", False, NOTHING),
        ]
    )
    assert [(each.text, each.source) for each in kept] == [("바보 같은", "kmhas")]
    assert kept[0].labels == {Label.PROFANITY: False, Label.INSULT: True}
    assert (merged, dropped) == (1, 2)


@given(st.text())
def test_a_text_has_one_split_however_it_is_spaced(text: str) -> None:
    assert split_of(text) == split_of(f" {text}\n")


def test_the_tiny_sources_read_into_disjoint_splits_with_their_counts(tiny_run: TinyRun) -> None:
    examples, counts = read_examples(
        tiny_run.data, sources=("kmhas", "clean_utterances", "english_toxic_spans"), check=False
    )
    keys = [text_key(example.text) for example in examples]
    assert len(keys) == len(set(keys))
    assert sum(sum(each.values()) for each in counts.splits.values()) == len(examples)
    assert counts.duplicates > 0
    assert counts.reliable_terms >= 4
    assert counts.labels["sexual"] == (0, 0)


def test_offence_that_only_a_lost_context_explains_is_left_out(tiny_run: TinyRun, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_run.data, tmp_path / "data")
    rows = [
        {"text": f"누나가 {word}", "offensive": word == "화를 냈다", "group": "누나"} for word in ("화를 냈다", "왔다")
    ]
    with gzip.open(folder / BY_KEY["kosbi"].file, "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    examples, _ = read_examples(folder, sources=("kosbi",), check=False)
    assert [(example.text, example.offensive) for example in examples] == [("누나가 왔다", False)]


def test_an_altered_file_is_refused_by_its_checksum(tiny_run: TinyRun) -> None:
    with pytest.raises(DataError, match="SHA-256"):
        list(read_rows(tiny_run.data, "kmhas"))


def test_a_missing_folder_or_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GARIM_SHARED", str(tmp_path))
    with pytest.raises(DataError, match="does not exist"):
        data_folder()
    with pytest.raises(DataError, match=r"kmhas\.jsonl\.gz is missing"):
        list(read_rows(tmp_path, "kmhas"))


def test_every_source_is_the_copy_that_this_code_was_written_for(shared_folder: Path) -> None:
    for source in SOURCES:
        verified_path(shared_folder / "data", source)
        assert source.home.startswith("https://")
        assert source.licence


def test_only_words_that_predict_offence_label_tokens() -> None:
    rows = [("시발 뭐", True)] * 5 + [("바다 좋다", False)] * 5 + [("바다 시발", True)] + [("드문말", True)]
    assert set(reliable_terms({"시발": False, "바다": False, "드문말": False}, rows)) == {"시발"}


@pytest.mark.parametrize(
    ("text", "found", "reason"),
    [
        ("you ASS", ["ass"], "a Latin word stands between boundaries, in any case"),
        ("first class", [], "inside a word it is another word"),
        ("그 새끼들", ["새끼"], "Korean words carry endings"),
        ("İ ass", [], "a text whose lower case has another length is left alone: offsets would lie"),
    ],
)
def test_the_matcher_knows_word_boundaries(text: str, found: list[str], reason: str) -> None:
    assert [word for _, _, word in TermMatcher({"ass": True, "새끼": False}).matches(text)] == found, reason


def test_what_a_rewrite_shares_with_its_neutral_source_is_clean() -> None:
    text = "그 골빈 친구는 매일 아침에 학교까지 걸어서 다녀"
    spans = difference_spans(text, "그 친구는 매일 아침에 학교까지 걸어서 다녀")
    assert [text[start:end] for start, end in spans] == ["골빈"]
    targets = paired_targets(text, spans, [])
    assert targets.default_weight == 0.5
    assert targets.segments == ((2, 4, 1.0, 0.3),)


def test_a_rewrite_that_changed_everything_marks_nothing() -> None:
    assert paired_targets("다 바뀐 말", [(0, 6)], []).segments == ((0, 6, 1.0, 0.0),)


def test_token_targets_follow_what_is_known_of_the_row() -> None:
    matcher = TermMatcher({"idiot": True})
    clean = {"text": "nice day", "offensive": False}
    assert targets_for("kodoli", clean, None, matcher) is CLEAN_TOKENS
    gold = targets_for("english_toxic_spans", {"text": "you fool", "offensive": True, "spans": [[4, 8]]}, None, matcher)
    assert (gold.default_weight, gold.segments) == (1.0, ((4, 8, 1.0, 1.0),))
    unsure = {"text": "you fool", "offensive": True, "spans": []}
    assert targets_for("english_toxic_spans", unsure, None, matcher) is UNKNOWN_TOKENS
    listed = targets_for("kodoli", {"text": "an idiot", "offensive": True}, None, matcher)
    assert (listed.default_weight, listed.segments) == (0.0, ((3, 8, 1.0, 0.7),))
    doubtful = targets_for("kodoli", {"text": "an idiot", "offensive": False}, None, matcher)
    assert doubtful.segments == ((3, 8, 0.0, 0.0),)


def test_a_token_takes_the_target_of_the_segment_that_its_last_character_is_in() -> None:
    targets = TokenTargets(0.0, 1.0, ((3, 5, 1.0, 0.7),))
    values, weights = token_arrays([(0, 0), (0, 2), (2, 5), (5, 7), (4, 6)], targets)
    assert values.tolist() == pytest.approx([0.0, 0.0, 1.0, 0.0, 0.0])
    assert weights.tolist() == pytest.approx([0.0, 1.0, 0.7, 1.0, 1.0])


@settings(deadline=None)
@given(st.text(alphabet="가나닭abe 1", max_size=30), st.integers(0, 10_000), st.data())
def test_a_disguise_moves_its_spans_along(text: str, seed: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    disguised, targets = disguise(text, TokenTargets(0.0, 1.0, ((start, end, 1.0, 1.0),)), Random(seed))
    for first, last, _, _ in targets.segments:
        assert 0 <= first < last <= len(disguised)
    if start == 0 and end == len(text) and disguised:
        assert targets.segments[0][:2] == (0, len(disguised))


@pytest.mark.parametrize("name", DISGUISES)
@given(text=st.text(max_size=30), seed=st.integers(0, 999))
def test_a_disguise_gives_one_piece_a_character_and_the_same_for_the_same_seed(name: str, text: str, seed: int) -> None:
    pieces = DISGUISES[name](text, Random(seed))
    assert len(pieces) == len(text)
    assert pieces == DISGUISES[name](text, Random(seed))


@pytest.mark.parametrize(
    ("name", "written", "reason"),
    [
        ("jamo_split", "ㅅㅣㅂㅏㄹ", "letters stand alone"),
        ("jamo_spilled", "시바ㄹ", "a final falls out of its syllable"),
        ("initials", "ㅅㅂ", "only initials are left"),
        ("spaced", "시 발", "a space between"),
        ("keyboard", "tlqkf", "typed on the Latin keyboard"),
        ("romanised", "sibal", "spelt in Latin letters"),
        ("elongated", "시이발", "a vowel is drawn out"),
        ("lookalike", "^l발", "letters that look alike"),
        ("phonetic", "씨발", "a tense consonant for a plain one"),
    ],
)
def test_a_disguise_writes_what_people_write(name: str, written: str, reason: str) -> None:
    found = {"".join(DISGUISES[name]("시발", Random(seed))).strip() for seed in range(3000)}
    assert written in found, reason


def test_jamo_come_apart_in_writing_order() -> None:
    assert [split_jamo(char) for char in "닭가a"] == ["ㄷㅏㄺ", "ㄱㅏ", "a"]


@given(st.lists(st.integers(1, 96), max_size=200), st.integers(1, 800), st.integers(0, 99))
def test_a_plan_holds_every_row_within_the_budget_in_one_shape_a_length(
    lengths: list[int], budget: int, seed: int
) -> None:
    batches = plan_batches(lengths, budget, Random(seed))
    assert {index for batch in batches for index in batch} == set(range(len(lengths)))
    shapes = set()
    for batch in batches:
        (padded,) = {padded_length(lengths[index]) for index in batch}
        assert len(batch) == 1 or len(batch) * padded <= budget
        shapes.add((padded, len(batch)))
    assert len(shapes) == len({padded_length(length) for length in lengths})
    assert batches == plan_batches(lengths, budget, Random(seed))


def test_padding_is_masked() -> None:
    ids, mask = pad([[2, 9, 3], [2, 3]])
    assert ids[:, :4].tolist() == [[2, 9, 3, 0], [2, 3, 0, 0]]
    assert mask[:, :4].tolist() == [[1, 1, 1, 0], [1, 1, 0, 0]]
    assert ids.shape == mask.shape == (2, padded_length(3))
    assert not ids[:, 4:].any()
    assert not mask[:, 4:].any()


def test_the_rate_rises_then_falls_and_the_clock_can_end_a_run() -> None:
    rates = [learning_rate(1.0, done / 100, 0.1) for done in range(101)]
    assert max(rates) == rates[10] == 1.0
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert share_done(10, 100, 30, 1) == 0.5
    assert share_done(200, 100, 0, 1) == 1.0


def test_every_label_is_supervised_or_named_as_not() -> None:
    named = set(UNSUPERVISED)
    rows: list[tuple[str, dict[str, Any]]] = [
        ("kmhas", {"offensive": True, "categories": ["profanity"]}),
        ("hatescore", {"offensive": False, "micro": "None"}),
    ]
    for source, row in rows:
        named |= set(known_labels(source, row))
    assert named == set(LABELS)
