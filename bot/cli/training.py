"""`garim train`, `garim evaluate`, `garim register`: the commands of masker.training, once its extra is installed."""

from __future__ import annotations

from importlib.util import find_spec

import click

from bot.errors import CommandFailed
from bot.texts import tell

_NEEDED = ("torch", "transformers", "onnx", "sklearn", "matplotlib")
_THEIRS = {"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False}


def _hand_over(ctx: click.Context) -> object:
    missing = [module for module in _NEEDED if find_spec(module) is None]
    if missing:
        raise CommandFailed(tell("cli.no_training", missing=", ".join(missing)))
    from masker.training.__main__ import main

    return main.main(args=[str(ctx.info_name), *ctx.args], prog_name="garim", standalone_mode=False)


@click.command(add_help_option=False, context_settings=_THEIRS)
@click.pass_context
def train(ctx: click.Context) -> object:
    """Train the classifier from labelled data."""
    return _hand_over(ctx)


@click.command(add_help_option=False, context_settings=_THEIRS)
@click.pass_context
def register(ctx: click.Context) -> object:
    """Put a model folder into the registry; needs no extra but what the model itself does."""
    from masker.training.register_command import register as command

    return command.main(args=ctx.args, prog_name="garim register", standalone_mode=False)


@click.command(add_help_option=False, context_settings=_THEIRS)
@click.pass_context
def evaluate(ctx: click.Context) -> object:
    """Measure a model on held-out data."""
    return _hand_over(ctx)
