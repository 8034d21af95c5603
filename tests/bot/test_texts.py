"""The catalogue: the same in every language, nothing missing, nothing left over."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.permissions import Need
from bot.texts import LOCALES, UnknownText, catalogue, nearest_locale, process_locale, text

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("*.py"))


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def written_strings() -> Iterator[tuple[str, bool]]:
    """Give every string literal of bot/ and cogs/, and every start of an f-string with True beside it."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                yield str(node.values[0].value), True
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value, False


def asked_keys() -> Iterator[tuple[str, str]]:
    """Give (file:line, key) of every call of text() and tell() with a plain key."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("text", "tell"):
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and "." in first.value:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", first.value


def test_every_language_has_the_same_ids_and_placeholders() -> None:
    first, *others = [catalogue(locale) for locale in LOCALES]
    for other in others:
        assert first.keys() == other.keys()
        for key in first:
            assert placeholders(first[key]) == placeholders(other[key]), key


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_is_empty_and_files_are_sorted(locale: str) -> None:
    raw = (ROOT / "bot" / "texts" / f"{locale}.po").read_text(encoding="utf-8")
    ids = re.findall(r'^msgid "(.+)"$', raw, re.MULTILINE)
    assert ids == sorted(ids), "sorted by id, so that two branches merge"
    assert len(ids) == len(set(ids)) == len(catalogue(locale))
    assert all(words.strip() for words in catalogue(locale).values())


def test_korean_texts_are_korean() -> None:
    for key, words in catalogue("ko").items():
        assert re.search(r"[가-힣]", words), key


def test_every_key_that_the_code_asks_for_exists() -> None:
    missing = [(place, key) for place, key in asked_keys() if key not in catalogue("ko")]
    assert missing == []


def test_no_key_is_left_over() -> None:
    literals = {words for words, is_start in written_strings() if not is_start}
    begun = {words for words, is_start in written_strings() if is_start or words.endswith("_")}
    starts = tuple(words for words in begun if "." in words and len(words) > 3)
    unused = [key for key in catalogue("ko") if key not in literals and not key.startswith(starts)]
    assert unused == []


def test_every_needed_permission_has_a_name_and_a_reason() -> None:
    for need in Need:
        assert f"permission.{str(need.name).lower()}" in catalogue("ko")
        assert f"permission.why_{str(need.name).lower()}" in catalogue("ko")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "GARIM_LANG": "ko"}, "ko"),
        ({"GARIM_LANG": "", "LANG": "ko"}, "ko"),
        ({"LANG": "fr_FR"}, "en"),
    ],
)
def test_the_terminals_language_follows_the_environment(environ: dict[str, str], expected: str) -> None:
    assert process_locale(environ) == expected


def test_discords_language_tags_find_their_catalogue() -> None:
    assert [nearest_locale(tag) for tag in ("ko", "ko-KR", "en-US", "ja", None)] == ["ko", "ko", "en", "en", "en"]


def test_what_is_missing_raises_at_once() -> None:
    with pytest.raises(UnknownText, match="no text"):
        text("nothing.here", "ko")
    with pytest.raises(UnknownText, match="path"):
        text("settings.too_large", "ko")
    with pytest.raises(UnknownText, match="fr"):
        catalogue("fr")
