"""The queue in front of the classifier: order, refusal, deadlines, cancellation, isolation of faults, closing."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masker.errors import ModelFailed, Overloaded
from masker.labels import LABELS
from masker.model.batching import MicroBatcher
from masker.prediction import Prediction, TokenScore


class GatedClassifier:
    """Answer with the text's length as the one token's end; hold each batch until the gate is open."""

    name = "gated/1"

    def __init__(self, *, is_open: bool = True) -> None:
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.batches: list[list[str]] = []
        self.threads: set[str] = set()
        if is_open:
            self.gate.set()

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        self.batches.append(list(texts))
        self.threads.add(threading.current_thread().name)
        self.entered.set()
        assert self.gate.wait(10)
        if any("broken" in text for text in texts):
            raise RuntimeError("the text itself must not be repeated here")
        return [Prediction(dict.fromkeys(LABELS, 0.0), (TokenScore(0, len(text), 1.0),)) for text in texts]


async def _until_entered(classifier: GatedClassifier) -> None:
    assert await asyncio.to_thread(classifier.entered.wait, 5)


async def _queued(batcher: MicroBatcher, texts: Sequence[str]) -> list[asyncio.Task[Prediction]]:
    tasks = [asyncio.create_task(batcher.predict(text)) for text in texts]
    await asyncio.sleep(0)
    return tasks


async def test_every_caller_gets_the_answer_to_its_own_text() -> None:
    texts = [f"{'가' * (number * 7 % 40)}{number}" for number in range(300)]
    async with MicroBatcher(GatedClassifier()) as batcher:
        answers = await asyncio.gather(*(batcher.predict(text) for text in texts))
    assert [answer.tokens[0].end for answer in answers] == [len(text) for text in texts]
    assert batcher.stats.texts == 300
    assert batcher.stats.failed == batcher.stats.refused == batcher.stats.dropped == 0


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=60), st.integers(1, 200))
def test_no_budget_loses_or_mixes_up_a_text(texts: list[str], tokens_per_batch: int) -> None:
    classifier = GatedClassifier()

    async def scenario() -> list[Prediction]:
        async with MicroBatcher(classifier, tokens_per_batch=tokens_per_batch) as batcher:
            return list(await asyncio.gather(*(batcher.predict(text) for text in texts)))

    answers = asyncio.run(scenario())
    assert [answer.tokens[0].end for answer in answers] == [len(text) for text in texts]
    assert sorted(text for batch in classifier.batches for text in batch) == sorted(texts)


async def test_what_gathers_during_a_batch_becomes_the_next_one_and_all_runs_in_one_thread() -> None:
    classifier = GatedClassifier(is_open=False)
    async with MicroBatcher(classifier) as batcher:
        first = await _queued(batcher, ["first"])
        await _until_entered(classifier)
        rest = await _queued(batcher, [f"text {number}" for number in range(20)])
        classifier.gate.set()
        await asyncio.gather(*first, *rest)
    assert [len(batch) for batch in classifier.batches] == [1, 20]
    assert len(classifier.threads) == 1
    assert batcher.stats.largest == 20


async def test_a_batch_holds_texts_of_like_length_and_the_oldest_always_goes() -> None:
    classifier = GatedClassifier(is_open=False)
    async with MicroBatcher(classifier, tokens_per_batch=100) as batcher:
        blocker = await _queued(batcher, ["x"])
        await _until_entered(classifier)
        tasks = await _queued(batcher, ["a" * 150, "b", "c" * 148, "d", "e" * 400])
        classifier.gate.set()
        await asyncio.gather(*blocker, *tasks)
    assert [sorted(text[0] for text in batch) for batch in classifier.batches] == [
        ["x"],
        ["a"],
        ["b", "d"],
        ["c"],
        ["e"],
    ]


async def test_a_full_queue_refuses_at_once_and_queues_nothing() -> None:
    classifier = GatedClassifier(is_open=False)
    async with MicroBatcher(classifier, queue_size=2) as batcher:
        tasks = await _queued(batcher, ["being read"])
        await _until_entered(classifier)
        tasks += await _queued(batcher, ["waits", "waits too"])
        began = time.perf_counter()
        with pytest.raises(Overloaded, match="full with 2"):
            await batcher.predict("one too many")
        assert time.perf_counter() - began < 0.1
        assert batcher.stats.waiting == 2
        classifier.gate.set()
        await asyncio.gather(*tasks)
    assert batcher.stats.refused == 1
    assert "one too many" not in [text for batch in classifier.batches for text in batch]


async def test_the_event_loop_stays_free_while_the_classifier_is_busy() -> None:
    classifier = GatedClassifier(is_open=False)
    async with MicroBatcher(classifier) as batcher:
        task = (await _queued(batcher, ["slow"]))[0]
        await _until_entered(classifier)
        turns = 0
        for _ in range(50):
            await asyncio.sleep(0)
            turns += 1
        assert turns == 50
        assert not task.done()
        classifier.gate.set()
        await task


async def test_an_entry_whose_caller_left_is_dropped_unread() -> None:
    classifier = GatedClassifier(is_open=False)
    async with MicroBatcher(classifier) as batcher:
        first = (await _queued(batcher, ["first"]))[0]
        await _until_entered(classifier)
        gone, stays = await _queued(batcher, ["gone", "stays"])
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        classifier.gate.set()
        await asyncio.gather(first, stays)
    assert classifier.batches == [["first"], ["stays"]]
    assert batcher.stats.dropped == 1


async def test_an_entry_past_its_deadline_raises_time_out_and_is_dropped_unread() -> None:
    classifier = GatedClassifier(is_open=False)
    async with MicroBatcher(classifier) as batcher:
        first = (await _queued(batcher, ["first"]))[0]
        await _until_entered(classifier)
        with pytest.raises(TimeoutError, match="20 ms"):
            await batcher.predict("late", deadline_ms=20)
        classifier.gate.set()
        await first
        await batcher.predict("next")
    assert classifier.batches == [["first"], ["next"]]
    assert batcher.stats.dropped == 1


async def test_a_deadline_that_passes_during_inference_fails_only_its_caller() -> None:
    classifier = GatedClassifier(is_open=False)
    async with MicroBatcher(classifier) as batcher:
        with pytest.raises(TimeoutError):
            await batcher.predict("late", deadline_ms=20)
        classifier.gate.set()
        assert (await batcher.predict("next")).tokens[0].end == 4


async def test_a_classifier_that_raises_fails_its_batch_alone_and_the_text_stays_out_of_the_error() -> None:
    classifier = GatedClassifier(is_open=False)
    async with MicroBatcher(classifier, tokens_per_batch=40) as batcher:
        blocker = await _queued(batcher, ["x"])
        await _until_entered(classifier)
        tasks = await _queued(batcher, ["broken", "beside", "a" * 200])
        classifier.gate.set()
        outcomes = await asyncio.gather(*blocker, *tasks, return_exceptions=True)
        assert (await batcher.predict("after")).tokens[0].end == 5
    assert [type(outcome) for outcome in outcomes] == [Prediction, ModelFailed, ModelFailed, Prediction]
    assert str(outcomes[1]) == "gated/1 raised RuntimeError"
    assert outcomes[1] is not outcomes[2]
    assert batcher.stats.failed == 2


async def test_too_few_predictions_are_a_failure_and_not_a_hang() -> None:
    class Forgetful(GatedClassifier):
        def predict(self, texts: Sequence[str]) -> list[Prediction]:
            return super().predict(texts)[1:]

    async with MicroBatcher(Forgetful()) as batcher:
        with pytest.raises(ModelFailed, match="0 predictions for 1"):
            await batcher.predict("text")


async def test_closing_finishes_what_waits_and_refuses_what_comes_after() -> None:
    classifier = GatedClassifier(is_open=False)
    batcher = MicroBatcher(classifier)
    tasks = await _queued(batcher, ["one", "two", "three"])
    await _until_entered(classifier)
    closing = asyncio.create_task(batcher.aclose())
    await asyncio.sleep(0.01)
    with pytest.raises(Overloaded, match="closed"):
        await batcher.predict("after")
    classifier.gate.set()
    await closing
    assert [(await task).tokens[0].end for task in tasks] == [3, 3, 5]
    await batcher.aclose()


async def test_closing_before_any_text_returns() -> None:
    await MicroBatcher(GatedClassifier()).aclose()


async def test_closing_while_the_classifier_hangs_fails_all_callers_in_time() -> None:
    classifier = GatedClassifier(is_open=False)
    batcher = MicroBatcher(classifier)
    tasks = await _queued(batcher, ["hangs"])
    await _until_entered(classifier)
    tasks += await _queued(batcher, ["waits"])
    await batcher.aclose(timeout_s=0.05)
    outcomes = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), timeout=2)
    classifier.gate.set()
    assert [type(outcome) for outcome in outcomes] == [Overloaded, Overloaded]


@pytest.mark.parametrize("settings_", [{"queue_size": 0}, {"tokens_per_batch": 0}])
def test_a_batcher_without_room_is_refused(settings_: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        MicroBatcher(GatedClassifier(), **settings_)
