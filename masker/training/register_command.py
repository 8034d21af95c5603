"""`garim register`: a model folder into the registry, beside the present champion, with a table of both."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from masker.errors import MaskerError
from masker.training.champion import MEANINGS
from masker.training.example import Example
from masker.training.register import Registered
from masker.training.sources import DataError

DEFAULT_SERVER = "sqlite:///var/mlflow/mlflow.db"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--tracking-uri", help=f"The MLflow server; else MLFLOW_TRACKING_URI, else {DEFAULT_SERVER}.")
@click.option("--name", default="garim", show_default=True, help="The registered model.")
@click.option(
    "--promote/--challenger", default=True, help="Move @champion when the rule allows it (default), or never."
)
@click.option("--force", "forced", metavar="REASON", help="Move @champion whatever was measured; kept as a tag.")
@click.option("--data", help="The folder of the sources; default: $GARIM_SHARED/data.")
@click.option("--config", type=click.Path(path_type=Path), help="A run's TOML file: measure on its sources alone.")
@click.option("--rows", type=click.IntRange(min=100), help="Measure on so many held-out rows (default: all).")
@click.option("--labels", type=click.Path(path_type=Path), help="JSON: what another's model means by its labels.")
@click.option("--threads", type=click.IntRange(1, 256), default=2, show_default=True, help="Threads per inference.")
def register(
    folder: Path,
    tracking_uri: str | None,
    name: str,
    promote: bool,
    forced: str | None,
    data: str | None,
    config: Path | None,
    rows: int | None,
    labels: Path | None,
    threads: int,
) -> None:
    """Put a model FOLDER into the registry and compare it with the present champion. (모델 등록)

    FOLDER is what `garim train` wrote, or what mlflow.transformers.save_model did. It becomes a new version and
    @challenger. It becomes @champion too when none is there yet, or when its AUC on the held-out rows is higher beyond
    noise and it is not worse at any guard: clean chat flagged, neutral sentences flagged, recall, F1 of the labels.

    \b
    garim register var/model
    garim register var/model --challenger --tracking-uri http://127.0.0.1:5000
    garim register var/model --force "rolled back by hand"
    Then set masker.model = "models:/garim@champion" and MLFLOW_TRACKING_URI where the bot runs.
    """
    from masker.model.transformers_flavor.meaning import read_mapping
    from masker.training.register import register as put

    server = server_of(tracking_uri)
    columns = (TextColumn("{task.description:32.32}"), BarColumn(), TimeElapsedColumn())
    try:
        mapping = read_mapping(labels) if labels else None
        examples = held_out(data, config, rows)
        with Progress(*columns, console=Console(stderr=True)) as progress:
            done = put(
                folder,
                examples,
                server=server,
                name=name,
                promote=promote,
                forced=forced,
                labels=mapping,
                threads=threads,
                tell=_Bars(progress),
            )
    except (DataError, MaskerError) as error:
        raise click.ClickException(" ".join(str(error).split())) from error
    show(done, len(examples))


def server_of(tracking_uri: str | None) -> str:
    """Return the MLflow server to use: the one given, MLFLOW_TRACKING_URI, or a local file whose folder is made."""
    server = tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_SERVER
    if server.startswith("sqlite:///"):
        Path(server.removeprefix("sqlite:///")).absolute().parent.mkdir(parents=True, exist_ok=True)
    return server


class _Bars:
    """Show one bar per model that is measured."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, rows: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=rows)
        self._progress.update(self._tasks[what], completed=done)


def held_out(data: str | None, config: Path | None, rows: int | None) -> list[Example]:
    """Return the test split of the sources, or a sample of it. Raises DataError."""
    from masker.training.config import TrainConfig, read_config
    from masker.training.data import read_examples
    from masker.training.sources import data_folder

    run = read_config(config) if config else TrainConfig()
    examples, _ = read_examples(data_folder(data), sources=run.sources or None, check=run.check_sources)
    return sample([each for each in examples if each.split == "test"], rows)


def sample(examples: Sequence[Example], rows: int | None) -> list[Example]:
    """Return at most `rows` examples, chosen by a hash of their text: the same ones for every model."""
    if rows is None or len(examples) <= rows:
        return list(examples)
    return sorted(examples, key=lambda each: hashlib.sha256(each.text.encode("utf-8", "replace")).digest())[:rows]


def show(done: Registered, rows: int, console: Console | None = None) -> None:
    """Print the table of both models' figures and what became of the aliases."""
    console = console or Console(highlight=False, width=None if os.isatty(1) else 120)
    table = Table(title=f"{rows:,} held-out rows", title_justify="left")
    table.add_column("figure")
    for column in ("new", "champion", "difference within noise", ""):
        table.add_column(column, justify="right")
    compared = {figure.name: figure for figure in done.comparison.figures} if done.comparison else {}
    for name, value in done.figures.items():
        figure = compared.get(name)
        beside = (
            [f"{figure.old:.4f}", f"{figure.low:+.4f} .. {figure.high:+.4f}", "ok" if figure.kept else "no"]
            if figure
            else ["-", "-", ""]
        )
        table.add_row(MEANINGS[name], f"{value:.4f}", *beside)
    console.print(table)
    moved = "@challenger and @champion" if done.promoted else "@challenger"
    console.print(f"{done.name} version {done.version} is {moved}: {done.why}", soft_wrap=True, markup=False)
    if not done.promoted and done.champion:
        console.print(f"@champion stays version {done.champion}", markup=False)
