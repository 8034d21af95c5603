"""Write INTERACTION_CREATE as the gateway sends it."""

from __future__ import annotations

from typing import Any

from sandbox.commands import CommandOps
from sandbox.interactions.model import Interaction, InteractionType
from sandbox.models import Channel
from sandbox.render import channel_json, member_json, message_json, user_json

GUILD_CONTEXT, BOT_DM_CONTEXT = 0, 1
DM_FILE_BYTES = 10 * 1024 * 1024


def owners_json(interaction: Interaction) -> dict[str, str]:
    """Return who installed the app where this happened: a guild, or "0" in a conversation with the bot."""
    return {"0": str(interaction.guild_id or 0)}


def metadata_json(world: CommandOps, interaction: Interaction) -> dict[str, Any]:
    """Return the `interaction_metadata` of a message that answers an interaction."""
    data: dict[str, Any] = {
        "id": str(interaction.id),
        "type": int(interaction.type),
        "user": user_json(world.users[interaction.user_id]),
        "authorizing_integration_owners": owners_json(interaction),
    }
    command = interaction.command
    if command is not None:
        data |= {"name": command_line(interaction), "command_type": command.type}
        target = interaction.data.get("target_id")
        if target is not None and command.type == 2:
            data["target_user"] = user_json(world.user(int(target)))
        elif target is not None:
            data["target_message_id"] = target
    elif interaction.type == InteractionType.COMPONENT and interaction.source is not None:
        data["interacted_message_id"] = str(interaction.source.id)
    elif interaction.opened_by is not None:
        data["triggering_interaction_metadata"] = metadata_json(world, interaction.opened_by)
    return data


def command_line(interaction: Interaction) -> str:
    """Return a command's name with its sub-commands, as a client shows what was used."""
    words = [interaction.data["name"]]
    options = interaction.data.get("options") or []
    while options and options[0]["type"] in (1, 2):
        words.append(options[0]["name"])
        options = options[0].get("options") or []
    return " ".join(words)


def interaction_json(world: CommandOps, interaction: Interaction, channel: Channel) -> dict[str, Any]:
    """Return the whole payload: who, where, with which permissions, and the data."""
    app = world.applications[interaction.application_id]
    bits = world.permissions_in(interaction.user_id, channel)
    data: dict[str, Any] = {
        "id": str(interaction.id),
        "application_id": str(app.id),
        "type": int(interaction.type),
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": channel_json(world, channel, viewer_id=app.bot_id) | {"permissions": str(bits)},
        "app_permissions": str(world.permissions_in(app.bot_id, channel)),
        "locale": interaction.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": owners_json(interaction),
        "context": GUILD_CONTEXT if channel.guild_id is not None else BOT_DM_CONTEXT,
        "attachment_size_limit": DM_FILE_BYTES,
    }
    if interaction.source is not None:
        data["message"] = message_json(world, interaction.source, viewer_id=app.bot_id)
    user = world.user(interaction.user_id)
    if channel.guild_id is None:
        return data | {"user": user_json(user)}
    guild = world.guild(channel.guild_id)
    member = member_json(world, world.member(guild.id, user.id)) | {"permissions": str(bits)}
    return data | {
        "guild_id": str(guild.id),
        "guild_locale": guild.preferred_locale,
        "guild": {"id": str(guild.id), "locale": guild.preferred_locale, "features": ["COMMUNITY"]},
        "member": member,
        "attachment_size_limit": guild.filesize_limit_bytes,
    }
