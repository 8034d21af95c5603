"""Check and normalise embeds and components as Discord does before it takes them.

Limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits and
https://discord.com/developers/docs/components/reference
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.errors import invalid_field, invalid_form

MAX_EMBEDS = 10
MAX_EMBED_TOTAL = 6000
EMBED_TEXTS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("title",), 256),
    (("description",), 4096),
    (("footer", "text"), 2048),
    (("author", "name"), 256),
)
MAX_FIELDS = 25
MAX_ROWS = 5
MAX_V2_COMPONENTS = 40
ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = frozenset({3, 5, 6, 7, 8})
LEGACY_KINDS = frozenset({ACTION_ROW, BUTTON, TEXT_INPUT, *SELECTS})
LINK_STYLE, PREMIUM_STYLE = 5, 6

Problems = dict[tuple[str | int, ...], tuple[str, str]]


def check_embeds(value: Any) -> list[dict[str, Any]]:
    """Return the embeds as Discord stores them; raises 50035."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise invalid_field("embeds", code="LIST_TYPE_CONVERT", message="Only iterables may be used in a ListType")
    if len(value) > MAX_EMBEDS:
        raise invalid_field("embeds", code="BASE_TYPE_MAX_LENGTH", message=f"Must be {MAX_EMBEDS} or fewer in length.")
    problems: Problems = {}
    total = 0
    for index, embed in enumerate(value):
        total += _check_embed(embed, ("embeds", index), problems)
    if total > MAX_EMBED_TOTAL:
        problems["embeds",] = ("MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MAX_EMBED_TOTAL}")
    if problems:
        raise invalid_form(problems)
    return [_stored_embed(embed) for embed in value]


def _check_embed(embed: dict[str, Any], path: tuple[str | int, ...], problems: Problems) -> int:
    total = 0
    for steps, most in EMBED_TEXTS:
        found: Any = embed
        for step in steps:
            found = found.get(step) if isinstance(found, dict) else None
        total += _measure(found, most, (*path, *steps), problems)
    fields = embed.get("fields") or []
    if not isinstance(fields, list) or len(fields) > MAX_FIELDS:
        problems[(*path, "fields")] = ("BASE_TYPE_MAX_LENGTH", f"Must be {MAX_FIELDS} or fewer in length.")
        return total
    for number, item in enumerate(fields):
        for key, most in (("name", 256), ("value", 1024)):
            text = item.get(key) if isinstance(item, dict) else None
            if not text:
                problems[(*path, "fields", number, key)] = ("BASE_TYPE_REQUIRED", "This field is required")
            total += _measure(text, most, (*path, "fields", number, key), problems)
    return total


def _measure(text: Any, most: int, path: tuple[str | int, ...], problems: Problems) -> int:
    if text is None:
        return 0
    if len(str(text)) > most:
        problems[path] = ("BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
    return len(str(text))


def _stored_embed(embed: dict[str, Any]) -> dict[str, Any]:
    stored = {key: value for key, value in embed.items() if value is not None} | {"type": "rich"}
    for item in stored.get("fields") or ():
        item.setdefault("inline", False)
    return stored


def check_components(value: Any, *, v2: bool = False) -> list[dict[str, Any]]:
    """Return the components with the ids that Discord gives them; raises 50035.

    Without the components-v2 flag the top level may only hold action rows.
    """
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise invalid_field("components", code="LIST_TYPE_CONVERT", message="Only iterables may be used in a ListType")
    problems: Problems = {}
    if not v2 and len(value) > MAX_ROWS:
        problems["components",] = ("BASE_TYPE_MAX_LENGTH", f"Must be {MAX_ROWS} or fewer in length.")
    seen: set[str] = set()
    count = 0
    for path, item in walk(value):
        count += 1
        _check_component(item, path, seen, problems, v2=v2)
    if count > MAX_V2_COMPONENTS:
        problems["components",] = ("BASE_TYPE_MAX_LENGTH", f"Must be {MAX_V2_COMPONENTS} or fewer in length.")
    for index, item in enumerate(value):
        if not v2 and item.get("type") != ACTION_ROW:
            problems["components", index, "type"] = ("UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1,).')
    if problems:
        raise invalid_form(problems)
    return _numbered(value)


def walk(
    components: list[Any], path: tuple[str | int, ...] = ("components",)
) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Yield every component with its path, outer before inner."""
    for index, item in enumerate(components):
        if not isinstance(item, dict):
            continue
        here = (*path, index)
        yield here, item
        if isinstance(item.get("components"), list):
            yield from walk(item["components"], (*here, "components"))
        for key in ("component", "accessory"):
            if isinstance(item.get(key), dict):
                yield (*here, key), item[key]


def _check_component(
    item: dict[str, Any], path: tuple[str | int, ...], seen: set[str], problems: Problems, *, v2: bool
) -> None:
    kind = item.get("type")
    if not isinstance(kind, int) or (not v2 and kind not in LEGACY_KINDS):
        problems[(*path, "type")] = ("UNION_TYPE_CHOICES", 'Value of field "type" is not a component type.')
        return
    if kind == ACTION_ROW:
        inner = item.get("components")
        if not isinstance(inner, list) or not 1 <= len(inner) <= MAX_ROWS:
            problems[(*path, "components")] = ("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    if kind == BUTTON:
        _check_button(item, path, problems)
    if kind == STRING_SELECT and not 1 <= len(item.get("options") or ()) <= 25:
        problems[(*path, "options")] = ("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.")
    needs_id = kind in SELECTS or (kind == BUTTON and item.get("style") not in (LINK_STYLE, PREMIUM_STYLE))
    custom_id = item.get("custom_id")
    if needs_id and not (isinstance(custom_id, str) and 1 <= len(custom_id) <= 100):
        problems[(*path, "custom_id")] = ("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    elif isinstance(custom_id, str):
        if custom_id in seen:
            problems[(*path, "custom_id")] = (
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            )
        seen.add(custom_id)


def _check_button(item: dict[str, Any], path: tuple[str | int, ...], problems: Problems) -> None:
    style, label = item.get("style"), item.get("label")
    if style not in range(1, 7):
        problems[(*path, "style")] = ("ENUM_TYPE_COERCE", f'Value "{style}" is not a valid button style.')
    if isinstance(label, str) and len(label) > 80:
        problems[(*path, "label")] = ("BASE_TYPE_MAX_LENGTH", "Must be 80 or fewer in length.")
    if not label and not item.get("emoji") and style != PREMIUM_STYLE:
        problems[path] = ("BUTTON_COMPONENT_INVALID_EMOJI", "A button must have a label or emoji")
    if style == LINK_STYLE and not item.get("url"):
        problems[(*path, "url")] = ("BASE_TYPE_REQUIRED", "A url is required")


def _numbered(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give every component that has none an integer id, counting from 1 in order of appearance.

    The ids of what a select has chosen already are written as strings, as Discord answers with them.
    """
    taken = {item.get("id") for _, item in walk(components)}
    following = 1
    for _, item in walk(components):
        if not item.get("id"):
            while following in taken:
                following += 1
            item["id"] = following
            taken.add(following)
        for chosen in item.get("default_values") or ():
            chosen["id"] = str(chosen["id"])
    return components
