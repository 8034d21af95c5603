"""A BERT or ELECTRA sequence classifier behind our interface: our labels' scores, windows, spans by occlusion."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt
from packaging.specifiers import SpecifierSet

from masker.errors import ModelFailed, ModelMisfit, ModelRefused
from masker.labels import LABELS, Label
from masker.model.inference import readable
from masker.model.occlusion import occlude
from masker.model.transformers_flavor.artifact import Artifact
from masker.model.transformers_flavor.meaning import Harmless, Meaning, meanings
from masker.model.windows import Window, by_budget, windows_of
from masker.prediction import Prediction

EXTRA = "garim[transformers]"
"""What installs torch and transformers, which nothing else needs at run time."""
NEEDED: Mapping[str, str] = {"transformers": ">=4.44", "tokenizers": ">=0.20"}
"""tokenizers before 0.20 cannot read the merges of a newer tokenizer.json; transformers before 4.44 refuses 0.20."""
TOKENS_PER_BATCH = 1024

Scores = npt.NDArray[np.float64]


class TransformersClassifier:
    """Score texts with a model of another's. Thread-safe. Build it with `open_artifact`."""

    def __init__(
        self, artifact: Artifact, model: Any, tokenizer: Any, meaning: Sequence[Meaning], *, threads: int
    ) -> None:
        self._artifact = artifact
        self._model = model
        self._tokenizer = tokenizer
        self._threads = threads
        self._softmax = artifact.function == "softmax"
        self._columns = [(column, LABELS.index(each)) for column, each in enumerate(meaning) if isinstance(each, Label)]

    @property
    def name(self) -> str:
        """Return the model's name and version."""
        return f"{self._artifact.name}/{self._artifact.version}"

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction per text, in order; texts past MAX_CHARS are read up to there.

        Raises ModelFailed when the model breaks.
        """
        if not texts:
            return []
        bounded = [readable(text) for text in texts]
        scores = self.sentence_scores(bounded)
        words = occlude(bounded, scores.max(axis=1).tolist(), lambda some: self.sentence_scores(some).max(axis=1))
        return [
            Prediction(dict(zip(LABELS, row.tolist(), strict=True)), tokens)
            for row, tokens in zip(scores, words, strict=True)
        ]

    def sentence_scores(self, texts: Sequence[str]) -> Scores:
        """Return `[texts, labels]` scores without looking for spans; a long text gets the highest of its windows.

        Raises ModelFailed when the model breaks.
        """
        scores = np.zeros((len(texts), len(LABELS)))
        if not texts:
            return scores
        reader = self._tokenizer.backend_tokenizer
        encoded = [each.ids for each in reader.encode_batch([readable(one) for one in texts], add_special_tokens=False)]
        size = self._artifact.max_length - 2
        windows = [window for row, ids in enumerate(encoded) for window in windows_of(row, len(ids), size)]
        for batch in by_budget(windows, TOKENS_PER_BATCH):
            found = self._ours(self._logits(batch, encoded))
            for number, window in enumerate(batch):
                np.maximum(scores[window.row], found[number], out=scores[window.row])
        return scores

    def _logits(self, batch: Sequence[Window], encoded: Sequence[Sequence[int]]) -> Scores:
        import torch

        longest = max(window.length for window in batch) + 2
        ids = np.full((len(batch), longest), self._tokenizer.pad_token_id, dtype=np.int64)
        mask = np.zeros_like(ids)
        for number, window in enumerate(batch):
            end = window.length + 1
            ids[number, 0], ids[number, end] = self._tokenizer.cls_token_id, self._tokenizer.sep_token_id
            ids[number, 1:end] = encoded[window.row][window.start : window.end]
            mask[number, : end + 1] = 1
        if torch.get_num_threads() != self._threads:
            torch.set_num_threads(self._threads)
        try:
            with torch.inference_mode():
                output = self._model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
                return np.asarray(output.logits.double().numpy(), dtype=np.float64)
        except Exception as error:
            raise ModelFailed(f"{self.name} broke on a batch of shape {ids.shape}: {type(error).__name__}") from error

    def _ours(self, logits: Scores) -> Scores:
        """Return `[rows, labels]` scores of our labels.

        Several of its labels may mean one of ours. Where each stands for itself, the highest counts. Where they compete
        for one unit they add up, and the highest of ours takes what all offences have together, so that `max(labels)`
        stays the score of "offensive at all" (the law of masker.model.calibration).
        """
        ours = np.zeros((len(logits), len(LABELS)))
        if not self._softmax:
            each = 1.0 / (1.0 + np.exp(-np.clip(logits, -60.0, 60.0)))
            for theirs, column in self._columns:
                np.maximum(ours[:, column], each[:, theirs], out=ours[:, column])
            return ours
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares = raised / raised.sum(axis=1, keepdims=True)
        for theirs, column in self._columns:
            ours[:, column] += shares[:, theirs]
        offence = np.minimum(1.0, ours.sum(axis=1))
        ours[np.arange(len(ours)), ours.argmax(axis=1)] = offence
        return ours


def open_artifact(
    artifact: Artifact, *, labels: Mapping[str, str] | None = None, threads: int = 1
) -> TransformersClassifier:
    """Load the model and its tokeniser; `labels` say what its labels mean, before its metadata and the table do.

    Raises ModelRefused when a library is missing or does not fit, a file cannot be read, or a label is unknown.
    """
    meaning = meanings(artifact.labels, {**artifact.given, **(labels or {})}, artifact.address)
    if not any(isinstance(each, Label) for each in meaning):
        raise ModelRefused(f"{artifact.address}: none of its labels names an offence; give another mapping")
    if artifact.function == "softmax" and not any(isinstance(each, Harmless) for each in meaning):
        raise ModelRefused(
            f"{artifact.address}: its labels compete and none stands for clean text, so it would find an offence in "
            "every text; map one to 'clean', or set problem_type to multi_label_classification in its config"
        )
    _check_libraries(artifact)
    with _quiet_transformers():
        tokenizer = _read_tokenizer(artifact)
        model = _read_model(artifact)
    return TransformersClassifier(artifact, model, tokenizer, meaning, threads=threads)


def _check_libraries(artifact: Artifact) -> None:
    if missing := [name for name in ("torch", "transformers") if find_spec(name) is None]:
        raise ModelRefused(
            f"{artifact.address} was logged with the transformers flavour and needs {' and '.join(missing)}, which "
            f"are not installed; run: pip install '{EXTRA}'"
        )
    for library, needed in NEEDED.items():
        installed = _installed(library)
        if installed == "none" or not SpecifierSet(needed).contains(installed, prereleases=True):
            raise ModelMisfit(
                f"{artifact.address}: made with {library} {artifact.made_with[library]} and needs {library}{needed}, "
                f"but {installed} is installed; run: pip install '{library}{needed}'"
            )
    try:
        import transformers.utils  # noqa: F401
    except ImportError as error:
        # It compares the versions of its own libraries with what it needs as soon as it is imported.
        raise ModelMisfit(_misfit(artifact, artifact.address, error)) from None


def _read_tokenizer(artifact: Artifact) -> Any:
    try:
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(
            str(artifact.tokenizer), local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # noqa: BLE001 - the library raises bare Exception
        raise ModelMisfit(_misfit(artifact, artifact.tokenizer / "tokenizer.json", error)) from None
    if None in (tokenizer.pad_token_id, tokenizer.cls_token_id, tokenizer.sep_token_id):
        raise ModelRefused(f"{artifact.tokenizer}: it has no [PAD], [CLS] and [SEP]; log it with its own tokeniser")
    if not tokenizer.is_fast:
        raise ModelRefused(
            f"{artifact.tokenizer}: it holds no fast tokeniser; save it with tokenizer.json and log that"
        )
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    return tokenizer


def _read_model(artifact: Artifact) -> Any:
    try:
        from transformers import AutoModelForSequenceClassification

        model, report = AutoModelForSequenceClassification.from_pretrained(
            str(artifact.weights),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
        )
    except Exception as error:  # noqa: BLE001 - many classes of no common base
        raise ModelMisfit(_misfit(artifact, artifact.weights, error)) from None
    if absent := sorted(map(str, [*report["missing_keys"], *report["mismatched_keys"]])):
        raise ModelRefused(
            f"{artifact.weights}: the weights lack {absent[0]} ({len(absent)} in all), which would be left to chance; "
            "log the fine-tuned model, not its base"
        )
    return model.float().eval()


def _misfit(artifact: Artifact, path: Any, error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    made = " and ".join(f"{name} {artifact.made_with[name]}" for name in NEEDED)
    here = " and ".join(f"{name} {_installed(name)}" for name in NEEDED)
    remedy = artifact.made_with["transformers"]
    remedy = f"transformers=={remedy}" if remedy != "unknown" else "transformers"
    return (
        f"{path}: it was made with {made}, and {here} cannot read it ({lines[0][:200]}); "
        f"run: pip install -U '{remedy}', or log the model again with the versions installed here"
    )


def _installed(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Hold back the library's bars, advice on lengths and deprecations: they do not belong in a bot's output."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers.utils import logging

        verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            yield
        finally:
            logging.set_verbosity(verbosity)
            if bars:
                logging.enable_progress_bar()
