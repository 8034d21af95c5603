"""A guild's terms as a file: CSV, JSON or plain lines, read with the line of whatever does not fit, written harmlessly.

A spreadsheet runs a cell that begins like a formula; such an entry is written behind an apostrophe, which spreadsheets
take for "this is text", and read back without it (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from bot.settings_exchange import Problem
from bot.settings_lines import json_lines
from bot.terms import ENTRY_LIMIT, PATTERN_LIMIT, WORD_LIMIT, GuildTerm, TermKind
from bot.texts import LOCALES, text
from masker.detectors.lexicon.extended import plain_entry
from masker.labels import Label

FILE_LIMIT_BYTES = 2 << 20
"""More than the largest list takes in any of the forms."""
PROBLEMS_TOLD = 100
COLUMNS = ("kind", "entry", "label")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_QUOTE = "'"
_COLUMN_NAMES = {"종류": "kind", "단어": "entry", "갈래": "label"}
_KIND_NAMES = {"금지": TermKind.BLOCK, "허용": TermKind.ALLOW, "패턴": TermKind.PATTERN}
_KINDS: Mapping[str, TermKind] = {**{kind.value: kind for kind in TermKind}, **_KIND_NAMES}


class TermFileForm(StrEnum):
    """Name the forms that terms are written in; plain lines (one word each) are only read."""

    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class ReadTerms:
    """Hold what a file says: each term with its line, and what does not fit."""

    terms: tuple[tuple[GuildTerm, int], ...] = ()
    problems: tuple[Problem, ...] = ()


def written(terms: Iterable[GuildTerm], form: TermFileForm) -> bytes:
    """Return terms as a file: CSV in UTF-8 with the mark that spreadsheets know it by, or JSON."""
    rows = [(term.kind.value, term.entry, term.label.value if term.label else "") for term in terms]
    if form is TermFileForm.JSON:
        entries = [
            {name: value for name, value in zip(COLUMNS, row, strict=True) if value or name != "label"} for row in rows
        ]
        return (json.dumps({"format": 1, "terms": entries}, ensure_ascii=False, indent=1) + "\n").encode()
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(COLUMNS)
    table.writerows([kind, harmless(entry), label] for kind, entry, label in rows)
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `as_meant` takes it back."""
    return _QUOTE + cell if cell.startswith((*_FORMULA, _QUOTE)) else cell


def as_meant(cell: str) -> str:
    """Return a cell without the apostrophe that makes it harmless. Law: `as_meant(harmless(cell)) == cell`."""
    return cell[1:] if cell.startswith(_QUOTE) and cell[1:].startswith((*_FORMULA, _QUOTE)) else cell


def read(raw: bytes, label: Label = Label.PROFANITY) -> ReadTerms:
    """Read a file of any of the forms; `label` is for blocked terms that name none. What does not fit is told."""
    if len(raw) > FILE_LIMIT_BYTES:
        return ReadTerms(problems=(Problem("terms.file_too_large", {"limit_kib": FILE_LIMIT_BYTES >> 10}),))
    words = _decoded(raw)
    if words is None:
        return ReadTerms(problems=(Problem("terms.file_letters"),))
    first = next((line for line in words.splitlines() if line.strip()), "")
    if first.lstrip().startswith(("{", "[")):
        rows = _json_rows(words)
    elif _columns(first) is not None:
        rows = _csv_rows(words)
    else:
        rows = _plain_rows(words)
    return _checked(rows, label)


def _decoded(raw: bytes) -> str | None:
    """Return the text of a file in UTF-8, UTF-16, or what Korean Windows saves by itself."""
    encodings = ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp949")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


_Row = tuple[int, Mapping[str, Any]] | Problem
"""A term's line and its values by column, or what is wrong."""


def _columns(header: str) -> tuple[str, list[str]] | None:
    """Return the delimiter and the names of the columns, when a line is a header with entries."""
    for delimiter in (",", ";", "\t"):
        names = [name.strip().strip('"').strip().casefold() for name in header.split(delimiter)]
        names = [_COLUMN_NAMES.get(name, name) for name in names]
        if "entry" in names:
            return delimiter, names
    return None


def _csv_rows(words: str) -> Iterator[_Row]:
    blank = len(words) - len(words.lstrip("\r\n"))
    skipped = words[:blank].count("\n")
    lines = io.StringIO(words[blank:], newline="")
    header = _columns(lines.readline())
    assert header is not None  # noqa: S101 - the caller has seen it
    delimiter, names = header
    table = csv.reader(lines, delimiter=delimiter, strict=True)
    line = skipped + 2
    try:
        for cells in table:
            if any(cell.strip() for cell in cells):
                if len(cells) > len(names):
                    yield Problem("terms.file_columns", {"most": len(names)}, line=line)
                else:
                    given = dict(zip(names, cells, strict=False))
                    yield line, {**given, "entry": as_meant(given.get("entry", ""))}
            line = skipped + 2 + table.line_num
    except csv.Error:
        yield Problem("terms.file_csv", line=line)


