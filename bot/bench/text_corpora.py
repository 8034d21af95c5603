"""Clean text from the shared data folder: what everyday speech and film reviews look like, for false positives."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import GarimError
from masker.training.sources import DataError, read_lines, read_rows

CLEAN, REVIEWS = "clean_utterances", "nsmc"
REVIEW_COUNT = 20_000
REVIEW_SEED = 3


class CorpusUnusable(GarimError):  # noqa: N818 - reads as the plain fact it states
    """The shared data folder lacks a file, or holds another one than the benchmark was written for."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Hold texts under the name that figures give them."""

    name: str
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Corpora:
    """Read sources from the folder with the training data; each file's checksum is compared."""

    folder: Path

    @classmethod
    def shared(cls) -> Corpora | None:
        """Return those under GARIM_SHARED, or None where it is not set. Raises CorpusUnusable for a wrong setting."""
        value = os.environ.get("GARIM_SHARED")
        if not value:
            return None
        folder = Path(value) / "data"
        if not folder.is_dir():
            raise CorpusUnusable(f"GARIM_SHARED: {folder} is no folder; name the one that holds data/, or unset it")
        return cls(folder)

    def lines(self, key: str) -> Iterator[str]:
        """Yield the lines of an unlabelled source. Raises CorpusUnusable."""
        try:
            yield from read_lines(self.folder, key)
        except (DataError, OSError) as error:
            raise CorpusUnusable(str(error)) from error

    def clean(self, limit: int | None) -> list[Corpus]:
        """Return the clean utterances (the first `limit`) and a fixed sample of reviews. Raises CorpusUnusable."""
        try:
            spoken = [str(row["text"]) for row in read_rows(self.folder, CLEAN)]
        except (DataError, OSError) as error:
            raise CorpusUnusable(str(error)) from error
        reviews = random.Random(REVIEW_SEED).sample(list(self.lines(REVIEWS)), REVIEW_COUNT)
        return [Corpus("clean utterances", spoken[:limit]), Corpus("film reviews", reviews[:limit])]
