"""`garim evaluate`: the figures of any model, on the terminal, as JSON, and as a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from masker.training.config import TrainConfig, read_config

PAGE_FILE, JSON_FILE = "evaluation.html", "evaluation.json"


class _Bars:
    """Show one bar per stage on standard error, each from its first report on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, Any] = {}

    def __call__(self, stage: str, share: float) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=1.0)
        self._progress.update(self._tasks[stage], completed=share)


def run(data: Path, uri: str, config: TrainConfig) -> tuple[dict[str, Any], str]:
    """Return the figures of the model at `uri` on the test split, and its name. Raises ModelError or DataError."""
    from masker.model.loading import load_classifier
    from masker.training.data import read_examples
    from masker.training.evaluate import evaluate_fully

    classifier = load_classifier(uri)
    examples, _ = read_examples(data, sources=config.sources or None, check=config.check_sources)
    columns = (TextColumn("{task.description:18}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        figures = evaluate_fully(classifier, [each for each in examples if each.split == "test"], _Bars(progress))
    return figures, classifier.name


@click.command()
@click.argument("model", default="embedded")
@click.option("--data", help="The folder of the sources; default: $GARIM_SHARED/data.")
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="A run's TOML file, for its sources; default: all of them.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help=f"Write {PAGE_FILE} and {JSON_FILE} here."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate(model: str, data: str | None, config_path: Path | None, out: Path | None, as_json: bool) -> None:
    """Measure MODEL on the held-out test split, alone and with the lexicon around it. (분류기 평가)

    MODEL is `embedded` (the default), a model folder, or an MLflow address such as models:/garim@champion. Minutes on
    two cores; the test split is held out by the hash of each text, so no model of `garim train` has seen it.

    \b
    garim evaluate                             the shipped model, as text
    garim evaluate var/model --out var/page    a folder's model, as a page and as JSON
    garim evaluate models:/garim@champion --json
    """
    from masker.training.evaluate import as_lines
    from masker.training.sources import data_folder

    config = read_config(config_path) if config_path else TrainConfig()
    figures, name = run(data_folder(data), model, config)
    if out is not None:
        write(figures, name, out)
        click.echo(f"wrote {out / PAGE_FILE} and {out / JSON_FILE}", err=True)
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
    elif out is None:
        click.echo("\n".join(as_lines(figures)))


def write(figures: dict[str, Any], name: str, out: Path) -> None:
    """Write the page and the JSON into a folder, which is made."""
    from masker.training.evaluation.page import page

    out.mkdir(parents=True, exist_ok=True)
    (out / JSON_FILE).write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (out / PAGE_FILE).write_text(page(figures, name), "utf-8")
