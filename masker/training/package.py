"""Package: graphs, tokeniser, curves and figures become an MLflow model folder, written by MLflow itself."""

from __future__ import annotations

import json
import logging
import os
import shutil
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from masker.labels import LABELS
from masker.model.inference import OnnxClassifier, RawOutput, open_folder
from masker.model.linear import read_linear
from masker.model.loading import MLFLOW_ENVIRONMENT
from masker.model.manifest import (
    FORMAT_VERSION,
    GRAPH_FILE,
    LINEAR_FILE,
    MADE_WITH,
    MANIFEST_FILE,
    REQUIREMENTS,
    TOKENIZER_FILE,
    Blend,
    Curve,
    Curves,
    Manifest,
    sha256_of,
)
from masker.presets import BASE_THRESHOLD
from masker.training.calibrate import calibrate, fit_blend
from masker.training.card import model_card
from masker.training.config import TrainConfig
from masker.training.evaluate import CHUNK, evaluate, evaluate_fully, offence_auc
from masker.training.example import Example
from masker.training.export import Exported, export_graphs
from masker.training.mapping import UNSUPERVISED
from masker.training.train import final_network

LOADER = "masker.model.mlflow_loader"
CARD_FILE = "MODEL_CARD.md"
EVALUATION_FILE = "evaluation.json"
INPUT_EXAMPLE = ("오늘 날씨 좋네요", "have a nice day")

_PLAIN = Curve(slope=1.0, offset=0.0)
_UNCALIBRATED = Curves(
    offence=_PLAIN, labels={label: _PLAIN for label in LABELS if label not in UNSUPERVISED}, token=_PLAIN
)


@dataclass(frozen=True, slots=True)
class Making:
    """Name what every draft of one model shares: its run, its version and, once fitted, its blend."""

    config: TrainConfig
    run_folder: Path
    version: str
    blend: Blend | None = None


def build(
    config: TrainConfig,
    run_folder: Path,
    examples: Sequence[Example],
    target: Path,
    *,
    model_version: str,
    counts: Mapping[str, Any],
) -> dict[str, Any]:
    """Export the run's checkpoint, calibrate on dev, evaluate on test, and write the model folder to `target`.

    Replaces `target` only when all went well. Returns the figures. Raises ExportError.
    """
    exported = export_graphs(final_network(config, run_folder), config.network, run_folder / "export")
    with TemporaryDirectory(prefix="garim-package-") as scratch:
        data = Path(scratch) / "classifier"
        making = Making(config, run_folder, model_version)
        draft = _write_data(data, making, exported.int8_path, _UNCALIBRATED)
        dev = [example for example in examples if example.split == "dev"]
        test = [example for example in examples if example.split == "test"]
        raw = _raw(draft, dev)
        making, raw = _blend(making, dev, raw)
        curves = calibrate(dev, raw)
        classifier = _write_data(data, making, exported.int8_path, curves)
        figures = evaluate_fully(classifier, test)
        figures["dev_clean_chat"] = evaluate(classifier, dev)["clean_chat"]["flagged_at_preset"]
        figures["quantisation"] = _compare(making, exported, curves, test, classifier)
        staged = Path(scratch) / "model"
        save_model(staged, data, classifier.manifest)
        (staged / EVALUATION_FILE).write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
        (staged / CARD_FILE).write_text(model_card(classifier.manifest, config, figures, counts), "utf-8")
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(staged, target)
    return figures


def _raw(classifier: OnnxClassifier, examples: Sequence[Example]) -> RawOutput:
    parts = [
        classifier.raw([example.text for example in examples[start : start + CHUNK]])
        for start in range(0, len(examples), CHUNK)
    ]
    return RawOutput(
        np.concatenate([part.sentence for part in parts]),
        [tokens for part in parts for tokens in part.tokens],
        [offsets for part in parts for offsets in part.offsets],
    )


