"""What every route shares: the keys of the aiohttp application, bodies in, JSON out, and who is calling."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from sandbox.errors import ApiError, invalid_field, unauthorized
from sandbox.ids import parse_snowflake
from sandbox.models import Application
from sandbox.uploads import MAX_REQUEST_BYTES, Upload
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.faults import Faults
    from sandbox.gateway.hub import GatewayHub
    from sandbox.openapi import Validator
    from sandbox.ratelimit import RateLimits

API = "/api/v10"
"""Prefix of every REST route; templates in the log and the rules are written without it."""

WORLD = web.AppKey("WORLD", World)
GATEWAY: web.AppKey[GatewayHub] = web.AppKey("GATEWAY")
LIMITS: web.AppKey[RateLimits] = web.AppKey("LIMITS")
FAULTS: web.AppKey[Faults] = web.AppKey("FAULTS")
VALIDATOR: web.AppKey[Validator | None] = web.AppKey("VALIDATOR")

MAX_REASON = 512


@dataclass(slots=True)
class Body:
    """A parsed request body: its JSON and, from multipart, its files by their number n in `files[n]`."""

    json: Any = None
    files: dict[int, Upload] = field(default_factory=dict)

    @property
    def data(self) -> dict[str, Any]:
        """Return the JSON as an object; 50035 for anything else, an empty object when there was no body."""
        if self.json is None:
            return {}
        if not isinstance(self.json, dict):
            raise invalid_field(code="DICT_TYPE_CONVERT", message="Only dictionaries may be used in a DictType")
        return self.json


CALLER: web.RequestKey[Application | None] = web.RequestKey("CALLER")
BODY: web.RequestKey[Body] = web.RequestKey("BODY")
CODE: web.RequestKey[int] = web.RequestKey("CODE")
"""What the middlewares leave on a request: who calls, its parsed body, and the code of its refusal."""


def reply(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer JSON with exactly `application/json`: discord.py compares the header as a whole."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    response = web.Response(body=body, status=status, headers=headers)
    response.headers["Content-Type"] = "application/json"
    return response


def no_content() -> web.Response:
    """Answer 204."""
    return web.Response(status=204)


def refuse(error: ApiError) -> web.Response:
    """Answer an ApiError."""
    return reply(error.body(), error.status)


def world_of(request: web.Request) -> World:
    """Return the world that this server shows."""
    return request.app[WORLD]


def template(request: web.Request) -> str | None:
    """Return the route's template without the API prefix, as in Discord's API description; None when unknown."""
    resource = request.match_info.route.resource
    return resource.canonical.removeprefix(API) if resource is not None else None


def caller(request: web.Request) -> Application:
    """Return the application whose bot token was sent, or raise 401."""
    found: Application | None = request.get(CALLER)
    if found is None:
        raise unauthorized()
    return found


def identify_caller(request: web.Request) -> Application | None:
    """Find and keep who calls by the Authorization header; None for no header or a wrong one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = world_of(request).application_by_token(token.strip()) if scheme == "Bot" else None
    request[CALLER] = found
    return found


def path_id(request: web.Request, name: str) -> int:
    """Return a snowflake from the path; 50035 when it is none, as Discord answers."""
    text = request.match_info[name]
    number = parse_snowflake(text)
    if number is None:
        raise invalid_field(name, code="NUMBER_TYPE_COERCE", message=f'Value "{text[:64]}" is not snowflake.')
    return number


def query_int(request: web.Request, name: str, default: int, *, low: int, high: int) -> int:
    """Return an integer query parameter within its bounds, or raise 50035."""
    text = request.query.get(name)
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError:
        message = f'Value "{text[:64]}" is not int.'
        raise invalid_field(name, code="NUMBER_TYPE_COERCE", message=message) from None
    if number < low:
        raise invalid_field(
            name, code="NUMBER_TYPE_MIN", message=f"int value should be greater than or equal to {low}."
        )
    if number > high:
        raise invalid_field(name, code="NUMBER_TYPE_MAX", message=f"int value should be less than or equal to {high}.")
    return number


def query_id(request: web.Request, name: str) -> int | None:
    """Return a snowflake query parameter, None when absent, or raise 50035."""
    text = request.query.get(name)
    if text is None:
        return None
    number = parse_snowflake(text)
    if number is None:
        raise invalid_field(name, code="NUMBER_TYPE_COERCE", message=f'Value "{text[:64]}" is not snowflake.')
    return number


def query_flag(request: web.Request, name: str) -> bool:
    """Read a boolean query parameter; discord.py writes 1 where the description says true."""
    return request.query.get(name, "").lower() in ("1", "true")


def reason_of(request: web.Request) -> str | None:
    """Return the X-Audit-Log-Reason header decoded, or None."""
    header = request.headers.get("X-Audit-Log-Reason")
    return unquote(header)[:MAX_REASON] if header else None


async def body_of(request: web.Request) -> Body:
    """Parse the body once and keep it; raise 50109 for bad JSON, 40005 when it is too large."""
    kept = request.get(BODY)
    if kept is None:
        try:
            kept = await _parse(request)
        except web.HTTPRequestEntityTooLarge as error:
            raise ApiError(413, 40005, "Request entity too large") from error
        request[BODY] = kept
    return kept


async def _parse(request: web.Request) -> Body:
    if request.content_type.startswith("multipart/"):
        return await _parse_multipart(request)
    raw = await request.read()
    if not raw:
        return Body()
    if request.content_type != "application/json":
        raise ApiError(400, 50035, "Expected \"Content-Type\" header to be one of {'application/json'}.")
    return Body(_load(raw))


def _load(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None


async def _parse_multipart(request: web.Request) -> Body:
    body = Body()
    read_bytes = 0
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise ApiError(400, 50035, "Invalid Form Body")
        raw = bytearray()
        while chunk := await part.read_chunk(64 * 1024):
            read_bytes += len(chunk)
            if read_bytes > MAX_REQUEST_BYTES:
                raise ApiError(413, 40005, "Request entity too large")
            raw += chunk
        name = part.name or ""
        if name == "payload_json":
            body.json = _load(bytes(raw))
        elif part.filename is not None:
            number = name.removeprefix("files[").removesuffix("]")
            index = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else len(body.files)
            kind = part.headers.get("Content-Type")
            kind = None if kind == "application/octet-stream" else kind
            body.files[index] = Upload(part.filename, bytes(raw), kind)
        elif body.json is None or isinstance(body.json, dict):
            body.json = {**(body.json or {}), name: raw.decode("utf-8", "replace")}
    return body
