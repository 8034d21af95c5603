"""Catching up: reading what was said while no process of ours listened, or what one died over before it was recorded.

Discord gives a new process only what happens from then on. So a mark in the database says up to when everything was
dealt with; at start, and whenever the gateway's session could not be resumed, the messages since then are read back and
handled like new ones. What was handled already is known by its incident and is not handled twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Container, Iterable
from datetime import UTC, datetime, timedelta

import discord

from bot.errors import StorageError
from bot.policy import LabelAction, Policy
from bot.settings import RepostSettings
from bot.storage import GuildStore, MarkStore
from cogs._breaker import Breaker
from cogs._censor import Censor
from cogs._intake import place_of
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs._series import Fragment, RecentFragments

logger = logging.getLogger(__name__)

MARK = "dealt_with"
MARK_EVERY_S = 15.0
MARGIN = timedelta(seconds=120)
"""How far the mark stays behind the present: Discord's clock may differ from ours, and a dead connection is noticed
only after a heartbeat or two (41 s each)."""
EDITS_READ = 100
"""The newest messages of a channel that are looked at for edits, one page of Discord's."""
QUIET = timedelta(days=1)
"""A channel whose newest message is older than the mark by this much is not read for edits."""
GUILDS_AT_ONCE = 4

Readable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
Take = Callable[[discord.Message], Awaitable[None]]


class CatchUp:
    """Read back what was missed, guild by guild, and keep the mark. `run` does the work; the rest only notes."""

    def __init__(
        self,
        *,
        client: discord.Client,
        guilds: GuildStore,
        marks: MarkStore,
        censor: Censor,
        breaker: Breaker,
        settings: RepostSettings,
        take: Take,
        busy_since: Callable[[], datetime | None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._guilds = guilds
        self._marks = marks
        self._censor = censor
        self._breaker = breaker
        self._settings = settings
        self._take = take
        self._busy_since = busy_since
        self._now = now
        self._pending: set[int] = set()
        self._away: set[int] = set()
        self._listening = False
        self._first_start = False
        self._wake = asyncio.Event()

    async def begin(self) -> None:
        """Set the mark at the very first start, so that nothing older is ever read. Raises StorageUnavailable."""
        if await self._marks.get(MARK) is None:
            await self._marks.advance(MARK, self._now())
            self._first_start = True

    def available(self, guild_ids: Iterable[int]) -> None:
        """Note guilds that are heard from now on; what was said in them before is read soon, but at the first start."""
        self._listening = True
        if not self._first_start:
            self.missed(guild_ids)

    def missed(self, guild_ids: Iterable[int]) -> None:
        """Note guilds in which something was missed; they are read soon."""
        self._pending.update(guild_ids)
        self._wake.set()

    def lost(self, shard_id: int) -> None:
        """Note that a shard hears nothing: the mark stands still until it is back."""
        self._first_start = False
        self._away.add(shard_id)

    def back(self, shard_id: int) -> None:
        """Note that a shard hears everything again."""
        self._away.discard(shard_id)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._wake.clear()
            if self._pending:
                await self._read_pending()
            if self._listening and not self._pending and not self._away:
                await self._advance()
            try:
                async with asyncio.timeout(MARK_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                self._first_start = self._first_start and not self._listening

    async def _advance(self) -> None:
        now = self._now()
        reached = min(now, self._busy_since() or now) - MARGIN
        try:
            await self._marks.advance(MARK, reached)
        except StorageError as error:
            logger.error("the mark of what was dealt with could not be kept: %s", error)

    async def _read_pending(self) -> None:
        try:
            mark = await self._marks.get(MARK)
        except StorageError as error:
            logger.error("what was missed could not be looked up yet: %s", error)
            return
        reach = timedelta(minutes=self._settings.catch_up_minutes)
        since = max(mark or self._now(), self._now() - reach)
        pending, self._pending = self._pending, set()
        some = asyncio.Semaphore(GUILDS_AT_ONCE)

        async def read(guild_id: int) -> None:
            async with some:
                if not await self._read_guild(guild_id, since):
                    self._pending.add(guild_id)

        if reach:
            await asyncio.gather(*(read(guild_id) for guild_id in pending))

    async def _read_guild(self, guild_id: int, since: datetime) -> bool:
        """Handle what was missed in a guild; False when it has to be read again."""
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return True  # it says so itself when it is there again
        joined = guild.me.joined_at if guild.me is not None else None
        since = max(since, joined) if joined else since
        done = True
        with self._breaker.of_guild(guild_id):
            for channel in readable_channels(guild, since):
                try:
                    await self._read_channel(guild, channel, since)
                except StorageError as error:
                    logger.error("guild %d: what was missed could not be handled yet: %s", guild_id, error)
                    done = False
                except FAULTS as fault:
                    refused = refused_by(fault, Refusal.NO_READ_HISTORY)
                    logger.warning("channel %d: what was missed could not be read: %s", channel.id, refused.detail())
                    done = done and not refused.passing
        return done

    async def _read_channel(self, guild: discord.Guild, channel: Readable, since: datetime) -> None:
        found: list[discord.Message] = []
        read = 0
        async for message in channel.history(limit=self._settings.history_scan_limit, oldest_first=False):
            read += 1
            if message.created_at >= since or (message.edited_at is not None and message.edited_at >= since):
                found.append(message)
            elif message.created_at < since and read >= EDITS_READ:
                break
        policy = (await self._guilds.policy(guild.id)).at(*place_of(channel)[0])
        censor = await self._censor.of(guild.id)
        said = [one for one in reversed(found) if not one.author.bot and one.webhook_id is None]
        spelt = _spelt(said, policy, censor)
        for message in said:
            if await _concerns_us(message, guild, policy, spelt, censor):
                await self._take(message)


def _spelt(said: Iterable[discord.Message], policy: Policy, censor: Censor) -> set[int]:
    """Return the messages, oldest first, that spell something only together with others of their author."""
    recent, spelt = RecentFragments(lambda _: False), set[int]()
    for message in said:
        author = (message.channel.id, message.author.id)
        recent.note(author, Fragment(message.id, message.content, message.created_at))
        fragments, _ = recent.series(author, message.id)
        series = censor.judge_series([one.text for one in fragments], policy) if len(fragments) > 1 else None
        if series is not None:
            spelt.update(fragment.message_id for fragment in series.among(fragments))
    return spelt


async def _concerns_us(
    message: discord.Message, guild: discord.Guild, policy: Policy, spelt: Container[int], censor: Censor
) -> bool:
    """Tell whether a message needs handling, and give it its author's membership, which Discord leaves out here."""
    if message.id not in spelt:
        judged = await censor.judge(message.content, policy)
        if judged.decision.action is LabelAction.IGNORE:
            return False
    try:
        message.author = await guild.fetch_member(message.author.id)
    except discord.NotFound:
        return True  # the author has left; the words stand
    except FAULTS:
        # Without their roles an exempt member cannot be told from the others.
        return not policy.exempt_role_ids
    return True


def readable_channels(guild: discord.Guild, since: datetime) -> list[Readable]:
    """Return the channels and threads in which something may have been said or edited since, as far as is known."""
    me = guild.me
    places: list[Readable] = [*guild.text_channels, *guild.voice_channels, *guild.stage_channels, *guild.threads]
    found = []
    for place in places:
        if place.last_message_id is None or discord.utils.snowflake_time(place.last_message_id) < since - QUIET:
            continue
        allowed = place.permissions_for(me) if me is not None else None
        if allowed is None or (allowed.view_channel and allowed.read_message_history):
            found.append(place)
    return found
