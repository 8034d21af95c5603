"""The command line: `garim`. What is raised on purpose is one clear line; anything else is a bug and shows itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from bot.cli.group import State, garim


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0, that of the error, 130 when interrupted."""
    state = State()
    try:
        code = garim.main(args=arguments, prog_name="garim", standalone_mode=False, obj=state)
        sys.stdout.flush()
    except click.exceptions.Abort:
        return 130
    except KeyboardInterrupt:
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        # Whoever read us has gone; the interpreter must not find out again when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if state.debug or not _is_on_purpose(error):
            raise
        click.echo(f"garim: {_one_line(error)}", err=True)
        return int(getattr(error, "exit_code", 1))
    return code if isinstance(code, int) else 0


def _is_on_purpose(error: Exception) -> bool:
    from bot.errors import GarimError
    from masker.errors import MaskerError

    return isinstance(error, GarimError | MaskerError)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
