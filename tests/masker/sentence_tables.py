"""Read the tables of sentences: what must be masked, exactly where, and what must not."""

from __future__ import annotations

import re
from pathlib import Path

from masker import Span

_FOLDER = Path(__file__).parent / "tables"
_ESCAPE_RE = re.compile(r"\\(u[0-9a-f]{4}|U[0-9a-f]{8}|n)")


def rows(name: str) -> list[tuple[str, str]]:
    """Return the text and the reason of each row, escapes undone."""
    found = []
    for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines()[1:]:
        text, reason = line.split("\t")
        found.append((_ESCAPE_RE.sub(_unescape, text), reason))
    return found


def term_rows() -> list[tuple[str, str, str]]:
    """Return the marked sentence, the term and the reason of each row of `terms.tsv`."""
    found = []
    for line in (_FOLDER / "terms.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        marked, term, reason = line.split("\t")
        found.append((marked, term, reason))
    return found


def expected(marked: str) -> tuple[str, Span]:
    """Return the text without its marks, and the span that they enclose."""
    start, end = marked.index("⟦"), marked.index("⟧") - 1
    return marked.replace("⟦", "").replace("⟧", ""), Span(start, end)


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    return "\n" if code == "n" else chr(int(code[1:], 16))
