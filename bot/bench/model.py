"""`garim bench model`: how many messages a second the classifier scores, one by one, sorted in batches, and queued."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from bot.bench.corpus import chat_lines
from bot.bench.figures import Figure, Report, percentile
from bot.settings import MaskerSettings
from masker.model.batching import MicroBatcher
from masker.model.loading import load_classifier
from masker.prediction import Classifier

BASELINE = "one message per call"
CALLERS = 64
"""Callers that wait at once in the queued measurement: enough that batches form, as they do under load."""
WARM_UP = 20

Progress = Callable[[str, int, int], None]


def run_model(settings: MaskerSettings, count: int, progress: Progress) -> Report:
    """Measure the model that `settings` names on `count` chat lines. Raises ModelError."""
    progress("loading the model", 0, 1)
    started = time.perf_counter()
    classifier = load_classifier(settings.model, threads=settings.threads)
    loading_s = time.perf_counter() - started
    lines = chat_lines(count)
    classifier.predict(lines[:WARM_UP])
    singles = one_by_one(classifier, lines, progress)
    progress("sorted batches", 0, count)
    started = time.perf_counter()
    classifier.predict(lines)
    sorted_s = time.perf_counter() - started
    progress("sorted batches", count, count)
    queued_s, batches, waits = asyncio.run(_queued(classifier, lines, settings, progress))
    single_ms = "one message per call, p50"
    return Report(
        "model",
        (
            Figure(BASELINE, count / sum(singles), "messages/s"),
            Figure("all at once, sorted by length", count / sorted_s, "messages/s", BASELINE),
            Figure(f"through the queue, {CALLERS} callers", count / queued_s, "messages/s", BASELINE),
            Figure(single_ms, percentile(singles, 0.5) * 1_000, "ms"),
            Figure("one message per call, p99", percentile(singles, 0.99) * 1_000, "ms", single_ms),
            Figure(f"through the queue, {CALLERS} callers, p50", percentile(waits, 0.5) * 1_000, "ms", single_ms),
            Figure("batch formed by the queue, mean", count / batches, "messages"),
            Figure("loading the model", loading_s, "s"),
        ),
        {"model": classifier.name, "messages": count, "threads": settings.threads},
    )


def one_by_one(classifier: Classifier, lines: Sequence[str], progress: Progress | None = None) -> list[float]:
    """Return the seconds that each bare call with one message takes."""
    taken = []
    for number, line in enumerate(lines):
        started = time.perf_counter()
        classifier.predict([line])
        taken.append(time.perf_counter() - started)
        if progress is not None and number % 50 == 0:
            progress(BASELINE, number, len(lines))
    return taken


async def _queued(
    classifier: Classifier, lines: Sequence[str], settings: MaskerSettings, progress: Progress
) -> tuple[float, int, list[float]]:
    """Return the seconds in all, the number of batches, and the seconds that each caller waited."""
    waits: list[float] = []
    remaining = iter(lines)
    async with MicroBatcher(
        classifier, queue_size=settings.queue_limit, tokens_per_batch=settings.batch_token_budget
    ) as batcher:

        async def call() -> None:
            for line in remaining:
                began = time.perf_counter()
                await batcher.predict(line)
                waits.append(time.perf_counter() - began)
                if len(waits) % 200 == 0:
                    progress("through the queue", len(waits), len(lines))

        started = time.perf_counter()
        await asyncio.gather(*(call() for _ in range(min(CALLERS, settings.queue_limit))))
        return time.perf_counter() - started, batcher.stats.batches, waits
