"""Take one recorded change of a guild's settings back, and nothing that was changed since. Pure, on JSON values.

Laws: `reverted(new, old, new) == old`; what another hand changed in other labels, places or exemptions stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.guild_choice import GuildChoice


class MovedOnError(Exception):
    """What was to be changed is no longer what it was when the change was asked for."""


def taken_back(choice: GuildChoice, key: str, old: Any, new: Any) -> GuildChoice:
    """Return a choice in which `key` is again what it was before it went from `old` to `new`.

    Raises MovedOnError where the same value was changed since, SettingsError where the old one no longer fits.
    """
    values = choice.as_json()
    value = reverted(values.get(key), old, new)
    return GuildChoice.from_json({name: one for name, one in {**values, key: value}.items() if one is not None})


def reverted(current: Any, old: Any, new: Any) -> Any:
    """Return `current` with the step from `old` to `new` undone; mappings entry by entry, lists as sets.

    None stands for what is not there. Raises MovedOnError where `current` is not what that step left behind.
    """
    if current == new:
        return old
    if _is_mapping(current) and _is_mapping(old) and _is_mapping(new):
        before, after, result = dict(old or {}), dict(new or {}), dict(current or {})
        for name in before.keys() | after.keys():
            if before.get(name) != after.get(name):
                result[name] = reverted(result.get(name), before.get(name), after.get(name))
        return {name: value for name, value in result.items() if value is not None} or None
    if _is_set(current) and _is_set(old) and _is_set(new):
        added, removed = set(new or ()) - set(old or ()), set(old or ()) - set(new or ())
        here = set(current or ())
        if not added <= here or removed & here:
            raise MovedOnError
        return sorted((here - added) | removed) or None
    raise MovedOnError


def _is_mapping(value: Any) -> bool:
    return value is None or isinstance(value, Mapping)


def _is_set(value: Any) -> bool:
    """Tell whether a JSON value is a list of ids, whose order says nothing; one of tables (steps) is not."""
    return value is None or (isinstance(value, list) and not any(isinstance(one, Mapping) for one in value))
