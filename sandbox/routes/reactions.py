"""Reactions on messages."""

from __future__ import annotations

from aiohttp import web

from sandbox.errors import ApiError, unknown
from sandbox.http import API, no_content, path_id, query_id, query_int, reply
from sandbox.ids import parse_snowflake
from sandbox.models import Channel, Message
from sandbox.permissions import Permission
from sandbox.render import user_json
from sandbox.routes.messages import open_channel
from sandbox.world import World

routes = web.RouteTableDef()
ALL = API + "/channels/{channel_id}/messages/{message_id}/reactions"
ONE = ALL + "/{emoji_name}"
MAX_KINDS = 20
MAX_EMOJI_LENGTH = 32


def read_emoji(request: web.Request, world: World, channel: Channel) -> tuple[str, int | None]:
    """Return an emoji of the path as (name, id); 10014 for one that does not exist.

    Unicode emoji are taken by shape: short, and without letters or digits of ASCII alone.
    """
    text = request.match_info["emoji_name"]
    name, separator, digits = text.rpartition(":")
    if separator:
        emoji_id = parse_snowflake(digits)
        guild = world.guilds.get(channel.guild_id or 0)
        if emoji_id is None or guild is None or emoji_id not in guild.emojis:
            raise unknown("emoji")
        return name.removeprefix("a:"), emoji_id
    if not text or len(text) > MAX_EMOJI_LENGTH or all(c.isalpha() and c < "\u2000" for c in text):
        raise unknown("emoji")
    return text, None


def target(request: web.Request) -> tuple[World, int, Channel, Message]:
    """Return the message in the path for a bot that may read there."""
    world, app, channel = open_channel(request, Permission.READ_MESSAGE_HISTORY)
    return world, app.bot_id, channel, world.message(channel.id, path_id(request, "message_id"))


@routes.put(ONE + "/@me")
async def add_own(request: web.Request) -> web.StreamResponse:
    """React as the bot; the first of its kind takes ADD_REACTIONS."""
    world, bot_id, channel, message = target(request)
    name, emoji_id = read_emoji(request, world, channel)
    if world.find_reaction(message, name, emoji_id) is None:
        world.require(bot_id, channel, Permission.ADD_REACTIONS)
        if len(message.reactions) >= MAX_KINDS:
            raise ApiError(400, 30010, f"Maximum number of reactions reached ({MAX_KINDS})")
    world.add_reaction(message, bot_id, name, emoji_id)
    return no_content()


@routes.delete(ONE + "/@me")
async def remove_own(request: web.Request) -> web.StreamResponse:
    """Take the bot's reaction back."""
    world, bot_id, channel, message = target(request)
    name, emoji_id = read_emoji(request, world, channel)
    world.remove_reaction(message, bot_id, name, emoji_id)
    return no_content()


@routes.delete(ONE + "/{user_id}")
async def remove_other(request: web.Request) -> web.StreamResponse:
    """Take somebody's reaction away, with MANAGE_MESSAGES."""
    world, bot_id, channel, message = target(request)
    world.require(bot_id, channel, Permission.MANAGE_MESSAGES)
    name, emoji_id = read_emoji(request, world, channel)
    world.remove_reaction(message, path_id(request, "user_id"), name, emoji_id)
    return no_content()


@routes.get(ONE)
async def list_users(request: web.Request) -> web.StreamResponse:
    """Return who set a reaction."""
    world, _, channel, message = target(request)
    name, emoji_id = read_emoji(request, world, channel)
    limit = query_int(request, "limit", 25, low=1, high=100)
    after = query_id(request, "after") or 0
    found = world.find_reaction(message, name, emoji_id)
    users = sorted(found.users) if found is not None else []
    return reply([user_json(world.users[user]) for user in users if user > after][:limit])


@routes.delete(ONE)
async def clear_one(request: web.Request) -> web.StreamResponse:
    """Remove an emoji from a message, with MANAGE_MESSAGES."""
    world, bot_id, channel, message = target(request)
    world.require(bot_id, channel, Permission.MANAGE_MESSAGES)
    found = world.find_reaction(message, *read_emoji(request, world, channel))
    if found is not None:
        world.clear_reactions(message, found)
    return no_content()


@routes.delete(ALL)
async def clear_all(request: web.Request) -> web.StreamResponse:
    """Remove all reactions, with MANAGE_MESSAGES."""
    world, bot_id, channel, message = target(request)
    world.require(bot_id, channel, Permission.MANAGE_MESSAGES)
    world.clear_reactions(message)
    return no_content()
