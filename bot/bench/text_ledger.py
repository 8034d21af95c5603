"""The ledger of clean lines that were flagged and then read: does the line swear after all, or is it a false alarm?

The lines are other people's, so it holds the first 16 digits of each line's SHA-256 and what the reader said, no text.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "lines_read.tsv"
SWEARS, HARMLESS, UNREAD = "swears", "harmless", "unread"


@dataclass(frozen=True, slots=True)
class Ledger:
    """Hold what a reader said of a line, by the line's digest."""

    said: dict[str, str]

    def verdict(self, text: str) -> str:
        """Return `swears`, `harmless` or `unread`."""
        return self.said.get(digest(text), UNREAD)

    def swears(self, text: str) -> bool:
        """Tell whether somebody read the line and found that it swears; what nobody read does not count as such."""
        return self.verdict(text) == SWEARS


def digest(text: str) -> str:
    """Return by what the ledger knows a line."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_ledger(file: Path = FILE) -> Ledger:
    """Read the ledger. Raises ValueError naming the line that is not `digest<TAB>swears|harmless`."""
    said: dict[str, str] = {}
    for number, line in enumerate(file.read_text(encoding="ascii").splitlines(), 1):
        key, _, verdict = line.partition("\t")
        if len(key) != 16 or verdict not in (SWEARS, HARMLESS) or key in said:
            raise ValueError(f"{file.name}:{number}: needs a new digest of 16 digits, a tab, and swears or harmless")
        said[key] = verdict
    return Ledger(said)
