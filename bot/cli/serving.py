"""`garim run`, `garim demo`, `garim sandbox`."""

from __future__ import annotations

import click

from bot.cli.group import State


@click.command()
@click.pass_obj
def run(state: State) -> None:
    """Serve Discord until stopped.

    \b
    Needs a token: DISCORD_TOKEN, or a file named by discord.token_file, and the intent "Message Content" switched on in
    the developer portal. `garim doctor` checks all of it. Stop with Ctrl+C or SIGTERM: work in flight is finished.
    (토큰이 필요해요. garim doctor 로 먼저 점검해 보세요.)
    """
    from bot import logs
    from bot.run import run as serve

    settings = state.settings()
    logs.configure(settings.log)
    serve(settings)


@click.command()
@click.pass_obj
def demo(state: State) -> None:
    """Start a Discord of your own in this machine with the bot in it, and print the chat page's address.

    \b
    Nothing leaves the machine and no account is needed. Its data stands in <data_dir>/demo: look at it with
    `garim report --demo`. (계정 없이 체험해 볼 수 있어요. 출력된 주소를 브라우저로 여세요.)
    """
    from bot import logs
    from bot.demo import demo as show

    settings = state.settings()
    logs.configure(settings.log)
    show(settings)


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False},
)
@click.pass_context
def sandbox(ctx: click.Context) -> int:
    """Start the Discord-compatible server alone; its options are its own."""
    from sandbox.__main__ import main

    return main(ctx.args)
