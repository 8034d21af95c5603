"""Running: what stops a start is one clear line, and stopping finishes what is under way."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from bot.client import point_at
from bot.errors import DiscordRefused
from bot.run import serve, token_of
from bot.settings import DiscordSettings, Settings
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.running import CURSE, lexicon_only, reposts, settings_for, wait_for

ROOT = Path(__file__).parents[2]
PROGRAM = """
import asyncio, os, sys
from bot.run import serve
from bot.settings_loading import load_settings
from tests.support.running import lexicon_only
asyncio.run(serve(load_settings(None), os.environ["DISCORD_TOKEN"], open_masker=lexicon_only,
                  on_ready=lambda bot: print("ready", flush=True)))
"""


async def refusal(settings: Settings, token: str) -> str:
    """Start a bot that cannot start, and return the line."""
    with pytest.raises(DiscordRefused) as refused:
        async with asyncio.timeout(20):
            await serve(settings, token, open_masker=lexicon_only)
    assert refused.value.__suppress_context__
    assert "\n" not in str(refused.value)
    return str(refused.value)


async def test_a_wrong_token_is_one_clear_line(server: Sandbox, tmp_path: Path) -> None:
    line = await refusal(settings_for(server, tmp_path), "no.such.token")
    assert "DISCORD_TOKEN" in line


async def test_a_missing_intent_is_one_clear_line(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    demo.application.message_content = False
    line = await refusal(settings_for(server, tmp_path), demo.token)
    assert "MESSAGE CONTENT INTENT" in line


async def test_an_address_where_nobody_listens_is_one_clear_line(
    demo: Demo, server: Sandbox, tmp_path: Path, unused_tcp_port: int
) -> None:
    settings = settings_for(server, tmp_path)
    nowhere = settings.discord.model_copy(update={"api_base": f"http://127.0.0.1:{unused_tcp_port}/api/v10"})
    line = await refusal(settings.model_copy(update={"discord": nowhere}), demo.token)
    assert str(unused_tcp_port) in line


async def test_an_address_that_is_no_discord_is_one_clear_line(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    astray = settings.discord.model_copy(update={"api_base": f"{server.page}nothing/here"})
    assert "HTTP 404" in await refusal(settings.model_copy(update={"discord": astray}), demo.token)


def test_without_a_token_the_line_says_where_it_goes_and_how_to_try_without(tmp_path: Path) -> None:
    with pytest.raises(DiscordRefused, match="garim demo"):
        token_of(Settings())
    (tmp_path / "token").write_text("abc\n")
    assert token_of(Settings(discord=DiscordSettings(token_file=tmp_path / "token"))) == "abc"


async def test_being_stopped_finishes_what_is_under_way_and_exits_with_zero(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GARIM_")},
        "DISCORD_TOKEN": demo.token,
        "GARIM_DISCORD__API_BASE": server.api_base,
        "GARIM_DISCORD__GATEWAY": server.gateway,
        "GARIM_DISCORD__CDN_BASE": server.cdn,
        "GARIM_PATHS__DATA_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    # discord.py imports a module that Python calls deprecated; that is no matter of this test.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-c", PROGRAM, env=environ, cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 30) == b"ready\n"
        held = server.faults.add("hold", "DELETE")
        place = demo.channels["자유-대화"].id
        demo.world.member_send(demo.people["minseo"].id, place, CURSE)
        await wait_for(lambda: held.waiting)
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        server.faults.release()
        assert await asyncio.wait_for(process.wait(), 20) == 0
        assert len(reposts(demo, place)) == 1
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def test_discord_py_is_pointed_elsewhere_in_one_place(server: Sandbox) -> None:
    from discord.asset import Asset
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    point_at(DiscordSettings(api_base=server.api_base, gateway=server.gateway, cdn_base=server.cdn))
    assert Route("GET", "/gateway").url == f"{server.api_base}/gateway"
    assert server.cdn == Asset.BASE
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == server.gateway
