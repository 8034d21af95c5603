"""A guild's settings as a file, and back: what an admin saves, edits, carries to another server, or undoes with.

Law: `imported(exported(choice, form)) == choice`, for both forms. A file that does not fit is answered with everything
that is wrong in it, each with its line and key; nothing of a file is taken half.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.guild_choice import GuildChoice
from bot.settings_lines import Path, json_lines, toml_lines

FORMAT = 1
FORMAT_KEY = "format"
FILE_LIMIT_BYTES = 256 * 1024
"""More than the longest choice that can be exported; a test holds it to that."""
PROBLEMS_SHOWN = 10
SAFE_INTEGER = 2**53 - 1
"""The largest whole number that JavaScript keeps exact; JSON editors round ids beyond it, so those go as strings."""


class FileForm(StrEnum):
    """Name a form that settings are written in."""

    TOML = "toml"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Problem:
    """Say what is wrong in a file: a text of the catalogue with its placeholders, and where it stands, if known."""

    reason: str
    params: Mapping[str, object] = field(default_factory=dict)
    key: str = ""
    line: int | None = None


def exported(choice: GuildChoice, form: FileForm, notes: Mapping[str, str] | None = None) -> bytes:
    """Return a choice as a UTF-8 file. `notes` are put above TOML's keys by name; "" is the note at the top."""
    values = {FORMAT_KEY: FORMAT, **choice.as_json()}
    if form is FileForm.JSON:
        return (json.dumps(_exact(values), ensure_ascii=False, indent=2) + "\n").encode()
    return "\n".join(_toml(values, notes or {})).encode() + b"\n"


