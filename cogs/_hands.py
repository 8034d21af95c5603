"""What the enforcer asks of Discord, one request each, with every fault mapped to Refused or InDoubt."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
import discord
from discord.http import Route

from bot.incidents import IncidentDraft, RepostPart
from bot.settings import RepostSettings
from bot.texts import text
from cogs._button import parts_marked
from cogs._permissions import permissions_in, place_of
from cogs._refusals import FAULTS, Refusal, Refused, refused_by
from cogs._reposter import Reposted, Reposter

CLOCK_MARGIN = datetime.timedelta(seconds=60)
"""How far our clock and Discord's may be apart."""

_TWO_WEEKS = datetime.timedelta(days=14)
_TEN_SECONDS = datetime.timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Standing:
    """Name a message that stands in the channel and is one part of a repost, or may be: then `part_index` is None."""

    message_id: int
    part_index: int | None
    author_name: str = field(repr=False)
    content: str = field(repr=False)


class Hands(Protocol):
    """Act on Discord for the enforcer. Every method raises Refused; `delete` and `repost` raise InDoubt as well."""

    async def delete(self, draft: IncidentDraft, message_id: int) -> bool:
        """Delete the original, or another message of its series; False when it was gone already."""
        ...

    async def repost(self, draft: IncidentDraft, part: RepostPart) -> Reposted:
        """Post one part."""
        ...

    async def standing(self, draft: IncidentDraft, until: datetime.datetime) -> Sequence[Standing]:
        """Return, oldest first, our posts since the original that are, or may be, parts of its repost."""
        ...

    async def notify(self, draft: IncidentDraft) -> None:
        """Tell the author by DM, once however often it is asked within Discord's memory of nonces."""
        ...


class DiscordHands:
    """Be the hands that work through discord.py."""

    def __init__(self, client: discord.Client, reposter: Reposter, settings: RepostSettings) -> None:
        self._client = client
        self._reposter = reposter
        self._settings = settings
        self._timeout_s = settings.request_timeout_ms / 1000

    async def delete(self, draft: IncidentDraft, message_id: int) -> bool:
        """Delete the original, or another message of its series; False when it was gone already."""
        allowed = permissions_in(self._client, draft.guild_id, place_of(draft))
        if allowed is not None and not allowed.view_channel:
            raise Refused(Refusal.NO_ACCESS)
        if allowed is not None and not allowed.manage_messages:
            raise Refused(Refusal.NO_MANAGE_MESSAGES)
        try:
            # By the route rather than by `http.delete_message`: only so can one request be given a time-out.
            await self._client.http.request(
                _delete_route(place_of(draft), message_id),
                reason="Garim",
                timeout=aiohttp.ClientTimeout(total=self._timeout_s),
            )
        except FAULTS as fault:
            refused = refused_by(fault, Refusal.NO_MANAGE_MESSAGES)
            if refused.refusal is Refusal.MESSAGE_GONE:
                return False
            raise refused from fault
        return True

    async def repost(self, draft: IncidentDraft, part: RepostPart) -> Reposted:
        """Post one part, by webhook or as the bot."""
        return await self._reposter.repost(draft, part)

    async def standing(self, draft: IncidentDraft, until: datetime.datetime) -> Sequence[Standing]:
        """Return our posts since the original. Raises Refused when the channel cannot be read, or not to the end."""
        allowed = permissions_in(self._client, draft.guild_id, place_of(draft))
        # Without the permission Discord answers with an empty list, which would look like "nothing stands".
        if allowed is not None and not (allowed.view_channel and allowed.read_message_history):
            raise Refused(Refusal.NO_READ_HISTORY)
        channel = self._client.get_partial_messageable(place_of(draft), guild_id=draft.guild_id)
        limit = self._settings.history_scan_limit
        found: list[Standing] = []
        read = 0
        try:
            async with asyncio.timeout(self._timeout_s * (1 + limit // 100)):
                async for message in channel.history(limit=limit, after=_since(draft), oldest_first=True):
                    read += 1
                    if message.created_at > until:
                        return found
                    if self._is_ours(message):
                        found.extend(_standing(message, draft.key))
        except FAULTS as fault:
            raise refused_by(fault, Refusal.NO_READ_HISTORY) from fault
        if read >= limit:
            raise Refused(Refusal.HISTORY_TOO_LONG)
        return found

    async def notify(self, draft: IncidentDraft) -> None:
        """Tell the author by DM; the nonce makes Discord drop a second copy."""
        try:
            async with asyncio.timeout(self._timeout_s):
                channel = await self._client.create_dm(discord.Object(draft.author_id))
                first = draft.parts[0].message_id if draft.parts else None
                link = f"https://discord.com/channels/{draft.guild_id}/{place_of(draft)}/{first or ''}".rstrip("/")
                await channel.send(text("notice.dm", draft.locale, link=link), nonce=draft.key)
        except FAULTS as fault:
            raise refused_by(fault, Refusal.NO_DM) from fault

    def _is_ours(self, message: discord.Message) -> bool:
        own_user = self._client.user
        if message.webhook_id is not None:
            return message.application_id == self._client.application_id
        return own_user is not None and message.author.id == own_user.id


def _since(draft: IncidentDraft) -> discord.Object:
    if not draft.revision:
        return discord.Object(draft.message_id)
    edited = datetime.datetime.fromtimestamp(draft.revision / 1000, datetime.UTC) - CLOCK_MARGIN
    return discord.Object(max(draft.message_id, discord.utils.time_snowflake(edited)))


def _standing(message: discord.Message, key: str) -> list[Standing]:
    marked = list(parts_marked(message, key))
    name = message.author.name
    if marked:
        return [Standing(message.id, index, name, message.content) for index in marked]
    return [] if message.components else [Standing(message.id, None, name, message.content)]


def _delete_route(channel_id: int, message_id: int) -> Route:
    """Return the route with the mark by which discord.py tells Discord's three buckets of deletes apart."""
    age = discord.utils.utcnow() - discord.utils.snowflake_time(message_id)
    bucket = "sub-10-seconds" if age <= _TEN_SECONDS else "older-than-two-weeks" if age >= _TWO_WEEKS else None
    return Route(
        "DELETE",
        "/channels/{channel_id}/messages/{message_id}",
        channel_id=channel_id,
        message_id=message_id,
        metadata=bucket,
    )
