"""Read what a control request carries, within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import regex
from aiohttp import web

from sandbox.errors import ApiError, invalid_field
from sandbox.http import Body, body_of, query_id, world_of
from sandbox.ids import parse_snowflake
from sandbox.models import Guild
from sandbox.world import World

_UNICODE_EMOJI = regex.compile(
    r"(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|[0-9#*]\uFE0F?\u20E3|[\uFE0F\u200D])+"
)
_CUSTOM_EMOJI = regex.compile(r"(\w{2,32}):(\d{1,19})")
MAX_EMOJI = 40
MAX_LIST = 200


def speaker(request: web.Request) -> int:
    """Return the person that the `as` parameter names; raises 10013 for a stranger and 20002 for an app."""
    user = world_of(request).user(query_id(request, "as"))
    if user.bot:
        raise ApiError(403, 20002, "Only people can be spoken as, not apps.")
    return user.id


async def fields_of(request: web.Request) -> tuple[Body, dict[str, Any]]:
    """Return the request's body and its JSON object."""
    body = await body_of(request)
    return body, body.data


def text_field(data: Mapping[str, Any], name: str, *, most: int, default: str = "") -> str:
    """Return a text of at most `most` code points or raise 50035."""
    value = data.get(name)
    if value is None:
        return default
    if not isinstance(value, str) or len(value) > most:
        raise invalid_field(name, code="BASE_TYPE_MAX_LENGTH", message=f"Must be a text of {most} or fewer in length.")
    return value


def id_field(data: Mapping[str, Any], name: str) -> int:
    """Return a snowflake field or raise 50035."""
    number = parse_snowflake(data.get(name))
    if number is None:
        raise invalid_field(name, code="NUMBER_TYPE_COERCE", message="Value is not snowflake.")
    return number


def optional_id_field(data: Mapping[str, Any], name: str) -> int | None:
    """Return a snowflake field, None when it is absent or null."""
    return None if data.get(name) is None else id_field(data, name)


def list_field(data: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list field of at most `MAX_LIST` items, empty when absent, or raise 50035."""
    value = data.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MAX_LIST:
        raise invalid_field(name, code="LIST_TYPE_CONVERT", message=f"Must be a list of {MAX_LIST} or fewer.")
    return value


def dict_field(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an object field, empty when absent, or raise 50035."""
    value = data.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid_field(name, code="DICT_TYPE_CONVERT", message="Only dictionaries may be used in a DictType")
    return value


def parse_emoji(world: World, guild: Guild | None, text: str) -> tuple[str, int | None]:
    """Return an emoji's name and id (None for Unicode); raises 10014 for what is no emoji here."""
    custom = _CUSTOM_EMOJI.fullmatch(text)
    if custom is not None:
        emoji_id = int(custom[2])
        if guild is not None and emoji_id in guild.emojis:
            return guild.emojis[emoji_id], emoji_id
    elif len(text) <= MAX_EMOJI and _UNICODE_EMOJI.fullmatch(text):
        return text, None
    raise ApiError(400, 10014, "Unknown Emoji")
