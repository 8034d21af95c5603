"""Train the classifier: one command from data to a checkpoint, resumable at any step boundary that was saved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from masker.training.augment import disguise
from masker.training.batches import plan_batches
from masker.training.config import FitConfig, TrainConfig
from masker.training.encode import Batch, Encoded, collate, encode
from masker.training.example import Example
from masker.training.network import Network
from masker.training.prepare import load_examples, load_linear, load_tokenizer, pretrained_encoder
from masker.training.progress import RunLog
from masker.training.schedule import learning_rate, share_done
from masker.training.tokenizer import MASK, special_ids

CHECKPOINT = "fit.pt"
SNAPSHOT = "snapshot.pt"
SAVE_EVERY_STEPS = 300
LOG_EVERY_STEPS = 50
LAYER = re.compile(r"\.layer\.(\d+)\.")
WIDE_RATE_FACTOR = 3.0
"""The wide path's rows are each seen rarely, so they move faster than the encoder."""
BAR_RATE_FACTOR = 30.0
"""A bar is one number that has units to go, not hundredths."""


@dataclass(frozen=True, slots=True)
class TokenIds:
    """Name the ids that are no text, and the one that hides a token."""

    special: Tensor
    mask: int


@dataclass(slots=True)
class Progress:
    """Say where a run stands: the epoch, the batch within it, all steps, and seconds spent."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    elapsed_s: float = 0.0


def run(config: TrainConfig, data: Path, folder: Path) -> Path:
    """Train by `config` on the sources in `data`, working in `folder`; returns the finished checkpoint's path.

    A second call resumes what a first one left. Raises DataError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if config.threads:
        torch.set_num_threads(config.threads)
    examples = load_examples(config, data, folder)
    tokenizer = load_tokenizer(config, data, folder, examples)
    load_linear(config, folder, examples)
    encoder = pretrained_encoder(config, data, folder, examples, tokenizer)
    return fit(config, tokenizer, examples, encoder, folder)


def epoch_rows(config: TrainConfig, tokenizer: Tokenizer, examples: list[Example], epoch: int) -> list[Encoded]:
    """Draw one epoch's rows by source share, disguise a share of them, and encode; a function of seed and epoch."""
    settings = config.fit
    random = Random(f"{config.seed}/{epoch}")
    drawn = [
        example
        for example in examples
        if example.split == "train" and random.random() < settings.source_share.get(example.source, 1.0)
    ]
    texts = [
        disguise(example.text, example.tokens, random)
        if random.random() < settings.augmented_share
        else (example.text, example.tokens)
        for example in drawn
    ]
    return encode(tokenizer, drawn, texts, config.network.max_length)


def hide_tokens(ids: Tensor, share: float, special: Tensor, mask_id: int) -> Tensor:
    """Return the ids with a share of the text's tokens hidden behind [MASK]."""
    hidden = (torch.rand(ids.shape) < share) & ~torch.isin(ids, special)
    return ids.masked_fill(hidden, mask_id)


def loss_of(model: Network, batch: Batch, settings: FitConfig, known: TokenIds) -> Tensor:
    """Return the weighted sum: offensive or not, known labels, known tokens, and the pooled token score.

    The last is multiple-instance learning: some token of an offensive text should score, and none of a clean one.
    """
    ids, mask = torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)
    with torch.autocast("cpu", torch.bfloat16):
        sentence, token = model(hide_tokens(ids, settings.masked_share, known.special, known.mask), mask)
    sentence, token = sentence.float(), token.float()
    sentence = torch.cat([sentence[:, :1] + model.offsets(batch.sources).unsqueeze(1), sentence[:, 1:]], dim=1)
    values, weights = torch.from_numpy(batch.values), torch.from_numpy(batch.weights)
    each = functional.binary_cross_entropy_with_logits(sentence, values, reduction="none") * weights
    offensive = each[:, 0].mean()
    labels = each[:, 1:].sum() / weights[:, 1:].sum().clamp(min=1.0) * 4.0
    token_weights = torch.from_numpy(batch.token_weights)
    token_each = functional.binary_cross_entropy_with_logits(
        token, torch.from_numpy(batch.token_values), reduction="none"
    )
    tokens = (token_each * token_weights).sum() / token_weights.sum().clamp(min=1.0)
    body = mask.bool() & ~torch.isin(ids, known.special)
    peak = token.masked_fill(~body, -20.0).amax(dim=1)
    pooled = functional.binary_cross_entropy_with_logits(peak, values[:, 0])
    return offensive + settings.label_weight * labels + settings.token_weight * tokens + settings.pooled_weight * pooled


def _optimizer(model: Network, settings: FitConfig) -> torch.optim.AdamW:
    """Return the optimiser; each group carries its `share` of the rate."""
    layers = model.encoder.config.num_hidden_layers
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if name.startswith("wide."):
            kind = (WIDE_RATE_FACTOR, 0.0)
        elif name.startswith("bars."):
            kind = (BAR_RATE_FACTOR, 0.0)
        else:
            kind = (settings.layer_decay ** _depth(name, layers), settings.weight_decay)
        groups.setdefault(kind, []).append(parameter)
    listed = [
        {"params": parameters, "share": share, "weight_decay": decay} for (share, decay), parameters in groups.items()
    ]
    return torch.optim.AdamW(listed, lr=settings.learning_rate, betas=(0.9, 0.98), fused=True)


