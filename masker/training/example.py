"""One training example: a text with what is known of it, where unknown is not negative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from masker.labels import Label

Split = Literal["train", "dev", "test"]


@dataclass(frozen=True, slots=True)
class TokenTargets:
    """Say what is known of the characters of a text.

    `segments` are `(start, end, value, weight)` over half-open code points; everything outside them has
    `default_value` with `default_weight`. Weight 0 means unknown.
    """

    default_value: float = 0.0
    default_weight: float = 0.0
    segments: tuple[tuple[int, int, float, float], ...] = ()


UNKNOWN_TOKENS = TokenTargets()
CLEAN_TOKENS = TokenTargets(default_weight=1.0)


@dataclass(frozen=True, slots=True)
class Example:
    """Hold one text: offensive or not, the labels its source annotates (only those), and its tokens' targets.

    `group` keeps rewrites of one sentence in one split; `kind` is the source's own sub-type, for reports.
    """

    text: str
    source: str
    offensive: bool
    labels: Mapping[Label, bool]
    tokens: TokenTargets
    group: str
    kind: str = ""
    split: Split = "train"
