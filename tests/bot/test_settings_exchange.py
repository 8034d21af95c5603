"""Settings as files: what is written reads back as it was, and what does not fit is named by line and key."""

from __future__ import annotations

import json
import string
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.guild_choice import GuildChoice
from bot.settings_exchange import FILE_LIMIT_BYTES, FileForm, Problem, exported, imported
from bot.settings_lines import Path, json_lines, toml_lines
from bot.texts import LOCALES, text
from tests.support.choices import choices, largest_choice


@settings(deadline=None)
@given(choices(), st.sampled_from(FileForm), st.text(max_size=40))
def test_what_is_exported_is_imported_as_it_was(choice: GuildChoice, form: FileForm, note: str) -> None:
    assert imported(exported(choice, form, {"": note, "preset": note})) == choice


@settings(deadline=None)
@given(choices(), st.sampled_from(FileForm))
def test_line_ends_and_a_byte_order_mark_change_nothing(choice: GuildChoice, form: FileForm) -> None:
    raw = exported(choice, form)
    assert imported(b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n")) == choice


@pytest.mark.parametrize("form", FileForm)
def test_the_largest_choice_fits_in_a_file(form: FileForm) -> None:
    raw = exported(largest_choice(), form)
    assert len(raw) <= FILE_LIMIT_BYTES
    assert imported(raw) == largest_choice()


def test_ids_are_written_to_json_so_that_no_editor_rounds_them() -> None:
    raw = exported(GuildChoice(alert_channel_id=(1 << 60) + 1), FileForm.JSON)
    assert json.loads(raw)["alert_channel_id"] == str((1 << 60) + 1)


WRONG: list[tuple[str, str, str, int | None, str]] = [
    ('preset = "strict"\nnotise = "dm"', "notise", "panel.file_unknown_near", 2, "a misspelt key"),
    ("[thresholds]\nprofanity = 0.5\ngender = 0", "thresholds.gender", "panel.file_expect_over", 3, "under a table"),
    ("thresholds.gender = 2", "thresholds.gender", "settings.expect_at_most", 1, "a dotted key"),
    ('thresholds = { age = 0.1, gender = "x" }', "thresholds.gender", "panel.file_expect_number", 1, "an inline table"),
    ('[thresholds]\n\n"gendr" = 0.5', "thresholds.gendr", "settings.expect_one_of", 3, "an unknown label"),
    ("exempt_role_ids = [\n  1, # one\n  -2,\n]", "exempt_role_ids.1", "panel.file_expect_over", 3, "inside a list"),
    ("exempt_role_ids = 3", "exempt_role_ids", "panel.file_expect_list", 1, "one value for a list"),
    ("thresholds = 3", "thresholds", "panel.file_expect_table", 1, "one value for a table"),
    ("[channels.12]\nobserve = true\n[channels.x]\n", "channels.x", "settings.expect_int", 3, "a place without id"),
    (
        '[[escalation.steps]]\npoints = 3.0\naction = "timeout"',
        "escalation.steps.0",
        "panel.file_timeout_seconds",
        1,
        "a timeout without length",
    ),
    ("[[escalation.steps]]\npoints = 3.0", "escalation.steps.0", "panel.file_missing", 1, "half a step"),
    ("observe = maybe", "", "panel.file_not_toml", 1, "no TOML"),
    ('observe = true\npreset = "strict', "", "panel.file_not_toml", 2, "a string without end"),
    ("observe = true\nobserve = false", "", "panel.file_not_toml", 2, "a key twice"),
    ("format = 2", "format", "panel.file_other_format", 1, "a newer file"),
    ("alert_channel_id = " + "9" * 5_000, "", "panel.file_not_toml", None, "a number beyond all bounds"),
    ("a = " + "[" * 100_000, "", "panel.file_not_toml", None, "nested beyond the reader's depth"),
    ('{\n "observe": true,\n "notice": "shout"\n}', "notice", "settings.expect_one_of", 3, "JSON names its line too"),
    ('{\n "thresholds": {"age": 0.5,\n  "race": -1}}', "thresholds.race", "panel.file_expect_over", 3, "nested JSON"),
    ('{"observe": true,\n}', "", "panel.file_not_json", 2, "a comma too many"),
    ('{"observe": true,\n "observe": false}', "observe", "panel.file_key_twice", 2, "JSON's reader takes the last"),
    ('{"a":' + "[" * 100_000, "", "panel.file_not_json", None, "nested beyond the reader's depth"),
    ("\n\npreset = '\udcff'", "", "panel.file_not_utf8", 3, "not UTF-8"),
    ("#" * (FILE_LIMIT_BYTES + 1), "", "panel.file_too_large", None, "too large"),
]


@pytest.mark.parametrize(("source", "key", "reason", "line", "why"), WRONG, ids=[row[4] for row in WRONG])
def test_what_does_not_fit_is_named_by_line_and_key(
    source: str, key: str, reason: str, line: int | None, why: str
) -> None:
    found = imported(source.encode(errors="surrogateescape"))
    assert isinstance(found, tuple), why
    (problem,) = found
    assert (problem.key, problem.reason) == (key, reason), why
    assert line is None or problem.line == line, why


def test_every_problem_is_named_at_once_and_in_both_languages() -> None:
    found = imported(b'preset = "x"\nobserve = 7\n[thresholds]\nage = 0\n')
    assert isinstance(found, tuple)
    assert [(problem.key, problem.line) for problem in found] == [("preset", 1), ("observe", 2), ("thresholds.age", 4)]
    for locale in LOCALES:
        assert all(text(problem.reason, locale, **problem.params) for problem in found)


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(string.printable, max_size=300).map(str.encode))
def test_no_file_breaks_the_reading(raw: bytes) -> None:
    found = imported(raw)
    assert isinstance(found, GuildChoice) or all(isinstance(problem, Problem) for problem in found)


