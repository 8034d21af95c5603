"""The panel about one message: what it is, and what whoever asks may do about it."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.incidents import Incident
from bot.texts import text
from cogs._button import why_button
from cogs._card import card, entry_of
from cogs._replies import Interaction, locale_of
from cogs.review import buttons
from cogs.review.desk import Desk, Press, Told, permissions_of


@dataclass(frozen=True, slots=True)
class Subject:
    """Hold what a panel is about: a message, its incident if it has one, and whether the message is our repost."""

    message: discord.Message
    incident: Incident | None
    is_repost: bool


async def subject_of(desk: Desk, interaction: Interaction, message: discord.Message) -> Subject:
    """Look a message up. Raises StorageError, KeyUnusable."""
    incident = await desk.storage.incidents.by_repost(message.id)
    is_repost = incident is not None
    if incident is None:
        incident = next(iter(reversed(await desk.storage.incidents.for_message(message.id))), None)
    if incident is not None and incident.draft.guild_id != interaction.guild_id:
        incident = None
    return Subject(message, incident, is_repost and incident is not None)


async def of_message(desk: Desk, interaction: Interaction, message: discord.Message) -> Told:
    """Return the panel about a message, with the buttons that whoever asks may press."""
    locale = locale_of(interaction)
    subject = await subject_of(desk, interaction, message)
    incident = subject.incident
    moderates = permissions_of(interaction, message.channel.id).manage_messages
    items = _for_anybody(subject, interaction.user.id, locale)
    words = text("menu.plain", locale)
    if subject.is_repost and incident is not None:
        words = text("menu.repost", locale, member=f"<@{incident.draft.author_id}>")
    if incident is None or not moderates:
        return Told(words, items=tuple(items))
    events = await desk.storage.incidents.events(incident.id)
    items += buttons.act_buttons(incident, locale, first_row=1)
    return Told(words, card([entry_of(incident, events)], locale).embed, tuple(items))


async def of_incident(press: Press) -> Told:
    """Return the moderators' panel about an incident."""
    events = await press.desk.storage.incidents.events(press.incident.id)
    shown = card([entry_of(press.incident, events)], press.locale)
    return Told(embed=shown.embed, items=tuple(buttons.act_buttons(press.incident, press.locale)))


def _for_anybody(subject: Subject, user_id: int, locale: str) -> list[buttons.Item]:
    message, incident = subject.message, subject.incident
    where = f"{message.channel.id}:{message.id}"
    author_id = incident.draft.author_id if incident is not None else message.author.id
    items: list[buttons.Item] = []
    if message.content:
        items.append(buttons.button(text("menu.button_check", locale), f"garim:menu:check:{where}", row=0))
    by_person = subject.is_repost or (message.webhook_id is None and not message.author.bot)
    if by_person and author_id != user_id:
        red = discord.ButtonStyle.danger
        items.append(buttons.button(text("menu.button_report", locale), f"garim:menu:report:{where}", red, row=0))
    if subject.is_repost and incident is not None and author_id == user_id:
        why = why_button(incident.draft.key, 0, locale)
        why.row = 0
        items += [why, buttons.contest_button(incident.id, locale)]
    return items
