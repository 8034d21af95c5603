"""Register: a model folder becomes a version in the registry, `@challenger`, and `@champion` when it wins.

Nothing is written before the folder was loaded and measured. The aliases move last, `@champion` only if nobody moved it
meanwhile, so a run that is cut off leaves at most a version that nobody points to.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from masker.errors import MaskerError, ModelError
from masker.model.fetching import one_line, quiet_mlflow, without_secrets
from masker.model.loading import load_classifier, load_folder, read_mlmodel
from masker.model.transformers_flavor.meaning import METADATA_KEY
from masker.prediction import Classifier
from masker.training.champion import Comparison, Figures, compare, score_rows
from masker.training.evaluation.yardstick import Scores, Yardstick
from masker.training.example import Example

CHAMPION, CHALLENGER = "champion", "challenger"
EXPERIMENT = "garim-models"
ARTIFACT = "model"
TAG = "garim."
ABSENT = frozenset({"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"})
"""How MLflow says that a model, and that an alias of a model, is not there."""

Tell = Callable[[str, int, int], object]
"""Take what is being measured, and how many of how many rows are done."""


class RegistryError(MaskerError):
    """The MLflow server cannot be reached, or refused; the message names it and what was asked."""


@dataclass(frozen=True, slots=True)
class Registered:
    """Say what was done. `comparison` is None where there was no champion, or none that could be loaded."""

    name: str
    version: str
    figures: Figures
    champion: str | None
    comparison: Comparison | None
    promoted: bool
    why: str


def register(
    folder: Path,
    examples: Sequence[Example],
    *,
    server: str,
    name: str = "garim",
    promote: bool = True,
    forced: str | None = None,
    labels: Mapping[str, str] | None = None,
    threads: int = 1,
    tell: Tell = lambda what, done, rows: None,
) -> Registered:
    """Measure the folder beside the present champion on `examples`, log it, and move the aliases by the rule.

    `promote=False` moves `@challenger` alone; `forced`, a reason, moves `@champion` whatever was measured. Raises
    ModelError for a folder that does not load, RegistryError for the server's refusals.
    """
    with TemporaryDirectory(prefix="garim-register-") as scratch:
        if labels:
            folder = with_labels(folder, labels, Path(scratch) / "model")
        return _register(folder, examples, server, name, promote, forced, threads, tell)


def with_labels(folder: Path, labels: Mapping[str, str], target: Path) -> Path:
    """Copy a model folder and write what its labels mean into the copy's metadata, where every loader finds it.

    Raises ModelError for a folder that is none, or whose labels need no telling.
    """
    content = read_mlmodel(folder, str(folder))
    load_folder(folder, labels=labels)
    shutil.copytree(folder, target)
    content["metadata"] = {**(content.get("metadata") or {}), METADATA_KEY: dict(labels)}
    (target / "MLmodel").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return target


def _register(
    folder: Path,
    examples: Sequence[Example],
    server: str,
    name: str,
    promote: bool,
    forced: str | None,
    threads: int,
    tell: Tell,
) -> Registered:
    classifier = load_folder(folder, threads=threads)
    texts = [example.text for example in examples]
    yardstick = Yardstick(examples)
    scores = score_rows(classifier, texts, lambda done: tell(classifier.name, done, len(texts)))
    figures = yardstick.figures(scores)
    with registry(server) as client:
        champion = version_of(client, name, CHAMPION)
    comparison, why = None, "there is no champion yet"
    if champion is not None:
        comparison, why = _contest(f"models:/{name}/{champion}", yardstick, texts, scores, server, threads, tell)
    wins = champion is None or (comparison is not None and comparison.beats)
    if forced is not None:
        why = f"forced: {forced}"
    elif wins and not promote:
        why = f"{why}, but only @{CHALLENGER} was asked for"
    with registry(server) as client:
        version = _log(client, folder, name, classifier, figures, comparison, len(texts), server)
        promoted = forced is not None or (wins and promote)
        if promoted and version_of(client, name, CHAMPION) != champion:
            promoted, why = False, f"@{CHAMPION} was moved by somebody else meanwhile; register again"
        tags = {"promoted": str(promoted).lower(), "why": why[:4000], "compared_with": champion or "none"}
        for key, value in ({**tags, "forced": forced} if forced is not None else tags).items():
            client.set_model_version_tag(name, version, TAG + key, value)
        client.set_registered_model_alias(name, CHALLENGER, version)
        if promoted:
            client.set_registered_model_alias(name, CHAMPION, version)
    return Registered(name, version, figures, champion, comparison, promoted, why)


def _contest(
    uri: str, yardstick: Yardstick, texts: Sequence[str], scores: Scores, server: str, threads: int, tell: Tell
) -> tuple[Comparison | None, str]:
    """Measure the present champion on the same rows; returns the comparison, if any, and the reason in words."""
    try:
        present = load_classifier(uri, threads=threads, tracking_uri=server)
        theirs = score_rows(present, texts, lambda done: tell(uri, done, len(texts)))
    except ModelError as error:
        return None, f"the present champion cannot be loaded here, so nothing was compared: {error}"
    comparison = compare(yardstick, scores, theirs)
    return comparison, "; ".join(comparison.against) or "better beyond noise, and no guard is broken"


def _log(
    client: Any,
    folder: Path,
    name: str,
    classifier: Classifier,
    figures: Figures,
    comparison: Comparison | None,
    rows: int,
    server: str,
) -> str:
    """Log the folder, its figures and the comparison in a run of their own, and make a version of it."""
    run = client.create_run(experiment(client, server), run_name=classifier.name).info
    try:
        client.log_param(run.run_id, "model", classifier.name)
        client.log_param(run.run_id, "evaluation_rows", rows)
        for figure, value in figures.items():
            client.log_metric(run.run_id, figure, value)
        client.log_artifacts(run.run_id, str(folder), ARTIFACT)
        if comparison is not None:
            content = json.dumps(asdict(comparison), ensure_ascii=False, indent=1)
            client.log_text(run.run_id, content, "comparison.json")
        client.set_terminated(run.run_id, "FINISHED")
    except BaseException:  # whatever ends it, Ctrl+C too: the run is marked as failed, and the error goes on
        client.set_terminated(run.run_id, "FAILED")
        raise
    if not _exists(lambda: client.get_registered_model(name)):
        client.create_registered_model(
            name, description="가림(Garim): what hides hate speech and profanity in Korean chat"
        )
    tags = {f"{TAG}{figure}": f"{value:.5f}" for figure, value in figures.items()}
    made = client.create_model_version(
        name, f"{run.artifact_uri}/{ARTIFACT}", run_id=run.run_id, tags={**tags, f"{TAG}model": classifier.name}
    )
    return str(made.version)


def experiment(client: Any, server: str, name: str = EXPERIMENT) -> str:
    """Return the id of an experiment, which is made where it is not there yet."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    # Without a server to keep files, they lie beside the database, not in whatever folder the command ran in.
    beside = Path(server.removeprefix("sqlite:///")).absolute().parent / "artifacts" if "sqlite:///" in server else None
    return str(client.create_experiment(name, artifact_location=beside.as_uri() if beside else None))


def version_of(client: Any, name: str, alias: str) -> str | None:
    """Return the version that an alias points to; None where there is no such model or alias."""
    found: list[str] = []
    _exists(lambda: found.append(str(client.get_model_version_by_alias(name, alias).version)))
    return found[0] if found else None


def _exists(ask: Callable[[], object]) -> bool:
    from mlflow.exceptions import MlflowException

    try:
        ask()
    except MlflowException as error:
        if error.error_code in ABSENT and "not found" in str(error):
            return False
        raise
    return True


@contextmanager
def registry(server: str) -> Iterator[Any]:
    """Give a client of the server; whatever it raises is a RegistryError of one line."""
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    with quiet_mlflow() as mlflow:
        try:
            yield mlflow.MlflowClient(tracking_uri=server, registry_uri=server)
        except MaskerError:
            raise
        except Exception as error:
            raise RegistryError(
                f"the MLflow server {without_secrets(server)} did not do what was asked ({one_line(error)}); check its "
                "address, your rights there and that it runs"
            ) from error
