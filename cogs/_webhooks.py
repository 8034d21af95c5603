"""Webhooks: one of ours per channel, found again after a restart, made where there is none, forgotten when it fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import discord

from cogs._refusals import FAULTS, Refusal, Refused, refused_by
from cogs._watch import KeyedLocks, Remembered

WEBHOOK_NAME = "Garim"
CACHE_LIMIT = 20_000
FULL_FOR_S = 60.0
"""How long a channel that had 15 webhooks of others is not asked again."""
OWN_UPDATE_S = 10.0
"""How long a WEBHOOKS_UPDATE may take to arrive after we made a webhook."""


@dataclass(frozen=True, slots=True)
class OwnWebhook:
    """Hold one of our webhooks; the token is a secret and stays out of the repr."""

    id: int
    token: str

    def __repr__(self) -> str:
        return f"OwnWebhook(id={self.id})"


class WebhookPool:
    """Give the webhook to repost with. A channel is asked about once; work on one channel is done one at a time."""

    def __init__(
        self, client: discord.Client, *, timeout_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._timeout_s = timeout_s
        self._clock = clock
        self._known: Remembered[int, OwnWebhook] = Remembered(CACHE_LIMIT)
        self._full_until: Remembered[int, float] = Remembered(CACHE_LIMIT)
        self._own_updates: Remembered[int, float] = Remembered(CACHE_LIMIT)
        self._locks: KeyedLocks[int] = KeyedLocks()

    def cached(self, channel_id: int) -> OwnWebhook | None:
        """Return the channel's webhook if it is known, without asking Discord."""
        return self._known.get(channel_id)

    async def get(self, channel_id: int) -> OwnWebhook:
        """Return our webhook in a channel, finding or making it. Raises Refused."""
        async with self._locks.holding(channel_id):
            known = self._known.get(channel_id)
            if known is not None:
                return known
            if (self._full_until.get(channel_id) or 0.0) > self._clock():
                raise Refused(Refusal.TOO_MANY_WEBHOOKS)
            try:
                async with asyncio.timeout(self._timeout_s):
                    webhook = await self._find(channel_id) or await self._make(channel_id)
            except FAULTS as fault:
                refused = refused_by(fault, Refusal.NO_MANAGE_WEBHOOKS)
                if refused.refusal is Refusal.TOO_MANY_WEBHOOKS:
                    self._full_until.put(channel_id, self._clock() + FULL_FOR_S)
                raise refused from fault
            self._known.put(channel_id, webhook)
            return webhook

    def forget(self, channel_id: int, webhook_id: int) -> None:
        """Drop a webhook that Discord no longer takes; one found since then stays."""
        known = self._known.get(channel_id)
        if known is not None and known.id == webhook_id:
            self._known.forget(channel_id)

    def updated(self, channel_id: int) -> None:
        """Note a WEBHOOKS_UPDATE: ours may have been moved or deleted, unless it is the echo of our own making."""
        if (self._own_updates.get(channel_id) or 0.0) > self._clock():
            self._own_updates.forget(channel_id)
            return
        self._known.forget(channel_id)
        self._full_until.forget(channel_id)

    async def _find(self, channel_id: int) -> OwnWebhook | None:
        found = await self._client.http.channel_webhooks(channel_id)
        own = [
            OwnWebhook(int(data["id"]), token)
            for data in found
            if (token := data.get("token")) and int(data.get("application_id") or 0) == self._client.application_id
        ]
        return min(own, key=lambda webhook: webhook.id, default=None)

    async def _make(self, channel_id: int) -> OwnWebhook:
        self._own_updates.put(channel_id, self._clock() + OWN_UPDATE_S)
        try:
            data = await self._client.http.create_webhook(channel_id, name=WEBHOOK_NAME, reason="Garim: masked reposts")
        except BaseException:
            self._own_updates.forget(channel_id)
            raise
        return OwnWebhook(int(data["id"]), data["token"] or "")
