"""The engine: every part of the path put together, and the tasks that run beside it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import discord

from bot.errors import StorageError
from bot.incidents import OutcomeKind
from bot.settings import Settings
from bot.spool import Spool
from bot.storage import Storage
from cogs import _steps as steps
from cogs._alerts import Alerts
from cogs._breaker import Breaker
from cogs._catchup import CatchUp
from cogs._censor import Censor
from cogs._departures import Departures, Here
from cogs._enforce import Enforcer, PutOff, Settled
from cogs._escalate import Escalator
from cogs._files import FileFetcher
from cogs._finish import Finisher
from cogs._guild_terms import GuildCensors, told_by
from cogs._handle import Handler
from cogs._hands import DiscordHands
from cogs._reposter import Reposter
from cogs._takeup import TakeUp
from cogs._watch import DeletionWatch, KeyedLocks
from cogs._webhooks import WebhookPool
from cogs.privacy import Privacy
from cogs.reports._scheduler import Scheduler
from cogs.review.desk import Desk
from masker.aio import AsyncMasker

logger = logging.getLogger(__name__)

RESTART_S = 1.0


@dataclass(frozen=True, slots=True)
class Resources:
    """Hold what the engine is given; all of it is opened and closed by whoever made it."""

    settings: Settings
    storage: Storage
    masker: AsyncMasker
    spool: Spool
    breaker: Breaker
    on_step: steps.OnStep = steps.unwatched


class Engine:
    """Hold the parts that the cogs talk to, and count the work under way. Made by `open_engine`."""

    def __init__(
        self,
        client: discord.Client,
        resources: Resources,
        webhook_session: aiohttp.ClientSession,
        file_session: aiohttp.ClientSession,
    ) -> None:
        settings, storage = resources.settings, resources.storage
        self.storage = storage
        self.breaker = resources.breaker
        self.watch = DeletionWatch()
        self.webhooks = WebhookPool(client, timeout_s=settings.repost.request_timeout_ms / 1000)
        self.alerts = Alerts(client, storage, resources.breaker)
        resources.breaker.on_open = self.alerts.breaker_opened
        deadline_ms = settings.masker.deadline_ms
        self.guild_terms = GuildCensors(storage.terms, resources.masker, deadline_ms, told_by(self.alerts))
        censor = Censor(resources.masker, deadline_ms, self.guild_terms.of)
        self._files = FileFetcher(
            file_session,
            resources.spool,
            timeout_s=settings.spool.fetch_timeout_ms / 1000,
            limit_bytes=settings.spool.attachment_limit_mib << 20,
        )
        reposter = Reposter(client, webhook_session, self.webhooks, self._files.read, settings.repost)
        hands = DiscordHands(client, reposter, settings.repost)
        self.desk = Desk(client, storage, resources.breaker, self.alerts, hands, reposter, censor)
        self.privacy = Privacy(self.desk, settings.storage)
        self.escalator = Escalator(self.desk)
        self.scheduler = Scheduler(self.desk)
        self.take_up = TakeUp(self.desk, self.escalator)
        self.departures = Departures(Here(client), storage.guilds)
        messages: KeyedLocks[int] = KeyedLocks()
        self.finisher = self._finisher(resources, hands, messages)
        self.handler = Handler(
            client=client,
            guilds=storage.guilds,
            incidents=storage.incidents,
            censor=censor,
            files=self._files,
            finisher=self.finisher,
            watch=self.watch,
            messages=messages,
            on_step=resources.on_step,
        )
        self.catch_up = CatchUp(
            client=client,
            guilds=storage.guilds,
            marks=storage.marks,
            censor=censor,
            breaker=resources.breaker,
            settings=settings.repost,
            take=self._handle,
            busy_since=self._busy_since,
        )
        self._under_way: dict[asyncio.Task[object], datetime] = {}
        self._taking = True

    def _finisher(self, resources: Resources, hands: DiscordHands, messages: KeyedLocks[int]) -> Finisher:
        """Return what carries incidents out, and tells `_ended` how."""
        store, settings = resources.storage.incidents, resources.settings.repost
        enforcer = Enforcer(
            store=store,
            hands=hands,
            watch=self.watch,
            breaker=resources.breaker,
            settings=settings,
            on_step=resources.on_step,
        )
        return Finisher(store=store, enforcer=enforcer, messages=messages, report=self._ended, settings=settings)

    async def take(self, message: discord.Message) -> None:
        """Handle a message, or an edited one, unless the engine is winding down."""
        try:
            await self._handle(message)
        except StorageError as error:
            logger.error("message %d was left alone: %s", message.id, error)
            if message.guild is not None:
                self.alerts.unrecorded(message.guild.id)
                self.catch_up.missed([message.guild.id])

    async def _handle(self, message: discord.Message) -> None:
        task = asyncio.current_task()
        if not self._taking or task is None:
            return
        self._under_way[task] = datetime.now(UTC)
        try:
            await self.handler.handle(message)
        finally:
            self._under_way.pop(task, None)

    def _busy_since(self) -> datetime | None:
        """Return when the oldest message under way was taken: nothing later counts as dealt with."""
        return min(self._under_way.values(), default=None)

    async def wind_down(self, grace_s: float) -> None:
        """Take nothing new, and give what is under way its time; what is left is finished at the next start."""
        self._taking = False
        if self._under_way:
            await asyncio.wait(list(self._under_way), timeout=grace_s)
        await self.desk.wind_down(grace_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                await self.escalator.drain()
                await self.alerts.drain()

    async def _ended(self, result: Settled | PutOff) -> None:
        # The files of a repost that failed are kept: they are all that is left of them.
        if isinstance(result, Settled) and not (result.stuck and result.outcome is OutcomeKind.NOT_REPOSTED):
            await self._files.discard(file for part in result.incident.draft.parts for file in part.files)
        self.alerts.ended(result)
        self.escalator.ended(result)


async def _kept_going(work: Callable[[], Awaitable[None]]) -> None:
    """Run a task that never ends; one that breaks is logged and begun again, because nobody waits for it to notice."""
    while True:
        try:
            await work()
        except Exception:
            logger.exception("a background task broke and is begun again")
            await asyncio.sleep(RESTART_S)


@contextlib.asynccontextmanager
async def open_engine(client: discord.Client, resources: Resources) -> AsyncIterator[Engine]:
    """Give the engine with its sessions open and its tasks running."""
    trace = resources.breaker.trace_config(resources.settings.discord.api_base)
    async with (
        aiohttp.ClientSession(trace_configs=[trace], cookie_jar=aiohttp.DummyCookieJar()) as webhook_session,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as file_session,
    ):
        engine = Engine(client, resources, webhook_session, file_session)
        await engine.catch_up.begin()
        loops = (
            engine.finisher.run,
            engine.alerts.run,
            engine.escalator.run,
            engine.take_up.run,
            engine.scheduler.run,
            engine.catch_up.run,
            engine.departures.run,
        )
        tasks = [asyncio.create_task(_kept_going(loop)) for loop in loops]
        try:
            yield engine
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
