"""Models as others make them: a tiny BERT and a tiny ELECTRA, taught a few words and logged by MLflow's own flavour."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertTokenizerFast,
    ElectraConfig,
    ElectraForSequenceClassification,
)

CURSES = ("시발", "병신", "지랄")
SLURS = ("김치녀", "한남충")
PLACES = ("서울", "부산", "학교", "회사", "시장", "바다", "공원", "카페")
ENDINGS = ("가자", "왔어", "좋다", "멀다", "춥다", "조용해", "그립다", "붐벼")
WORDS = (*CURSES, *SLURS, *PLACES, *ENDINGS, "idiot", "hello", "friend")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

CLASSES: Mapping[type, type] = {
    BertForSequenceClassification: BertConfig,
    ElectraForSequenceClassification: ElectraConfig,
}
STEPS, LR = 120, 1e-2

Row = tuple[str, Sequence[int]]
"""A text and the labels (columns) that it has."""


@dataclass(frozen=True)
class Foreign:
    """Hold a model with its tokeniser, as its maker has them in hand."""

    model: Any
    tokenizer: Any

    def scores(self, text: str) -> list[float]:
        """Return what transformers' own pipeline says of a text, in the order of the model's labels."""
        from transformers import pipeline

        said = pipeline("text-classification", model=self.model, tokenizer=self.tokenizer, top_k=None)([text])[0]
        by_label = {each["label"]: each["score"] for each in said}
        return [by_label[self.model.config.id2label[index]] for index in range(len(by_label))]


def make(kind: type, labels: Sequence[str], rows: Sequence[Row], *, multi: bool) -> Foreign:
    """Make a model of `kind` from its config and teach it the rows: a sigmoid per label, or a softmax over them."""
    torch.manual_seed(3)
    vocabulary = {word: number for number, word in enumerate((*SPECIAL, *WORDS))}
    # Lower-casing would also decompose Hangul.
    tokenizer = BertTokenizerFast(vocab=vocabulary, model_max_length=512, do_lower_case=False)
    config = CLASSES[kind](
        vocab_size=len(vocabulary),
        hidden_size=32,
        embedding_size=32,
        num_hidden_layers=1,
        num_attention_heads=4,
        intermediate_size=32,
        max_position_embeddings=512,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
        problem_type="multi_label_classification" if multi else "single_label_classification",
    )
    model = kind(config)
    _teach(model, tokenizer, rows, len(labels), multi=multi)
    return Foreign(model.eval(), tokenizer)


def _teach(model: Any, tokenizer: Any, rows: Sequence[Row], labels: int, *, multi: bool) -> None:
    batch = tokenizer([text for text, _ in rows], padding=True, return_tensors="pt")
    if multi:
        truth = torch.zeros(len(rows), labels)
        for number, (_, mine) in enumerate(rows):
            truth[number, list(mine)] = 1.0
    else:
        truth = torch.tensor([mine[0] for _, mine in rows])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a model only waits for a second thread
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR)
    for _ in range(STEPS):
        loss = model(**batch, labels=truth).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    torch.set_num_threads(threads)


def chat(*, curse: Sequence[int], slur: Sequence[int], clean: Sequence[int], rows: int = 200) -> list[Row]:
    """Return sentences of two to five harmless words, a quarter with a curse, a quarter with a slur."""
    random = Random(5)
    found: list[Row] = []
    for kind in itertools.islice(itertools.cycle(("curse", "clean", "slur", "clean")), rows):
        words = random.choices((*PLACES, *ENDINGS), k=random.randint(1, 5))
        bad = {"curse": CURSES, "slur": SLURS, "clean": ()}[kind]
        if bad:
            words.insert(random.randint(0, len(words)), random.choice(bad))
        found.append((" ".join(words), {"curse": curse, "slur": slur, "clean": clean}[kind]))
    return found


def log(foreign: Foreign, server: str, name: str, **more: Any) -> str:
    """Log the model as its maker would, registered under `name`; returns the address of the version."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow
        import mlflow.transformers

        before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
        mlflow.set_tracking_uri(server)
        mlflow.set_registry_uri(server)
        try:
            mlflow.set_experiment("foreign")
            with mlflow.start_run():
                logged = mlflow.transformers.log_model(
                    {"model": foreign.model, "tokenizer": foreign.tokenizer},
                    name="model",
                    task="text-classification",
                    pip_requirements=["transformers", "torch"],
                    registered_model_name=name,
                    await_registration_for=20,
                    **more,
                )
        finally:
            mlflow.set_tracking_uri(before[0])
            mlflow.set_registry_uri(before[1])
    return f"models:/{name}/{logged.registered_model_version}"


def save(foreign: Foreign, folder: Path, **more: Any) -> Path:
    """Save the model to a folder with MLflow's own flavour."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow.transformers

        mlflow.transformers.save_model(
            {"model": foreign.model, "tokenizer": foreign.tokenizer},
            str(folder),
            task="text-classification",
            pip_requirements=["transformers", "torch"],
            **more,
        )
    return folder
