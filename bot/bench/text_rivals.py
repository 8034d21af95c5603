"""The filters that `garim bench text` measures beside Garim, each as its own documentation says to call it.

korcen and better-profanity come with the `dev` extra and are imported nowhere else. The word lists stay where they are:
in the shared data folder, never in the project.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from bot.bench.text_corpora import Corpora
from bot.bench.text_score import Contestant
from bot.errors import GarimError

KORCEN = "korcen"
KOREAN_LIST, ENGLISH_LIST = "doublems_ko", "surge_en"


class RivalMissing(GarimError):  # noqa: N818 - reads as the plain fact it states
    """A filter to compare with is not installed."""

    exit_code = 2


def installed_rivals() -> list[Contestant]:
    """Return korcen and better-profanity, by the versions that are installed. Raises RivalMissing."""
    streams = sys.stdout, sys.stderr
    try:
        from better_profanity import profanity
        from korcen import korcen
    except ImportError as error:
        raise RivalMissing(
            f"{error.name} is not installed, and garim bench text compares with it: "
            "install garim[dev], or pass --alone to measure Garim by itself"
        ) from error
    finally:
        sys.stdout, sys.stderr = streams  # korcen wraps the standard streams when it is imported
    return [
        Contestant(KORCEN, lambda text: bool(korcen.check(text))),
        Contestant("better-profanity", lambda text: bool(profanity.contains_profanity(text))),
    ]


def versions() -> dict[str, str]:
    """Return the installed version of each rival that is a package."""
    found = {}
    for name in ("korcen", "better-profanity"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def listed_rivals(corpora: Corpora) -> list[Contestant]:
    """Return the two rules that word-list bots have: a Korean word anywhere, an English word standing by itself.

    Raises CorpusUnusable.
    """
    return [
        anywhere("list, substring", corpora.lines(KOREAN_LIST)),
        whole_words("list, whole word", (row["text"] for row in csv.DictReader(corpora.lines(ENGLISH_LIST)))),
    ]


def anywhere(name: str, words: Iterable[str]) -> Contestant:
    """Object to a text that holds one of the words anywhere, whatever its case."""
    lowered = tuple(dict.fromkeys(word.strip().lower() for word in words if word.strip()))

    def flags(text: str) -> bool:
        read = text.lower()
        return any(word in read for word in lowered)

    return Contestant(name, flags)


def whole_words(name: str, words: Iterable[str]) -> Contestant:
    r"""Object to a text in which one of the words stands between two `\b`, whatever its case."""
    escaped = (re.escape(word.strip()) for word in words if word.strip())
    pattern = re.compile(rf"\b(?:{'|'.join(dict.fromkeys(escaped))})\b", re.IGNORECASE)
    return Contestant(name, lambda text: pattern.search(text) is not None)
