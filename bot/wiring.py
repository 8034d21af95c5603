"""Open everything the bot is made of, hand each part what it needs, and close it all again: one `async with`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from bot.client import GarimBot, open_client
from bot.errors import GarimError
from bot.incidents import Incident, IncidentFilter, IncidentState
from bot.settings import Settings, StorageSettings
from bot.spool import Spool, spooled_keys
from bot.storage import Storage, open_from
from bot.texts import LOCALES, catalogue
from cogs._breaker import Breaker
from cogs._engine import Engine, Resources
from cogs._steps import OnStep, unwatched
from masker import Masker
from masker.aio import AsyncMasker
from masker.model.batching import MicroBatcher
from masker.prediction import Classifier

logger = logging.getLogger(__name__)

TIDY_EVERY_S = 24 * 3600.0

OpenMasker = Callable[[Settings], contextlib.AbstractAsyncContextManager[AsyncMasker]]


@contextlib.asynccontextmanager
async def masker_from(settings: Settings) -> AsyncIterator[AsyncMasker]:
    """Give the masker that the settings name, its model loaded, or one that stands in for it (bot.model_choice).

    Raises ModelError for a model folder that cannot be used.
    """
    wanted = settings.masker
    classifier = await asyncio.to_thread(_load, wanted.model, wanted.threads, settings.data_dir / "models")
    async with MicroBatcher(
        classifier, queue_size=wanted.queue_limit, tokens_per_batch=wanted.batch_token_budget
    ) as batcher:
        masker = Masker(classifier=classifier)
        await asyncio.to_thread(masker.warm)  # the first doubtful message must not hold the loop for seconds
        yield AsyncMasker(masker, batcher)


def _load(uri: str, threads: int, kept: Path) -> Classifier:
    # Imported here: the model's libraries take longer to import than all the rest, and this runs in a thread.
    from bot.model_choice import choose

    return choose(uri, threads=threads, kept=kept)


@contextlib.asynccontextmanager
async def open_bot(
    settings: Settings,
    *,
    on_step: OnStep = unwatched,
    open_masker: OpenMasker = masker_from,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[tuple[GarimBot, Engine]]:
    """Give the bot, ready to be connected. `clock` is the breaker's, in seconds.

    Raises GarimError and MaskerError: what cannot be opened is an error at the start, not a surprise later.
    """
    for locale in LOCALES:
        # Read here, in a thread: the first text must not be what reads a file on the event loop.
        await asyncio.to_thread(catalogue, locale)
    async with open_from(settings) as storage, open_masker(settings) as masker:
        spool = await _open_spool(settings, storage)
        breaker = Breaker(
            guild_limit=settings.breaker.guild_limit_per_10_min,
            global_limit=settings.breaker.global_limit_per_10_min,
            clock=clock,
        )
        resources = Resources(settings, storage, masker, spool, breaker, on_step)
        async with open_client(resources) as (bot, engine), _housekeeping(engine, spool, settings.storage):
            yield bot, engine


async def _open_spool(settings: Settings, storage: Storage) -> Spool:
    spool = await Spool.open(
        settings.spool_path,
        storage.keyring,
        limit_bytes=settings.spool.limit_mib << 20,
        file_limit_bytes=settings.spool.attachment_limit_mib << 20,
    )
    await _sweep(storage, spool)
    return spool


async def _sweep(storage: Storage, spool: Spool) -> None:
    needed = [*await storage.incidents.unfinished(), *await _stuck(storage)]
    swept = await spool.sweep(spooled_keys(needed))
    if swept:
        logger.info("removed %d attachments that no incident needs any more", swept)


async def _stuck(storage: Storage) -> list[Incident]:
    """Return every incident that waits for a human: its attachments are all that is left of them."""
    found: list[Incident] = []
    page = IncidentFilter(state=IncidentState.STUCK, limit=100)
    while summaries := await storage.incidents.search(page):
        incidents = [await storage.incidents.by_id(summary.id) for summary in summaries]
        found += [incident for incident in incidents if incident is not None]
        page = IncidentFilter(state=IncidentState.STUCK, limit=100, after_id=summaries[-1].id)
    return found


@contextlib.asynccontextmanager
async def _housekeeping(engine: Engine, spool: Spool, kept: StorageSettings) -> AsyncIterator[None]:
    """Erase daily what was kept long enough, beside everything else."""

    async def purge() -> None:
        erased = await engine.storage.incidents.purge(kept.retention_days)
        if erased:
            logger.info("erased the words of %d incidents that were kept long enough", erased)

    async def remove() -> None:
        await engine.departures.remove(kept.departed_grace_days)
        await _sweep(engine.storage, spool)

    tasks = [asyncio.create_task(_daily(work)) for work in (purge, remove)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _daily(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except GarimError as error:
            logger.error("what was kept long enough could not be erased: %s", error)
        await asyncio.sleep(TIDY_EVERY_S)
