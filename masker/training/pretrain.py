"""Pretrain the encoder on unlabelled text: fill masked tokens (BERT), or detect replaced ones (ELECTRA)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from masker.training.batches import pad, plan_batches
from masker.training.config import TrainConfig
from masker.training.objectives import Objective, new_objective
from masker.training.progress import RunLog
from masker.training.schedule import learning_rate, set_rate, share_done
from masker.training.tokenizer import MASK, special_ids

CHECKPOINT = "pretrain.pt"
WARMUP_SHARE = 0.02
MIN_TOKENS = 6
"""Texts of fewer tokens, the two special ones counted, teach nothing of context."""
SAVE_EVERY_S = 240.0
LOG_EVERY_STEPS = 25
CHUNK_TEXTS = 10_000

Rows = list[np.ndarray[Any, Any]]


def encode_corpus(tokenizer: Tokenizer, texts: Sequence[str], max_length: int) -> Rows:
    """Return each text's ids, cut to `max_length`; texts under MIN_TOKENS are left out."""
    rows = []
    for start in range(0, len(texts), CHUNK_TEXTS):
        for encoding in tokenizer.encode_batch_fast(list(texts[start : start + CHUNK_TEXTS])):
            ids = encoding.ids
            if len(ids) >= MIN_TOKENS:
                cut = ids[: max_length - 1] + ids[-1:] if len(ids) > max_length else ids
                rows.append(np.array(cut, dtype=np.int32))
    return rows


def pretrain(
    config: TrainConfig,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    folder: Path,
    embeddings: Tensor | None = None,
    *,
    stop_at: int | None = None,
) -> dict[str, Tensor]:
    """Pretrain within the configured epochs and minutes, resuming from `folder`; returns the encoder's state.

    `stop_at` ends this sitting at that step. A run cut at a checkpoint and resumed takes the same batches, with the
    same masks, as one that was not cut.
    """
    settings, path = config.pretrain, folder / CHECKPOINT
    torch.manual_seed(config.seed)
    model = new_objective(config, tokenizer.get_vocab_size(), special_ids(tokenizer), embeddings)
    model.train()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, weight_decay=0.01, betas=(0.9, 0.98), fused=True
    )
    step, already_s = _resume(path, model, optimizer)
    rows = encode_corpus(tokenizer, texts, min(settings.max_length, config.network.max_length))
    lengths = [len(row) for row in rows]
    epoch, plan = -1, _plan(config, lengths, 0)
    per_epoch = len(plan)
    steps = max(1, int(per_epoch * settings.epochs))
    mask_id = int(tokenizer.token_to_id(MASK) or 0)
    with RunLog(folder, "pretrain", already_s=already_s) as log:
        saved_at = log.elapsed_s
        while step != stop_at and (done := share_done(step, steps, log.elapsed_s, settings.max_minutes)) < 1.0:
            if step // per_epoch != epoch:
                epoch = step // per_epoch
                plan = _plan(config, lengths, epoch)
            set_rate(optimizer, learning_rate(settings.learning_rate, done, WARMUP_SHARE, settings.hold))
            figures = _step(
                model, optimizer, [rows[index] for index in plan[step % per_epoch]], mask_id, config.seed + step
            )
            step += 1
            if step % LOG_EVERY_STEPS == 0:
                log.step(done, step=step, **figures)
            if log.elapsed_s - saved_at >= SAVE_EVERY_S:
                _save(path, model, optimizer, step, log.elapsed_s)
                saved_at = log.elapsed_s
        _save(path, model, optimizer, step, log.elapsed_s)
    state: dict[str, Tensor] = model.encoder.state_dict()
    return state


def encoder_at(path: Path) -> dict[str, Tensor]:
    """Return the encoder's state of a checkpoint, finished or not."""
    model = torch.load(path, weights_only=True)["model"]
    return {name.removeprefix("encoder."): value for name, value in model.items() if name.startswith("encoder.")}


def _plan(config: TrainConfig, lengths: list[int], epoch: int) -> list[list[int]]:
    return plan_batches(lengths, config.pretrain.tokens_per_batch, Random(f"{config.seed}/{epoch}/pretrain"))


def _step(model: Objective, optimizer: torch.optim.Optimizer, rows: Rows, mask_id: int, seed: int) -> dict[str, float]:
    """Take one step and return the figures to log. The step's own seed makes its masks those of any resumed run."""
    torch.manual_seed(seed)
    ids, mask = (torch.from_numpy(array) for array in pad([row.tolist() for row in rows]))
    with torch.autocast("cpu", torch.bfloat16):
        total, figures = model(ids, mask, mask_id)
    total.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return {name: float(value) for name, value in figures.items()}


def _resume(path: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[int, float]:
    if not path.exists():
        return 0, 0.0
    saved = torch.load(path, weights_only=True)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    return int(saved["step"]), float(saved["elapsed_s"])


def _save(path: Path, model: nn.Module, optimizer: torch.optim.Optimizer, step: int, elapsed_s: float) -> None:
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "elapsed_s": elapsed_s}
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
