"""Check what a person chose in a message's components or filled into a modal, and write it as interaction data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sandbox.errors import ApiError, invalid_field
from sandbox.ids import parse_snowflake
from sandbox.interactions.resolved import Resolved
from sandbox.shapes import walk
from sandbox.uploads import Upload

Json = dict[str, Any]

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
TEXT_DISPLAY, LABEL, FILE_UPLOAD, RADIO, BOXES, BOX = 10, 18, 19, 21, 22, 23
LINK, PREMIUM = 5, 6
#: Select types and the option type that resolves what they hold.
ENTITY_SELECTS: Final[Mapping[int, int]] = {5: 6, 6: 8, 7: 9, 8: 7}
MAX_TITLE, MAX_CUSTOM_ID, MAX_TEXT = 45, 100, 4000


def find_component(components: list[Any], custom_id: str) -> Json:
    """Return the usable component with a custom id; raises 50035 when there is none or it is disabled."""
    for _, item in walk(components):
        usable = item.get("type") in (BUTTON, STRING_SELECT, *ENTITY_SELECTS) and not item.get("disabled")
        if usable and item.get("custom_id") == custom_id and item.get("style") not in (LINK, PREMIUM):
            return item
    raise invalid_field("custom_id", code="COMPONENT_VALIDATION_FAILED", message="Component validation failed")


def component_data(component: Json, values: Sequence[Any], resolved: Resolved) -> Json:
    """Return an interaction's `data` for a component with the chosen values."""
    data: Json = {
        "component_type": component["type"],
        "custom_id": component["custom_id"],
        "id": component.get("id", 0),
    }
    if component["type"] == BUTTON:
        return data
    data["values"] = check_values(component, values, resolved)
    return resolved.into(data)


def check_values(component: Json, values: Sequence[Any], resolved: Resolved) -> list[str]:
    """Return a select's chosen values; raises 50035 for too few or many, for doubles and for what is not offered."""
    low, high = component.get("min_values", 1), component.get("max_values", 1)
    low = 0 if component.get("required") is False and not values else low
    good = all(isinstance(value, str) for value in values) and len(set(values)) == len(values)
    if not good or not low <= len(values) <= high:
        raise _invalid("values", f"Must be between {low} and {high} in length.")
    kind = component["type"]
    if kind == STRING_SELECT:
        offered = {option["value"] for option in component["options"]}
        if not offered.issuperset(values):
            raise _invalid("values", "Value is not one of the options.")
        return list(values)
    for value in values:
        number = parse_snowflake(value)
        if number is None:
            raise _invalid("values", "Value is not snowflake.")
        resolved.add_kind(ENTITY_SELECTS[kind], number, component.get("channel_types") or ())
    return list(values)


def check_modal(value: Any) -> Json:
    """Return a modal as an app defined it, with numbered components; raises 50035."""
    data = value if isinstance(value, dict) else {}
    for key, most in (("custom_id", MAX_CUSTOM_ID), ("title", MAX_TITLE)):
        text = data.get(key)
        if not isinstance(text, str) or not 1 <= len(text) <= most:
            raise invalid_field(
                "data", key, code="BASE_TYPE_BAD_LENGTH", message=f"Must be between 1 and {most} in length."
            )
    components = data.get("components")
    if not isinstance(components, list) or not 1 <= len(components) <= 5:
        message = "Must be between 1 and 5 in length."
        raise invalid_field("data", "components", code="BASE_TYPE_BAD_LENGTH", message=message)
    seen: set[str] = set()
    for number, (path, item) in enumerate(walk(components), start=1):
        top = len(path) == 2
        if top and item.get("type") not in (ROW, TEXT_DISPLAY, LABEL):
            message = 'Value of field "type" must be one of (1, 10, 18).'
            raise invalid_field("data", *path, "type", code="UNION_TYPE_CHOICES", message=message)
        item.setdefault("id", number)
        custom_id = item.get("custom_id")
        if custom_id is not None and custom_id in seen:
            message = "Component custom id cannot be duplicated"
            raise invalid_field("data", *path, code="COMPONENT_CUSTOM_ID_DUPLICATED", message=message)
        seen.add(str(custom_id))
    return {"custom_id": data["custom_id"], "title": data["title"], "components": components}


def modal_data(modal: Json, filled: Sequence[Any], resolved: Resolved, files: Mapping[int, Upload]) -> Json:
    """Return a modal submit's `data`: the modal's own structure with what the person filled in."""
    answers = {item["custom_id"]: item for item in _flat(filled)}
    unused = [files[number] for number in sorted(files)]
    components = [_answered(part, answers, resolved, unused) for part in modal["components"]]
    return resolved.into({"custom_id": modal["custom_id"], "components": components})


def _flat(filled: Sequence[Any]) -> Iterator[Json]:
    for _, item in walk(list(filled)):
        if isinstance(item.get("custom_id"), str):
            yield item


def _answered(part: Json, answers: Mapping[str, Json], resolved: Resolved, files: list[Upload]) -> Json:
    kept: Json = {"type": part["type"], "id": part.get("id", 0)}
    if part["type"] == TEXT_DISPLAY:
        return kept
    if part["type"] == ROW:
        return {**kept, "components": [_answered(c, answers, resolved, files) for c in part["components"]]}
    if part["type"] == LABEL:
        return {**kept, "component": _answered(part["component"], answers, resolved, files)}
    answer = answers.get(part.get("custom_id", ""), {})
    kept["custom_id"] = part.get("custom_id")
    if part["type"] == TEXT_INPUT:
        return {**kept, "value": _text(part, answer.get("value"))}
    if part["type"] == FILE_UPLOAD:
        count = min(len(files), part.get("max_values", 1))
        if not count and part.get("required", True):
            raise _invalid(kept["custom_id"], "This field is required")
        return {**kept, "values": [str(resolved.add_attachment(files.pop(0))) for _ in range(count)]}
    return {**kept, **_chosen(part, answer, resolved)}


def _text(part: Json, value: Any) -> str:
    text = value if isinstance(value, str) else ""
    if not text and not part.get("required", True):
        return ""
    low, high = part.get("min_length", 1 if part.get("required", True) else 0), part.get("max_length", MAX_TEXT)
    if not low <= len(text) <= high:
        raise _invalid(part["custom_id"], f"Must be between {low} and {high} in length.")
    return text


def _chosen(part: Json, answer: Json, resolved: Resolved) -> Json:
    kind = part["type"]
    if kind == BOX:
        return {"value": bool(answer.get("value"))}
    offered = {option["value"] for option in part.get("options") or ()}
    if kind == RADIO:
        value = answer.get("value")
        if value not in offered and (value is not None or part.get("required", True)):
            raise _invalid(part["custom_id"], "Value is not one of the options.")
        return {"value": value}
    values = answer.get("values") or []
    if kind == BOXES:
        if not isinstance(values, list) or not offered.issuperset(values):
            raise _invalid(part["custom_id"], "Value is not one of the options.")
        return {"values": values}
    return {"values": check_values(part, values, resolved)}


def _invalid(field: str, message: str) -> ApiError:
    return invalid_field(field, code="COMPONENT_VALIDATION_FAILED", message=message)
