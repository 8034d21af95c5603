"""REST routes of interactions: the callback, and messages under the interaction's token."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.http import API, body_of, no_content, path_id, query_flag, reply, world_of
from sandbox.interactions.answers import (
    answer,
    delete_own,
    edit_own,
    find_by_token,
    find_open,
    follow_up,
    own_message,
)
from sandbox.interactions.model import TOKEN_PREFIX, CallbackType, Interaction
from sandbox.models import Message, MessageFlag
from sandbox.render import message_json
from sandbox.world import World

routes = web.RouteTableDef()
CALLBACK = API + "/interactions/{interaction_id}/{interaction_token}/callback"
HOOK = API + "/webhooks/{webhook_id}/{webhook_token:" + TOKEN_PREFIX + "[A-Za-z0-9_-]+}"
"""Only tokens of interactions: every other goes on to the routes of webhooks, so these must be added first.
Of two decorators the lower one is added first, and `@original` must come before `{message_id}`."""


def callback_json(world: World, interaction: Interaction, message: Message | None) -> dict[str, Any]:
    """Write what a callback answers when `with_response` asks for it."""
    head: dict[str, Any] = {"id": str(interaction.id), "type": int(interaction.type)}
    resource: dict[str, Any] = {"type": int(interaction.callback or 0)}
    if message is not None:
        head |= {
            "response_message_id": str(message.id),
            "response_message_loading": bool(message.flags & MessageFlag.LOADING),
            "response_message_ephemeral": message.ephemeral_to is not None,
        }
        resource["message"] = message_json(world, message)
    shown = interaction.callback in (CallbackType.MESSAGE, CallbackType.UPDATE, CallbackType.DEFERRED_MESSAGE)
    return {"interaction": head, "resource": resource} if shown else {"interaction": head}


@routes.post(CALLBACK)
async def callback(request: web.Request) -> web.Response:
    """Take an app's first answer: 204, or with `with_response` what came of it."""
    world = world_of(request)
    interaction = find_open(world, path_id(request, "interaction_id"), request.match_info["interaction_token"])
    body = await body_of(request)
    find_open(world, interaction.id, interaction.token)  # another answer may have come while this body was read
    message = answer(world, interaction, body)
    if query_flag(request, "with_response"):
        return reply(callback_json(world, interaction, message))
    return no_content()


def _open(request: web.Request) -> tuple[World, Interaction]:
    world = world_of(request)
    return world, find_by_token(world, path_id(request, "webhook_id"), request.match_info["webhook_token"])


def _message(request: web.Request) -> tuple[World, Interaction, Message]:
    world, interaction = _open(request)
    named = path_id(request, "message_id") if "message_id" in request.match_info else None
    return world, interaction, own_message(world, interaction, named)


@routes.post(HOOK)
async def create_follow_up(request: web.Request) -> web.Response:
    """Send a follow-up; interactions always wait for the message."""
    world, interaction = _open(request)
    return reply(message_json(world, follow_up(world, interaction, await body_of(request))))


@routes.get(HOOK + "/messages/{message_id}")
@routes.get(HOOK + "/messages/@original")
async def get_answer(request: web.Request) -> web.Response:
    """Return one of the interaction's messages."""
    world, _, message = _message(request)
    return reply(message_json(world, message))


@routes.patch(HOOK + "/messages/{message_id}")
@routes.patch(HOOK + "/messages/@original")
async def edit_answer(request: web.Request) -> web.Response:
    """Edit one of the interaction's messages."""
    world, interaction, message = _message(request)
    return reply(message_json(world, edit_own(world, interaction, message, await body_of(request))))


@routes.delete(HOOK + "/messages/{message_id}")
@routes.delete(HOOK + "/messages/@original")
async def delete_answer(request: web.Request) -> web.Response:
    """Delete one of the interaction's messages."""
    world, interaction, message = _message(request)
    delete_own(world, interaction, message)
    return no_content()
