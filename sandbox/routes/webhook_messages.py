"""What a webhook says: execute, and get, edit and delete its own messages.

The same paths serve an application's follow-ups to interactions, told apart by the token's beginning; those belong to
`sandbox.interactions`, whose routes are asked first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from sandbox.cdn import hash_of_url
from sandbox.drafts import apply_edit, read_draft
from sandbox.errors import ApiError, invalid_field, unknown
from sandbox.http import Body, body_of, no_content, query_flag, query_id, reply, world_of
from sandbox.ids import parse_snowflake
from sandbox.messages import Draft
from sandbox.models import MESSAGEABLE, Channel, ChannelType, Message, Webhook
from sandbox.render import message_json
from sandbox.routes.webhooks import BY_TOKEN, check_name, find_webhook
from sandbox.shapes import BUTTON, LINK_STYLE, SELECTS, walk
from sandbox.world import World

routes = web.RouteTableDef()
MESSAGE = BY_TOKEN + "/messages/{message_id}"
ORIGINAL = BY_TOKEN + "/messages/@original"


@routes.post(BY_TOKEN)
async def execute(request: web.Request) -> web.StreamResponse:
    """Post through a webhook; 204, or the message with `wait`."""
    world, webhook = world_of(request), find_webhook(request, by_token=True)
    body = await body_of(request)
    data = body.data
    home = world.channel(webhook.channel_id)
    target = target_channel(request, world, home, data)
    owned = webhook.application_id is not None
    keep = owned or query_flag(request, "with_components")
    draft = read_draft(world, target or home, body, keep_components=keep)
    if not owned:
        refuse_interactive(draft.components)
    draft = signed(world, webhook, data, draft)
    if target is None:
        target = world.start_thread(home, check_thread_name(data), webhook.creator_id, first=draft)
        message = world.message(target.id, target.id)
    else:
        message = world.post(target, webhook.creator_id, draft)
    if not query_flag(request, "wait"):
        return no_content()
    return reply(message_json(world, message))


def target_channel(request: web.Request, world: World, home: Channel, data: dict[str, Any]) -> Channel | None:
    """Return where a post goes: the webhook's channel, one of its threads, or None for a new forum thread."""
    thread_id = query_id(request, "thread_id")
    is_forum = home.type in (ChannelType.FORUM, ChannelType.MEDIA)
    if thread_id is not None:
        if data.get("thread_name"):
            raise ApiError(
                400, 220002, "Webhooks posted to forum channels cannot have both a thread_name and thread_id"
            )
        thread = world.channels.get(thread_id)
        if thread is None or thread.parent_id != home.id:
            raise unknown("channel")
        return thread
    if is_forum:
        if not data.get("thread_name"):
            raise ApiError(400, 220001, "Webhooks posted to forum channels must have a thread_name or thread_id")
        return None
    if data.get("thread_name"):
        raise ApiError(400, 220003, "Webhooks can only create threads in forum channels")
    if home.type not in MESSAGEABLE:
        raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
    return home


def check_thread_name(data: dict[str, Any]) -> str:
    """Return the new thread's name; raises 50035."""
    name = str(data.get("thread_name") or "").strip()
    if not 1 <= len(name) <= 100:
        raise invalid_field("thread_name", code="BASE_TYPE_BAD_LENGTH", message="Must be between 1 and 100 in length.")
    return name


def signed(world: World, webhook: Webhook, data: dict[str, Any], draft: Draft) -> Draft:
    """Put the webhook's name and avatar, or those of this one post, on a draft."""
    username = data.get("username")
    avatar_url = data.get("avatar_url")
    return replace(
        draft,
        webhook_id=webhook.id,
        webhook_name=check_name(username, "username") if username is not None else webhook.name,
        webhook_avatar=hash_of_url(world, avatar_url) if isinstance(avatar_url, str) else webhook.avatar,
        application_id=webhook.application_id,
        nonce=None,
    )


def refuse_interactive(components: list[dict[str, Any]]) -> None:
    """Refuse buttons and selects on a webhook that no application owns: nobody could answer them."""
    for path, item in walk(components):
        kind = item.get("type")
        if kind in SELECTS or (kind == BUTTON and item.get("style") != LINK_STYLE):
            message = "Interactive components need a webhook owned by an application"
            raise invalid_field(*path, code="WEBHOOK_COMPONENTS_INTERACTIVE", message=message)


def own_message(request: web.Request) -> tuple[World, Webhook, Message]:
    """Return the message in the path if this webhook wrote it; in a thread `thread_id` must be given."""
    world, webhook = world_of(request), find_webhook(request, by_token=True)
    message_id = parse_snowflake(request.match_info["message_id"])
    thread_id = query_id(request, "thread_id")
    channel_id = webhook.channel_id
    if thread_id is not None:
        thread = world.channels.get(thread_id)
        if thread is None or thread.parent_id != webhook.channel_id:
            raise unknown("channel")
        channel_id = thread.id
    message = world.message(channel_id, message_id)
    if message.webhook_id != webhook.id:
        raise unknown("message")
    return world, webhook, message


@routes.get(ORIGINAL)
@routes.get(MESSAGE)
async def get_message(request: web.Request) -> web.StreamResponse:
    """Return one of the webhook's messages."""
    original_needs_interaction(request)
    world, _, message = own_message(request)
    return reply(message_json(world, message))


@routes.patch(ORIGINAL)
@routes.patch(MESSAGE)
async def edit_message(request: web.Request) -> web.StreamResponse:
    """Edit one of the webhook's messages."""
    original_needs_interaction(request)
    world, webhook, message = own_message(request)
    body: Body = await body_of(request)
    if webhook.application_id is None and not query_flag(request, "with_components"):
        body.data.pop("components", None)
    edited = apply_edit(world, message, body, actor_id=webhook.creator_id)
    return reply(message_json(world, edited))


@routes.delete(ORIGINAL)
@routes.delete(MESSAGE)
async def delete_message(request: web.Request) -> web.StreamResponse:
    """Delete one of the webhook's messages."""
    original_needs_interaction(request)
    world, webhook, message = own_message(request)
    world.delete(message, actor_id=webhook.creator_id)
    return no_content()


def original_needs_interaction(request: web.Request) -> None:
    """Refuse @original on a plain webhook: it only means something for an interaction's token."""
    if "message_id" not in request.match_info:
        find_webhook(request, by_token=True)
        raise unknown("message")
