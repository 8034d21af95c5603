"""`garim bench latency`: the bot under a steady load, from a message's post to its delete and its repost.

The sandbox and the members who speak run in a process of their own (`bot.bench.load`); the bot runs in this one, where
the event loop's lag is sampled. The times are those of the sandbox's log: they hold the way to the bot and back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.bench.baselines import LoopLag, durable_commits_s, sampled_lag
from bot.bench.corpus import chat_lines
from bot.bench.figures import Figure, Report, percentile
from bot.bench.load import Fate, LoadOptions, LoadResult
from bot.bench.model import one_by_one
from bot.errors import GarimError
from bot.run import serve
from bot.settings import DiscordSettings, PathSettings, Settings, SpoolSettings, StorageSettings
from masker.model.loading import load_classifier

LINE_LIMIT = 1 << 24
"""Bytes of one line from the load's process; the last carries every message's fate."""
IDLE_S = 3.0
BASELINE_CALLS = 200
START_LIMIT_S = 60.0

Progress = Callable[[str, int, int], None]


class LoadFailed(GarimError):  # noqa: N818 - reads as the plain fact it states
    """The process that posts the messages ended, or the bot never got ready."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Hold what one run gave: milliseconds throughout, but for the load's own result."""

    result: LoadResult
    busy_late_ms: list[float]
    idle_late_ms: list[float]
    classifier_ms: list[float]
    commit_ms: list[float]


def run_latency(settings: Settings, options: LoadOptions, progress: Progress) -> Report:
    """Run the load against a bot with the masker that `settings` names, on data of its own that is removed afterwards.

    Raises LoadFailed, and whatever keeps a bot from starting.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=settings.data_dir) as place:
        classifier_ms, commit_ms = _baselines(settings, Path(place), progress)
        result, busy, idle = asyncio.run(_measure(settings, Path(place), options, progress))
    return _report(settings, options, Measured(result, busy.late_ms, idle.late_ms, classifier_ms, commit_ms))


def _baselines(settings: Settings, place: Path, progress: Progress) -> tuple[list[float], list[float]]:
    progress("baselines", 0, BASELINE_CALLS)
    classifier = load_classifier(settings.masker.model, threads=settings.masker.threads)
    lines = chat_lines(BASELINE_CALLS)
    classifier.predict(lines[:20])
    calls = [seconds * 1_000 for seconds in one_by_one(classifier, lines)]
    commits = [seconds * 1_000 for seconds in durable_commits_s(place, BASELINE_CALLS)]
    progress("baselines", BASELINE_CALLS, BASELINE_CALLS)
    return calls, commits


async def _measure(
    settings: Settings, place: Path, options: LoadOptions, progress: Progress
) -> tuple[LoadResult, LoopLag, LoopLag]:
    async with sampled_lag() as idle:
        await asyncio.sleep(IDLE_S)
    async with _load_process(options) as load:
        ready = await _line(load, "ready", START_LIMIT_S)
        async with _bot(_pointed_at(settings, ready, place), ready["token"]):
            assert load.stdin is not None  # noqa: S101 - it was asked for
            load.stdin.write(b"go\n")
            async with sampled_lag() as busy:
                limit_s = options.messages / options.per_second + options.settle_s + START_LIMIT_S
                done = await _line(
                    load, "done", limit_s, lambda sent: progress("messages posted", sent, options.messages)
                )
    done["fates"] = tuple(Fate(**fate) for fate in done["fates"])
    return LoadResult(**done), busy, idle


@contextlib.asynccontextmanager
async def _load_process(options: LoadOptions) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.bench.load",
        json.dumps(asdict(options)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT,
    )
    try:
        yield process
    finally:
        assert process.stdin is not None  # noqa: S101 - it was asked for
        process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _line(
    load: asyncio.subprocess.Process, wanted: str, limit_s: float, on_sent: Callable[[int], None] = lambda _: None
) -> dict[str, Any]:
    """Return what the load says under `wanted`, passing on what it says about its progress."""
    assert load.stdout is not None  # noqa: S101 - it was asked for
    try:
        async with asyncio.timeout(limit_s):
            while line := await load.stdout.readline():
                said = json.loads(line)
                if wanted in said:
                    found: dict[str, Any] = said[wanted]
                    return found
                on_sent(said["sent"])
    except TimeoutError:
        raise LoadFailed(f"the load's process said no {wanted!r} within {limit_s:.0f} s") from None
    raise LoadFailed("the load's process ended early; its error stands above")


def _pointed_at(settings: Settings, ready: dict[str, str], place: Path) -> Settings:
    """Return the settings with the masker's as they are, and everything else pointed at the sandbox and at `place`."""
    discord = DiscordSettings(api_base=ready["api_base"], gateway=ready["gateway"], cdn_base=ready["cdn"])
    changed = {
        "discord": discord,
        "paths": PathSettings(data_dir=place),
        "storage": StorageSettings(),
        "spool": SpoolSettings(),
    }
    return settings.model_copy(update=changed)


