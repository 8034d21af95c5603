"""Inference: texts to predictions through the tokeniser and the ONNX graph, on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from masker.errors import ModelFailed, ModelMisfit, ModelRefused
from masker.labels import LABELS
from masker.model.calibration import label_scores
from masker.model.linear import LinearModel, read_linear
from masker.model.manifest import GRAPH_FILE, LINEAR_FILE, TOKENIZER_FILE, Manifest, read_manifest
from masker.model.windows import Window, by_budget, windows_of
from masker.prediction import Prediction, TokenScore

MAX_CHARS = 16_000
"""Characters of one text that are read; four times Discord's longest message."""
TOKENS_PER_BATCH = 512
"""Padded tokens per run of the graph: larger runs gained no speed; see windows.LENGTH_RATIO."""
START_TOKEN, END_TOKEN = "[CLS]", "[SEP]"
ERRORS_ONLY = 3

Logits = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RawOutput:
    """Hold sentence logits `[texts, 1 + labels]`, and per text its tokens' logits and `(start, end)` offsets."""

    sentence: Logits
    tokens: list[Logits]
    offsets: list[list[tuple[int, int]]]


class OnnxClassifier:
    """Score texts with one ONNX Runtime session. Thread-safe. Build it with `open_folder`."""

    def __init__(
        self,
        manifest: Manifest,
        tokenizer: Tokenizer,
        session: Any,
        start_and_end: tuple[int, int],
        linear: LinearModel | None = None,
    ) -> None:
        self._manifest = manifest
        self._linear = linear
        self._calibration = manifest.curves()
        self._tokenizer = tokenizer
        self._session = session
        self._start, self._end = start_and_end

    @property
    def name(self) -> str:
        """Return the model's name and version."""
        return f"{self._manifest.name}/{self._manifest.version}"

    @property
    def manifest(self) -> Manifest:
        """Return the description of the loaded artifact."""
        return self._manifest

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction per text, in order; texts past MAX_CHARS are read up to there.

        Raises ModelFailed when the graph breaks.
        """
        if not texts:
            return []
        raw = self.raw(texts)
        scores = label_scores(self._calibration, raw.sentence)
        return [
            Prediction(
                dict(zip(LABELS, row.tolist(), strict=True)),
                token_scores(text, offsets, self._calibration.token.apply(logits).tolist()),
            )
            for text, offsets, row, logits in zip(texts, raw.offsets, scores, raw.tokens, strict=True)
        ]

    def raw(self, texts: Sequence[str]) -> RawOutput:
        """Return the uncalibrated logits of the texts: what calibration and evaluation are made from.

        A text's sentence logits are the highest of its windows'.
        """
        readables = [readable(text) for text in texts]
        encodings = self._tokenizer.encode_batch(readables, add_special_tokens=False)
        size = self._manifest.max_length - 2
        windows = [
            window for row, encoding in enumerate(encodings) for window in windows_of(row, len(encoding.ids), size)
        ]
        sentence = np.full((len(texts), 1 + len(LABELS)), -np.inf, dtype=np.float32)
        tokens = [np.full(len(encoding.ids), -np.inf, dtype=np.float32) for encoding in encodings]
        for batch in by_budget(windows, TOKENS_PER_BATCH):
            batch_sentence, batch_tokens = self._run(batch, encodings)
            batch_sentence = self._blended(batch_sentence, [_part_of(readables, encodings, each) for each in batch])
            for number, window in enumerate(batch):
                np.maximum(sentence[window.row], batch_sentence[number], out=sentence[window.row])
                part = tokens[window.row][window.start : window.end]
                np.maximum(part, batch_tokens[number, 1 : 1 + window.length], out=part)
        return RawOutput(sentence, tokens, [encoding.offsets for encoding in encodings])

    def _blended(self, sentence: Logits, parts: Sequence[str]) -> Logits:
        """Return the encoder's sentence logits of these texts joined with the linear model's, where there is one."""
        blend = self._manifest.blend
        if blend is None or self._linear is None:
            return sentence
        joined = sentence * np.array(blend.encoder) + self._linear.logits(parts) * np.array(blend.linear)
        return np.asarray(joined, dtype=np.float32)

    def _run(self, batch: Sequence[Window], encodings: Sequence[Encoding]) -> tuple[Logits, Logits]:
        longest = max(window.length for window in batch) + 2
        ids = np.zeros((len(batch), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for number, window in enumerate(batch):
            end = window.length + 1
            ids[number, 0], ids[number, end] = self._start, self._end
            ids[number, 1:end] = encodings[window.row].ids[window.start : window.end]
            mask[number, : end + 1] = 1
        try:
            sentence, tokens = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        except Exception as error:
            raise ModelFailed(f"{self.name} broke on a batch of shape {ids.shape}: {type(error).__name__}") from error
        return sentence, tokens


def _part_of(texts: Sequence[str], encodings: Sequence[Encoding], window: Window) -> str:
    """Return the characters that a window covers."""
    text, offsets = texts[window.row], encodings[window.row].offsets
    if window.length == len(offsets):
        return text
    return text[offsets[window.start][0] : offsets[window.end - 1][1]]


def token_scores(text: str, offsets: Sequence[tuple[int, int]], scores: Sequence[float]) -> tuple[TokenScore, ...]:
    """Return the tokens in text order without white space at their edges and without overlap.

    Letters of one syllable can fall to two tokens; the syllable then goes to the first, with the higher score.
    """
    found: list[TokenScore] = []
    reached = 0
    for (start, end), score in zip(offsets, scores, strict=True):
        if start < reached < end or (start < end <= reached and found):
            last = found[-1]
            found[-1] = TokenScore(last.start, last.end, max(last.score, score))
            start = reached
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start < end:
            found.append(TokenScore(start, end, score))
            reached = end
    return tuple(found)


def readable(text: str) -> str:
    """Return the text bounded, with lone surrogates replaced one for one: the tokeniser reads UTF-8 only."""
    bounded = text[:MAX_CHARS]
    if bounded.isascii():
        return bounded
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in bounded)


def open_folder(folder: Path, *, threads: int = 1) -> OnnxClassifier:
    """Open a data folder (manifest, tokeniser, graph) after all its checks; `threads` serve one run of the graph.

    Raises ModelNotFound or ModelRefused.
    """
    manifest = read_manifest(folder)
    tokenizer_path, graph_path = folder / TOKENIZER_FILE, folder / GRAPH_FILE
    try:
        tokenizer = Tokenizer.from_str(tokenizer_path.read_text(encoding="utf-8"))
    except Exception as error:  # noqa: BLE001 - the library raises bare Exception
        made = manifest.made_with.get("tokenizers")
        raise ModelMisfit(
            f"{tokenizer_path}: made with tokenizers {made or 'unknown'}, and tokenizers {version('tokenizers')} "
            f"cannot read it ({error}); run: pip install -U 'tokenizers{f'=={made}' if made else ''}', or package the "
            "model again"
        ) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    try:
        # Bytes, not a path: a graph then cannot point at other files of this machine.
        session = onnxruntime.InferenceSession(graph_path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - the runtime raises pybind classes of no common base
        raise ModelMisfit(
            f"{graph_path}: onnxruntime {onnxruntime.__version__} cannot read it (made with "
            f"{manifest.made_with.get('onnxruntime', 'unknown')}): {type(error).__name__}; package the model again"
        ) from None
    names = ({put.name for put in session.get_inputs()}, len(session.get_outputs()))
    if names != ({"input_ids", "attention_mask"}, 2):
        raise ModelRefused(f"{graph_path}: its inputs and outputs are not those of a Garim graph")
    start, end = tokenizer.token_to_id(START_TOKEN), tokenizer.token_to_id(END_TOKEN)
    if start is None or end is None:
        raise ModelRefused(f"{tokenizer_path}: it has no {START_TOKEN} and {END_TOKEN} tokens; package the model again")
    return OnnxClassifier(manifest, tokenizer, session, (start, end), _open_linear(folder, manifest))


def _open_linear(folder: Path, manifest: Manifest) -> LinearModel | None:
    if manifest.blend is None:
        return None
    try:
        return read_linear(folder / LINEAR_FILE, 1 + len(LABELS))
    except (OSError, ValueError) as error:
        raise ModelRefused(f"{folder / LINEAR_FILE}: no linear model ({error}); package the model again") from None
