"""Prepare a run's folder: the examples, the tokeniser and the encoder's first weights, each made once."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from masker.training.config import TrainConfig
from masker.training.cooccurrence import cooccurrence_embeddings
from masker.training.data import read_examples
from masker.training.example import Example
from masker.training.pretrain import new_encoder, pretrain
from masker.training.sources import read_lines
from masker.training.tokenizer import train_tokenizer

TOKENIZER_REVIEW_STRIDE = 2
"""The tokeniser reads every second review: the merges no longer change with more."""


def load_examples(config: TrainConfig, data: Path, folder: Path) -> list[Example]:
    """Read the examples and leave their counts in `counts.json`."""
    examples, counts = read_examples(data, sources=config.sources or None, check=config.check_sources)
    (folder / "counts.json").write_text(json.dumps(asdict(counts), ensure_ascii=False, indent=1), encoding="utf-8")
    return examples


def load_tokenizer(config: TrainConfig, data: Path, folder: Path, examples: list[Example]) -> Tokenizer:
    """Return the run's tokeniser, training it on the train split and reviews when the folder has none."""
    path = folder / "tokenizer.json"
    if not path.exists():
        reviews = read_lines(data, "nsmc", check=config.check_sources)
        texts = _train_texts(examples) + list(islice(reviews, 0, None, TOKENIZER_REVIEW_STRIDE))
        train_tokenizer(texts, config.network.vocabulary_size).save(str(path))
    return Tokenizer.from_file(str(path))


def pretrained_encoder(
    config: TrainConfig, data: Path, folder: Path, examples: list[Example], tokenizer: Tokenizer
) -> dict[str, Tensor] | None:
    """Return the encoder's first weights, learnt once from unlabelled text; None when none are asked for."""
    settings = config.pretrain
    detects = settings.max_minutes > 0 and settings.epochs > 0
    if not (detects or settings.cooccurrence):
        return None
    path = folder / "encoder.pt"
    if not path.exists():
        texts = _train_texts(examples) + list(read_lines(data, "nsmc", check=config.check_sources))
        embeddings = None
        if settings.cooccurrence:
            embeddings = cooccurrence_embeddings(tokenizer, texts, config.network.embedding, config.seed)
        if detects:
            state = pretrain(config, tokenizer, texts, folder, embeddings)
        else:
            torch.manual_seed(config.seed)
            state = new_encoder(config, embeddings).state_dict()
        torch.save(state, path)
    loaded: dict[str, Tensor] = torch.load(path, weights_only=True)
    return loaded


def _train_texts(examples: list[Example]) -> list[str]:
    return [example.text for example in examples if example.split == "train"]
