"""The pipeline: verdicts, bounds, widening, and the asynchronous masker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given, settings

from masker import LABELS, Finding, Label, Masker, Preset, Span, thresholds_for
from masker.aio import AsyncMasker
from masker.errors import ModelFailed, Overloaded
from masker.pipeline import MAX_LENGTH
from masker.prediction import Prediction, TokenScore
from masker.report import report
from tests.masker.strategies import texts

STANDARD = thresholds_for(Preset.STANDARD)


class WordModel:
    """A real classifier of one idea: it dislikes the words that it was given."""

    name = "words 1"

    def __init__(self, *words: str) -> None:
        self.words = words

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Prediction:
        tokens = tuple(
            TokenScore(at, at + len(word), 0.9) for word in self.words for at in [text.find(word)] if at >= 0
        )
        return Prediction(dict.fromkeys(LABELS, 0.0) | {Label.INSULT: 0.93 if tokens else 0.01}, tokens)


class BrokenModel(WordModel):
    name = "broken 1"

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        raise ModelFailed("the session broke")


@settings(max_examples=500, deadline=None)
@given(texts)
def test_no_text_makes_the_pipeline_raise_and_every_finding_lies_inside(text: str) -> None:
    masker = Masker(classifier=WordModel("안녕"))
    verdict = masker.inspect(text)
    for finding in verdict.findings:
        assert finding.span.end <= len(text)
    assert set(verdict.scores) == set(LABELS)
    for preset in Preset:
        masked = masker.mask(text, preset)
        assert masker.is_clean(masked.text, thresholds_for(preset))


def test_inspecting_many_is_inspecting_each() -> None:
    masker = Masker(classifier=WordModel("바보"))
    lines = ["시발", "안녕", "바보 같아", "", "다시 발급"]
    assert [verdict.findings for verdict in masker.inspect_many(lines)] == [
        masker.inspect(line).findings for line in lines
    ]


def test_lexicon_and_classifier_findings_stand_side_by_side_with_their_detector() -> None:
    findings = Masker(classifier=WordModel("바보")).inspect("시발 바보야").findings
    assert [(finding.detector, finding.rule, finding.span) for finding in findings] == [
        ("lexicon", "sibal", Span(0, 2)),
        ("classifier", None, Span(3, 6)),
    ]


def test_a_text_over_the_bound_is_inspected_to_the_bound_and_says_so() -> None:
    verdict = Masker().inspect("가" * (MAX_LENGTH - 3) + " 시발" + "시발")
    assert not verdict.complete
    assert verdict.incomplete_reasons == (f"text: only the first {MAX_LENGTH} code points were inspected",)
    assert [finding.span for finding in verdict.findings] == [Span(MAX_LENGTH - 2, MAX_LENGTH)]


def test_without_a_classifier_a_verdict_is_complete_and_with_a_broken_one_it_is_not() -> None:
    assert Masker().inspect("시발").complete
    verdict = Masker(classifier=BrokenModel()).inspect("시발")
    assert (verdict.complete, verdict.incomplete_reasons) == (False, ("classifier: the session broke",))
    assert [finding.rule for finding in verdict.findings] == ["sibal"]


def test_a_mask_widens_until_the_result_is_clean() -> None:
    masker = Masker()
    half = [Finding(Span(0, 1), Label.PROFANITY, 0.95, "test")]
    masked = masker.mask_verified("시발시발 뒤", half, STANDARD)
    assert masker.is_clean(masked.text, STANDARD)
    assert masked.text == "●●●● 뒤"
    assert masked.widened == "words"
    assert masker.mask("시발 뒤").widened == ""


def test_a_flood_of_curses_hides_each_and_leaves_the_words_between() -> None:
    masker = Masker()
    verdict = masker.inspect("안녕 " + "시발 좋아 " * 100)
    assert [finding.span for finding in verdict.findings] == [Span(3 + 6 * at, 5 + 6 * at) for at in range(100)]
    assert verdict.complete
    (rest,) = masker.inspect("안녕 " + "나시발너" * 100).findings
    assert (rest.rule, rest.span.end) == ("flood", 403)
    few = masker.inspect("시발 " * 10)
    assert {finding.rule for finding in few.findings} == {"sibal"}


def test_the_report_follows_the_contract() -> None:
    masker = Masker()
    text = "시발 진짜"
    made = report(masker, text, masker.inspect(text), STANDARD)
    assert list(made) == ["text", "masked", "flagged", "complete", "labels", "spans"]
    assert (made["masked"], made["flagged"], made["complete"]) == ("●● 진짜", True, True)
    assert made["spans"] == [{"start": 0, "end": 2, "label": "profanity", "score": 0.95, "detector": "lexicon"}]
    assert made["labels"]["profanity"] == 0.95
    assert made["labels"]["race"] == 0.0


class FailingBatcher:
    """A batcher that is always in one kind of trouble."""

    def __init__(self, trouble: Exception) -> None:
        self.trouble = trouble

    async def predict(self, text: str, deadline_ms: float | None = None) -> Prediction:
        raise self.trouble


class StraightBatcher:
    """A batcher without a queue."""

    def __init__(self, model: WordModel) -> None:
        self.model = model

    async def predict(self, text: str, deadline_ms: float | None = None) -> Prediction:
        return self.model.predict([text])[0]


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (TimeoutError(), "classifier: no answer before the deadline"),
        (Overloaded("full"), "classifier: its queue is full"),
        (ModelFailed("shape of 시발"), "classifier: ModelFailed"),
    ],
)
async def test_trouble_in_the_batcher_makes_a_verdict_incomplete_and_never_raises(
    trouble: Exception, reason: str
) -> None:
    verdict = await AsyncMasker(Masker(), FailingBatcher(trouble)).inspect("시발 진짜", deadline_ms=5)
    assert (verdict.complete, verdict.incomplete_reasons) == (False, (reason,))
    assert [finding.rule for finding in verdict.findings] == ["sibal"]


async def test_the_asynchronous_masker_finds_what_the_plain_one_finds() -> None:
    model = WordModel("바보")
    masker = Masker(classifier=model)
    verdict = await AsyncMasker(masker, StraightBatcher(model)).inspect("시발 바보야")
    assert verdict.findings == masker.inspect("시발 바보야").findings
    assert verdict.complete


def test_importing_the_masker_loads_no_model_library() -> None:
    code = (
        "import sys, masker; masker.Masker().mask('시발'); "
        "print([name for name in ('mlflow', 'onnxruntime', 'pandas', 'numpy', 'torch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_message_text_stands_in_no_trace_and_no_reason() -> None:
    verdict = Masker(classifier=WordModel("바보")).inspect("시발 바보야 " * 2000)
    said = " ".join([*(step.stage for step in verdict.trace), *verdict.incomplete_reasons])
    assert "시발" not in said
    assert "바보" not in said
