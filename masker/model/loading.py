"""Loading: an address to a classifier, by one road. Nothing of an artifact runs or is unpickled.

address -> local folder -> MLmodel and manifest checked -> `mlflow.pyfunc.load_model` -> our loader -> classifier.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from masker.errors import ModelError, ModelNotFound, ModelRefused
from masker.model.manifest import read_manifest
from masker.prediction import Classifier

EMBEDDED = "embedded"
EMBEDDED_FOLDER = Path(__file__).parent / "embedded"
REMOTE_SCHEMES = ("models:/", "runs:/", "mlflow-artifacts:/")

ALLOWED_LOADERS = frozenset({"masker.model.mlflow_loader"})
"""The modules that an MLmodel file may name; MLflow imports the module it names, so no other may stand there."""
PYFUNC_KEYS = frozenset({"loader_module", "data", "env", "python_version", "config", "streamable", "code"})
"""What the pyfunc flavour of a model of ours may say. `python_model`, which is a pickle, is not among it."""
DATA_FOLDER = re.compile(r"data(/[A-Za-z0-9_-]{1,64})?")
"""Where MLflow puts a model's data: in `data`, or one folder further down."""
MAX_MLMODEL_BYTES = 1 << 20

MLFLOW_ENVIRONMENT = {
    # Nothing is reported to anybody, and progress bars do not belong in a bot's output.
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # MLflow's own defaults wait for minutes on a registry that is down.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}
"""Set before MLflow is imported, where the operator has not set them."""


def load_classifier(uri: str, *, threads: int = 1, tracking_uri: str | None = None) -> Classifier:
    """Load the model at `uri`: `embedded`, an MLflow address (`models:/garim@champion`, `runs:/...`) or a folder.

    `threads` serve one inference; `tracking_uri` is the MLflow server (default: MLFLOW_TRACKING_URI). Raises
    ModelNotFound or ModelRefused with one line that says what is wrong and how to mend it.
    """
    if uri == EMBEDDED:
        return _load_folder(EMBEDDED_FOLDER, threads)
    if not uri.startswith(REMOTE_SCHEMES):
        return _load_folder(Path(uri), threads)
    server = tracking_uri or os.environ.get("MLFLOW_TRACKING_URI")
    if not server:
        raise ModelNotFound(f"{uri} needs an MLflow server: set MLFLOW_TRACKING_URI, or use the model {EMBEDDED!r}")
    with TemporaryDirectory(prefix="garim-model-") as scratch:
        return _load_folder(_download(uri, server, Path(scratch)), threads, address=uri)


def _load_folder(folder: Path, threads: int, *, address: str | None = None) -> Classifier:
    check_folder(folder, address or str(folder))
    with _quiet_mlflow() as mlflow:
        try:
            # MLflow's warnings compare requirements.txt with what is installed; the manifest's check, which is over
            # by now, does that for the two libraries that matter and refuses instead of warning.
            model = mlflow.pyfunc.load_model(str(folder), suppress_warnings=True, model_config={"threads": threads})
            classifier: Classifier = model.get_raw_model()
        except ModelError:
            raise
        except Exception as error:
            raise ModelRefused(
                f"{address or folder}: MLflow cannot load it ({_one_line(error)}); package the model again"
            ) from error
    return classifier


def check_folder(folder: Path, address: str) -> None:
    """Check a model folder without executing anything of it. Raises ModelNotFound or ModelRefused."""
    if not folder.is_dir():
        raise ModelNotFound(f"no model folder at {address}: give `embedded`, a folder, or models:/name@alias")
    path = folder / "MLmodel"
    if not path.is_file():
        state = "has no MLmodel file" if any(folder.iterdir()) else "is empty"
        raise ModelNotFound(f"the model folder {address} {state}; copy the whole folder that `garim train` wrote")
    flavor = _pyfunc_flavor(path)
    loader = flavor.get("loader_module")
    if loader not in ALLOWED_LOADERS:
        raise ModelRefused(f"{path}: loader_module {loader!r} is not one of ours, so its code is not run")
    if foreign := sorted(set(flavor) - PYFUNC_KEYS):
        raise ModelRefused(f"{path}: the pyfunc flavour says {', '.join(foreign)}, which no Garim model needs")
    if flavor.get("code"):
        raise ModelRefused(f"{path}: the artifact brings code of its own, which is never run")
    data = str(flavor.get("data"))
    if not DATA_FOLDER.fullmatch(data) or not (folder / data).resolve().is_relative_to(folder.resolve()):
        raise ModelRefused(f"{path}: data must be the folder 'data' beside it, or one within")
    read_manifest(folder / data)


def _pyfunc_flavor(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MAX_MLMODEL_BYTES:
        raise ModelRefused(f"{path} is over {MAX_MLMODEL_BYTES} bytes: not an MLmodel file")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ModelRefused(f"{path} is not readable YAML; copy the model folder again") from None
    flavors = content.get("flavors") if isinstance(content, dict) else None
    flavor = flavors.get("python_function") if isinstance(flavors, dict) else None
    if not isinstance(flavor, dict):
        raise ModelRefused(f"{path}: no python_function flavour, which is the one that Garim loads")
    return flavor


def _download(uri: str, server: str, scratch: Path) -> Path:
    with _quiet_mlflow() as mlflow:
        try:
            return Path(
                mlflow.artifacts.download_artifacts(
                    artifact_uri=uri, dst_path=str(scratch), tracking_uri=server, registry_uri=server
                )
            )
        except Exception as error:
            raise ModelNotFound(
                f"{uri} cannot be fetched from {_without_secrets(server)} ({_one_line(error)}); "
                "check name, alias and server, or use the model 'embedded'"
            ) from error


def _without_secrets(server: str) -> str:
    scheme, separator, rest = server.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else server


def _one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__


@contextmanager
def _quiet_mlflow() -> Iterator[Any]:
    """Import MLflow on first use, and give it with its warnings and notices held back."""
    for name, value in MLFLOW_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        # Deprecations inside MLflow and its dependencies are not the operator's to mend.
        warnings.simplefilter("ignore")
        import mlflow.artifacts
        import mlflow.pyfunc

        logging.getLogger("mlflow").setLevel(logging.ERROR)
        yield mlflow