def _blend(making: Making, dev: Sequence[Example], raw: RawOutput) -> tuple[Making, RawOutput]:
    """Return the making with the fitted blend, and what it then puts out; both as they are without a linear model."""
    if not making.config.linear.bits:
        return making, raw
    linear = read_linear(making.run_folder / LINEAR_FILE, 1 + len(LABELS)).logits([each.text for each in dev])
    blend = fit_blend(dev, raw.sentence.astype(np.float64), linear.astype(np.float64))
    joined = raw.sentence * np.array(blend.encoder) + linear * np.array(blend.linear)
    return replace(making, blend=blend), replace(raw, sentence=joined.astype(np.float32))


def _write_data(folder: Path, making: Making, graph: Path, curves: Curves) -> OnnxClassifier:
    """Write a data folder with this graph and these curves, and open it."""
    config, run_folder = making.config, making.run_folder
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run_folder / "tokenizer.json", folder / TOKENIZER_FILE)
    shutil.copyfile(graph, folder / GRAPH_FILE)
    files = [TOKENIZER_FILE, GRAPH_FILE]
    if making.blend:
        shutil.copyfile(run_folder / LINEAR_FILE, folder / LINEAR_FILE)
        files.append(LINEAR_FILE)
    manifest = Manifest(
        format=FORMAT_VERSION,
        name=config.name,
        version=making.version,
        labels=LABELS,
        max_length=config.network.max_length,
        calibration=curves,
        blend=making.blend,
        thresholds={preset.value: threshold for preset, threshold in BASE_THRESHOLD.items()},
        requires=dict(REQUIREMENTS),
        made_with={name: version(name) for name in MADE_WITH},
        files={name: sha256_of(folder / name) for name in files},
    )
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=1) + "\n", "utf-8")
    return open_folder(folder, threads=config.threads or 1)


def _compare(
    making: Making, exported: Exported, curves: Curves, test: Sequence[Example], int8: OnnxClassifier
) -> dict[str, float]:
    with TemporaryDirectory(prefix="garim-float-") as scratch:
        full = _write_data(Path(scratch) / "data", making, exported.float_path, curves)
        float_auc = offence_auc(full, test)
    return {
        "float_auc": float_auc,
        "int8_auc": offence_auc(int8, test),
        "float_logit_difference": round(exported.float_difference, 6),
        "int8_logit_difference": round(exported.int8_difference, 4),
    }


def save_model(path: Path, data: Path, manifest: Manifest) -> None:
    """Write the MLflow model folder `path` around a data folder."""
    for name, value in MLFLOW_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        # MLflow's own deprecations, and its advice on integer columns, which this signature has none of.
        warnings.simplefilter("ignore")
        import mlflow.pyfunc
        import pandas as pd
        from mlflow.models import ModelSignature
        from mlflow.types import ColSpec, DataType, Schema
        from mlflow.types.schema import Array, Object, Property

        logging.getLogger("mlflow").setLevel(logging.ERROR)
        span = Object(
            [
                Property("start", DataType.long),
                Property("end", DataType.long),
                Property("score", DataType.double),
            ]
        )
        outputs = [ColSpec(DataType.double, label.value) for label in LABELS]
        signature = ModelSignature(
            # Without a name, MLflow takes a list or an array of strings as well as a frame of one column.
            inputs=Schema([ColSpec(DataType.string)]),
            outputs=Schema([*outputs, ColSpec(Array(span), "spans")]),
        )
        libraries = ("mlflow-skinny", "numpy", "onnxruntime", "pandas", "tokenizers")
        mlflow.pyfunc.save_model(
            path=str(path),
            loader_module=LOADER,
            data_path=str(data),
            signature=signature,
            input_example=pd.DataFrame({"text": list(INPUT_EXAMPLE)}),
            pip_requirements=[f"{name}=={version(name)}" for name in libraries],
            model_config={"threads": 1},
            metadata={
                "garim_format": manifest.format,
                "garim_name": manifest.name,
                "garim_version": manifest.version,
                "labels": [label.value for label in LABELS],
                "max_length": manifest.max_length,
                "thresholds": manifest.thresholds,
                "calibration": json.loads(manifest.calibration.model_dump_json()),
                "made_with": manifest.made_with,
            },
        )
