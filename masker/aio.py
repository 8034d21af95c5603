"""The masker on an event loop: the lexicon at once, the classifier awaited behind its batcher."""

from __future__ import annotations

import time
from typing import Protocol

from masker.errors import MaskerError, Overloaded
from masker.own_terms import OwnTerms
from masker.pipeline import Masker
from masker.prediction import Prediction
from masker.verdict import Verdict


class Batcher(Protocol):
    """Predict one text at a time for many callers. `masker.model.batching.MicroBatcher` is one."""

    async def predict(self, text: str, deadline_ms: float | None = None) -> Prediction:
        """Return one text's prediction. Raises TimeoutError, Overloaded, ModelFailed."""
        ...


class AsyncMasker:
    """Inspect texts without holding the loop. Does not own the batcher: who opened it closes it."""

    def __init__(self, masker: Masker, batcher: Batcher | None = None) -> None:
        self.masker = masker
        self.batcher = batcher

    def with_terms(self, own: OwnTerms) -> AsyncMasker:
        """Return one that also goes by a community's own terms, before the same classifier."""
        return AsyncMasker(self.masker.with_terms(own), self.batcher)

    async def inspect(self, text: str, deadline_ms: float | None = None) -> Verdict:
        """Return the verdict; a classifier that is late, full or broken makes it incomplete and never raises."""
        stage = self.masker.read(text)
        if self.batcher is None:
            return self.masker.conclude(text, stage, None)
        started = time.perf_counter_ns()
        try:
            prediction = await self.batcher.predict(self.masker.for_classifier(text, stage), deadline_ms=deadline_ms)
        except TimeoutError:
            return self.masker.conclude(text, stage, None, "classifier: no answer before the deadline")
        except Overloaded:
            return self.masker.conclude(text, stage, None, "classifier: its queue is full")
        except MaskerError as error:
            return self.masker.conclude(text, stage, None, f"classifier: {type(error).__name__}")
        return self.masker.conclude(text, stage, prediction, took_us=(time.perf_counter_ns() - started) // 1000)
