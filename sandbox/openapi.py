"""Check requests, and in tests answers, against Discord's own API description (OpenAPI 3.1, JSON Schema 2020-12).

Where Discord itself is laxer than its description, so are we:
* an id may be an integer as well as a string of digits (discord.py sends both);
* permission bits may be digits in a string where the description says integer;
* a boolean in a query may be `1` or `0`;
* `contentEncoding` and `format` are notes, as JSON Schema has them, and files of a multipart body are not looked at;
* fields that the description does not name are ignored, unless it forbids them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from sandbox.errors import ApiError, invalid_form
from sandbox.http import Body

DOCUMENT = "urn:discord-openapi"
MAX_BYTES = 64 * 1024 * 1024
JSON_TYPE, FORM_TYPE = "application/json", "multipart/form-data"
PERMISSION_FIELDS = ("allow", "deny", "permissions", "default_member_permissions")
_PARAMETER = re.compile(r"\{[^}]*\}")
_CODES = {
    "maxLength": ("BASE_TYPE_MAX_LENGTH", "Must be {value} or fewer in length."),
    "maxItems": ("BASE_TYPE_MAX_LENGTH", "Must be {value} or fewer in length."),
    "minLength": ("BASE_TYPE_MIN_LENGTH", "Must be {value} or more in length."),
    "minItems": ("BASE_TYPE_MIN_LENGTH", "Must be {value} or more in length."),
    "maximum": ("NUMBER_TYPE_MAX", "Value should be less than or equal to {value}."),
    "minimum": ("NUMBER_TYPE_MIN", "Value should be greater than or equal to {value}."),
    "enum": ("BASE_TYPE_CHOICES", "Value must be one of {value}."),
    "const": ("BASE_TYPE_CHOICES", "Value must be {value}."),
    "pattern": ("STRING_TYPE_REGEX", "String value did not match validation regex."),
    "type": ("TYPE_CONVERT", "Value must be of type {value}."),
    "oneOf": ("UNION_TYPE_CHOICES", "Value fits none or several of the allowed shapes."),
    "anyOf": ("UNION_TYPE_CHOICES", "Value fits none of the allowed shapes."),
    "uniqueItems": ("SET_TYPE_DUPLICATED", "Values must be unique."),
    "additionalProperties": ("DICT_TYPE_UNKNOWN", "Holds a field that is not known here."),
}


class OpenApiUnreadableError(Exception):
    """The API description cannot be read; the message says which file and why."""


class Validator:
    """Validators for every documented route, each compiled at first use."""

    def __init__(self, document: dict[str, Any]) -> None:
        document = json.loads(json.dumps(document))
        document["components"]["schemas"]["SnowflakeType"] = {
            "anyOf": [{"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}, {"type": "integer", "minimum": 0}]
        }
        allow_digits(document)
        self._document = document
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(DOCUMENT, resource)
        self._paths = {shape(path): path for path in document["paths"]}
        self._compiled: dict[str, Draft202012Validator] = {}

    @classmethod
    def load(cls, path: Path) -> Validator:
        """Read a description from a file; raises OpenApiUnreadableError."""
        try:
            if path.stat().st_size > MAX_BYTES:
                raise OpenApiUnreadableError(f"the API description {path} is larger than {MAX_BYTES} bytes")
            document = json.loads(path.read_bytes())
        except OSError as error:
            raise OpenApiUnreadableError(f"cannot read the API description {path}: {error.strerror}") from error
        except ValueError as error:
            raise OpenApiUnreadableError(f"the API description {path} is not JSON") from error
        known = isinstance(document, dict) and isinstance(document.get("paths"), dict)
        if not known or "schemas" not in document.get("components", {}):
            raise OpenApiUnreadableError(f"{path} is JSON but no OpenAPI description: it has no paths or no schemas")
        return cls(document)

    @property
    def templates(self) -> Iterable[str]:
        """Return the documented paths."""
        return self._paths.values()

    def operation(self, method: str, template: str) -> tuple[str, dict[str, Any]] | None:
        """Return a documented operation with its path as written there, or None."""
        path = self._paths.get(shape(template))
        found = self._document["paths"][path].get(method.lower()) if path is not None else None
        return (path, found) if path is not None and found is not None else None

    def check_request(self, method: str, template: str, body: Body, query: Mapping[str, str]) -> ApiError | None:
        """Return the 50035 that a request deserves, or None when it is in order or not documented."""
        found = self.operation(method, template)
        if found is None:
            return None
        path, operation = found
        problems = self._query_problems(path, method, operation, query)
        content = operation.get("requestBody", {}).get("content", {})
        kind = JSON_TYPE if JSON_TYPE in content else FORM_TYPE
        if kind in content:
            if body.json is not None:
                at = pointer("paths", path, method.lower(), "requestBody", "content", kind, "schema")
                problems |= self._problems(at, body.json)
            elif operation["requestBody"].get("required") and not body.files:
                problems["_body",] = ("BASE_TYPE_REQUIRED", "A body is required")
        return invalid_form(problems) if problems else None

    def check_response(self, method: str, template: str, status: int, data: Any) -> list[str]:
        """Return what is wrong with an answer, one line each; nothing when its shape is not documented."""
        found = self.operation(method, template)
        if found is None:
            return []
        path, operation = found
        answer = operation.get("responses", {}).get(str(status), {})
        if JSON_TYPE not in answer.get("content", {}):
            return []
        at = pointer("paths", path, method.lower(), "responses", str(status), "content", JSON_TYPE, "schema")
        problems = self._problems(at, data)
        return [f"{'.'.join(map(str, place))}: {code} {text}" for place, (code, text) in problems.items()]

    def _query_problems(
        self, path: str, method: str, operation: dict[str, Any], query: Mapping[str, str]
    ) -> dict[tuple[str | int, ...], tuple[str, str]]:
        problems: dict[tuple[str | int, ...], tuple[str, str]] = {}
        for index, parameter in enumerate(operation.get("parameters", [])):
            name = parameter.get("name", "")
            if parameter.get("in") != "query" or name not in query:
                continue
            at = pointer("paths", path, method.lower(), "parameters", str(index), "schema")
            value = self._coerced(parameter["schema"], query[name])
            problems |= {(name, *place): what for place, what in self._problems(at, value).items()}
        return problems

    def _coerced(self, schema: dict[str, Any], text: str) -> Any:
        """Read a query's text as the kind of value that its schema wants."""
        resolved = self._resolve(schema)
        kinds = resolved.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        wants = {*kinds, *(self._resolve(o).get("type") for o in resolved.get("oneOf", resolved.get("anyOf", [])))}
        if "array" in wants and "string" not in wants:
            return [self._coerced(resolved.get("items", {}), part) for part in text.split(",")]
        if "boolean" in wants and text.lower() in ("true", "false", "1", "0"):
            return text.lower() in ("true", "1")
        if "integer" in wants and text.lstrip("-").isdigit() and len(text) < 20:
            return int(text)
        return text

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = schema.get("$ref", "")
        if not name:
            return schema
        found: dict[str, Any] = self._document["components"]["schemas"][name.rsplit("/", 1)[-1]]
        return found

    def _problems(self, at: str, value: Any) -> dict[tuple[str | int, ...], tuple[str, str]]:
        validator = self._compiled.get(at)
        if validator is None:
            validator = Draft202012Validator({"$ref": f"{DOCUMENT}#{at}"}, registry=self._registry)
            self._compiled[at] = validator
        problems: dict[tuple[str | int, ...], tuple[str, str]] = {}
        for error in validator.iter_errors(value):
            leaf = best_match([error]) or error
            place, code, text = describe(leaf)
            problems[place] = (code, text)
        return problems


