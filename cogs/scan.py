"""`/setup scan`: read a channel's history back, tell what would have been flagged, and act on it only when told to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import discord
from discord import app_commands

from bot.errors import GarimError
from bot.records import AuditKind
from bot.texts import text
from cogs import scan_shown as shown
from cogs._engine import Engine
from cogs._intake import place_of
from cogs._localised import said
from cogs._permissions import permissions_in
from cogs._press import ItemClass, pressed, standing
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs._replies import Interaction, locale_of, say
from cogs.scan_act import Acting
from cogs.scan_read import MESSAGES_MAX, Bound, Readable, Survey
from cogs.settings._managed import guild_of, may_manage, tried
from cogs.settings._options import Place

logger = logging.getLogger(__name__)

EVERY_S = 3.0
"""How often the progress is edited into the answer."""
WORK_S = 780.0
"""How long one scan may take: an answer can be edited for 15 minutes. Source: Discord's developer docs,
"Interaction Response Object"."""
DAYS, DAYS_MAX = 7, 365
_CANCEL = re.compile(re.escape(shown.CANCEL_ID), re.ASCII)
_ACT = re.compile(r"garim:scan:act:(?P<place>\d{1,20}):(?P<since>\d{1,20})", re.ASCII)

Work = Survey | Acting
Embed = discord.Embed


class Readables(Place):
    """Take any channel or thread that has messages, and give its id."""

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Return the kinds of channel that can be chosen."""
        return [kind for kind in super().channel_types if kind not in (_T.category, _T.forum)]


_T = discord.ChannelType
ReadableId = app_commands.Transform[int, Readables]


