"""Fetching: an MLflow address to a local folder, and MLflow itself, imported on first use and kept quiet."""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from masker.errors import ModelNotFound

REMOTE_SCHEMES = ("models:/", "runs:/", "mlflow-artifacts:/")
MODEL_ADDRESS = re.compile(
    r"models:/(?:(?P<id>m-[0-9a-f]{32})|(?P<name>[^/@:]+)(?:@(?P<alias>[^/@]+)|/(?P<version>\d{1,9})))/?"
)
"""What may be loaded from a registry: a logged model's id, or a name with an alias or a version."""

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


def is_remote(uri: str) -> bool:
    """Tell whether an MLflow server has to be asked for this address."""
    return uri.startswith(REMOTE_SCHEMES)


def server_for(uri: str, tracking_uri: str | None = None) -> str:
    """Return the MLflow server to ask: the one given, else MLFLOW_TRACKING_URI. Raises ModelNotFound without one."""
    server = tracking_uri or os.environ.get("MLFLOW_TRACKING_URI")
    if not server:
        raise ModelNotFound(f"{uri} needs an MLflow server: set MLFLOW_TRACKING_URI, or use the model 'embedded'")
    return server


def fetch(uri: str, target: Path, *, tracking_uri: str | None = None) -> Path:
    """Download the model at an MLflow address into the folder `target`; returns where it lies. Raises ModelNotFound."""
    server = server_for(uri, tracking_uri)
    with quiet_mlflow() as mlflow:
        try:
            source = _source_of(mlflow.MlflowClient(tracking_uri=server, registry_uri=server), uri)
            fetched = mlflow.artifacts.download_artifacts(
                artifact_uri=source, dst_path=str(target), tracking_uri=server, registry_uri=server
            )
        except ModelNotFound:
            raise
        except Exception as error:
            raise ModelNotFound(
                f"{uri} cannot be fetched from {without_secrets(server)} ({one_line(error)}); "
                "check name, alias and server, or use the model 'embedded'"
            ) from error
    return Path(fetched)


def _source_of(client: Any, uri: str) -> str:
    """Return the address of the files behind a `models:/` address; others are such an address already.

    MLflow would resolve it too, but asks the process's global registry, whatever server it was given.
    """
    while uri.startswith("models:/"):
        parts = MODEL_ADDRESS.fullmatch(uri)
        if parts is None:
            raise ModelNotFound(f"{uri} is no address of a model: use models:/NAME@ALIAS or models:/NAME/VERSION")
        if parts["id"]:
            uri = client.get_logged_model(parts["id"]).artifact_location
            continue
        version = parts["version"] or client.get_model_version_by_alias(parts["name"], parts["alias"]).version
        uri = client.get_model_version_download_uri(parts["name"], str(version))
    return uri


def without_secrets(server: str) -> str:
    """Return a server's address without the user and password in it."""
    scheme, separator, rest = server.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else server


def one_line(error: Exception) -> str:
    """Return an error's class and the first line of what it says, bounded and without users and passwords."""
    lines = re.sub(r"://[^/\s@]*@", "://", str(error).strip()).splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__


@contextmanager
def quiet_mlflow() -> Iterator[Any]:
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
