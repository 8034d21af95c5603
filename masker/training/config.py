"""The settings of a training run, read from a TOML file; unknown keys are errors."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from masker.training.sources import DataError


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NetworkConfig(_Section):
    """Shape the network. Widths in units, `ngram_buckets` hashed token pairs and triples (0: none).

    `base` is a Hugging Face checkpoint, by name or folder: its kind, widths and tokeniser are taken, and its first
    `layers` layers. `base_origin` says in the model card whose it is and on what terms.
    """

    kind: Literal["electra", "bert"] = "electra"
    base: str = ""
    base_origin: str = ""
    vocabulary_size: int = Field(16_000, ge=200)
    embedding: int = Field(128, ge=8)
    hidden: int = Field(256, ge=8)
    layers: int = Field(4, ge=1)
    heads: int = Field(4, ge=1)
    intermediate: int = Field(1024, ge=8)
    dropout: float = Field(0.1, ge=0, lt=1)
    ngram_buckets: int = Field(65_536, ge=0)
    max_length: int = Field(96, ge=8, le=512)


class PretrainConfig(_Section):
    """Set up what precedes supervision, on unlabelled text.

    `cooccurrence` starts the token embeddings from co-occurrence counts. Then the encoder learns to fill masked tokens
    or to detect replaced ones, for `epochs` or `max_minutes`, whichever ends first (0: not at all). The rate rises to
    `learning_rate`, stays there until `hold` of the run is over, and falls.
    """

    objective: Literal["masked", "replaced"] = "replaced"

    cooccurrence: bool = True
    max_minutes: float = Field(0, ge=0)
    epochs: float = Field(1, ge=0)
    max_length: int = Field(64, ge=8)
    tokens_per_batch: int = Field(4096, ge=64)
    learning_rate: float = 1e-3
    hold: float = Field(0.1, ge=0, lt=1)
    masked_share: float = Field(0.15, gt=0, lt=1)
    generator_share: float = Field(0.25, gt=0, le=1)
    detection_weight: float = 50.0


class LinearConfig(_Section):
    """Set up the linear model of hashed jamo n-grams beside the encoder; `bits` 0: none.

    It has `2**bits` buckets. `augmented_share` of the rows are read a second time in disguise.
    """

    bits: int = Field(0, ge=0, le=22)
    inverse_penalty: float = Field(8.0, gt=0)
    augmented_share: float = Field(0.15, ge=0, le=1)


class FitConfig(_Section):
    """Set up supervised training.

    Of the tokens that are read, `masked_share` are hidden behind [MASK], which keeps the network from leaning on single
    words and costs no time, as dropout does. Each layer learns at `layer_decay` of the rate of the one above it.
    `source_share` is the part of a source's rows drawn each epoch (default 1). `average_from` is the share of the run
    whose weights are averaged with the last ones at export (1: the last ones alone).
    """

    epochs: int = Field(4, ge=1)
    max_minutes: float = Field(60, gt=0)
    tokens_per_batch: int = Field(3072, ge=64)
    learning_rate: float = 8e-4
    weight_decay: float = 0.01
    warmup_share: float = Field(0.06, ge=0, lt=1)
    label_weight: float = 0.5
    token_weight: float = 0.5
    pooled_weight: float = 0.2
    average_from: float = Field(0.48, gt=0, le=1)
    masked_share: float = Field(0.0, ge=0, lt=1)
    layer_decay: float = Field(1.0, gt=0, le=1)
    augmented_share: float = Field(0.15, ge=0, le=1)
    source_share: dict[str, float] = Field(default_factory=dict)


class TrainConfig(_Section):
    """Hold a whole run. `threads` 0 leaves the choice to torch; `check_sources` compares checksums.

    `bars` names sources whose annotators set the bar of what offends elsewhere than the rest: training gives each an
    offset of its own, so that the text need not explain it, and drops it afterwards.
    """

    name: str = "garim-small"
    seed: int = 20_240_601
    threads: int = Field(2, ge=0)
    check_sources: bool = True
    sources: tuple[str, ...] = ()
    bars: tuple[str, ...] = ()
    network: NetworkConfig = NetworkConfig()
    pretrain: PretrainConfig = PretrainConfig()
    linear: LinearConfig = LinearConfig()
    fit: FitConfig = FitConfig()


def read_config(path: Path) -> TrainConfig:
    """Read a TOML file. Raises DataError naming file and key."""
    try:
        return TrainConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path}: not TOML ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise DataError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
