"""Package: graphs, tokeniser, curves and figures become an MLflow model folder, written by MLflow itself."""

from __future__ import annotations

import json
import logging
import os
import shutil
import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from masker.labels import LABELS
from masker.model.inference import OnnxClassifier, RawOutput, open_folder
from masker.model.loading import MLFLOW_ENVIRONMENT
from masker.model.manifest import (
    FORMAT_VERSION,
    GRAPH_FILE,
    MANIFEST_FILE,
    REQUIREMENTS,
    TOKENIZER_FILE,
    Curve,
    Curves,
    Manifest,
    sha256_of,
)
from masker.presets import BASE_THRESHOLD
from masker.training.calibrate import calibrate
from masker.training.card import model_card
from masker.training.config import TrainConfig
from masker.training.evaluate import CHUNK, evaluate, offence_auc
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
        draft = _write_data(data, config, run_folder, exported.int8_path, model_version, _UNCALIBRATED)
        dev = [example for example in examples if example.split == "dev"]
        test = [example for example in examples if example.split == "test"]
        curves = calibrate(dev, _raw(draft, dev))
        classifier = _write_data(data, config, run_folder, exported.int8_path, model_version, curves)
        figures = evaluate(classifier, test)
        figures["dev_clean_chat"] = evaluate(classifier, dev)["clean_chat"]["flagged_at_preset"]
        figures["quantisation"] = _compare(config, run_folder, exported, curves, test, classifier, model_version)
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


def _write_data(
    folder: Path, config: TrainConfig, run_folder: Path, graph: Path, model_version: str, curves: Curves
) -> OnnxClassifier:
    """Write a data folder with this graph and these curves, and open it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run_folder / "tokenizer.json", folder / TOKENIZER_FILE)
    shutil.copyfile(graph, folder / GRAPH_FILE)
    manifest = Manifest(
        format=FORMAT_VERSION,
        name=config.name,
        version=model_version,
        labels=LABELS,
        max_length=config.network.max_length,
        calibration=curves,
        thresholds={preset.value: threshold for preset, threshold in BASE_THRESHOLD.items()},
        requires=dict(REQUIREMENTS),
        made_with={name: version(name) for name in ("tokenizers", "onnxruntime", "torch", "transformers")},
        files={name: sha256_of(folder / name) for name in (TOKENIZER_FILE, GRAPH_FILE)},
    )
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=1) + "\n", "utf-8")
    return open_folder(folder, threads=config.threads or 1)


def _compare(
    config: TrainConfig,
    run_folder: Path,
    exported: Exported,
    curves: Curves,
    test: Sequence[Example],
    int8: OnnxClassifier,
    model_version: str,
) -> dict[str, float]:
    with TemporaryDirectory(prefix="garim-float-") as scratch:
        full = _write_data(Path(scratch) / "data", config, run_folder, exported.float_path, model_version, curves)
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