class Scans:
    """Run scans and what follows from them: one per guild at a time. `close` ends them all."""

    def __init__(self, client: discord.Client, engine: Engine) -> None:
        self._client = client
        self._engine = engine
        self._running: dict[int, tuple[Work, asyncio.Task[None]]] = {}

    def items(self) -> list[ItemClass]:
        """Return the buttons of the progress and of the report."""
        return [pressed(_CANCEL, self._cancel), pressed(_ACT, self._act)]

    def command(self) -> app_commands.Command[Any, ..., None]:
        """Return the command, to be added to the group `/setup`."""

        @app_commands.command(name=said("scan.name"), description=said("scan.description"))
        @app_commands.rename(
            channel=said("panel.option_channel_name"),
            days=said("scan.option_days_name"),
            messages=said("scan.option_messages_name"),
        )
        @app_commands.describe(
            channel=said("scan.option_channel"), days=said("scan.option_days"), messages=said("scan.option_messages")
        )
        async def scan(
            interaction: Interaction,
            channel: ReadableId,
            days: app_commands.Range[int, 1, DAYS_MAX] | None = None,
            messages: app_commands.Range[int, 1, MESSAGES_MAX] | None = None,
        ) -> None:
            await tried(interaction, self._begin(interaction, channel, days, messages))

        return scan

    async def close(self) -> None:
        """End what is running; messages that are being acted on are finished at the next start."""
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self, interaction: Interaction, place_id: int, days: int | None, messages: int | None) -> None:
        channel = await self._channel(interaction, place_id)
        if channel is None:
            return
        reach = timedelta(days=days or (DAYS_MAX if messages else DAYS))
        bound = Bound(discord.utils.utcnow() - reach, messages or MESSAGES_MAX)
        engine = self._engine
        until = asyncio.get_running_loop().time() + WORK_S
        survey = Survey(self._client, engine.storage, engine.breaker, engine.desk.censor, channel, bound, until=until)
        await self._start(interaction, survey, shown.reading, self._report)

    async def _cancel(self, interaction: Interaction, _: re.Match[str], __: Sequence[str]) -> None:
        if not await may_manage(interaction):
            return
        running = self._running.get(guild_of(interaction))
        if running is not None:
            running[0].stop()
        key = "scan.cancelling" if running is not None else "scan.not_running"
        await say(interaction, text(key, locale_of(interaction)))

    async def _act(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_manage(interaction):
            await tried(interaction, self._begin_acting(interaction, int(match["place"]), int(match["since"])))

    async def _begin_acting(self, interaction: Interaction, place_id: int, since_id: int) -> None:
        channel = await self._channel(interaction, place_id)
        if channel is None:
            return
        if await self._observing(channel):
            await say(interaction, text("scan.observing", locale_of(interaction)))
            return
        engine = self._engine
        until = asyncio.get_running_loop().time() + WORK_S
        work = Acting(engine.handler, engine.storage.incidents, engine.breaker, channel, since_id, until=until)
        await self._start(interaction, work, shown.acting, self._acted)

    async def _channel(self, interaction: Interaction, place_id: int) -> Readable | None:
        """Return a channel of this guild that the bot can read back, or tell why it cannot."""
        guild_id, locale = guild_of(interaction), locale_of(interaction)
        guild = self._client.get_guild(guild_id)
        channel: Any = guild.get_channel_or_thread(place_id) if guild is not None else None
        if channel is None:
            try:
                channel = await self._client.fetch_channel(place_id)
            except (*FAULTS, discord.InvalidData):
                channel = None
        if not isinstance(channel, Readable) or channel.guild.id != guild_id:
            await say(interaction, text("scan.no_channel", locale))
            return None
        allowed = permissions_in(self._client, guild_id, place_id)
        if allowed is not None and not (allowed.view_channel and allowed.read_message_history):
            await say(interaction, text("scan.no_access", locale, channel=f"<#{place_id}>"))
            return None
        return channel

    async def _observing(self, channel: Readable) -> bool:
        policy = await self._engine.storage.guilds.policy(channel.guild.id)
        return policy.at(*place_of(channel)[0]).observe

    async def _start(
        self,
        interaction: Interaction,
        work: Any,
        draw: Callable[[Any, str], Embed],
        end: Callable[[Interaction, Any], Any],
    ) -> None:
        """Answer with the progress, and work beside the answer, unless this guild has something running."""
        guild_id, locale = guild_of(interaction), locale_of(interaction)
        if guild_id in self._running:
            await say(interaction, text("scan.busy", locale))
            return
        task = asyncio.create_task(self._carry(interaction, work, draw, end))
        self._running[guild_id] = (work, task)
        task.add_done_callback(lambda _: self._running.pop(guild_id, None))

    async def _carry(
        self,
        interaction: Interaction,
        work: Any,
        draw: Callable[[Any, str], Embed],
        end: Callable[[Interaction, Any], Any],
    ) -> None:
        locale = locale_of(interaction)
        button: discord.ui.Button[Any] = discord.ui.Button(
            custom_id=shown.CANCEL_ID, label=text("scan.button_cancel", locale)
        )
        try:
            await say(interaction, embed=draw(work, locale), view=standing(button))
            message = await interaction.original_response()
            ticking = asyncio.create_task(_tick(message, lambda: draw(work, locale)))
            try:
                await work.run()
            finally:
                ticking.cancel()
                await asyncio.gather(ticking, return_exceptions=True)
            embed, view = await end(interaction, work)
            await message.edit(embed=embed, view=view)
        except GarimError as error:
            logger.error("guild %s: a scan ended: %s", interaction.guild_id, error)
            with contextlib.suppress(*FAULTS):
                await say(interaction, text("scan.failed", locale))
        except FAULTS as fault:
            refused = refused_by(fault, Refusal.OTHER).detail()
            logger.warning("guild %s: a scan's answer was refused: %s", interaction.guild_id, refused)

    async def _report(self, interaction: Interaction, survey: Survey) -> tuple[Embed, discord.ui.View | None]:
        found, channel, locale = survey.found, survey.channel, locale_of(interaction)
        detail = {"step": "read", "channel_id": str(channel.id), "read": found.judged, "flagged": found.flagged}
        await self._record(interaction, detail)
        view = None
        if found.flagged:
            since_id = discord.utils.time_snowflake(found.oldest or survey.bound.since)
            label = text("scan.button_act", locale, count=found.flagged)
            custom_id = f"garim:scan:act:{channel.id}:{since_id}"
            view = standing(discord.ui.Button(custom_id=custom_id, label=label, style=discord.ButtonStyle.danger))
        return shown.report(survey, locale, observing=await self._observing(channel)), view

    async def _acted(self, interaction: Interaction, work: Acting) -> tuple[Embed, None]:
        detail = {"step": "act", "channel_id": str(work.channel.id), "acted": work.done.acted, "of": work.total}
        await self._record(interaction, detail)
        return shown.acted(work, locale_of(interaction)), None

    async def _record(self, interaction: Interaction, detail: dict[str, Any]) -> None:
        audit = self._engine.storage.audit
        await audit.record(guild_of(interaction), interaction.user.id, AuditKind.SCAN_RUN, detail=detail)


async def _tick(message: discord.InteractionMessage, draw: Callable[[], Embed]) -> None:
    """Edit the progress into the answer until cancelled, or until there is no answer any more."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await message.edit(embed=draw())
        except FAULTS as fault:
            refused = refused_by(fault, Refusal.OTHER)
            if not refused.passing:
                logger.info("a scan goes on unseen: %s", refused.detail())
                return