@contextlib.asynccontextmanager
async def _bot(settings: Settings, token: str) -> AsyncIterator[None]:
    """Run the bot on this loop, as `garim run` does, once it is ready and until the block is left."""
    ready, stop = asyncio.Event(), asyncio.Event()
    bot = asyncio.create_task(serve(settings, token, on_ready=lambda _: ready.set(), stop=stop))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({bot, waiting}, timeout=START_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if bot.done():
        await bot
    try:
        if not ready.is_set():
            raise LoadFailed(f"the bot was not ready within {START_LIMIT_S:.0f} s")
        yield
    finally:
        stop.set()
        await bot


def _report(settings: Settings, options: LoadOptions, measured: Measured) -> Report:
    fates = measured.result.fates
    offending = len(fates)
    handled = sum(fate.deleted_ms is not None and fate.reposts > 0 for fate in fates)
    figures = [
        Figure("offending messages posted", offending, "messages"),
        Figure("missed", offending - handled, "messages", "offending messages posted"),
        Figure("reposted more than once", sum(fate.reposts > 1 for fate in fates), "messages"),
        Figure("harmless messages masked", measured.result.clean_deleted, "messages"),
        *_spread("idle loop's lag", measured.idle_late_ms, ""),
        *_spread("event-loop lag", measured.busy_late_ms, "idle loop's lag"),
        Figure("bare classifier call, p50", percentile(measured.classifier_ms, 0.5), "ms"),
        Figure("one durable commit, p50", percentile(measured.commit_ms, 0.5), "ms"),
    ]
    bare = "bare classifier call and durable commit, p50"
    figures.append(Figure(bare, figures[-2].value + figures[-1].value, "ms"))
    later = [fate for fate in fates if not fate.first_in_channel]
    for name, values in (
        ("post to delete", [fate.deleted_ms for fate in fates]),
        ("post to repost, webhook known", [fate.reposted_ms for fate in later]),
        ("post to repost, first in its channel", [fate.reposted_ms for fate in fates if fate.first_in_channel]),
    ):
        known = [value for value in values if value is not None]
        if known:
            figures.append(Figure(f"{name}, p50", percentile(known, 0.5), "ms", bare))
            figures.append(Figure(f"{name}, p99", percentile(known, 0.99), "ms", bare))
    conditions = {
        "messages": measured.result.sent,
        "channels": options.channels,
        "posted per second": round(measured.result.sent / measured.result.sending_s, 1),
        "model": settings.masker.model,
        "refused requests": sum(
            count for request, count in measured.result.requests.items() if int(request.split()[-1]) >= 400
        ),
    }
    return Report("latency", tuple(figures), conditions)


def _spread(name: str, values: list[float], baseline: str) -> list[Figure]:
    """Return p50, p99 and maximum, each compared with the same of the baseline."""
    shares = (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
    return [
        Figure(f"{name}, {mark}", percentile(values, share), "ms", f"{baseline}, {mark}" if baseline else None)
        for mark, share in shares
    ]
