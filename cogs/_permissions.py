"""What the bot may do in a channel, read from the cache: a refusal that is known needs no request."""

from __future__ import annotations

import discord

from bot.incidents import IncidentDraft


def place_of(draft: IncidentDraft) -> int:
    """Return the id of the channel or thread in which the message stands."""
    return draft.thread_id or draft.channel_id


def permissions_in(client: discord.Client, guild_id: int, place_id: int) -> discord.Permissions | None:
    """Return the bot's permissions in a channel or thread, or None where the cache does not say."""
    guild = client.get_guild(guild_id)
    channel = guild.get_channel_or_thread(place_id) if guild is not None else None
    if guild is None or channel is None or (isinstance(channel, discord.Thread) and channel.parent is None):
        return None
    return channel.permissions_for(guild.me)


def may_send(allowed: discord.Permissions | None, *, in_thread: bool) -> bool:
    """Tell whether the bot may post as itself; unknown counts as yes, because Discord will say."""
    if allowed is None:
        return True
    return allowed.view_channel and (allowed.send_messages_in_threads if in_thread else allowed.send_messages)
