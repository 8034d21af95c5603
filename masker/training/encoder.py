"""The encoder of a network: BERT or ELECTRA, new in the configured size or loaded from a Hugging Face checkpoint."""

from __future__ import annotations

from typing import Any, TypeAlias

import torch
from torch import Tensor
from transformers import AutoConfig, BertConfig, BertModel, ElectraConfig, ElectraModel
from transformers.utils import logging

from masker.training.config import NetworkConfig
from masker.training.sources import DataError

Encoder: TypeAlias = Any
"""A BertModel or an ElectraModel: transformers gives its models no static types."""

_CONFIGS: dict[str, type[BertConfig] | type[ElectraConfig]] = {"bert": BertConfig, "electra": ElectraConfig}


def encoder_config(network: NetworkConfig, vocabulary_size: int, *, width_share: float = 1.0) -> Any:
    """Return a new encoder's Hugging Face configuration; `width_share` under 1 gives a pretraining generator."""
    heads = max(1, int(network.heads * width_share))
    hidden = max(heads, int(network.hidden * width_share) // heads * heads)
    sizes = {
        "vocab_size": vocabulary_size,
        "hidden_size": hidden,
        "num_hidden_layers": network.layers,
        "num_attention_heads": heads,
        "intermediate_size": max(4, int(network.intermediate * width_share)),
        "hidden_dropout_prob": network.dropout,
        "attention_probs_dropout_prob": network.dropout,
        "max_position_embeddings": network.max_length + 2,
        "type_vocab_size": 1,
        "pad_token_id": 0,
        "attn_implementation": "eager",
    }
    if network.kind == "electra":
        sizes["embedding_size"] = network.embedding
    return _CONFIGS[network.kind](**sizes)


def new_encoder(network: NetworkConfig, vocabulary_size: int, embeddings: Tensor | None = None) -> Encoder:
    """Return an untrained encoder, or the base's when the network names one.

    Of a base the first `layers` are kept: its last layers serve the task that it was made for. `embeddings` replace
    the first token embeddings. Raises DataError when the base is neither BERT nor ELECTRA, or cannot be read.
    """
    if network.base:
        return _load(network)
    config = encoder_config(network, vocabulary_size)
    encoder: Encoder = BertModel(config, add_pooling_layer=False) if network.kind == "bert" else ElectraModel(config)
    if embeddings is not None:
        with torch.no_grad():
            encoder.embeddings.word_embeddings.weight[: len(embeddings)] = embeddings
    return encoder


def _load(network: NetworkConfig) -> Encoder:
    try:
        config = AutoConfig.from_pretrained(network.base, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{network.base}: no checkpoint folder or name that can be read ({_first(error)})") from error
    if config.model_type not in _CONFIGS:
        raise DataError(f"{network.base} is a {config.model_type}; a base must be a bert or electra checkpoint")
    config.num_hidden_layers = min(network.layers, config.num_hidden_layers)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = network.dropout
    kwargs: dict[str, Any] = {"config": config, "attn_implementation": "eager", "use_safetensors": True}
    if config.model_type == "bert":
        kwargs["add_pooling_layer"] = False
    # It reports the layers that we leave out, and bars of its own would break the run's.
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    kind = BertModel if config.model_type == "bert" else ElectraModel
    loaded: Encoder = kind.from_pretrained(network.base, **kwargs)
    return loaded


def _first(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
