"""What all pictures share: the font that the package carries, words made safe to draw, and one picture at a time."""

from __future__ import annotations

import contextlib
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager

INK, PALE, GRID, ACCENT, WARM, PAPER = "#2b2d31", "#6d727b", "#d9dce1", "#4a67d6", "#d4663f", "#ffffff"
_FONT = "garim-gothic.ttf"
_ONE_AT_A_TIME = threading.Lock()


@lru_cache(maxsize=1)
def font() -> font_manager.FontEntry:
    """Register the carried font with matplotlib and return its entry."""
    with resources.as_file(resources.files("bot.reports").joinpath("fonts", _FONT)) as path:
        font_manager.fontManager.addfont(path)
        return font_manager.fontManager.ttflist[-1]


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    return frozenset(font_manager.get_font(font().fname).get_charmap())


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Set what holds for every letter and line; matplotlib's settings are the process's, so one draws at a time."""
    settings: Any = {
        "font.family": [font().name],
        "font.size": 10,
        "text.color": INK,
        "text.parse_math": False,
        "axes.edgecolor": GRID,
        "axes.labelcolor": PALE,
        "axes.unicode_minus": False,
        "xtick.color": PALE,
        "ytick.color": INK,
        "figure.facecolor": PAPER,
    }
    with _ONE_AT_A_TIME, mpl.rc_context(settings):
        yield


def drawable(words: str, limit: int) -> str:
    """Return words with only what the font has, at most `limit` letters: a channel's name can be anything."""
    kept = "".join(one for one in unicodedata.normalize("NFC", words) if ord(one) in _letters())
    kept = " ".join(kept.split())
    return kept if len(kept) <= limit else f"{kept[: limit - 1]}…"
