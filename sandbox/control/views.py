"""Write the world as one person sees it, for the page: Discord's JSON with the few things a client works out itself."""

from __future__ import annotations

from typing import Any

from sandbox.errors import missing_access
from sandbox.events import Event
from sandbox.gateway.hub import GatewayHub
from sandbox.interactions.model import Interaction
from sandbox.models import Channel, ChannelType, Guild, Message
from sandbox.permissions import Permission
from sandbox.render import channel_json, emoji_json, member_json, message_json, role_json, user_json
from sandbox.world import World

Json = dict[str, Any]


def first_person(world: World, guild: Guild) -> int:
    """Return whom a fresh page speaks as: an ordinary member if there is one, else the owner."""
    people = [user_id for user_id in guild.members if not world.users[user_id].bot]
    plain = [user_id for user_id in people if user_id != guild.owner_id and not guild.members[user_id].roles]
    return (plain or people or [guild.owner_id])[0]


def world_json(world: World, hub: GatewayHub, guild: Guild, user_id: int) -> Json:
    """Write a guild, its people and roles, and the channels that a person sees there."""
    if user_id not in guild.members:
        raise missing_access()
    me = member_json(world, guild.members[user_id]) | {"permissions": str(world.guild_permissions(user_id, guild))}
    return {
        "me": me,
        "guilds": [{"id": str(one.id), "name": one.name} for one in world.guilds_of(user_id)],
        "guild": {
            "id": str(guild.id),
            "name": guild.name,
            "owner_id": str(guild.owner_id),
            "roles": [role_json(role) for role in guild.roles.values()],
            "emojis": [emoji_json(emoji_id, name) for emoji_id, name in guild.emojis.items()],
        },
        "members": [member_json(world, member) for member in guild.members.values()],
        "channels": [channel_view(world, channel, user_id) for channel in visible_channels(world, guild, user_id)],
        "bots": bots_json(world, hub),
    }


def visible_channels(world: World, guild: Guild, user_id: int) -> list[Channel]:
    """Return the guild's channels and threads that a person sees, categories that hold any of them, and their DMs."""
    seen = [c for c in world.channels.values() if c.guild_id == guild.id and world.can_see(user_id, c)]
    full = {c.parent_id for c in seen}
    seen = [c for c in seen if c.type != ChannelType.CATEGORY or c.id in full]
    return seen + [c for c in world.channels.values() if c.guild_id is None and user_id in c.recipients]


def channel_view(world: World, channel: Channel, user_id: int) -> Json:
    """Write a channel with the person's permissions in it and whether it is hidden from @everyone."""
    data = channel_json(world, channel, viewer_id=user_id)
    data["permissions"] = str(world.permissions_in(user_id, channel))
    everyone = channel.overwrites.get(channel.guild_id or 0)
    data["private"] = everyone is not None and bool(everyone.deny & Permission.VIEW_CHANNEL)
    return data


def bots_json(world: World, hub: GatewayHub) -> list[Json]:
    """Write every application's bot and whether it has a gateway session now."""
    connected = set(hub.connected_bots())
    return [
        {"user_id": str(app.bot_id), "name": app.name, "connected": app.bot_id in connected}
        for app in world.applications.values()
    ]


def message_view(world: World, message: Message, user_id: int) -> Json:
    """Write a message with who reacted, which the page shows under the pointer."""
    data = message_json(world, message, viewer_id=user_id)
    for shown, reaction in zip(data.get("reactions") or (), message.reactions, strict=True):
        shown["user_ids"] = [str(one) for one in reaction.users]
    return data


def history_json(world: World, channel: Channel, user_id: int, *, before: int | None, limit: int) -> Json:
    """Write a page of history, oldest first, with what the person alone sees in between; `more` when older stand."""
    bits = world.require(user_id, channel)
    readable = list(world.history(channel.id)) if bits & Permission.READ_MESSAGE_HISTORY else []
    known = sorted([*readable, *world.ephemerals_of(user_id, channel)], key=lambda message: message.id)
    known = [message for message in known if before is None or message.id < before]
    shown = known[-limit:]
    return {"messages": [message_view(world, m, user_id) for m in shown], "more": len(known) > len(shown)}


def outcome_json(interaction: Interaction, status: str) -> Json:
    """Write how an app took an interaction: `status` is answered, timeout or no_bot."""
    original = interaction.original_id
    return {
        "id": str(interaction.id),
        "status": status,
        "callback": int(interaction.callback) if interaction.callback is not None else None,
        "message_id": str(original) if original is not None else None,
        "modal": interaction.modal,
        "choices": interaction.choices,
    }


def hears(world: World, event: Event, user_id: int) -> bool:
    """Tell whether a person's client would be told of an event."""
    if event.only_user is not None:
        return event.only_user == user_id
    if event.guild_id is None:
        return user_id in event.recipients
    guild = world.guilds.get(event.guild_id)
    if guild is None or user_id not in guild.members:
        return False
    channel = world.channels.get(event.channel_id) if event.channel_id is not None else None
    return channel is None or world.can_see(user_id, channel)


def event_json(world: World, event: Event, user_id: int) -> Json:
    """Write an event for the page: a message as this person sees it, everything else as the gateway has it."""
    if event.message is not None and event.name in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
        return message_view(world, event.message, user_id)
    if event.name == "MESSAGE_REACTION_ADD":
        return {**event.data, "user": user_json(world.users[int(event.data["user_id"])])}
    return event.data
