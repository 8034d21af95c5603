"""Prepare a run's folder: the examples, the tokeniser and the encoder's first weights, each made once."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers.utils import cached_file

from masker.labels import LABELS
from masker.model.linear import LinearModel, read_linear
from masker.model.manifest import LINEAR_FILE
from masker.training.config import TrainConfig
from masker.training.cooccurrence import cooccurrence_embeddings
from masker.training.data import read_examples, text_key
from masker.training.encoder import new_encoder
from masker.training.example import Example
from masker.training.linear import fit_linear
from masker.training.pretrain import pretrain
from masker.training.sources import DataError, read_lines
from masker.training.tokenizer import train_tokenizer

UNLABELLED = ("nsmc", "beep_unlabeled")
"""The sources of pretraining text."""
TOKENIZER_REVIEW_STRIDE = 2
"""The tokeniser reads every second review: the merges no longer change with more."""


def load_examples(config: TrainConfig, data: Path, folder: Path) -> list[Example]:
    """Read the examples and leave their counts in `counts.json`."""
    examples, counts = read_examples(data, sources=config.sources or None, check=config.check_sources)
    (folder / "counts.json").write_text(json.dumps(asdict(counts), ensure_ascii=False, indent=1), encoding="utf-8")
    return examples


def load_tokenizer(config: TrainConfig, data: Path, folder: Path, examples: list[Example]) -> Tokenizer:
    """Return the run's tokeniser: the base's, or one trained on the train split and reviews, made once."""
    path = folder / "tokenizer.json"
    if not path.exists():
        if config.network.base:
            shutil.copyfile(base_tokenizer(config.network.base), path)
        else:
            reviews = read_lines(data, "nsmc", check=config.check_sources)
            texts = _train_texts(examples) + list(islice(reviews, 0, None, TOKENIZER_REVIEW_STRIDE))
            train_tokenizer(texts, config.network.vocabulary_size).save(str(path))
    return Tokenizer.from_file(str(path))


def base_tokenizer(base: str) -> str:
    """Return the path of a checkpoint's tokenizer.json. Raises DataError when it has none."""
    found = cached_file(base, "tokenizer.json", _raise_exceptions_for_missing_entries=False)
    if found is None:
        raise DataError(f"{base}: no tokenizer.json; save it with a fast tokeniser: AutoTokenizer(...).save_pretrained")
    return str(found)


def pretraining_texts(config: TrainConfig, data: Path, examples: list[Example]) -> list[str]:
    """Return the unlabelled text and the train split's, each text once, and none that dev or test holds."""
    held_out = {text_key(example.text) for example in examples if example.split != "train"}
    texts = _train_texts(examples)
    for source in UNLABELLED:
        texts += read_lines(data, source, check=config.check_sources)
    keyed = {text_key(text): text for text in texts}
    return [text for key, text in keyed.items() if key not in held_out]


def load_linear(config: TrainConfig, folder: Path, examples: list[Example]) -> LinearModel | None:
    """Return the run's linear model, fitted once on the train split; None when none is asked for."""
    if not config.linear.bits:
        return None
    path = folder / LINEAR_FILE
    if not path.exists():
        train = [example for example in examples if example.split == "train"]
        fit_linear(config.linear, train, config.seed, config.bars).save(path)
    return read_linear(path, 1 + len(LABELS))


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
        texts = pretraining_texts(config, data, examples)
        embeddings = None
        if settings.cooccurrence:
            embeddings = cooccurrence_embeddings(tokenizer, texts, _embedding_width(config), config.seed)
        if detects:
            state = pretrain(config, tokenizer, texts, folder, embeddings)
        else:
            torch.manual_seed(config.seed)
            state = new_encoder(config.network, tokenizer.get_vocab_size(), embeddings).state_dict()
        torch.save(state, path)
    loaded: dict[str, Tensor] = torch.load(path, weights_only=True)
    return loaded


def _embedding_width(config: TrainConfig) -> int:
    return config.network.embedding if config.network.kind == "electra" else config.network.hidden


def _train_texts(examples: list[Example]) -> list[str]:
    return [example.text for example in examples if example.split == "train"]