def imported(raw: bytes) -> GuildChoice | tuple[Problem, ...]:
    """Return the choice that a file holds, or the first `PROBLEMS_SHOWN` problems that it has. Never raises.

    The longest file takes seconds where every line of it is wrong: to be called in a thread.
    """
    if len(raw) > FILE_LIMIT_BYTES:
        return (Problem("panel.file_too_large", {"limit_kib": FILE_LIMIT_BYTES // 1024}),)
    try:
        source = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return (Problem("panel.file_not_utf8", line=raw.count(b"\n", 0, error.start) + 1),)
    is_json = source.lstrip().startswith("{")
    values = _json_values(source) if is_json else _toml_values(source)
    if isinstance(values, Problem):
        return (values,)
    form = values.pop(FORMAT_KEY, FORMAT)
    if form != FORMAT:
        line = _line_of((FORMAT_KEY,), source, is_json=is_json)
        return (Problem("panel.file_other_format", {"known": FORMAT}, FORMAT_KEY, line),)
    try:
        return GuildChoice.model_validate(values)
    except ValidationError as invalid:
        lines = json_lines(source) if is_json else toml_lines(source)
        problems = [_problem(error, lines) for error in invalid.errors()]
        return tuple(sorted(problems, key=lambda problem: problem.line or 0)[:PROBLEMS_SHOWN])


def _toml(values: Mapping[str, Any], notes: Mapping[str, str]) -> Iterator[str]:
    if "" in notes:
        yield from _comment(notes[""])
        yield ""
    yield from _toml_table(values, (), notes)


def _toml_table(values: Mapping[str, Any], path: Path, notes: Mapping[str, str]) -> Iterator[str]:
    """Yield a table's lines: its plain values first, because a TOML table ends where the next one begins."""
    tables = {name: value for name, value in values.items() if _is_table(value) or _is_tables(value)}
    for name, value in values.items():
        if name not in tables:
            yield from _comment(notes.get(name, "") if not path else "")
            yield f"{_toml_name(name)} = {_toml_value(value)}"
    for name, value in tables.items():
        here = ".".join(_toml_name(part) for part in (*path, name))
        yield ""
        yield from _comment(notes.get(name, "") if not path else "")
        if _is_tables(value):
            for one in value:
                yield f"[[{here}]]"
                yield from _toml_table(one, (*path, name), notes)
        else:
            yield f"[{here}]"
            yield from _toml_table(value, (*path, name), notes)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_table(one) for one in value)


def _toml_name(name: str) -> str:
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else _toml_value(name)


def _toml_value(value: Any) -> str:
    if isinstance(value, list):
        inner = [_toml_value(one) for one in value]
        return "[" + "".join(f"\n  {one}," for one in inner) + "\n]" if len(inner) > 3 else f"[{', '.join(inner)}]"
    # TOML's strings, numbers and booleans are JSON's but for DEL, which JSON leaves bare.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(words: str) -> Iterator[str]:
    for line in words.splitlines():
        yield f"# {''.join(char for char in line if char.isprintable())}".rstrip()


def _exact(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _exact(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_exact(one) for one in value]
    return str(value) if isinstance(value, int) and abs(value) > SAFE_INTEGER else value


def _toml_values(source: str) -> dict[str, Any] | Problem:
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        # The reader says where only in words: "... (at line 3, column 5)", or "(at end of document)".
        place = str(error).rpartition("(at line ")[2].partition(",")[0]
        line = int(place) if place.isdecimal() else source.count("\n") + 1
        return Problem("panel.file_not_toml", line=line)
    except (RecursionError, ValueError):
        return Problem("panel.file_not_toml")


def _json_values(source: str) -> dict[str, Any] | Problem:
    try:
        values: dict[str, Any] = json.loads(source, object_pairs_hook=_once_each)
    except _Twice as twice:
        return Problem("panel.file_key_twice", key=_shown(str(twice)), line=_last_line_of(str(twice), source))
    except json.JSONDecodeError as error:
        return Problem("panel.file_not_json", line=error.lineno)
    except (RecursionError, ValueError):
        return Problem("panel.file_not_json")
    return values


class _Twice(Exception):  # noqa: N818 - never leaves this module
    """A key that stands twice in one JSON object; TOML's reader refuses those by itself."""


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise _Twice(name)
        values[name] = value
    return values


def _last_line_of(name: str, source: str) -> int | None:
    at = source.rfind(json.dumps(name, ensure_ascii=False))
    return source.count("\n", 0, at) + 1 if at >= 0 else None


def _line_of(path: Path, source: str, *, is_json: bool) -> int | None:
    return (json_lines(source) if is_json else toml_lines(source)).get(path)


def _problem(error: ErrorDetails, lines: Mapping[Path, int]) -> Problem:
    steps = tuple(str(step) for step in error["loc"] if step != "[key]")
    known = next((steps[:end] for end in range(len(steps), 0, -1) if steps[:end] in lines), ())
    reason, params = _reason(error, steps)
    return Problem(reason, params, _shown(".".join(known or steps)), lines.get(known))


def _shown(key: str) -> str:
    """Return a key from a file as it may be repeated: bounded, and nothing in it that turns or hides text."""
    return "".join(char if char.isprintable() else "�" for char in key[:200])


def _reason(error: ErrorDetails, steps: Path) -> tuple[str, dict[str, object]]:
    """Say in a text of the catalogue what a value must be; `error["type"]` is one of pydantic's stable error types."""
    context = error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            near = difflib.get_close_matches(steps[-1][:64], GuildChoice.model_fields, n=1, cutoff=0.5)
            if near and len(steps) == 1:
                return "panel.file_unknown_near", {"nearest": near[0]}
            return "panel.file_unknown", {}
        case "bool_parsing" | "bool_type":
            return "settings.expect_bool", {}
        case "int_parsing" | "int_type" | "int_from_float":
            return "settings.expect_int", {}
        case "float_parsing" | "float_type" | "finite_number":
            return "panel.file_expect_number", {}
        case "enum" | "literal_error":
            return "settings.expect_one_of", {"choices": context.get("expected", "")}
        case "greater_than":
            return "panel.file_expect_over", {"bound": context["gt"]}
        case "greater_than_equal":
            return "settings.expect_at_least", {"bound": context["ge"]}
        case "less_than":
            return "panel.file_expect_under", {"bound": context["lt"]}
        case "less_than_equal":
            return "settings.expect_at_most", {"bound": context["le"]}
        case "too_long":
            return "panel.file_expect_fewer", {"most": context["max_length"]}
        case "dict_type" | "model_type" | "model_attributes_type" | "dataclass_type":
            return "panel.file_expect_table", {}
        case "list_type" | "set_type" | "frozen_set_type" | "tuple_type":
            return "panel.file_expect_list", {}
        case "missing":
            return "panel.file_missing", {}
        case "value_error" if steps[0] == "escalation":
            return "panel.file_timeout_seconds", {}
        case _:
            return "panel.file_bad_value", {}
