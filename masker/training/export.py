"""Export: from a checkpoint to an ONNX graph, in float and with int8 weights, and proof that all three agree."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from masker.training.config import NetworkConfig
from masker.training.network import Network

OPSET = 18
"""The newest opset that onnxruntime 1.18, the oldest that we accept, runs without conversion."""
FLOAT_TOLERANCE = 2e-3
FLOAT_GRAPH, INT8_GRAPH = "model.float.onnx", "model.int8.onnx"


class ExportError(Exception):
    """The exported graph does not compute what the network does."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Name the two graphs and the largest differences of their logits from the network's on a probe batch."""

    float_path: Path
    int8_path: Path
    float_difference: float
    int8_difference: float


def export_graphs(model: Network, config: NetworkConfig, folder: Path) -> Exported:
    """Write both graphs into `folder` with free batch and length. Raises ExportError when the float graph differs."""
    folder.mkdir(parents=True, exist_ok=True)
    float_path, int8_path = folder / FLOAT_GRAPH, folder / INT8_GRAPH
    model.encoder.set_attn_implementation("eager")
    ids, mask = _probe(model, rows=3, length=min(17, config.max_length))
    free = {0: "rows", 1: "tokens"}
    with warnings.catch_warnings():
        # The exporter warns of its own deprecations and of constants it folds.
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(
            model,
            (ids, mask),
            str(float_path),
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_logits", "token_logits"],
            dynamic_axes={
                "input_ids": free,
                "attention_mask": free,
                "sentence_logits": {0: "rows"},
                "token_logits": free,
            },
            opset_version=OPSET,
            dynamo=False,
        )
        _quantise(float_path, int8_path)
    differences = [_difference(model, config, path) for path in (float_path, int8_path)]
    if differences[0] > FLOAT_TOLERANCE:
        raise ExportError(f"{float_path} differs from the network by {differences[0]:.4f} in a logit")
    return Exported(float_path, int8_path, *differences)


def _quantise(float_path: Path, int8_path: Path) -> None:
    """Store matrix and embedding weights as int8; activations are quantised as they come, row by row."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        quantize_dynamic(
            str(float_path),
            str(int8_path),
            op_types_to_quantize=["MatMul", "Gemm", "Gather"],
            weight_type=QuantType.QInt8,
            per_channel=True,
        )
    finally:
        root.setLevel(level)
    onnx.checker.check_model(str(int8_path))


def _probe(model: Network, *, rows: int, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    ids = torch.randint(5, model.encoder.config.vocab_size, (rows, length), generator=generator)
    mask = torch.ones_like(ids)
    ids[-1, length // 2 :] = 0
    mask[-1, length // 2 :] = 0
    return ids, mask


def _difference(model: Network, config: NetworkConfig, path: Path) -> float:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    largest = 0.0
    for rows, length in ((1, 3), (5, config.max_length)):
        ids, mask = _probe(model, rows=rows, length=length)
        with torch.no_grad():
            sentence, token = (output.numpy() for output in model(ids, mask))
        got_sentence, got_token = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
        written = mask.numpy().astype(bool)
        largest = max(
            largest,
            float(np.abs(sentence - got_sentence).max()),
            float(np.abs(token - got_token)[written].max()),
        )
    return largest
