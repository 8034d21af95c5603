"""What Discord's AutoMod blocked, by its event or by its message in a channel: one incident, and nothing done again."""

from __future__ import annotations

import logging
import secrets
import time
from dataclasses import dataclass, field

import discord
from discord.ext import commands

from bot.errors import DuplicateIncident, StorageError
from bot.incidents import IncidentDraft, Origin, OutcomeKind, RepostPart
from bot.policy import LabelAction, Notice
from cogs._engine import Engine
from cogs._intake import place_of
from cogs._names import safe_username
from cogs._plan import Lost, verdict_record
from cogs._refusals import FAULTS
from cogs._watch import KeyedLocks, Remembered

logger = logging.getLogger(__name__)

TOGETHER_S = 15.0
"""How long after the first word of a block the others about it may come."""
REMEMBERED = 10_000
_KIND = discord.AutoModRuleActionType


@dataclass(frozen=True, slots=True)
class Block:
    """Hold what is known of one blocked message; `said_by` names the event or message that told of it."""

    guild_id: int
    channel_id: int
    user_id: int
    content: str = field(repr=False)
    said_by: str
    matched: str = field(default="", repr=False)
    message_id: int | None = None


class Blocks(commands.Cog):
    """Record what AutoMod blocked, whoever set its rules."""

    def __init__(self, client: discord.Client, engine: Engine) -> None:
        self._client = client
        self._engine = engine
        self._told: Remembered[tuple[int, int, int], tuple[float, frozenset[str]]] = Remembered(REMEMBERED)
        self._locks: KeyedLocks[int] = KeyedLocks()

    @commands.Cog.listener()
    async def on_automod_action(self, action: discord.AutoModAction) -> None:
        """Take AutoMod's event; one that names a message tells of one that stands, which is read as any other."""
        kind = action.action.type
        if action.message_id is None and action.channel_id and kind in (_KIND.block_message, _KIND.send_alert_message):
            await self._take(
                Block(
                    action.guild_id,
                    action.channel_id,
                    action.user_id,
                    action.content,
                    kind.name,
                    action.matched_content or "",
                    action.alert_system_message_id,
                )
            )

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Take AutoMod's own message, which a bot that may not manage the server sees too."""
        if message.type is not discord.MessageType.auto_moderation_action or message.guild is None:
            return
        for embed in message.embeds:
            told = {one.name: one.value or "" for one in embed.fields}
            place = told.get("channel_id", "")
            if "flagged_message_id" in told or not place.isascii() or not place.isdecimal():
                continue
            matched = told.get("keyword_matched_content", "")
            content = embed.description or ""
            await self._take(
                Block(message.guild.id, int(place), message.author.id, content, "message", matched, message.id)
            )

    async def _take(self, block: Block) -> None:
        try:
            async with self._locks.holding(block.user_id):
                if self._is_new(block):
                    await self._record(block)
        except DuplicateIncident:
            logger.info("guild %d: a block was recorded already", block.guild_id)
        except StorageError as error:
            logger.error("guild %d: what AutoMod blocked could not be recorded: %s", block.guild_id, error)

    def _is_new(self, block: Block) -> bool:
        """Tell whether nobody told of this block yet; the same teller again tells of another."""
        key = (block.channel_id, block.user_id, hash(block.content))
        now = time.monotonic()
        at, tellers = self._told.get(key) or (now, frozenset())
        known = bool(tellers) and now - at < TOGETHER_S and block.said_by not in tellers
        self._told.put(key, (at, tellers | {block.said_by}) if known else (now, frozenset({block.said_by})))
        return not known

    async def _record(self, block: Block) -> None:
        engine, guild = self._engine, self._client.get_guild(block.guild_id)
        if guild is None:
            return
        channel = guild.get_channel_or_thread(block.channel_id)
        policy = (await engine.storage.guilds.policy(guild.id)).at(*place_of(channel)[0])
        censor = await engine.desk.censor.of(guild.id)
        judged = await censor.judge(block.content, policy)
        masked = censor.masked(judged, policy).text
        if block.matched:
            # What a rule of the server's own found means nothing to the masker.
            masked = masked.replace(block.matched, "●" * len(block.matched))
        name, avatar_url = await _author(engine, guild, block.user_id)
        in_thread = isinstance(channel, discord.Thread)
        draft = IncidentDraft(
            guild_id=guild.id,
            channel_id=channel.parent_id if isinstance(channel, discord.Thread) else block.channel_id,
            thread_id=block.channel_id if in_thread else None,
            message_id=block.message_id or _made_id(),
            revision=0,
            author_id=block.user_id,
            author_name=safe_username(await censor.cover(name, policy), "?"),
            avatar_url=avatar_url,
            original=block.content,
            parts=(RepostPart(0, masked),),
            action=LabelAction.DELETE,
            notice=Notice.NONE,
            locale=policy.locale,
            verdict=verdict_record(judged, Lost()),
            origin=Origin.AUTOMOD,
        )
        incident = await engine.storage.incidents.record(draft, OutcomeKind.BLOCKED)
        engine.alerts.recorded(incident)
        engine.escalator.consider_soon(incident.id)


async def _author(engine: Engine, guild: discord.Guild, user_id: int) -> tuple[str, str | None]:
    try:
        with engine.breaker.of_guild(guild.id):
            member = await guild.fetch_member(user_id)
    except FAULTS:
        return "", None
    return member.display_name, member.display_avatar.url


def _made_id() -> int:
    """Return a snowflake of now: a message that was blocked never had one."""
    return discord.utils.time_snowflake(discord.utils.utcnow()) | secrets.randbelow(1 << 22)
