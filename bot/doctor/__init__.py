"""The doctor: one finding per thing that can be wrong, each failure with its remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Say how a thing stands: in order, worth a look, or such that Garim will not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """Say how one thing stands; `what` and `remedy` are in the terminal's language."""

    subject: str
    state: State
    what: str
    remedy: str | None = None
