"""Check what a person filled into a slash command and write it as an interaction's options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox import commands_rules as rules
from sandbox.errors import ApiError, invalid_field
from sandbox.ids import parse_snowflake
from sandbox.interactions.resolved import Resolved
from sandbox.uploads import Upload

SAFE_INTEGER = 2**53


def build_options(
    body: Mapping[str, Any],
    path: Sequence[str],
    values: Mapping[str, Any],
    resolved: Resolved,
    *,
    files: Mapping[int, Upload],
    focused: str | None = None,
) -> list[dict[str, Any]]:
    """Return the nested `options` of a command interaction.

    `path` names the sub-commands from the command down; `values` maps option names to plain values (a file is
    `{"file": n}` with n in `files`). With `focused` (autocomplete) required options may be missing and typed text may
    be unfinished. Raises 50035 naming the option that is wrong.
    """
    node = body
    for name in path:
        children = {option["name"]: option for option in node.get("options") or () if option["type"] in (1, 2)}
        if name not in children:
            raise invalid_field(
                "options", code="UNKNOWN_SUB_COMMAND", message=f'There is no sub-command "{name[:32]}".'
            )
        node = children[name]
    definitions = {option["name"]: option for option in node.get("options") or ()}
    if any(option["type"] in (1, 2) for option in definitions.values()):
        raise invalid_field("options", code="SUB_COMMAND_REQUIRED", message="A sub-command must be chosen.")
    for name in values:
        if name not in definitions:
            raise invalid_field(name[:32], code="UNKNOWN_OPTION", message="There is no such option.")
    options = _leaves(definitions, values, resolved, files, focused)
    kinds = (rules.SUB_COMMAND, rules.SUB_COMMAND_GROUP)
    for name, kind in zip(reversed(path), kinds, strict=False):
        options = [{"name": name, "type": kind, "options": options}]
    return options


def _leaves(
    definitions: Mapping[str, Mapping[str, Any]],
    values: Mapping[str, Any],
    resolved: Resolved,
    files: Mapping[int, Upload],
    focused: str | None,
) -> list[dict[str, Any]]:
    options = []
    for name, definition in definitions.items():
        value = values.get(name)
        if name == focused:
            if not definition.get("autocomplete"):
                raise invalid_field(name, code="NO_AUTOCOMPLETE", message="This option has no autocomplete.")
            options.append(
                {"name": name, "type": definition["type"], "value": "" if value is None else value, "focused": True}
            )
            continue
        if value is None:
            if definition.get("required") and focused is None:
                raise invalid_field(name, code="BASE_TYPE_REQUIRED", message="This field is required")
            continue
        checked = value if focused is not None else _check(definition, value, resolved, files)
        options.append({"name": name, "type": definition["type"], "value": checked})
    return options


def _check(
    definition: Mapping[str, Any], value: Any, resolved: Resolved, files: Mapping[int, Upload]
) -> str | int | float | bool:
    kind = definition["type"]
    name = definition["name"]
    if kind == rules.STRING:
        return _string(definition, value)
    if kind in (rules.INTEGER, rules.NUMBER):
        return _number(definition, value)
    if kind == rules.BOOLEAN:
        if not isinstance(value, bool):
            raise _wrong(name, "Must be either true or false.")
        return value
    if kind == rules.ATTACHMENT:
        upload = files.get(value.get("file", -1)) if isinstance(value, dict) else None
        if upload is None:
            raise _wrong(name, "A file is needed.")
        return str(resolved.add_attachment(upload))
    number = parse_snowflake(value)
    if number is None:
        raise _wrong(name, "Value is not snowflake.")
    try:
        resolved.add_kind(kind, number, definition.get("channel_types") or ())
    except ApiError:
        raise _wrong(name, "This does not exist here.") from None
    return str(number)


def _string(definition: Mapping[str, Any], value: Any) -> str:
    name = definition["name"]
    if not isinstance(value, str):
        raise _wrong(name, "Value must be a string.")
    low, high = definition.get("min_length") or 0, definition.get("max_length") or 6000
    if not low <= len(value) <= high:
        raise invalid_field(name, code="BASE_TYPE_BAD_LENGTH", message=f"Must be between {low} and {high} in length.")
    _among_choices(definition, value)
    return value


def _number(definition: Mapping[str, Any], value: Any) -> int | float:
    name = definition["name"]
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > SAFE_INTEGER:
        raise _wrong(name, "Value is not a number.")
    if definition["type"] == rules.INTEGER:
        if int(value) != value:
            raise _wrong(name, "Value is not a whole number.")
        value = int(value)
    number: int | float = value
    low, high = definition.get("min_value"), definition.get("max_value")
    if (low is not None and value < low) or (high is not None and value > high):
        raise invalid_field(name, code="NUMBER_TYPE_MAX", message=f"Value must be between {low} and {high}.")
    _among_choices(definition, number)
    return number


def _among_choices(definition: Mapping[str, Any], value: str | float) -> None:
    choices = definition.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        raise invalid_field(definition["name"], code="BASE_TYPE_CHOICES", message="Value must be one of the choices.")


def _wrong(name: str, message: str) -> ApiError:
    return invalid_field(name, code="OPTION_VALUE_INVALID", message=message)
