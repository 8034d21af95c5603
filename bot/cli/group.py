"""The `garim` group: what commands there are, each imported when it is used, so that `--help` answers at once."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.settings import Settings

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("bot.cli.serving:demo", "Try it: a Discord in this machine, with a chat page. (체험)"),
    "run": ("bot.cli.serving:run", "Serve Discord; needs DISCORD_TOKEN. (봇 실행)"),
    "doctor": ("bot.cli.doctor:doctor", "Check token, permissions, database and model, with remedies. (점검)"),
    "mask": ("bot.cli.mask:mask", "Mask lines of text from standard input. (글 가리기)"),
    "report": ("bot.cli.report:report", "Incidents as a table, a file or a picture. (사건 보고)"),
    "db": ("bot.cli.db:db", "Look after the database. (데이터베이스)"),
    "sandbox": ("bot.cli.serving:sandbox", "Start the Discord-compatible server alone. (모의 디스코드)"),
    "bench": ("bot.bench.commands:bench", "Measure promises beside named baselines. (성능 측정)"),
    "train": ("bot.cli.training:train", "Train the classifier; needs garim[training]. (분류기 학습)"),
    "evaluate": ("bot.cli.training:evaluate", "Measure a model on held-out data. (분류기 평가)"),
    "register": ("bot.cli.training:register", "Put a model into the MLflow registry. (모델 등록)"),
}
"""Every command by name: where it is defined, and the line that `garim --help` shows for it."""


@dataclass
class State:
    """Carry what the options before the command said; settings are read when a command first asks for them."""

    config: Path | None = None
    debug: bool = False
    _settings: Settings | None = field(default=None, repr=False)

    def settings(self) -> Settings:
        """Return the settings. Raises SettingsError."""
        if self._settings is None:
            from bot.settings_loading import load_settings

            self._settings = load_settings(self.config)
        return self._settings


class LazyGroup(click.Group):
    """Know its commands by name and import each only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None for a name that is unknown."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name][0]} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from their one-line descriptions alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, description) for name, (_, description) in COMMANDS.items()])


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"garim {version('garim')}")
        except PackageNotFoundError:
            click.echo("garim, run from its sources without being installed")
        ctx.exit()


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file; else GARIM_CONFIG, else config.toml here. (설정 파일)",
)
@click.option("--debug", is_flag=True, help="Show where an error came from. (오류의 자세한 경로)")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version. (버전)"
)
@click.pass_context
def garim(ctx: click.Context, config: Path | None, debug: bool) -> None:
    """가림: hide hate speech and profanity in Korean chat, in place.

    \b
    Start here (여기서 시작하세요):
      garim demo                          see it work, no Discord account needed
      DISCORD_TOKEN=... garim doctor      check a real bot before its first start
      DISCORD_TOKEN=... garim run         serve Discord
      echo '안녕 시발' | garim mask        mask text in a pipe
      garim report --since 7d             what happened this week

    Every command explains itself: garim COMMAND --help
    """
    state = ctx.ensure_object(State)
    state.config, state.debug = config, debug
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
