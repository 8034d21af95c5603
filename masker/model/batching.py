"""The queue in front of the classifier: one thread infers, and each time takes what already waits.

There is no timer that collects messages: a batch is whatever gathered while the last one ran. Under light load
that is one message at once; under heavy load it is many, which is when batching pays.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import TracebackType

from masker.errors import ModelError, ModelFailed, Overloaded
from masker.prediction import Classifier, Prediction

CHARS_PER_TOKEN = 2.0
"""Korean chat has about two characters a token in our vocabulary; only the grouping of batches rests on it."""


@dataclass(frozen=True, slots=True)
class BatchStats:
    """Count what a batcher did since it started.

    `dropped` counts entries that were thrown away because their caller left or their deadline passed.
    """

    batches: int = 0
    texts: int = 0
    largest: int = 0
    refused: int = 0
    dropped: int = 0
    failed: int = 0
    waiting: int = 0


@dataclass(slots=True, eq=False)
class _Entry:
    text: str
    answer: asyncio.Future[Prediction]
    expires_at_s: float | None

    @property
    def tokens(self) -> int:
        return int(len(self.text) / CHARS_PER_TOKEN) + 2


def _closed() -> Overloaded:
    return Overloaded("the classifier's queue was closed before the text was read")


class MicroBatcher:
    """Answer `predict` calls from one event loop with one classifier in one thread of its own.

    Use it as `async with MicroBatcher(classifier) as batcher`. `queue_size` bounds the texts that wait (those being
    inferred do not count); `tokens_per_batch` bounds a batch's padded size.
    """

    def __init__(self, classifier: Classifier, *, queue_size: int = 1024, tokens_per_batch: int = 1024) -> None:
        if queue_size < 1 or tokens_per_batch < 1:
            raise ValueError("queue_size and tokens_per_batch must be at least 1")
        self._classifier = classifier
        self._queue_size = queue_size
        self._tokens_per_batch = tokens_per_batch
        self._waiting: deque[_Entry] = deque()
        self._wake = asyncio.Event()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="garim-model")
        self._worker: asyncio.Task[None] | None = None
        self._closing = False
        self._stats = BatchStats()

    @property
    def name(self) -> str:
        """Return the classifier's name and version."""
        return self._classifier.name

    @property
    def stats(self) -> BatchStats:
        """Return the counts as of now."""
        return replace(self._stats, waiting=len(self._waiting))

    async def __aenter__(self) -> MicroBatcher:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def predict(self, text: str, deadline_ms: float | None = None) -> Prediction:
        """Return the prediction for `text`.

        Raises Overloaded at once when the queue is full or closed, TimeoutError when `deadline_ms` from now passes
        first, ModelFailed when the classifier broke on its batch.
        """
        if self._closing or len(self._waiting) >= self._queue_size:
            self._count(refused=1)
            reason = "is closed" if self._closing else f"is full with {self._queue_size} texts"
            raise Overloaded(f"the classifier's queue {reason}; the text was not queued")
        loop = asyncio.get_running_loop()
        expires_at_s = None if deadline_ms is None else loop.time() + deadline_ms / 1000
        entry = _Entry(text, loop.create_future(), expires_at_s)
        self._waiting.append(entry)
        if self._worker is None:
            self._worker = loop.create_task(self._work(), name="garim-batcher")
        self._wake.set()
        try:
            async with asyncio.timeout_at(expires_at_s):
                return await entry.answer
        except TimeoutError:
            raise TimeoutError(f"no answer from the classifier within {deadline_ms} ms") from None

    async def aclose(self, timeout_s: float = 10.0) -> None:
        """Refuse new texts, finish those that wait, and stop the thread. A second call does nothing more.

        What is not finished within `timeout_s` fails with Overloaded: a classifier that hangs hangs nobody else.
        """
        self._closing = True
        self._wake.set()
        try:
            if self._worker is not None:
                await asyncio.wait({self._worker}, timeout=timeout_s)
        finally:
            if self._worker is not None:
                self._worker.cancel()
            self._fail(list(self._waiting), _closed())
            self._waiting.clear()
            self._executor.shutdown(wait=False)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting or not self._closing:
            await self._wake.wait()
            batch = self._take(loop.time)
            if batch:
                await self._infer(loop, batch)
            elif not self._closing:
                self._wake.clear()

    def _take(self, now: Callable[[], float]) -> list[_Entry]:
        """Return the oldest live entry with those of its length that wait too, within the token budget."""
        moment = now()
        live = [entry for entry in self._waiting if self._is_wanted(entry, moment)]
        self._count(dropped=len(self._waiting) - len(live))
        if not live:
            self._waiting.clear()
            return []
        oldest = live[0]
        # The oldest always goes; the rest by likeness in length, so that little is padding.
        others = sorted(live[1:], key=lambda entry: abs(entry.tokens - oldest.tokens))
        batch, longest = [oldest], oldest.tokens
        for entry in others:
            padded = max(longest, entry.tokens) * (len(batch) + 1)
            if padded > self._tokens_per_batch:
                break
            batch.append(entry)
            longest = max(longest, entry.tokens)
        taken = {id(entry) for entry in batch}
        self._waiting = deque(entry for entry in live if id(entry) not in taken)
        return batch

    @staticmethod
    def _is_wanted(entry: _Entry, now_s: float) -> bool:
        return not entry.answer.done() and (entry.expires_at_s is None or entry.expires_at_s > now_s)

    async def _infer(self, loop: asyncio.AbstractEventLoop, batch: list[_Entry]) -> None:
        self._count(batches=1, texts=len(batch), largest=len(batch))
        texts = [entry.text for entry in batch]
        try:
            predictions = await loop.run_in_executor(self._executor, self._classifier.predict, texts)
            if len(predictions) != len(batch):
                raise ModelFailed(f"{self.name} gave {len(predictions)} predictions for {len(batch)} texts")
        except asyncio.CancelledError:
            self._fail(batch, _closed())
            raise
        except ModelError as error:
            self._fail(batch, error)
        except Exception as error:  # noqa: BLE001 - a classifier's own fault must not end the batcher
            self._fail(batch, ModelFailed(f"{self.name} raised {type(error).__name__}"))
        else:
            for entry, prediction in zip(batch, predictions, strict=True):
                if not entry.answer.done():
                    entry.answer.set_result(prediction)

    def _fail(self, batch: list[_Entry], error: Exception) -> None:
        """Fail each caller that still waits with its own copy of the error: a shared one grows its traceback."""
        self._count(failed=len(batch))
        for entry in batch:
            if not entry.answer.done():
                entry.answer.set_exception(type(error)(*error.args))

    def _count(
        self, *, batches: int = 0, texts: int = 0, largest: int = 0, refused: int = 0, dropped: int = 0, failed: int = 0
    ) -> None:
        now = self._stats
        self._stats = BatchStats(
            batches=now.batches + batches,
            texts=now.texts + texts,
            largest=max(now.largest, largest),
            refused=now.refused + refused,
            dropped=now.dropped + dropped,
            failed=now.failed + failed,
        )
