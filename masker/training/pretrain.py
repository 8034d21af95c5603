"""Pretrain the encoder by replaced-token detection (Clark et al. 2020, arXiv:2003.10555) on unlabelled text.

A small generator fills masked positions; the encoder learns to tell which tokens are not the writer's own. Generator
and encoder share their token embeddings.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import ElectraModel

from masker.training.batches import pad, plan_batches
from masker.training.config import PretrainConfig, TrainConfig
from masker.training.network import electra_config
from masker.training.progress import RunLog
from masker.training.schedule import learning_rate, set_rate, share_done
from masker.training.tokenizer import MASK, SPECIAL_TOKENS

WARMUP_SHARE = 0.1
SAVE_EVERY_STEPS = 400
LOG_EVERY_STEPS = 25


@dataclass(frozen=True, slots=True)
class Losses:
    """Carry one step's losses; `detection` is what the encoder learns from."""

    total: Tensor
    generator: Tensor
    detection: Tensor


def new_encoder(config: TrainConfig, embeddings: Tensor | None) -> ElectraModel:
    """Return an untrained encoder, its token embeddings set where some are given."""
    encoder = ElectraModel(electra_config(config.network))
    if embeddings is not None:
        with torch.no_grad():
            encoder.embeddings.word_embeddings.weight[: len(embeddings)] = embeddings
    return encoder


class ReplacedTokenDetection(nn.Module):
    """Join generator and encoder for pretraining; only `electra` is kept."""

    def __init__(self, config: TrainConfig, embeddings: Tensor | None) -> None:
        super().__init__()
        network = config.network
        self.electra = new_encoder(config, embeddings)
        self.generator = ElectraModel(electra_config(network, width_share=config.pretrain.generator_share))
        self.generator.embeddings.word_embeddings = self.electra.embeddings.word_embeddings
        width = self.generator.config.hidden_size
        self.to_embedding = nn.Sequential(
            nn.Linear(width, network.embedding), nn.GELU(), nn.LayerNorm(network.embedding)
        )
        self.vocabulary_bias = nn.Parameter(torch.zeros(network.vocabulary_size))
        self.detector = nn.Sequential(
            nn.Linear(network.hidden, network.hidden), nn.GELU(), nn.Linear(network.hidden, 1)
        )
        self.weight = config.pretrain.detection_weight
        self.masked_share = config.pretrain.masked_share

    def forward(self, ids: Tensor, mask: Tensor, mask_id: int) -> Losses:
        """Return the losses of one batch of token ids."""
        writable = (ids >= len(SPECIAL_TOKENS)) & mask.bool()
        chosen = writable & (torch.rand(ids.shape) < self.masked_share)
        masked = ids.masked_fill(chosen, mask_id)
        hidden = self.generator(input_ids=masked, attention_mask=mask).last_hidden_state[chosen]
        embeddings = self.electra.embeddings.word_embeddings.weight
        logits = (self.to_embedding(hidden) @ embeddings.T + self.vocabulary_bias).float()
        generator_loss = functional.cross_entropy(logits, ids[chosen])
        with torch.no_grad():
            noise = -torch.log(-torch.log(torch.rand_like(logits).clamp(1e-9, 1 - 1e-7)))
            sampled = (logits + noise).argmax(dim=-1)
        replaced = ids.clone()
        replaced[chosen] = sampled
        verdicts = self.detector(self.electra(input_ids=replaced, attention_mask=mask).last_hidden_state)
        detection = functional.binary_cross_entropy_with_logits(
            verdicts.squeeze(-1)[writable].float(), (replaced != ids)[writable].float()
        )
        return Losses(generator_loss + self.weight * detection, generator_loss.detach(), detection.detach())


def encode_corpus(tokenizer: Tokenizer, texts: list[str], max_length: int) -> list[np.ndarray[Any, Any]]:
    """Return each text's ids, cut to `max_length`; texts of under four tokens teach nothing and are left out."""
    rows = []
    for start in range(0, len(texts), 10_000):
        for encoding in tokenizer.encode_batch_fast(texts[start : start + 10_000]):
            ids = encoding.ids
            if len(ids) >= 6:
                rows.append(
                    np.array(ids[: max_length - 1] + ids[-1:] if len(ids) > max_length else ids, dtype=np.uint16)
                )
    return rows


def pretrain(
    config: TrainConfig, tokenizer: Tokenizer, texts: list[str], folder: Path, embeddings: Tensor | None = None
) -> dict[str, Tensor]:
    """Pretrain within the configured epochs and minutes, resuming from `folder`; returns the encoder's state."""
    settings: PretrainConfig = config.pretrain
    checkpoint = folder / "pretrain.pt"
    torch.manual_seed(config.seed)
    model = ReplacedTokenDetection(config, embeddings)
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=0.01, fused=True)
    step, already_s = 0, 0.0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        step, already_s = saved["step"], saved["elapsed_s"]
    rows = encode_corpus(tokenizer, texts, settings.max_length)
    batches = plan_batches([len(row) for row in rows], settings.tokens_per_batch, Random(config.seed))
    steps = max(1, int(len(batches) * settings.epochs))
    mask_id = tokenizer.token_to_id(MASK)
    with RunLog(folder, "pretrain", already_s=already_s) as log:
        while (done := share_done(step, steps, log.elapsed_s, settings.max_minutes)) < 1.0:
            set_rate(optimizer, learning_rate(settings.learning_rate, done, WARMUP_SHARE))
            ids, mask = (
                torch.from_numpy(array) for array in pad([rows[i].tolist() for i in batches[step % len(batches)]])
            )
            with torch.autocast("cpu", torch.bfloat16):
                losses = model(ids, mask, mask_id)
            losses.total.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            if step % LOG_EVERY_STEPS == 0:
                log.step(done, step=step, generator=float(losses.generator), detection=float(losses.detection))
            if step % SAVE_EVERY_STEPS == 0:
                _save(checkpoint, model, optimizer, step, log.elapsed_s)
        _save(checkpoint, model, optimizer, step, log.elapsed_s)
    state: dict[str, Tensor] = model.electra.state_dict()
    return state


def _save(path: Path, model: nn.Module, optimizer: torch.optim.Optimizer, step: int, elapsed_s: float) -> None:
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "elapsed_s": elapsed_s}
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
