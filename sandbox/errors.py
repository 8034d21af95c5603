"""What the sandbox refuses, in Discord's own codes (https://discord.com/developers/docs/topics/opcodes-and-status-codes).

ApiError            any refusal: HTTP status, JSON code, message, optional tree of field errors
    invalid_form    50035 with its nested tree
    unknown(...)    10003, 10008, 10015 and their kin
    missing_access / missing_permissions   50001 / 50013
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNKNOWN = {
    "application": 10002,
    "channel": 10003,
    "guild": 10004,
    "member": 10007,
    "message": 10008,
    "overwrite": 10009,
    "role": 10011,
    "user": 10013,
    "emoji": 10014,
    "webhook": 10015,
    "ban": 10026,
    "interaction": 10062,
    "command": 10063,
}


class ApiError(Exception):
    """A refusal that the server answers as JSON with `status`, and that member actions raise as it is."""

    def __init__(self, status: int, code: int, message: str, errors: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        """Return the JSON body that Discord would answer."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


def unknown(thing: str) -> ApiError:
    """Say that a thing of the table above does not exist (404)."""
    return ApiError(404, UNKNOWN[thing], f"Unknown {thing.capitalize()}")


def missing_access() -> ApiError:
    """Say that the caller cannot see the channel or guild."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """Say that the caller sees it and may not do this."""
    return ApiError(403, 50013, "Missing Permissions")


def unauthorized() -> ApiError:
    """Say that the token is absent or wrong."""
    return ApiError(401, 0, "401: Unauthorized")


def field_error(code: str, message: str) -> dict[str, Any]:
    """Return one leaf of an errors tree."""
    return {"_errors": [{"code": code, "message": message}]}


def invalid_form(errors: Mapping[tuple[str | int, ...], tuple[str, str]]) -> ApiError:
    """Build 50035 from field paths, each with its (code, message)."""
    tree: dict[str, Any] = {}
    for path, (code, message) in errors.items():
        node = tree
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})
    return ApiError(400, 50035, "Invalid Form Body", tree)


def invalid_field(*path: str | int, code: str, message: str) -> ApiError:
    """Build 50035 for a single field."""
    return invalid_form({path: (code, message)})
