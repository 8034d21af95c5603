"""Loading: an address to a classifier, by one road. Nothing of an artifact runs or is unpickled.

address -> local folder -> MLmodel and manifest checked -> tokeniser and graph opened -> classifier.
The last step is what our loader does for `mlflow.pyfunc.load_model`. It is called here by itself: importing MLflow
takes longer than all the rest (1.2 of 1.7 s), and a folder needs no server.
A folder that another logged with MLflow's transformers flavour forks off after its MLmodel file: its checked files are
read by transformers itself (masker.model.transformers_flavor), which is imported for such a model alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from masker.errors import ModelNotFound, ModelRefused
from masker.model.fetching import MLFLOW_ENVIRONMENT as MLFLOW_ENVIRONMENT
from masker.model.fetching import fetch, is_remote
from masker.prediction import Classifier

EMBEDDED = "embedded"
EMBEDDED_FOLDER = Path(__file__).parent / "embedded"

ALLOWED_LOADERS = frozenset({"masker.model.mlflow_loader"})
"""The modules that an MLmodel file may name; MLflow imports the module it names, so no other may stand there."""
PYFUNC_KEYS = frozenset({"loader_module", "data", "env", "python_version", "config", "streamable", "code"})
"""What the pyfunc flavour of a model of ours may say. `python_model`, which is a pickle, is not among it."""
DATA_FOLDER = re.compile(r"data(/[A-Za-z0-9_-]{1,64})?")
"""Where MLflow puts a model's data: in `data`, or one folder further down."""
MAX_MLMODEL_BYTES = 1 << 20


def load_classifier(
    uri: str, *, threads: int = 1, tracking_uri: str | None = None, labels: Mapping[str, str] | None = None
) -> Classifier:
    """Load the model at `uri`: `embedded`, an MLflow address (`models:/garim@champion`, `runs:/...`) or a folder.

    `threads` serve one inference; `tracking_uri` is the MLflow server (default: MLFLOW_TRACKING_URI). `labels` say what
    the labels of a model with the transformers flavour mean (its name or index: ours, `clean` or `ignore`); a model of
    ours needs and takes none. Raises ModelNotFound or ModelRefused with one line that says what is wrong and how to
    mend it.
    """
    if not is_remote(uri):
        return load_folder(EMBEDDED_FOLDER if uri == EMBEDDED else Path(uri), threads=threads, labels=labels)
    with TemporaryDirectory(prefix="garim-model-") as scratch:
        folder = fetch(uri, Path(scratch), tracking_uri=tracking_uri)
        return load_folder(folder, threads=threads, address=uri, labels=labels)


def load_folder(
    folder: Path, *, threads: int = 1, address: str | None = None, labels: Mapping[str, str] | None = None
) -> Classifier:
    """Load a model folder; `address` is what errors call it, where it was fetched. Raises as `load_classifier`."""
    called = address or str(folder)
    content = read_mlmodel(folder, called)
    if _is_transformers(content):
        from masker.model.transformers_flavor.artifact import read_artifact
        from masker.model.transformers_flavor.classifier import open_artifact

        return open_artifact(read_artifact(folder, content, called), labels=labels, threads=threads)
    data = check_folder(folder, called)
    if labels:
        raise ModelRefused(f"{called}: a mapping of labels is for models of others; this one speaks in our labels")
    from masker.model.inference import open_folder  # onnxruntime and tokenizers are not needed to name an address

    return open_folder(data, threads=threads)


def check_folder(folder: Path, address: str) -> Path:
    """Return the data of a model folder of ours, none of it opened yet. Raises ModelNotFound or ModelRefused."""
    path = folder / "MLmodel"
    flavor = _pyfunc_flavor(path, read_mlmodel(folder, address))
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
    return folder / data


def read_mlmodel(folder: Path, address: str) -> dict[str, Any]:
    """Return what a folder's MLmodel file says. Raises ModelNotFound or ModelRefused."""
    if not folder.is_dir():
        raise ModelNotFound(f"no model folder at {address}: give `embedded`, a folder, or models:/name@alias")
    path = folder / "MLmodel"
    if not path.is_file():
        state = "has no MLmodel file" if any(folder.iterdir()) else "is empty"
        raise ModelNotFound(f"the model folder {address} {state}; copy the whole folder that `garim train` wrote")
    if path.stat().st_size > MAX_MLMODEL_BYTES:
        raise ModelRefused(f"{path} is over {MAX_MLMODEL_BYTES} bytes: not an MLmodel file")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ModelRefused(f"{path} is not readable YAML; copy the model folder again") from None
    return content if isinstance(content, dict) else {}


def _is_transformers(content: Mapping[str, Any]) -> bool:
    """Tell whether the transformers flavour is the one to load: it is there, and no loader of ours is."""
    flavors = content.get("flavors")
    if not isinstance(flavors, dict) or "transformers" not in flavors:
        return False
    pyfunc = flavors.get("python_function")
    return not (isinstance(pyfunc, dict) and pyfunc.get("loader_module") in ALLOWED_LOADERS)


def _pyfunc_flavor(path: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    flavors = content.get("flavors")
    flavor = flavors.get("python_function") if isinstance(flavors, dict) else None
    if not isinstance(flavor, dict):
        raise ModelRefused(f"{path}: no python_function flavour, nor a transformers one, which are what Garim loads")
    return flavor
