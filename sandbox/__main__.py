"""`python -m sandbox`: the demo guild on a loopback port until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.openapi import OpenApiUnreadableError
from sandbox.ratelimit import RateLimits
from sandbox.seed import demo_world
from sandbox.server import NotLoopbackError, Sandbox

OPENAPI_VARIABLE = "GARIM_SANDBOX__OPENAPI"


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="sandbox", description="A Discord of your own on loopback, with a chat page. (내 컴퓨터 안의 디스코드)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to bind; loopback only unless --allow-remote")
    parser.add_argument("--port", type=int, default=0, help="port to bind; 0 takes a free one (default)")
    parser.add_argument(
        "--openapi",
        type=Path,
        default=os.environ.get(OPENAPI_VARIABLE) or None,
        help=f"Discord's API description (JSON), to check every request against; also {OPENAPI_VARIABLE}",
    )
    parser.add_argument("--token", help="the bot's token; made up when absent")
    parser.add_argument("--no-rate-limits", action="store_true", help="never answer 429")
    parser.add_argument("--allow-remote", action="store_true", help="bind an address that others can reach")
    parser.add_argument("--json-ready", action="store_true", help="print the ready line as JSON")
    return parser.parse_args(arguments)


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT, having printed one line once everything answers."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    demo = demo_world(token=options.token)
    limits = RateLimits(enabled=not options.no_rate_limits)
    sandbox = Sandbox(
        demo.world,
        options.host,
        options.port,
        openapi=options.openapi,
        limits=limits,
        allow_remote=options.allow_remote,
    )
    async with sandbox as server:
        line = server.ready_line() if options.json_ready else f"sandbox: {server.page}  token: {demo.token}"
        print(line, flush=True)
        await stop.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code: 0 when told to stop, 2 for what is wrong with the options."""
    options = parse(arguments)
    try:
        asyncio.run(serve(options))
    except (NotLoopbackError, OpenApiUnreadableError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"sandbox: cannot bind {options.host}:{options.port}: {error.strerror or error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
