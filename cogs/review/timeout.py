"""Timing an incident's author out, once per incident, for one of the lengths that Discord's own client offers."""

from __future__ import annotations

from datetime import datetime, timedelta

import discord

from bot.incidents import Incident
from bot.records import SanctionKind
from bot.texts import text
from cogs._card import duration
from cogs._refusals import FAULTS, Refusal, Refused, refused_by
from cogs.review.buttons import choice
from cogs.review.deeds import Deed
from cogs.review.desk import Denied, Desk, Press, Told
from cogs.review.sanction import Order, carried_out
from cogs.review.verdict import decide

LENGTHS_S = (60, 300, 600, 3_600, 86_400, 604_800)
"""Source: the choices of Discord's client, "Timeout user"."""


async def ask_length(press: Press) -> Told:
    """Ask for how long."""
    options = [(str(seconds), duration(seconds, press.locale)) for seconds in LENGTHS_S]
    select = choice(f"garim:timeout:{press.incident.id}", text("review.timeout_choose", press.locale), options)
    words = text("review.timeout_ask", press.locale, member=f"<@{press.incident.draft.author_id}>")
    return Told(words, items=(select,))


async def time_out(press: Press, seconds: int) -> Told:
    """Time the author out."""
    if seconds not in LENGTHS_S:
        raise Denied("review.unknown")
    member = await find_member(press.desk, press.incident)
    _check_rank(press, member)
    await decide(press.desk, press.incident, press.actor_id, right=True)
    order = Order(SanctionKind.TIMEOUT, press.actor_id, f"timeout:{press.incident.id}", seconds)
    until = press.desk.now() + timedelta(seconds=seconds)
    done = await carried_out(
        press.desk, press.incident, order, lambda: silence(member, until, press.incident, press.actor_id)
    )
    named = {"member": f"<@{member.id}>"}
    if isinstance(done, Deed):
        named |= {"who": f"<@{done.actor_id}>", "when": f"<t:{int(done.at.timestamp())}:R>"}
        return press.say("review.already_timed_out", length=duration(int(done.number or 0), press.locale), **named)
    return press.say("review.timed_out", length=duration(seconds, press.locale), **named)


async def find_member(desk: Desk, incident: Incident) -> discord.Member:
    """Return the author as a member. Raises Refused when they left or cannot be looked up."""
    guild = desk.client.get_guild(incident.draft.guild_id)
    if guild is None:
        raise Refused(Refusal.UNAVAILABLE)
    try:
        return await guild.fetch_member(incident.draft.author_id)
    except FAULTS as fault:
        raise refused_by(fault, Refusal.NO_ACCESS) from fault


async def silence(member: discord.Member, until: datetime, incident: Incident, actor_id: int) -> None:
    """Time a member out until then; one that is timed out for longer stays so. Raises Refused."""
    standing = member.timed_out_until
    if standing is not None and standing >= until:
        return
    try:
        await member.timeout(until, reason=f"Garim: incident {incident.id}, by {actor_id}")
    except FAULTS as fault:
        raise refused_by(fault, Refusal.NO_MODERATE_MEMBERS) from fault


def _check_rank(press: Press, member: discord.Member) -> None:
    """Raise Denied where Discord would not let the presser do it themselves: through the bot they may do no more."""
    presser = press.interaction.user
    owner_id = member.guild.owner_id
    if member.id == owner_id or member.id == presser.id or member.guild_permissions.administrator:
        raise Denied("review.cannot_time_out", member=f"<@{member.id}>")
    if presser.id != owner_id and isinstance(presser, discord.Member) and presser.top_role <= member.top_role:
        raise Denied("review.outranked", member=f"<@{member.id}>")
