"""Tracking: what a training run was, how it went and what came of it, as one run of an MLflow server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from masker.training.config import TrainConfig
from masker.training.evaluation.command import write
from masker.training.evaluation.pictures import all_pictures
from masker.training.register import ARTIFACT, experiment, registry

RUNS = "garim-training"
"""The experiment that holds the runs."""
PROGRESS_FILE, COUNTS_FILE = "progress.jsonl", "counts.json"
EVALUATION_FOLDER, PICTURES_FOLDER = "evaluation", "pictures"
METRICS_PER_CALL = 1_000
"""What MLflow's REST interface takes at once."""


def track(
    config: TrainConfig, run_folder: Path, model: Path, figures: Mapping[str, Any], *, server: str, version: str
) -> str:
    """Log a finished run: parameters, curves, figures, page, pictures, data counts and the model folder.

    Returns the run's id. Raises RegistryError when the server cannot be reached or refuses.
    """
    from mlflow.entities import Metric, Param

    name = f"{config.name}/{version}"
    with registry(server) as client:
        run = client.create_run(experiment(client, server, RUNS), run_name=name).info.run_id
        try:
            parameters = [Param(key, value) for key, value in flat(config.model_dump(mode="json"))]
            client.log_batch(run, params=parameters)
            metrics = [Metric(*point) for point in [*_curves(run_folder), *_results(figures)]]
            for start in range(0, len(metrics), METRICS_PER_CALL):
                client.log_batch(run, metrics=metrics[start : start + METRICS_PER_CALL])
            _log_files(client, run, run_folder, model, dict(figures), name)
            client.set_terminated(run, "FINISHED")
        except BaseException:  # whatever ends it, Ctrl+C too: the run is marked as failed, and the error goes on
            client.set_terminated(run, "FAILED")
            raise
    return str(run)


def _log_files(client: Any, run: str, run_folder: Path, model: Path, figures: dict[str, Any], name: str) -> None:
    with TemporaryDirectory(prefix="garim-tracking-") as scratch:
        write(figures, name, Path(scratch))
        client.log_artifacts(run, scratch, EVALUATION_FOLDER)
    for picture, svg in all_pictures(figures).items():
        client.log_text(run, svg, f"{PICTURES_FOLDER}/{picture}.svg")
    for file in (PROGRESS_FILE, COUNTS_FILE):
        if (run_folder / file).exists():
            client.log_artifact(run, str(run_folder / file))
    client.log_artifacts(run, str(model), ARTIFACT)


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every leaf under its path (`fit.epochs`), as text."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)


def _curves(run_folder: Path) -> Iterator[tuple[str, float, int, int]]:
    """Yield `(name, value, milliseconds, step)` of what the run noted while it ran."""
    path = run_folder / PROGRESS_FILE
    if not path.exists():
        return
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        step = int(record.get("step", record.get("rows", 0)))
        for name, value in record.items():
            if name not in ("stage", "done", "elapsed_s", "step", "rows", "epoch"):
                yield f"{record['stage']}.{name}", float(value), 1000 * int(record["elapsed_s"]), step


def _results(figures: Mapping[str, Any]) -> Iterator[tuple[str, float, int, int]]:
    """Yield what the finished model was worth: the contest's figures, each source's AUC and each label's F1."""
    found = {f"test.{name}": value for name, value in figures["yardstick"].items()}
    found |= {f"test.auc.{name.replace(' ', '_')}": value for name, value in figures["auc_by_source"].items()}
    found |= {f"test.f1.{name}": label["f1_at_0.5"] for name, label in figures["labels"].items()}
    found |= {
        f"test.kmhas.{name}": value for name, value in figures["kmhas_with_none"].items() if isinstance(value, float)
    }
    for name, value in found.items():
        yield name, float(value), 0, 0
