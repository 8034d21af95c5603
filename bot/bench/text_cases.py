"""The sets of `garim bench text`: sentences with what must be hidden marked in them, and harmless ones written to trap.

A set is a tab-separated file, UTF-8, without a header: text, class or trap, reason. In the text, ⟦ and ⟧ stand around
every span that must be hidden; a row without marks is harmless, and its second field names the word that it resembles.
`\\n`, `\\uXXXX` and `\\UXXXXXXXX` stand for what is invisible or breaks lines; any other backslash for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.errors import GarimError
from masker import Span

CLASSES = (
    "plain", "jamo_split", "jamo_spilled", "initials", "inserted", "invisible", "keyboard", "lookalike", "romanised",
    "unicode", "phonetic", "elongated", "layout", "reordered", "english", "slur",
)  # fmt: skip
"""The classes of the published sets; a set of one's own may name others."""
PUBLISHED = Path(__file__).parent / "text_sets"
MAX_FILE_BYTES = 8 << 20
MAX_TEXT_LENGTH = 4_000
"""Code points of one row's text: Discord's longest message."""

_OPEN, _CLOSE = "⟦", "⟧"
_MARK_RE = re.compile(f"[{_OPEN}{_CLOSE}]")
_ESCAPE_RE = re.compile(r"\\(?:n|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})")
_NAMES = ("text", "class or trap", "reason")


class SetUnusable(GarimError):  # noqa: N818 - reads as the plain fact it states
    """A file of sentences cannot be read as a set; the message names file, line and field."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Case:
    """Hold one sentence: its gold spans in code points (none when harmless), its class or trap, and its place."""

    text: str
    gold: tuple[Span, ...]
    kind: str
    reason: str
    place: str


@dataclass(frozen=True, slots=True)
class CaseSet:
    """Hold the disguised and the innocent sentences of one benchmark."""

    disguised: tuple[Case, ...]
    innocent: tuple[Case, ...]


def read_set(path: Path) -> CaseSet:
    """Read one file, or every `.tsv` under a folder. Raises SetUnusable.

    In a file whose name begins with `disguised` every row must be marked, in `innocent` none; elsewhere marks decide.
    """
    files = sorted(path.rglob("*.tsv")) if path.is_dir() else [path]
    if not files:
        raise SetUnusable(f"{path}: no .tsv file under this folder")
    cases = [case for file in files for case in _read_file(file)]
    if not cases:
        raise SetUnusable(f"{path}: holds no row")
    return CaseSet(
        tuple(case for case in cases if case.gold),
        tuple(case for case in cases if not case.gold),
    )


def _read_file(file: Path) -> Iterator[Case]:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise SetUnusable(f"{file}: is larger than {MAX_FILE_BYTES:,} bytes; split it")
        content = file.read_bytes().decode("utf-8")
    except OSError as error:
        raise SetUnusable(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SetUnusable(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    for number, line in enumerate(content.split("\n"), 1):
        if line.strip():
            yield _case(file, number, line.removesuffix("\r"))


def _case(file: Path, number: int, line: str) -> Case:
    place = f"{file.parent.name}/{file.name}:{number}"

    def fail(field: str, problem: str) -> SetUnusable:
        return SetUnusable(f"{file}:{number}: {field}: {problem}")

    fields = line.split("\t")
    if len(fields) != len(_NAMES):
        raise fail("row", f"needs {len(_NAMES)} fields with a tab between ({', '.join(_NAMES)}), has {len(fields)}")
    for name, value in zip(_NAMES, fields, strict=True):
        if not value.strip():
            raise fail(name, "is empty")
    try:
        text, gold = parse_marked(fields[0])
    except ValueError as error:
        raise fail("text", str(error)) from error
    if len(text) > MAX_TEXT_LENGTH:
        raise fail("text", f"has {len(text):,} code points; the limit is {MAX_TEXT_LENGTH:,}")
    if file.name.startswith("disguised") and not gold:
        raise fail("text", f"has no {_OPEN} {_CLOSE} around what must be hidden")
    if file.name.startswith("innocent") and gold:
        raise fail("text", f"a harmless row holds no {_OPEN} {_CLOSE}")
    return Case(text, gold, fields[1].strip(), fields[2].strip(), place)


def parse_marked(written: str) -> tuple[str, tuple[Span, ...]]:
    """Return the text without its marks, escapes undone, and the spans that the marks enclose.

    Raises ValueError for marks that are nested, unpaired or empty, and for escapes that are no characters.
    """
    parts: list[str] = []
    spans: list[Span] = []
    length, at, opened = 0, 0, -1
    for mark in [*_MARK_RE.finditer(written), None]:
        part = _ESCAPE_RE.sub(_unescape, written[at : mark.start() if mark else len(written)])
        parts.append(part)
        length += len(part)
        if mark is None:
            break
        at = mark.end()
        if (mark.group() == _OPEN) != (opened < 0):
            raise ValueError(f"{mark.group()} at position {mark.start()} has no partner")
        if opened < 0:
            opened = length
            continue
        if opened == length:
            raise ValueError(f"the marks at position {mark.start()} enclose nothing")
        spans.append(Span(opened, length))
        opened = -1
    if opened >= 0:
        raise ValueError(f"a {_OPEN} is never closed")
    return "".join(parts), tuple(spans)


def _unescape(match: re.Match[str]) -> str:
    code = match.group()[1:]
    if code == "n":
        return "\n"
    number = int(code[1:], 16)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise ValueError(f"{match.group()} is no character")
    return chr(number)
