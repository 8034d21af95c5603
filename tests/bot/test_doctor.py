"""The doctor, against a real Discord-compatible server and real files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bot.doctor import Finding, State
from bot.doctor.discord_api import check_discord
from bot.doctor.local import check_model, check_spool, check_storage
from bot.settings import Settings
from bot.settings_loading import load_settings
from bot.storage import open_from
from sandbox.models import Overwrite
from sandbox.permissions import Permission
from sandbox.seed import BOT_PERMISSIONS, Demo, demo_world
from sandbox.server import Sandbox


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GARIM_LANG", "en")


def settings_for(folder: Path, **environ: str) -> Settings:
    return load_settings(environ={"GARIM_PATHS__DATA_DIR": str(folder), **environ})


@pytest.fixture
async def demo() -> AsyncIterator[tuple[Demo, str]]:
    demo = demo_world()
    async with Sandbox(demo.world) as server:
        yield demo, server.api_base


async def examine(folder: Path, api_base: str, token: str) -> dict[str, list[Finding]]:
    settings = settings_for(folder, DISCORD_TOKEN=token, GARIM_DISCORD__API_BASE=api_base)
    found: dict[str, list[Finding]] = {}
    for finding in await check_discord(settings, guild_limit=5):
        found.setdefault(finding.subject, []).append(finding)
        assert finding.state is State.OK or finding.remedy, "what is wrong comes with a remedy"
        assert token not in finding.what
    return found


async def test_a_bot_that_is_set_up_right_is_found_so(demo: tuple[Demo, str], tmp_path: Path) -> None:
    world, base = demo
    found = await examine(tmp_path, base, world.token)
    assert found["token"][0].state is State.OK
    assert world.application.name in found["token"][0].what
    assert found["intent"][0].state is State.OK
    assert [finding.state for finding in found["permissions"]] == [State.OK]


async def test_a_wrong_token_is_said_to_be_wrong(demo: tuple[Demo, str], tmp_path: Path) -> None:
    found = await examine(tmp_path, demo[1], "wrong-token-of-mine")
    (finding,) = found["token"]
    assert (finding.state, "does not accept" in finding.what) == (State.FAIL, True)


async def test_a_missing_intent_is_named_with_the_switch_to_turn(demo: tuple[Demo, str], tmp_path: Path) -> None:
    world, base = demo
    world.application.message_content = False
    (finding,) = (await examine(tmp_path, base, world.token))["intent"]
    assert finding.state is State.FAIL
    assert "Message Content Intent" in str(finding.remedy)


async def test_permissions_missing_in_the_server_are_named(tmp_path: Path) -> None:
    demo = demo_world(bot_permissions=int(BOT_PERMISSIONS & ~Permission.MANAGE_WEBHOOKS & ~Permission.MANAGE_MESSAGES))
    async with Sandbox(demo.world) as server:
        (finding,) = (await examine(tmp_path, server.api_base, demo.token))["permissions"]
    assert finding.state is State.FAIL
    assert "Manage Messages (to delete the original" in finding.what
    assert "Manage Webhooks (to repost" in finding.what
    assert "permissions=" in str(finding.remedy)


async def test_a_channel_that_withholds_a_permission_is_named(demo: tuple[Demo, str], tmp_path: Path) -> None:
    world, base = demo
    channel = next(one for one in world.channels.values() if one.type == 0)
    deny = Permission.MANAGE_WEBHOOKS
    channel.overwrites[world.application.bot_id] = Overwrite(world.application.bot_id, 1, deny=deny)
    found = (await examine(tmp_path, base, world.token))["permissions"]
    assert any(f"#{channel.name}" in finding.what and "Manage Webhooks" in finding.what for finding in found)
    assert all(finding.state is State.WARN for finding in found)


async def test_a_bot_in_no_server_gets_an_invitation(tmp_path: Path) -> None:
    demo = demo_world()
    async with Sandbox(demo.world) as server:
        demo.world.remove_member(demo.guild, demo.application.bot_id)
        (finding,) = (await examine(tmp_path, server.api_base, demo.token))["guilds"]
    assert finding.state is State.WARN
    assert "https://discord.com/oauth2/authorize" in str(finding.remedy)


async def test_no_token_and_no_server_are_said_so(tmp_path: Path) -> None:
    (finding,) = await check_discord(settings_for(tmp_path), guild_limit=5)
    assert (finding.state, "garim demo" in str(finding.remedy)) == (State.FAIL, True)
    (unreachable,) = (await examine(tmp_path, "http://127.0.0.1:1/api/v10", "some-token"))["discord"]
    assert "127.0.0.1:1" in unreachable.what


async def test_an_answer_that_is_no_json_is_a_finding_and_no_crash(tmp_path: Path) -> None:
    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="<html>bad gateway</html>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/{rest:.*}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        (finding,) = (await examine(tmp_path, address, "some-token"))["discord"]
        assert finding.state is State.FAIL
    finally:
        await runner.cleanup()


async def test_before_the_first_start_nothing_is_made_and_nothing_is_wrong(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data")
    findings = [*await check_storage(settings), *await check_spool(settings)]
    assert {finding.state for finding in findings} <= {State.OK, State.WARN}
    assert not await asyncio.to_thread((tmp_path / "data").exists)


async def test_a_working_database_and_a_lost_key_are_told_apart(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    async with open_from(settings):
        pass
    assert [finding.subject for finding in await check_storage(settings)] == ["database", "key"]
    settings.key_path.unlink()
    (finding,) = await check_storage(settings)
    assert finding.state is State.FAIL
    assert "key file" in finding.what


async def test_a_spool_larger_than_the_disk_is_a_warning(tmp_path: Path) -> None:
    (finding,) = await check_spool(settings_for(tmp_path, GARIM_SPOOL__LIMIT_MIB="1048576"))
    assert finding.state is State.WARN


async def test_the_shipped_model_loads_and_a_missing_one_is_named(tmp_path: Path) -> None:
    (found,) = await check_model(settings_for(tmp_path))
    assert found.state is State.OK, found.what
    (missing,) = await check_model(settings_for(tmp_path, GARIM_MASKER__MODEL=str(tmp_path / "gone")))
    assert missing.state is State.FAIL
    assert "gone" in missing.what
