"""The desk: what every review needs, and the way of a press: answer at once, check, act alone, tell, draw again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import discord

from bot.errors import GarimError
from bot.incidents import Incident, IncidentState
from bot.storage import Storage, utc_now
from bot.texts import text
from cogs._alerts import Alerts
from cogs._breaker import Breaker
from cogs._censor import Censor
from cogs._hands import Hands
from cogs._permissions import place_of
from cogs._press import standing
from cogs._refusals import FAULTS, InDoubt, Refusal, Refused, refused_by
from cogs._replies import Interaction, locale_of
from cogs._reposter import Reposter
from cogs._watch import KeyedLocks

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """Hold what reviews work with. `locks` keeps two presses about one incident apart."""

    client: discord.Client
    storage: Storage
    breaker: Breaker
    alerts: Alerts
    hands: Hands
    reposter: Reposter
    censor: Censor
    now: Callable[[], datetime] = utc_now
    locks: KeyedLocks[int] = field(default_factory=KeyedLocks)
    under_way: set[asyncio.Task[Any]] = field(default_factory=set)

    async def wind_down(self, grace_s: float) -> None:
        """Give the presses under way their time."""
        if self.under_way:
            await asyncio.wait(set(self.under_way), timeout=grace_s)

    @property
    def bot_id(self) -> int:
        """Return the bot's own user id."""
        return self.client.user.id if self.client.user else 0


@dataclass(frozen=True, slots=True)
class Told:
    """Hold what the presser alone is told."""

    words: str = ""
    embed: discord.Embed | None = None
    items: tuple[discord.ui.Item[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Press:
    """Hold one admitted press: who, about which incident, in which language."""

    desk: Desk
    interaction: Interaction
    incident: Incident
    locale: str

    @property
    def actor_id(self) -> int:
        """Return who pressed."""
        return self.interaction.user.id

    @property
    def guild_id(self) -> int:
        """Return the incident's guild."""
        return self.incident.draft.guild_id

    def say(self, key: str, **params: object) -> Told:
        """Return one of the catalogue's texts to tell."""
        return Told(text(key, self.locale, **params))


class Denied(Exception):  # noqa: N818 - reads as the plain fact it states
    """The press is not allowed, or about nothing; `key` is the text that says why."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


Deed = Callable[[Press], Awaitable[Told]]


async def admitted(desk: Desk, interaction: Interaction, incident_id: int) -> Press:
    """Return the press, once its incident is known to be this guild's. Raises Denied, StorageError, KeyUnusable."""
    incident = await desk.storage.incidents.by_id(incident_id)
    if incident is None or interaction.guild_id is None or incident.draft.guild_id != interaction.guild_id:
        raise Denied("review.unknown")
    return Press(desk, interaction, incident, locale_of(interaction))


def check_moderator(press: Press, *, time_out: bool = False) -> None:
    """Raise Denied unless the presser may manage messages where the incident is, and, if asked, time members out."""
    allowed = permissions_of(press.interaction, place_of(press.incident.draft))
    if not allowed.manage_messages:
        raise Denied("review.needs_manage_messages")
    if time_out and not allowed.moderate_members:
        raise Denied("review.needs_moderate_members")


def check_finished(press: Press) -> None:
    """Raise Denied while the incident is still being carried out: what stands of it is not decided yet."""
    if press.incident.state not in (IncidentState.CLOSED, IncidentState.STUCK):
        raise Denied("review.unfinished")


async def close_stuck(desk: Desk, incident: Incident) -> None:
    """Close an incident that waited for a human, once one has dealt with it. Raises StorageError."""
    if incident.state is IncidentState.STUCK and incident.outcome is not None:
        await desk.storage.incidents.close(incident.id, incident.outcome, incident.outcome_detail)


def permissions_of(interaction: Interaction, place_id: int) -> discord.Permissions:
    """Return what somebody may do in a channel, as its own rules say; as their roles say where they cannot see it.

    The permissions that the interaction carries are those of the channel in which it was pressed, which need not be the
    one that it is about.
    """
    guild, member = interaction.guild, interaction.user
    if guild is None or not isinstance(member, discord.Member):
        return discord.Permissions.none()
    channel = guild.get_channel_or_thread(place_id)
    known = channel is not None and not (isinstance(channel, discord.Thread) and channel.parent is None)
    if known and channel is not None:
        there = channel.permissions_for(member)
        if there.view_channel:
            return there
    return member.guild_permissions


async def by_moderator(
    desk: Desk, interaction: Interaction, incident_id: int, deed: Deed, *, time_out: bool = False
) -> None:
    """Take a moderator's press through: only one at a time works on an incident, and its alert shows the result."""

    async def checked(press: Press) -> Told:
        check_moderator(press, time_out=time_out)
        return await deed(press)

    await taken(desk, interaction, incident_id, checked)


async def taken(desk: Desk, interaction: Interaction, incident_id: int, deed: Deed) -> None:
    """Answer a press within Discord's three seconds, then do its deed under the incident's lock and tell the result."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in a task
    desk.under_way.add(task)
    try:
        if not await deferred(interaction):
            return
        told = await guarded(interaction, _locked(desk, interaction, incident_id, deed))
        await answer(interaction, told)
        await desk.alerts.refresh(incident_id)
    finally:
        desk.under_way.discard(task)


async def _locked(desk: Desk, interaction: Interaction, incident_id: int, deed: Deed) -> Told:
    async with desk.locks.holding(incident_id):
        # Read under the lock: whoever held it may have changed what there is to do.
        press = await admitted(desk, interaction, incident_id)
        with desk.breaker.of_guild(press.guild_id):
            return await deed(press)


async def guarded(interaction: Interaction, work: Awaitable[Told]) -> Told:
    """Return what the work tells; what stood in its way is told instead."""
    locale = locale_of(interaction)
    try:
        return await work
    except Denied as denied:
        return Told(text(denied.key, locale, **denied.params))
    except GarimError as error:
        logger.error("a press could not be carried out: %s", error)
        return Told(text("review.unavailable", locale))
    except InDoubt:
        return Told(text("review.in_doubt", locale))
    except Refused as refused:
        return Told(text("review.refused", locale, reason=text(f"refusal.{refused.refusal}", locale)))


async def deferred(interaction: Interaction) -> bool:
    """Tell Discord that an answer for the presser alone is coming; False when it no longer takes one."""
    try:
        await interaction.response.defer(ephemeral=True, thinking=True)
    except FAULTS as fault:
        logger.warning("a press came too late: %s", refused_by(fault, Refusal.OTHER).detail())
        return False
    return True


async def answer(interaction: Interaction, told: Told) -> None:
    """Tell the presser; what was done stays done when that fails."""
    none = discord.AllowedMentions.none()
    view = view_of(told)
    try:
        await interaction.edit_original_response(
            content=told.words or None, embed=told.embed, view=view, allowed_mentions=none
        )
    except FAULTS as fault:
        logger.warning("an answer could not be shown: %s", refused_by(fault, Refusal.OTHER).detail())


async def answer_now(interaction: Interaction, told: Told) -> None:
    """Tell the presser as the first answer."""
    none = discord.AllowedMentions.none()
    embed = told.embed or discord.utils.MISSING
    view = view_of(told) or discord.utils.MISSING
    try:
        await interaction.response.send_message(
            told.words, embed=embed, view=view, ephemeral=True, allowed_mentions=none
        )
    except FAULTS as fault:
        logger.warning("a press came too late: %s", refused_by(fault, Refusal.OTHER).detail())


def view_of(told: Told) -> discord.ui.View | None:
    """Return the view of an answer, None without items."""
    return standing(*told.items) if told.items else None
