"""Pressing what the bot shows, as people in the sandbox: buttons, selects, menus and forms, and what they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sandbox.interactions.model import Interaction
from sandbox.models import Message, MessageFlag, Overwrite
from sandbox.permissions import Permission
from tests.support.running import Running, channel_id, wait_for


def started(
    running: Running,
    message: Message,
    who: str,
    custom_id: str,
    values: tuple[str, ...] = (),
    locale: str = "ko",
) -> Interaction:
    """Press a component as somebody and do not wait."""
    world, user = running.demo.world, running.demo.people[who]
    return world.invoke_component(user.id, message.channel_id, message.id, custom_id, values, locale=locale)


async def told(running: Running, interaction: Interaction) -> Message:
    """Wait for what the presser is told in the end, and return it."""
    world = running.demo.world

    def final() -> Message | None:
        found = world.ephemerals.get(interaction.original_id or 0)
        return found if found is not None and not found.flags & MessageFlag.LOADING else None

    answer = await wait_for(final, what="an answer")
    assert isinstance(answer, Message)
    return answer


async def press(
    running: Running, message: Message, who: str, custom_id: str, values: tuple[str, ...] = (), locale: str = "ko"
) -> Message:
    """Press a component as somebody, and return what only they are told."""
    return await told(running, started(running, message, who, custom_id, values, locale))


async def press_all(running: Running, message: Message, presses: Mapping[str, str]) -> list[Message]:
    """Let several people press at once, and return what each is told."""
    begun = [started(running, message, who, custom_id) for who, custom_id in presses.items()]
    return list(await asyncio.gather(*(told(running, one) for one in begun)))


async def opened_form(running: Running, message: Message, who: str, custom_id: str, locale: str = "ko") -> Interaction:
    """Press a component that opens a form, and return the press."""
    interaction = started(running, message, who, custom_id, locale=locale)
    await wait_for(lambda: interaction.modal, what="a form")
    return interaction


def submitted(running: Running, form: Interaction, **words: str) -> Interaction:
    """Submit an opened form."""
    filled = [{"type": 4, "custom_id": key, "value": value} for key, value in words.items()]
    rows: list[Any] = [{"type": 1, "components": [item]} for item in filled]
    return running.demo.world.submit_modal(form.user_id, form.id, rows, locale=form.locale)


async def fill(running: Running, form: Interaction, **words: str) -> Message:
    """Submit an opened form, and return what only they are told."""
    return await told(running, submitted(running, form, **words))


async def open_menu(running: Running, message: Message, who: str, locale: str = "ko") -> Message:
    """Open the panel about a message, and return it."""
    world, user = running.demo.world, running.demo.people[who]
    (menu,) = [one for one in world.commands_of(running.demo.application.id, None) if one.type == 3]
    interaction = world.invoke_command(user.id, message.channel_id, menu.id, target_id=message.id, locale=locale)
    return await told(running, interaction)


def ids_of(message: Message) -> list[str]:
    """Return the ids of a message's buttons and selects, in order."""
    return [item["custom_id"] for row in message.components for item in row["components"]]


def labels_of(message: Message) -> list[str]:
    """Return the words on a message's buttons."""
    return [item["label"] for row in message.components for item in row["components"] if item["type"] == 2]


def button(message: Message, part: str) -> str:
    """Return the id of the one component whose id has this part in it."""
    (found,) = [custom_id for custom_id in ids_of(message) if part in custom_id]
    return found


async def alerts_on(running: Running, **changes: Any) -> int:
    """Send the guild's alerts to the moderators' channel, with other settings if given; return the channel's id."""
    channel = channel_id(running, "관리자-알림")
    await running.storage.guilds.update(
        running.demo.guild.id, {"alert_channel_id": channel, **changes}, running.demo.people["haneul"].id
    )
    return channel


def posts(running: Running) -> list[Message]:
    """Return what stands in the moderators' channel, oldest first."""
    return list(running.demo.world.history(channel_id(running, "관리자-알림")))


async def alert(running: Running, count: int = 1) -> Message:
    """Wait until so many posts stand in the moderators' channel, and return the newest."""
    await wait_for(lambda: len(posts(running)) >= count, what=f"{count} alerts")
    await running.engine.alerts.drain()
    assert len(posts(running)) == count
    return posts(running)[-1]


def shown(message: Message) -> str:
    """Return everything that a post's embed says."""
    (embed,) = message.embeds
    fields = [f"{field['name']}: {field['value']}" for field in embed.get("fields", ())]
    footer = embed.get("footer", {}).get("text", "")
    return "\n".join([embed.get("title", ""), embed.get("description", ""), *fields, footer])


def let_in(running: Running, who: str, *more: Permission, place: str = "관리자-알림") -> None:
    """Let somebody see a channel, and do more in it."""
    channel, user = running.demo.channels[place], running.demo.people[who]
    allowed = Permission.VIEW_CHANNEL
    for permission in more:
        allowed |= permission
    channel.overwrites[user.id] = Overwrite(user.id, 1, allow=int(allowed))
    running.demo.world.update_channel(channel)


def letters(running: Running, who: str) -> list[str]:
    """Return what the bot told somebody by direct message."""
    world, bot_id = running.demo.world, running.demo.application.bot_id
    channel = world.open_dm(bot_id, running.demo.people[who].id)
    return [message.content for message in world.history(channel.id) if message.author_id == bot_id]
