"""Posting what is due: one task looks into the schedules, and posts each report and summary at most once."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

import discord

from bot.errors import GarimError
from bot.records import Schedule
from bot.reports.periods import ended, zone_of
from bot.storage.schedules import next_due
from bot.texts import text
from cogs._breaker import BreakerOpen
from cogs._card import Post
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs.reports._post import observed_post, post_of
from cogs.review.desk import Desk
from cogs.settings._observing import SUMMARY_KIND

logger = logging.getLogger(__name__)

REPORT_KIND = "report"
START_S, EVERY_S = 1.0, 60.0
"""How long is waited for the guilds, and how often the schedules are looked into."""


class Scheduler:
    """Post reports and summaries when they are due."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def run(self) -> None:
        """Look every minute until cancelled, from when the client knows its guilds on."""
        while True:
            if not self._desk.client.is_ready():
                await asyncio.sleep(START_S)
                continue
            try:
                await self.tick(self._desk.now())
            except GarimError as error:
                logger.error("the schedules could not be looked into: %s", error)
            await asyncio.sleep(EVERY_S)

    async def tick(self, now: datetime) -> int:
        """Post everything that is due, and return how many posts stand. Raises StorageUnavailable."""
        posted = 0
        for schedule in await self._desk.storage.schedules.due(now):
            # Moved on first: a start after a crash in between must not post it twice. A post missed is in the next one.
            if await self._desk.storage.schedules.done(schedule, next_due(now, schedule.every)):
                posted += await self._tried(schedule, now)
        return posted

    async def _tried(self, schedule: Schedule, now: datetime) -> bool:
        guild_id = schedule.guild_id
        try:
            with self._desk.breaker.of_guild(guild_id):
                return await self._post(schedule, now)
        except BreakerOpen:
            logger.warning("guild %d: its %s was left out: too many refused requests", guild_id, schedule.kind)
        except GarimError as error:
            logger.error("guild %d: its %s could not be made: %s", guild_id, schedule.kind, error)
        except FAULTS as fault:
            refused = refused_by(fault, Refusal.NO_SEND_MESSAGES)
            logger.warning("guild %d: its %s was refused: %s", guild_id, schedule.kind, refused.detail())
            if not refused.passing:
                self._tell_refused(schedule, refused.refusal)
        return False

    async def _post(self, schedule: Schedule, now: datetime) -> bool:
        desk, guild_id = self._desk, schedule.guild_id
        guild = desk.client.get_guild(guild_id)
        policy = await desk.storage.guilds.policy(guild_id)
        channel_id: int | None = schedule.channel_id
        make = post_of
        if schedule.kind == SUMMARY_KIND:
            make, channel_id = observed_post, policy.alert_channel_id if policy.observe else None
        if guild is None or not channel_id:
            return False
        period = ended(schedule.every, last_due(schedule, now), zone_of(policy.locale))
        embed, file = await make(desk.storage, guild_id, guild, period, policy.locale)
        channel = desk.client.get_partial_messageable(channel_id, guild_id=guild_id)
        await channel.send(embed=embed, file=file, allowed_mentions=discord.AllowedMentions.none())
        return True

    def _tell_refused(self, schedule: Schedule, refusal: Refusal) -> None:
        def made(locale: str) -> Post:
            reason, channel = text(f"refusal.{refusal}", locale), f"<#{schedule.channel_id}>"
            words = text("report.not_posted", locale, channel=channel, reason=reason)
            return Post(discord.Embed(description=words, colour=discord.Colour.red()))

        self._desk.alerts.tell(schedule.guild_id, made)


def last_due(schedule: Schedule, now: datetime) -> datetime:
    """Return when a post was last due: after a long absence, one stands for all that were missed.

    What it reports on had ended then, so that the next post does not tell of the same days again.
    """
    at = schedule.next_at
    while (later := next_due(at, schedule.every)) <= now:
        at = later
    return at