def _depth(name: str, layers: int) -> int:
    """Return how many layers a parameter lies under the heads."""
    if not name.startswith("encoder."):
        return 0
    numbered = LAYER.search(name)
    return layers - int(numbered[1]) if numbered else layers + 1


def _set_rates(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate * group["share"]


def fit(
    config: TrainConfig, tokenizer: Tokenizer, examples: list[Example], encoder: dict[str, Tensor] | None, folder: Path
) -> Path:
    """Run the supervised epochs, saving and resuming in `folder`; returns the checkpoint's path."""
    settings, path = config.fit, folder / CHECKPOINT
    torch.manual_seed(config.seed)
    model = Network(config.network, tokenizer.get_vocab_size(), config.bars)
    if encoder is not None:
        model.encoder.load_state_dict(encoder)
    optimizer = _optimizer(model, settings)
    tokens = TokenIds(torch.tensor(sorted(special_ids(tokenizer))), int(tokenizer.token_to_id(MASK) or 0))
    at = _resume(path, model, optimizer)
    model.train()
    with RunLog(folder, "fit", already_s=at.elapsed_s) as log:
        while at.epoch < settings.epochs and at.elapsed_s < settings.max_minutes * 60:
            rows = epoch_rows(config, tokenizer, examples, at.epoch)
            batches = plan_batches(
                [len(row.ids) for row in rows], settings.tokens_per_batch, Random(f"{config.seed}/{at.epoch}/order")
            )
            _run_epoch(model, optimizer, (rows, batches), settings, tokens, at, log, path)
    _save(path, model, optimizer, at)
    return path


def _run_epoch(
    model: Network,
    optimizer: torch.optim.Optimizer,
    planned: tuple[list[Encoded], list[list[int]]],
    settings: FitConfig,
    tokens: TokenIds,
    at: Progress,
    log: RunLog,
    path: Path,
) -> None:
    rows, batches = planned
    steps, running, unlogged = len(batches) * settings.epochs, 0.0, 0
    while at.batch < len(batches):
        done = share_done(at.step, steps, log.elapsed_s, settings.max_minutes)
        _set_rates(optimizer, learning_rate(settings.learning_rate, done, settings.warmup_share))
        loss = loss_of(model, collate([rows[index] for index in batches[at.batch]]), settings, tokens)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        at.batch, at.step, at.elapsed_s = at.batch + 1, at.step + 1, log.elapsed_s
        running += float(loss.detach())
        unlogged += 1
        if at.step % LOG_EVERY_STEPS == 0 or at.batch == len(batches):
            log.step(done, step=at.step, epoch=at.epoch, loss=running / unlogged)
            running, unlogged = 0.0, 0
        if at.step % SAVE_EVERY_STEPS == 0:
            _save(path, model, optimizer, at)
        _keep_snapshot(path.with_name(SNAPSHOT), model, done, settings.average_from)
        if done >= 1.0:
            if at.step >= steps:
                # Earlier epochs drew more batches than this one: what is left of it is not drawn again and again.
                at.epoch, at.batch = settings.epochs, 0
            return
    at.epoch, at.batch = at.epoch + 1, 0


def _keep_snapshot(path: Path, model: Network, done: float, share: float) -> None:
    """Keep the weights once, when the run passes the share from which they are averaged."""
    if share <= done < 1.0 and not path.exists():
        torch.save(model.state_dict(), path)


def final_network(config: TrainConfig, folder: Path) -> Network:
    """Return a finished run's network, ready to infer: its last weights averaged with its snapshot's, if it kept one.

    Weights of one run lie in one basin, and their mean generalises better than its end (Izmailov et al. 2018). Here
    it raised the recall at 0.5% false alarms on dev chat from 0.70 to 0.73, the AUC by 0.001.
    """
    state = torch.load(folder / CHECKPOINT, weights_only=True)["model"]
    if (folder / SNAPSHOT).exists():
        earlier = torch.load(folder / SNAPSHOT, weights_only=True)
        state = {
            name: (value + earlier[name]) / 2 if value.is_floating_point() else value for name, value in state.items()
        }
    model = Network(config.network, len(state["encoder.embeddings.word_embeddings.weight"]), config.bars)
    model.load_state_dict(state)
    return model.eval()


def _resume(path: Path, model: Network, optimizer: torch.optim.Optimizer) -> Progress:
    if not path.exists():
        return Progress()
    saved = torch.load(path, weights_only=True)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    return Progress(saved["epoch"], saved["batch"], saved["step"], saved["elapsed_s"])


def _save(path: Path, model: Network, optimizer: torch.optim.Optimizer, at: Progress) -> None:
    state = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": at.epoch,
        "batch": at.batch,
        "step": at.step,
        "elapsed_s": at.elapsed_s,
    }
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
