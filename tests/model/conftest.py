"""A tiny model, made from rows written here by the same code that makes the embedded one."""

from __future__ import annotations

import gzip
import json
import lzma
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from masker.model.inference import OnnxClassifier
from masker.model.loading import load_classifier
from masker.training.config import FitConfig, LinearConfig, NetworkConfig, PretrainConfig, TrainConfig
from masker.training.data import split_of
from masker.training.sources import BY_KEY
from tests.support.tracking import tracking_server

CURSES = ("시발", "병신", "새끼", "지랄")
PLACES = ("서울", "부산", "학교", "회사", "시장", "강남", "바다", "공원", "병원", "도서관", "카페", "식당")
ENDINGS = ("가자", "왔어", "좋다", "멀다", "춥다", "덥다", "조용해", "시끄럽네", "새롭네", "그립다", "붐벼", "비었어")
QUOTA = {"train": 40, "dev": 20, "test": 20}
"""Rows of each kind in each split: enough for every class to stand in every split."""

TINY = TrainConfig(
    name="garim-tiny",
    seed=7,
    threads=1,
    check_sources=False,
    sources=("kmhas", "clean_utterances", "english_toxic_spans"),
    bars=("kmhas",),
    network=NetworkConfig(
        vocabulary_size=300,
        embedding=16,
        hidden=16,
        layers=1,
        heads=2,
        intermediate=16,
        dropout=0.0,
        ngram_buckets=512,
        max_length=32,
    ),
    pretrain=PretrainConfig(max_minutes=1, epochs=0.5, tokens_per_batch=256),
    linear=LinearConfig(bits=12),
    fit=FitConfig(
        epochs=25, max_minutes=2, tokens_per_batch=256, learning_rate=1e-2, masked_share=0.05, layer_decay=0.9
    ),
)


def _rows(kind: str) -> Iterator[tuple[str, str, str]]:
    """Yield `(place, ending, curse)` until every split has its quota."""
    left = dict(QUOTA)
    for number, (place, ending) in enumerate((place, ending) for place in PLACES for ending in ENDINGS):
        curse = CURSES[number % len(CURSES)]
        text = f"{place} {curse} {ending}" if kind == "offensive" else f"{place} {ending}"
        split = split_of(text)
        if left[split]:
            left[split] -= 1
            yield place, ending, curse


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write_sources(folder: Path) -> None:
    """Write small files in the sources' own formats."""
    (folder / "wordlists").mkdir(parents=True)
    offensive = [f"{place} {curse} {ending}" for place, ending, curse in _rows("offensive")]
    clean = [f"{place} {ending}" for place, ending, _ in _rows("clean")]
    half = len(clean) // 2
    kmhas = [
        {
            "text": text,
            "offensive": True,
            "categories": ["profanity"] if number % 2 else ["politics", "age", "gender"],
        }
        for number, text in enumerate(offensive)
    ]
    kmhas += [{"text": text, "offensive": False, "categories": []} for text in clean[:half]]
    _write(folder / BY_KEY["kmhas"].file, kmhas)
    _write(folder / BY_KEY["clean_utterances"].file, [{"text": text, "offensive": False} for text in clean])
    spans = []
    for number in range(60):
        text = f"what an idiot number {number} is"
        spans.append({"text": text, "offensive": True, "spans": [[8, 13]], "split": "train"})
    _write(folder / BY_KEY["english_toxic_spans"].file, spans)
    with lzma.open(folder / BY_KEY["nsmc"].file, "wt", encoding="utf-8") as stream:
        stream.writelines(f"{place} 영화 {ending}\n" for place in PLACES for ending in ENDINGS)
    with lzma.open(folder / BY_KEY["beep_unlabeled"].file, "wt", encoding="utf-8") as stream:
        stream.writelines(f"{place} 배우 {ending}\n" for place in PLACES for ending in ENDINGS)
    (folder / BY_KEY["doublems_ko"].file).write_text("\n".join(CURSES) + "\n바다\n", encoding="utf-8")
    (folder / BY_KEY["surge_en"].file).write_text("text,severity_rating\nidiot,1\n", encoding="utf-8")


@dataclass(frozen=True)
class TinyRun:
    """Name the data, the working folder and the packaged model of one tiny run, with its figures."""

    data: Path
    run: Path
    model: Path
    figures: dict[str, Any]


SLOW_TIMEOUT_S = 900
"""Training a model or starting torch anew takes half a minute, and minutes on a busy machine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests of this folder the time to make the tiny model, whichever of them comes first."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(SLOW_TIMEOUT_S))


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Let no library start threads of its own: on a busy machine they wait for each other at every step."""
    torch.set_num_threads(1)
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> TinyRun:
    """Train, export, calibrate, evaluate and package a tiny model once."""
    from masker.training.package import build
    from masker.training.prepare import load_examples
    from masker.training.train import run

    root = tmp_path_factory.mktemp("tiny")
    write_sources(root / "data")
    run(TINY, root / "data", root / "run")
    examples = load_examples(TINY, root / "data", root / "run")
    counts = json.loads((root / "run" / "counts.json").read_text("utf-8"))
    figures = build(TINY, root / "run", examples, root / "model", model_version="7", counts=counts)
    return TinyRun(root / "data", root / "run", root / "model", figures)


@pytest.fixture
def model_folder(tiny_run: TinyRun, tmp_path: Path) -> Path:
    """Return a copy of the tiny model folder that the test may damage."""
    return Path(shutil.copytree(tiny_run.model, tmp_path / "model"))


@pytest.fixture(scope="session")
def tiny_classifier(tiny_run: TinyRun) -> OnnxClassifier:
    """Return the tiny model, loaded as every model is."""
    classifier = load_classifier(str(tiny_run.model))
    assert isinstance(classifier, OnnxClassifier)
    return classifier


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start one real MLflow server for all tests of a session; each uses names of its own in it."""
    with tracking_server(tmp_path_factory.mktemp("mlflow")) as address:
        yield address