def allow_digits(node: Any) -> None:
    """Let permission bits stand as strings of digits wherever a schema wants an integer."""
    if isinstance(node, list):
        for item in node:
            allow_digits(item)
        return
    if not isinstance(node, dict):
        return
    found = node.get("properties")
    properties: dict[str, Any] = found if isinstance(found, dict) else {}
    for name in PERMISSION_FIELDS:
        schema = properties.get(name)
        if not isinstance(schema, dict):
            continue
        kinds = schema.get("type")
        listed = [kinds] if isinstance(kinds, str) else list(kinds or ())
        if "integer" in listed:
            properties[name] = {**schema, "type": [*listed, "string"]}
    for item in node.values():
        allow_digits(item)


def describe(error: ValidationError) -> tuple[tuple[str | int, ...], str, str]:
    """Return where a value is wrong, Discord's code for it and a sentence; never the value itself."""
    place = tuple(error.absolute_path)
    if error.validator == "required" and isinstance(error.instance, dict):
        wanted: list[str] = list(cast("list[str]", error.validator_value))
        missing = [name for name in wanted if name not in error.instance]
        return (*place, missing[0] if missing else ""), "BASE_TYPE_REQUIRED", "This field is required"
    code, text = _CODES.get(str(error.validator), ("BASE_TYPE_INVALID", "Does not satisfy {rule}."))
    limit = error.validator_value if not isinstance(error.validator_value, dict) else ""
    shown = str(limit)[:80] if error.validator not in ("oneOf", "anyOf") else ""
    return place, code, text.format(value=shown, rule=error.validator)


def pointer(*steps: str) -> str:
    """Return a JSON pointer, escaped for use in a URI fragment."""
    escaped = (step.replace("~", "~0").replace("/", "~1") for step in steps)
    return "".join("/" + step.replace("%", "%25").replace("{", "%7B").replace("}", "%7D") for step in escaped)


def shape(template: str) -> str:
    """Return a template with its parameters' names taken out."""
    return _PARAMETER.sub("{}", template)
