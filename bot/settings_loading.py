"""Read settings in: config.toml, the environment over it, then the secrets; one clear error for what does not fit."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.errors import SettingsError
from bot.settings import Section, Settings
from bot.texts import tell

ENV_PREFIX = "GARIM_"
NOT_SETTINGS = frozenset({"GARIM_CONFIG", "GARIM_LANG", "GARIM_SHARED", "GARIM_CHROMIUM"})
"""Variables of ours that are no keys: where the file is, the terminal's language, the tests' data and browser."""
_OTHER_PROGRAMS = ("GARIM_SANDBOX__",)
_KUBERNETES_LINK = re.compile(r"GARIM_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT\w*|PORT|PORT_\d+_(?:TCP|UDP)\w*)")
"""What Kubernetes sets for a Service named garim (docs: "Accessing Services", environment variables)."""
_CONFIG_SIZE_LIMIT = 1 << 20
_SECRET_SIZE_LIMIT = 1 << 16


@dataclass(frozen=True, slots=True)
class Place:
    """Say where a value was written: a file and its key path, or an environment variable."""

    source: str
    key: str

    def __str__(self) -> str:
        return f"{self.source}: {self.key}" if self.source else self.key


def sections() -> dict[str, type[Section]]:
    """Return every section's class by its name in config.toml."""
    found = {}
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            found[name] = field.annotation
    return found


def load_settings(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings from the file and the environment (default: this process's).

    `path` None means: the file that GARIM_CONFIG names, else config.toml in the current folder if there is one.
    Raises SettingsError, naming the place and what is expected there.
    """
    source = os.environ if environ is None else environ
    values: dict[str, dict[str, Any]] = {name: {} for name in sections()}
    places: dict[tuple[str, str], Place] = {}
    file = _find_file(path, source)
    if file is not None:
        _lay_file(file, values, places)
    _lay_environment(source, values, places)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as invalid:
        raise SettingsError(_explain(invalid.errors()[0], places)) from None
    return _with_secrets(settings)


def _find_file(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    if path is None and environ.get("GARIM_CONFIG"):
        path = Path(environ["GARIM_CONFIG"]).expanduser()
    if path is not None:
        return path
    beside = Path("config.toml")
    return beside if beside.exists() else None


def _lay_file(file: Path, values: dict[str, dict[str, Any]], places: dict[tuple[str, str], Place]) -> None:
    for section, table in _read_toml(file).items():
        if section not in values:
            raise SettingsError(_unknown(Place(str(file), f"[{section}]"), section, list(values)))
        if not isinstance(table, dict):
            raise SettingsError(tell("settings.not_a_table", place=Place(str(file), section), section=section))
        known = list(sections()[section].model_fields)
        for key, value in table.items():
            place = Place(str(file), f"{section}.{key}")
            if (section, key) == ("discord", "token"):
                raise SettingsError(tell("settings.token_in_file", place=place))
            if (section, key) == ("storage", "url") and isinstance(value, str) and _has_password(value):
                raise SettingsError(tell("settings.password_in_file", place=place))
            if key not in known:
                raise SettingsError(_unknown(place, key, known))
            values[section][key] = value
            places[section, key] = place


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            raw = stream.read(_CONFIG_SIZE_LIMIT + 1)
    except OSError as error:
        raise SettingsError(tell("settings.unreadable", path=file, reason=error.strerror)) from None
    if len(raw) > _CONFIG_SIZE_LIMIT:
        raise SettingsError(tell("settings.too_large", path=file))
    try:
        return tomllib.loads(raw.decode())
    except UnicodeDecodeError:
        raise SettingsError(tell("settings.not_utf8", path=file)) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(tell("settings.not_toml", path=file, reason=error)) from None


def _lay_environment(
    environ: Mapping[str, str], values: dict[str, dict[str, Any]], places: dict[tuple[str, str], Place]
) -> None:
    known = {
        f"{ENV_PREFIX}{section}__{key}".upper(): (section, key)
        for section, model in sections().items()
        for key in model.model_fields
    }
    for name in sorted(environ):
        if name in known:
            section, key = known[name]
            values[section][key] = environ[name]
            places[section, key] = Place("", name)
        elif name.startswith(ENV_PREFIX) and not _is_ours_otherwise(name):
            raise SettingsError(_unknown(Place("", name), name, [*known, *NOT_SETTINGS]))
    if environ.get("DISCORD_TOKEN") and not environ.get("GARIM_DISCORD__TOKEN"):
        values["discord"]["token"] = environ["DISCORD_TOKEN"]
        places["discord", "token"] = Place("", "DISCORD_TOKEN")


def _is_ours_otherwise(name: str) -> bool:
    return name in NOT_SETTINGS or name.startswith(_OTHER_PROGRAMS) or _KUBERNETES_LINK.fullmatch(name) is not None


def _has_password(url: str) -> bool:
    try:
        return bool(urlsplit(url).password)
    except ValueError:
        return False


def _unknown(place: Place, name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return tell("settings.unknown_near", place=place, nearest=near[0])
    return tell("settings.unknown", place=place, known=", ".join(known[:20]))


def _explain(error: ErrorDetails, places: Mapping[tuple[str, str], Place]) -> str:
    section, key = str(error["loc"][0]), str(error["loc"][1])
    place = places.get((section, key), Place("", f"{section}.{key}"))
    secret = (section, key) in {("discord", "token"), ("storage", "url")}
    got = "***" if secret else repr(error["input"])[:80]
    return tell("settings.bad_value", place=place, got=got, expected=_expected(error))


def _expected(error: ErrorDetails) -> str:
    """Say in words what a value must be; `error["type"]` is one of pydantic's stable error types."""
    context = error.get("ctx", {})
    match error["type"]:
        case "int_parsing" | "int_type" | "int_from_float":
            return tell("settings.expect_int")
        case "bool_parsing" | "bool_type":
            return tell("settings.expect_bool")
        case "enum" | "literal_error":
            return tell("settings.expect_one_of", choices=context.get("expected", ""))
        case "greater_than_equal":
            return tell("settings.expect_at_least", bound=context["ge"])
        case "less_than_equal":
            return tell("settings.expect_at_most", bound=context["le"])
        case "string_pattern_mismatch":
            scheme = "ws:// wss://" if "ws" in str(context["pattern"]) else "http:// https://"
            return tell("settings.expect_address", schemes=scheme)
        case "string_type" | "string_too_short" | "path_type":
            return tell("settings.expect_text")
        case _:
            return error["msg"]


def _with_secrets(settings: Settings) -> Settings:
    """Read the token from its file when no variable gave one."""
    file = settings.discord.token_file
    if settings.discord.token is not None or file is None:
        return settings
    discord = settings.discord.model_validate({**settings.discord.model_dump(), "token": read_secret(file)})
    return settings.model_copy(update={"discord": discord})


def read_secret(file: Path) -> str:
    """Return a secret file's first line, never showing its content. Raises SettingsError (unreadable, empty)."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(_SECRET_SIZE_LIMIT)
    except OSError as error:
        raise SettingsError(tell("settings.unreadable", path=file, reason=error.strerror)) from None
    try:
        lines = raw.decode().strip().splitlines()
    except UnicodeDecodeError:
        raise SettingsError(tell("settings.not_utf8", path=file)) from None
    if not lines:
        raise SettingsError(tell("settings.secret_empty", path=file))
    return lines[0].strip()
