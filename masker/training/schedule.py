"""The learning rate over a run, and how far along the run is when a clock may end it early."""

from __future__ import annotations

from torch.optim import Optimizer


def share_done(step: int, steps: int, elapsed_s: float, max_minutes: float) -> float:
    """Return the share (0 to 1) of the run that is over: by steps or by the clock, whichever is further."""
    return min(1.0, max(step / max(1, steps), elapsed_s / (max_minutes * 60)))


def learning_rate(peak: float, done: float, warmup_share: float, hold: float = 0.0) -> float:
    """Rise linearly to `peak` over the warm-up, stay there until `hold`, then fall linearly to a fiftieth of it."""
    if done < warmup_share:
        return peak * max(0.02, done / warmup_share)
    top = max(warmup_share, hold)
    return peak * min(1.0, max(0.02, (1.0 - done) / (1.0 - top)))


def set_rate(optimizer: Optimizer, rate: float) -> None:
    """Give every parameter group this rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate
