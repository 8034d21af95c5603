"""People who run commands and press what the bot has posted, in the sandbox; and what they alone are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.models import Message, MessageFlag
from sandbox.shapes import walk
from sandbox.uploads import Upload
from tests.support.running import Running, channel_id, wait_for

HOSTILE: list[tuple[str, str]] = [
    ("'; DROP TABLE guild_settings; --", "SQL"),
    ("**x** `y` ||z|| [a](https://example.com) @everyone <@1> <#1> # h", "Markdown and mentions"),
    ("\u202egnirts\u2066\u200b\u0007", "bidi, invisible and control characters"),
    ("=HYPERLINK(1)+cmd|' /C calc'!A0", "a formula"),
    ("../../etc/passwd\x00", "a path"),
    ("가" * 4_000, "4,000 characters"),
]
"""Words that nobody means well, each with its kind."""


async def call(
    running: Running,
    command: str,
    *path: str,
    who: str = "haneul",
    locale: str = "ko",
    place: int | None = None,
    file: tuple[str, bytes] | None = None,
    **options: Any,
) -> Message:
    """Run a slash command as somebody, and return what they alone are told; `file` is (option, bytes)."""
    world, user = running.demo.world, running.demo.people[who]
    found = {one.name: one for one in world.commands_of(running.demo.application.id, None)}[command]
    files: dict[int, Upload] = {}
    values: dict[str, Any] = dict(options)
    if file is not None:
        files = {0: Upload("settings.toml", file[1], "text/plain")}
        values[file[0]] = {"file": 0}
    told = _told(running, user.id, place)
    interaction = world.invoke_command(
        user.id, place or channel_id(running), found.id, path=path, options=values, files=files, locale=locale
    )
    await wait_for(lambda: interaction.done.is_set() and _whole(running, user.id, place, told), what="an answer")
    return _whole(running, user.id, place, told)[-1]


async def press(
    running: Running,
    message: Message,
    custom_id: str,
    *values: str,
    who: str = "haneul",
    locale: str = "ko",
) -> Message:
    """Press a button, or choose in a select, as somebody; return what they are told, or the message as it is then."""
    world, user = running.demo.world, running.demo.people[who]
    told = _told(running, user.id, message.channel_id)
    interaction = world.invoke_component(
        user.id, message.channel_id, message.id, custom_id, list(values), locale=locale
    )
    await wait_for(interaction.done.is_set, what=f"an answer to {custom_id}")
    if interaction.original_id == message.id:
        return message
    await wait_for(lambda: _whole(running, user.id, message.channel_id, told), what="an answer")
    return _whole(running, user.id, message.channel_id, told)[-1]


def _told(running: Running, user_id: int, place: int | None) -> int:
    return len(running.demo.world.ephemerals_of(user_id, running.demo.world.channel(place or channel_id(running))))


def _whole(running: Running, user_id: int, place: int | None, after: int) -> Sequence[Message]:
    world = running.demo.world
    new = world.ephemerals_of(user_id, world.channel(place or channel_id(running)))[after:]
    return [] if any(message.flags & MessageFlag.LOADING for message in new) else new


def fields(message: Message) -> dict[str, str]:
    """Return the fields of a message's one embed, by name."""
    (embed,) = message.embeds
    return {field["name"]: field["value"] for field in embed.get("fields", ())}


def parts(message: Message) -> dict[str, Mapping[str, Any]]:
    """Return a message's buttons and selects by their ids."""
    return {item["custom_id"]: item for _, item in walk(message.components) if "custom_id" in item}


def one_id(message: Message, start: str) -> str:
    """Return the one id on a message that begins so."""
    (found,) = [custom_id for custom_id in parts(message) if custom_id.startswith(start)]
    return found


def written(message: Message) -> str:
    """Return everything that a message says in text displays (components V2)."""
    return "\n".join(item["content"] for _, item in walk(message.components) if "content" in item)


def file_bytes(running: Running, message: Message) -> bytes:
    """Return the one file on a message."""
    (item,) = message.attachments
    blob = running.demo.world.blobs.get(f"attachments/{message.channel_id}/{item.id}/{item.filename}")
    assert blob is not None
    return blob.data