def _json_rows(words: str) -> Iterator[_Row]:
    try:
        values: Any = json.loads(words)
        lines = json_lines(words)
    except json.JSONDecodeError as error:
        yield Problem("terms.file_json", line=error.lineno)
        return
    except RecursionError:
        yield Problem("terms.file_json")
        return
    top: tuple[str, ...] = ()
    if isinstance(values, dict):
        top, values = ("terms",), values.get("terms")
    if not isinstance(values, list):
        yield Problem("terms.file_no_terms")
        return
    for place, value in enumerate(values):
        line = lines.get((*top, str(place)), 1)
        if isinstance(value, str):
            yield line, {"entry": value}
        elif isinstance(value, dict):
            yield line, value
        else:
            yield Problem("terms.file_no_entry", line=line)


def _plain_rows(words: str) -> Iterator[_Row]:
    """Read a word a line; # begins a note, ! an allowed word, slashes hold a pattern."""
    for line, word in enumerate(words.splitlines(), 1):
        entry = word.strip()
        if not entry or entry.startswith("#"):
            continue
        if entry.startswith("!"):
            yield line, {"kind": TermKind.ALLOW.value, "entry": entry[1:].strip()}
        elif len(entry) > 2 and entry.startswith("/") and entry.endswith("/"):
            yield line, {"kind": TermKind.PATTERN.value, "entry": entry[1:-1]}
        else:
            yield line, {"entry": entry}


def _checked(rows: Iterable[_Row], label: Label) -> ReadTerms:
    terms: dict[tuple[TermKind, str], tuple[GuildTerm, int]] = {}
    problems: list[Problem] = []
    for row in rows:
        if len(problems) >= PROBLEMS_TOLD or len(terms) > WORD_LIMIT + PATTERN_LIMIT:
            break
        found = row if isinstance(row, Problem) else _term(*row, label)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            terms[found[0].kind, found[0].entry] = found
    patterns = sum(kind is TermKind.PATTERN for kind, _ in terms)
    if patterns > PATTERN_LIMIT or len(terms) - patterns > WORD_LIMIT:
        problems.append(Problem("terms.full", {"words": WORD_LIMIT, "patterns": PATTERN_LIMIT}))
    if not terms and not problems:
        problems.append(Problem("terms.file_empty"))
    return ReadTerms(tuple(terms.values()), tuple(problems))


def _term(line: int, values: Mapping[str, Any], default: Label) -> tuple[GuildTerm, int] | Problem:
    kind_name, entry, label_name = (values.get(name) or "" for name in COLUMNS)
    if not (isinstance(entry, str) and isinstance(kind_name, str) and isinstance(label_name, str)):
        return Problem("terms.file_no_entry", line=line)
    kind = _KINDS.get(kind_name.strip().casefold() or TermKind.BLOCK.value)
    if kind is None:
        return Problem("terms.file_kind", {"kind": kind_name[:40], "kinds": ", ".join(TermKind)}, line=line)
    label = _labels().get(label_name.strip().casefold()) if label_name.strip() else default
    if label is None:
        return Problem("terms.file_label", {"label": label_name[:40], "labels": ", ".join(Label)}, line=line)
    entry = tidy(kind, entry)
    if not entry or len(entry) > ENTRY_LIMIT:
        return Problem("terms.file_length", {"limit": ENTRY_LIMIT, "length": len(entry)}, line=line)
    if not keepable(entry):
        return Problem("terms.file_character", line=line)
    return GuildTerm(kind, entry, None if kind is TermKind.ALLOW else label), line


def tidy(kind: TermKind, entry: str) -> str:
    """Return an entry as it is kept: a word without white space around it, in it single spaces; a pattern as given."""
    return entry if kind is TermKind.PATTERN else plain_entry(entry)


def keepable(entry: str) -> bool:
    """Tell whether every database keeps an entry: no null character, no half of a surrogate pair."""
    return "\0" not in entry and not any("\ud800" <= letter <= "\udfff" for letter in entry)


@cache
def _labels() -> Mapping[str, Label]:
    """Return labels by their own names and by those in the catalogue."""
    named = {text(f"label.{label}", locale).casefold(): label for label in Label for locale in LOCALES}
    return {**named, **{label.value: label for label in Label}}