LINES: list[tuple[str, dict[Path, int]]] = [
    ("a = 1\n\n[b]\nc = [1,\n 2]\n", {("a",): 1, ("b",): 3, ("b", "c"): 4, ("b", "c", "0"): 4, ("b", "c", "1"): 5}),
    ("[[s]]\nx = 1\n[[s]]\nx = 2\n[s.y]\nz = 3", {("s", "0", "x"): 2, ("s", "1", "x"): 4, ("s", "1", "y", "z"): 6}),
    ('a = """\n[no]\n"""\nb = \'[x]\' # [c]\n', {("a",): 1, ("b",): 4}),
    ('"a.b".c = 1\n[ "x y" . z ] # here\nw = {u = [{v = 1}]}', {("a.b", "c"): 1, ("x y", "z", "w", "u", "0", "v"): 3}),
]


@pytest.mark.parametrize(("source", "expected"), LINES)
def test_toml_keys_are_found_on_their_lines(source: str, expected: dict[Path, int]) -> None:
    lines = toml_lines(source)
    assert {path: lines.get(path) for path in expected} == expected
    assert all(_at(tomllib.loads(source), path) is not None for path in lines)


@settings(deadline=None)
@given(choices(), st.sampled_from(FileForm))
def test_every_value_of_an_exported_file_has_a_line(choice: GuildChoice, form: FileForm) -> None:
    source = exported(choice, form).decode()
    lines = json_lines(source) if form is FileForm.JSON else toml_lines(source)
    written = json.loads(source) if form is FileForm.JSON else tomllib.loads(source)
    for path in _paths(written, ()):
        assert path in lines
        if not path[-1].isdecimal():
            assert path[-1] in source.splitlines()[lines[path] - 1]


def _at(values: Any, path: Path) -> Any:
    for step in path:
        values = values[int(step)] if isinstance(values, list) else values[step]
    return values


def _paths(values: Any, path: Path) -> list[Path]:
    if isinstance(values, dict):
        pairs = [(name, value) for name, value in values.items()]
    elif isinstance(values, list):
        pairs = [(str(place), value) for place, value in enumerate(values)]
    else:
        return [path]
    return [found for name, value in pairs for found in _paths(value, (*path, name))]
