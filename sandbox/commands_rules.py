"""The rules an application command must keep, as pure functions over the request body.

Sources: Discord's "Application Commands" reference (naming pattern, counts, lengths, the 8,000 character ceiling) and
the error codes its API answers with under 50035.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import regex

from sandbox.errors import field_error as error

CHAT_INPUT: Final = 1
USER_MENU: Final = 2
MESSAGE_MENU: Final = 3

#: How many commands of each type one application may have, per scope (global, or one guild).
LIMIT_BY_TYPE: Final[Mapping[int, int]] = {CHAT_INPUT: 100, USER_MENU: 5, MESSAGE_MENU: 5}
MAX_OPTIONS: Final = 25
MAX_CHOICES: Final = 25
MAX_TOTAL_CHARACTERS: Final = 8_000
MAX_PERMISSION_BITS: Final = (1 << 63) - 1

SUB_COMMAND: Final = 1
SUB_COMMAND_GROUP: Final = 2
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)

#: The locales Discord accepts as keys of a localisation map.
LOCALES: Final = frozenset(
    {
        *("id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl"),
        *("pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW"),
        *("ko", "ar", "he"),
    }
)

_SLASH_NAME = regex.compile(r"^[-_'\p{L}\p{N}\p{Script=Devanagari}\p{Script=Thai}]{1,32}$")

Tree = dict[str, Any]


def required() -> Tree:
    """Return the leaf for a field that is missing."""
    return error("BASE_TYPE_REQUIRED", "This field is required")


def _length(value: Any, low: int, high: int) -> Tree | None:
    if not isinstance(value, str):
        return error("BASE_TYPE_BAD_TYPE", "Value must be a string.")
    if not low <= len(value) <= high:
        return error("BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
    return None


def _put(tree: Tree, key: str, leaf: Tree | None) -> None:
    if leaf:
        tree[key] = leaf


def _name(value: Any, slash: bool) -> Tree | None:
    if (leaf := _length(value, 1, 32)) is not None:
        return leaf
    if slash and (not _SLASH_NAME.match(value) or value != value.lower()):
        return error("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if not slash and value != value.strip():
        return error("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    return None


def _localisations(value: Any, check: Any) -> Tree | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        return error("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
    tree: Tree = {}
    for locale, text in value.items():
        if locale not in LOCALES:
            tree[str(locale)] = error("BASE_TYPE_CHOICES", "Value must be a supported locale.")
        else:
            _put(tree, locale, check(text))
    return tree or None


def _choice_value(kind: int, value: Any) -> Tree | None:
    if kind == STRING:
        return _length(value, 0, 100)
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or (kind == INTEGER and int(value) != value):
        return error("NUMBER_TYPE_COERCE", f'Value "{type(value).__name__}" is not a number of this option\'s type.')
    if abs(value) > 2**53:
        return error("NUMBER_TYPE_MAX", f"number value should be less than or equal to {2**53}.")
    return None


def _choices(kind: int, option: Mapping[str, Any]) -> Tree | None:
    choices = option.get("choices")
    if not choices:
        return None
    if kind not in (STRING, INTEGER, NUMBER):
        return error("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Choices are only for strings and numbers")
    if option.get("autocomplete"):
        return error("APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES", "Choices and autocomplete exclude each other")
    if not isinstance(choices, list) or len(choices) > MAX_CHOICES:
        return error("BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {MAX_CHOICES} in length.")
    tree: Tree = {}
    seen: set[Any] = set()
    for index, choice in enumerate(choices):
        leaf: Tree = {}
        if not isinstance(choice, dict):
            tree[str(index)] = error("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
            continue
        _put(leaf, "name", _length(choice.get("name"), 1, 100))
        _put(leaf, "name_localizations", _localisations(choice.get("name_localizations"), lambda t: _length(t, 1, 100)))
        _put(leaf, "value", required() if choice.get("value") is None else _choice_value(kind, choice["value"]))
        if choice.get("name") in seen:
            leaf["name"] = error(
                "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", "Choice names must be unique"
            )
        seen.add(choice.get("name"))
        _put(tree, str(index), leaf)
    return tree or None


def _ranges(kind: int, option: Mapping[str, Any]) -> Tree:
    tree: Tree = {}
    if kind == STRING:
        for key, low in (("min_length", 0), ("max_length", 1)):
            value = option.get(key)
            if value is not None and not (isinstance(value, int) and low <= value <= 6000):
                tree[key] = error("NUMBER_TYPE_MAX", f"int value should be between {low} and 6000.")
    if option.get("autocomplete") and kind not in (STRING, INTEGER, NUMBER):
        tree["autocomplete"] = error("APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_TYPE_INVALID", "Not for this type")
    return tree


def _option(option: Any, depth: int) -> Tree | None:
    if not isinstance(option, dict):
        return error("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
    tree: Tree = {}
    kind = option.get("type")
    if not isinstance(kind, int) or not SUB_COMMAND <= kind <= ATTACHMENT:
        tree["type"] = required() if kind is None else error("BASE_TYPE_CHOICES", "Value must be one of (1 to 11).")
        return tree
    _put(tree, "name", required() if option.get("name") is None else _name(option["name"], slash=True))
    _put(tree, "name_localizations", _localisations(option.get("name_localizations"), lambda t: _name(t, slash=True)))
    text = option.get("description")
    _put(tree, "description", required() if text is None else _length(text, 1, 100))
    _put(
        tree,
        "description_localizations",
        _localisations(option.get("description_localizations"), lambda t: _length(t, 1, 100)),
    )
    if (kind == SUB_COMMAND_GROUP and depth > 0) or (kind == SUB_COMMAND and depth > 1):
        tree["type"] = error("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option type is not allowed here")
    _put(tree, "choices", _choices(kind, option))
    tree.update(_ranges(kind, option))
    if kind in (SUB_COMMAND, SUB_COMMAND_GROUP):
        _put(tree, "options", check_options(option.get("options") or [], depth + 1, group=kind == SUB_COMMAND_GROUP))
    return tree or None


def check_options(options: Any, depth: int = 0, group: bool = False) -> Tree | None:
    """Return the error tree of an option list (`None` when it is good): names unique, required ones first, no mix."""
    if not isinstance(options, list) or len(options) > MAX_OPTIONS:
        return error("BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {MAX_OPTIONS} in length.")
    tree: Tree = {}
    names: set[Any] = set()
    optional_seen = False
    nested = {isinstance(o, dict) and o.get("type") in (SUB_COMMAND, SUB_COMMAND_GROUP) for o in options}
    for index, option in enumerate(options):
        leaf = _option(option, depth) or {}
        if isinstance(option, dict):
            if option.get("name") in names:
                leaf["name"] = error("APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option names must be unique")
            names.add(option.get("name"))
            if option.get("required") and optional_seen:
                leaf.update(
                    error(
                        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                        "Required options must be placed before optional",
                    )
                )
            optional_seen = optional_seen or not option.get("required")
        if len(nested) > 1 or (group and nested == {False}):
            leaf.update(error("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option type mismatch"))
        _put(tree, str(index), leaf)
    return tree or None


def total_characters(command: Mapping[str, Any]) -> int:
    """Count the characters of names, descriptions and choice values, as the 8,000 ceiling does (longest locale)."""
    total = 0
    for key in ("name", "description"):
        texts: Iterable[Any] = [command.get(key) or "", *(command.get(f"{key}_localizations") or {}).values()]
        total += max(len(str(text)) for text in texts)
    value = command.get("value")
    total += len(value) if isinstance(value, str) else 0
    for child in (*(command.get("options") or ()), *(command.get("choices") or ())):
        total += total_characters(child)
    return total


def _common(body: Mapping[str, Any]) -> Tree:
    tree: Tree = {}
    bits = body.get("default_member_permissions")
    if bits is not None:
        good = (isinstance(bits, int) and not isinstance(bits, bool)) or (isinstance(bits, str) and bits.isascii())
        if not good or not str(bits).isdigit() or int(bits) > MAX_PERMISSION_BITS:
            tree["default_member_permissions"] = error("NUMBER_TYPE_COERCE", "Value is not a permission integer.")
    for key, top in (("contexts", 2), ("integration_types", 1)):
        values = body.get(key)
        if values is None:
            continue
        if (
            not isinstance(values, list)
            or any(v not in range(top + 1) for v in values)
            or len(set(values)) != len(values)
        ):
            tree[key] = error("BASE_TYPE_CHOICES", f"Value must be a set of integers from 0 to {top}.")
        elif not values:
            tree[key] = error("BASE_TYPE_BAD_LENGTH", "Must be 1 or more in length.")
    return tree


def check_command(body: Any) -> Tree | None:
    """Return Discord's error tree for a whole command, or `None` when every rule is kept.

    `body` is the command as it would stand after the request (for PATCH: the old one with the changes laid over).
    """
    if not isinstance(body, dict):
        return error("DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
    kind = body.get("type") or CHAT_INPUT
    if kind not in LIMIT_BY_TYPE:
        return {"type": error("BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).")}
    slash = kind == CHAT_INPUT
    tree = _common(body)
    _put(tree, "name", required() if body.get("name") is None else _name(body["name"], slash))
    _put(tree, "name_localizations", _localisations(body.get("name_localizations"), lambda t: _name(t, slash)))
    text = body.get("description")
    if slash:
        _put(tree, "description", required() if not text else _length(text, 1, 100))
        _put(
            tree,
            "description_localizations",
            _localisations(body.get("description_localizations"), lambda t: _length(t, 1, 100)),
        )
        _put(tree, "options", check_options(body.get("options") or []))
    else:
        if text:
            tree["description"] = error("APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", "Menus have no description")
        if body.get("options"):
            tree["options"] = error("APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED", "Menus have no options")
    if not tree and total_characters(body) > MAX_TOTAL_CHARACTERS:
        return error("APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MAX_TOTAL_CHARACTERS})")
    return tree or None
