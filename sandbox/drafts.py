"""Turn the body of a message route into a draft, checking what Discord checks whoever writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.errors import ApiError, invalid_field
from sandbox.http import Body
from sandbox.ids import parse_snowflake
from sandbox.messages import Draft
from sandbox.models import Attachment, Channel, Message, MessageFlag
from sandbox.permissions import Permission
from sandbox.shapes import check_components, check_embeds
from sandbox.uploads import Upload, check_sizes, store_uploads
from sandbox.world import World

MAX_CONTENT = 2000
MAX_ALLOWED_IDS = 100
DM_FILE_BYTES = 10 * 1024 * 1024
WRITABLE_FLAGS = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.IS_COMPONENTS_V2
EDITABLE_FLAGS = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.IS_COMPONENTS_V2


def read_content(data: Mapping[str, Any], *, limit: int = MAX_CONTENT) -> str:
    """Return the content, trimmed as Discord trims it; raises 50035 when too long or no text."""
    content = data.get("content")
    if content is None:
        return ""
    if not isinstance(content, str | int | float):
        raise invalid_field("content", code="STRING_TYPE_CONVERT", message="Could not interpret as string.")
    text = str(content).strip()
    if len(text) > limit:
        raise invalid_field("content", code="BASE_TYPE_MAX_LENGTH", message=f"Must be {limit} or fewer in length.")
    return text


def read_flags(data: Mapping[str, Any], allowed: int) -> int:
    """Return those of the flags that a caller may set."""
    flags = data.get("flags")
    return flags & allowed if isinstance(flags, int) else 0


def read_allowed_mentions(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the allowed_mentions object or None; raises 50035 for its contradictions."""
    allowed = data.get("allowed_mentions")
    if allowed is None:
        return None
    if not isinstance(allowed, dict):
        raise invalid_field("allowed_mentions", code="DICT_TYPE_CONVERT", message="Only dictionaries may be used.")
    parse = allowed.get("parse") or []
    for kind in ("users", "roles"):
        listed = allowed.get(kind) or []
        if kind in parse and listed:
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            raise invalid_field("allowed_mentions", code="MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message=message)
        if len(listed) > MAX_ALLOWED_IDS:
            message = f"Must be {MAX_ALLOWED_IDS} or fewer in length."
            raise invalid_field("allowed_mentions", kind, code="BASE_TYPE_MAX_LENGTH", message=message)
    return allowed


def read_uploads(body: Body, data: Mapping[str, Any], limit_bytes: int) -> list[Upload]:
    """Return the new files, named and described by the `attachments` entries whose id is their number."""
    check_sizes(list(body.files.values()), limit_bytes)
    described = {
        parse_snowflake(item.get("id")): item for item in data.get("attachments") or () if isinstance(item, dict)
    }
    uploads = []
    for number, upload in sorted(body.files.items()):
        extra = described.get(number, {})
        name = extra.get("filename") or upload.filename
        description = extra.get("description")
        if isinstance(description, str) and len(description) > 1024:
            raise invalid_field(
                "attachments",
                number,
                "description",
                code="BASE_TYPE_MAX_LENGTH",
                message="Must be 1024 or fewer in length.",
            )
        uploads.append(replace(upload, filename=str(name), description=description))
    return uploads


def file_limit(world: World, channel: Channel) -> int:
    """Return how many bytes a file may have in a channel."""
    guild = world.guilds.get(channel.guild_id) if channel.guild_id is not None else None
    return guild.filesize_limit_bytes if guild is not None else DM_FILE_BYTES


def read_draft(
    world: World,
    channel: Channel,
    body: Body,
    *,
    data: Mapping[str, Any] | None = None,
    keep_components: bool = True,
    content_limit: int = MAX_CONTENT,
) -> Draft:
    """Return a draft of a new message; raises 50006 when it would be empty and 50035 for what is malformed."""
    fields = body.data if data is None else data
    flags = read_flags(fields, WRITABLE_FLAGS)
    v2 = bool(flags & MessageFlag.IS_COMPONENTS_V2)
    draft = Draft(
        content=read_content(fields, limit=content_limit),
        uploads=read_uploads(body, fields, file_limit(world, channel)),
        embeds=check_embeds(fields.get("embeds")),
        components=check_components(fields.get("components"), v2=v2) if keep_components else [],
        allowed_mentions=read_allowed_mentions(fields),
        flags=flags,
        tts=bool(fields.get("tts")),
        nonce=fields.get("nonce") if isinstance(fields.get("nonce"), str | int) else None,
    )
    if v2 and (draft.content or draft.embeds):
        message = "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
        raise invalid_field("content", code="MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message=message)
    if not (draft.content or draft.uploads or draft.embeds or draft.components):
        raise ApiError(400, 50006, "Cannot send an empty message")
    return draft


def read_reference(world: World, channel: Channel, actor_id: int, data: Mapping[str, Any], draft: Draft) -> Draft:
    """Add what a message replies to or forwards; raises 50035 or 160002 as Discord does."""
    reference = data.get("message_reference")
    if not isinstance(reference, dict):
        return draft
    if reference.get("type") == 1:
        source = world.channel(parse_snowflake(reference.get("channel_id")))
        world.require(actor_id, source, Permission.READ_MESSAGE_HISTORY)
        return replace(draft, forward_of=world.message(source.id, parse_snowflake(reference.get("message_id"))))
    if not world.permissions_in(actor_id, channel) & Permission.READ_MESSAGE_HISTORY:
        raise ApiError(403, 160002, "Cannot reply without permission to read message history")
    target = world.messages.get(channel.id, {}).get(parse_snowflake(reference.get("message_id")) or 0)
    if target is None and reference.get("fail_if_not_exists", True):
        raise invalid_field("message_reference", code="REPLIES_UNKNOWN_MESSAGE", message="Unknown message")
    return replace(draft, reply_to=target)


def apply_edit(
    world: World, message: Message, body: Body, *, actor_id: int | None, content_limit: int = MAX_CONTENT
) -> Message:
    """Edit a message by the fields that stand in a body; absent ones stay, null empties."""
    data = body.data
    channel = world.channel(message.channel_id)
    flags = None
    if isinstance(data.get("flags"), int):
        flags = (message.flags & ~MessageFlag.SUPPRESS_EMBEDS) | (data["flags"] & EDITABLE_FLAGS)
    v2 = bool((message.flags if flags is None else flags) & MessageFlag.IS_COMPONENTS_V2)
    content = read_content(data, limit=content_limit) if "content" in data else None
    embeds = check_embeds(data["embeds"]) if "embeds" in data else None
    components = check_components(data["components"], v2=v2) if "components" in data else None
    attachments = _edited_attachments(world, message, channel, body)
    left = [
        message.content if content is None else content,
        message.embeds if embeds is None else embeds,
        message.components if components is None else components,
        message.attachments if attachments is None else attachments,
    ]
    if not any(left):
        raise ApiError(400, 50006, "Cannot send an empty message")
    return world.edit(
        message,
        content=content,
        embeds=embeds,
        components=components,
        attachments=attachments,
        flags=flags,
        allowed_mentions=read_allowed_mentions(data),
        actor_id=actor_id,
    )


def _edited_attachments(world: World, message: Message, channel: Channel, body: Body) -> list[Attachment] | None:
    data = body.data
    if "attachments" not in data and not body.files:
        return None
    kept = list(message.attachments)
    if "attachments" in data:
        ids = {parse_snowflake(item.get("id")) for item in data["attachments"] or () if isinstance(item, dict)}
        kept = [item for item in kept if item.id in ids]
    uploads = read_uploads(body, data, file_limit(world, channel))
    ephemeral = message.ephemeral_to is not None
    return kept + store_uploads(world, channel.id, uploads, ephemeral=ephemeral)
