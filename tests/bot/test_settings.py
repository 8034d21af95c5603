"""Settings: what is documented is what holds, and what does not fit is said in one line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.errors import SettingsError
from bot.settings import Settings
from bot.settings_loading import load_settings, sections

CONFIG = Path(__file__).parents[2] / "config.toml"


@pytest.fixture(autouse=True)
def _english_in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GARIM_LANG", "en")


def _written(tmp_path: Path, content: str) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text(content, encoding="utf-8")
    return file


def documented_keys() -> dict[tuple[str, str], tuple[str, str]]:
    """Return (comment, value as written) by (section, key) of config.toml."""
    found, section, comment = {}, "", []
    for line in CONFIG.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            comment.append(line.removeprefix("#").strip())
        elif table := re.fullmatch(r"\[(\w+)\]", line):
            section, comment = table[1], []
        elif "=" in line:
            key, _, value = line.partition("=")
            found[section, key.strip()] = ("\n".join(comment), value.strip())
            comment = []
        else:
            comment = []
    return found


def code_keys() -> dict[tuple[str, str], object]:
    secret = {("discord", "token")}
    pairs = {
        (name, key): field.default for name, model in sections().items() for key, field in model.model_fields.items()
    }
    return {place: default for place, default in pairs.items() if place not in secret}


def test_every_key_is_documented_and_no_other() -> None:
    assert documented_keys().keys() == code_keys().keys()


@pytest.mark.parametrize("place", sorted(code_keys()), ids=".".join)
def test_a_key_says_what_it_means_its_unit_its_default_and_when_to_change_it(place: tuple[str, str]) -> None:
    comment, written = documented_keys()[place]
    assert re.search(r"[가-힣]", comment.splitlines()[0]), "the first line is Korean"
    assert re.search(r"^Unit: \S", comment, re.MULTILINE)
    assert re.search(r"^Change when: \S", comment, re.MULTILINE)
    said = re.search(r'Default: ("[^"]*"|\w+)', comment)
    assert said is not None
    assert said[1] == written, "the comment's default is the written value"


def test_the_shipped_file_holds_exactly_the_defaults() -> None:
    assert load_settings(CONFIG, {}) == Settings()
    for (section, key), default in code_keys().items():
        value = tomllib.loads(CONFIG.read_text(encoding="utf-8"))[section][key]
        assert value == ("" if default is None else default), f"{section}.{key}"


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = _written(tmp_path, "[masker]\nthreads = 2\ndeadline_ms = 700\n[guild_defaults]\nobserve = true\n")
    settings = load_settings(file, {"GARIM_MASKER__THREADS": "3", "GARIM_GUILD_DEFAULTS__OBSERVE": "false"})
    assert (settings.masker.threads, settings.masker.deadline_ms) == (3, 700)
    assert settings.guild_defaults.observe is False


def test_the_file_is_found_by_variable_and_then_in_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[masker]\nthreads = 2\n")
    other = _written(tmp_path, "[masker]\nthreads = 4\n")
    assert load_settings(environ={}).masker.threads == 2
    assert load_settings(environ={"GARIM_CONFIG": str(other)}).masker.threads == 4


REFUSED = [
    ("[discrod]\napi_base = 'x'", {}, ["[discrod]", "Did you mean discord"], "misspelt section"),
    ("[masker]\nthread = 1", {}, ["masker.thread", "Did you mean threads"], "misspelt key"),
    ("[masker]\nthreads = 'many'", {}, ["masker.threads", "whole number"], "wrong type"),
    ("[masker]\nthreads = 1.5", {}, ["masker.threads", "whole number"], "a fraction is not silently cut"),
    ("[masker]\nthreads = 0", {}, ["masker.threads", "1 or more"], "below the bound"),
    ("[breaker]\nguild_limit_per_10_min = 20000", {}, ["10000 or less"], "above the bound"),
    ("[masker]\npreset = 'loose'", {}, ["masker.preset", "'lenient', 'standard' or 'strict'"], "not a choice"),
    ("[guild_defaults]\nobserve = 'maybe'", {}, ["guild_defaults.observe", "true or false"], "not a truth value"),
    ("[discord]\ngateway = 'https://x'", {}, ["discord.gateway", "ws://"], "wrong scheme"),
    ("[discord]\ntoken = 'abc.def'", {}, ["discord.token", "must not stand"], "secret in the file"),
    ("[storage]\nurl = 'postgresql://u:pw-in-file@h/d'", {}, ["storage.url", "password"], "password in the file"),
    ("masker = 3", {}, ["masker", "table"], "section that is no table"),
    ("[masker\n", {}, ["not valid TOML", "line 1"], "broken TOML"),
    ("", {"GARIM_MASKER__THREDS": "1"}, ["GARIM_MASKER__THREDS", "GARIM_MASKER__THREADS"], "misspelt variable"),
    ("", {"GARIM_LOG__LEVEL": "LOUD"}, ["GARIM_LOG__LEVEL", "'DEBUG'"], "bad value in a variable names the variable"),
    ("", {"GARIM_DISCORD__TOKEN_FILE": "/nowhere/token"}, ["/nowhere/token", "cannot be read"], "missing secret file"),
]


@pytest.mark.parametrize(("content", "environ", "words", "reason"), REFUSED, ids=[row[3] for row in REFUSED])
def test_what_does_not_fit_is_refused_with_place_and_remedy(
    tmp_path: Path, content: str, environ: dict[str, str], words: list[str], reason: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(_written(tmp_path, content), environ)
    message = str(refused.value)
    assert "\n" not in message
    assert all(word in message for word in words), message
    assert "abc.def" not in message
    assert "pw-in-file" not in message


def test_a_missing_and_a_binary_file_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone\.toml: cannot be read"):
        load_settings(tmp_path / "gone.toml", {})
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings(tmp_path / "binary.toml", {})


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"DISCORD_TOKEN": "plain"}, "plain"),
        ({"DISCORD_TOKEN": "plain", "GARIM_DISCORD__TOKEN": "ours"}, "ours"),
        ({"DISCORD_TOKEN": "", "GARIM_DISCORD__TOKEN_FILE": "token"}, "from-file"),
        ({"DISCORD_TOKEN": "plain", "GARIM_DISCORD__TOKEN_FILE": "token"}, "plain"),
    ],
)
def test_the_token_comes_from_variables_before_the_file(tmp_path: Path, environ: dict[str, str], expected: str) -> None:
    (tmp_path / "token").write_text("from-file\n")
    token = load_settings(environ=environ).discord.token
    assert token is not None
    assert token.get_secret_value() == expected
    assert expected not in repr(load_settings(environ=environ))


def test_an_empty_token_means_none() -> None:
    assert load_settings(environ={"DISCORD_TOKEN": "", "GARIM_DISCORD__TOKEN": " "}).discord.token is None


def test_variables_that_are_no_settings_are_left_alone() -> None:
    environ = {
        "GARIM_SHARED": "/data",
        "GARIM_LANG": "ko",
        "GARIM_SANDBOX__OPENAPI": "x.json",
        "GARIM_SERVICE_HOST": "10.0.0.1",
        "GARIM_PORT_8080_TCP_ADDR": "10.0.0.1",
        "PATH": "/bin",
    }
    assert load_settings(environ=environ) == Settings()


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().masker.threads = 4  # type: ignore[misc]


def test_empty_paths_are_derived_from_the_data_folder(tmp_path: Path) -> None:
    settings = load_settings(environ={"GARIM_PATHS__DATA_DIR": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/garim.sqlite3"
    assert (settings.key_path, settings.spool_path) == (tmp_path / "garim.key", tmp_path / "spool")
    demo = settings.for_demo()
    assert demo.database_url == f"sqlite:///{tmp_path}/demo/garim.sqlite3"
    assert demo.spool_path == tmp_path / "demo" / "spool"
