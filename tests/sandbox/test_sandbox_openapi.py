"""Requests, and our own answers, against Discord's API description."""

from __future__ import annotations

import io
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.http import API, Body
from sandbox.openapi import OpenApiUnreadableError, Validator
from sandbox.ratelimit import RateLimits
from sandbox.seed import Demo, demo_world
from sandbox.server import Sandbox

from .conftest import BotStarter, Caller

SHARED = os.environ.get("GARIM_SHARED")
DESCRIPTION = Path(SHARED) / "discord-openapi.json" if SHARED else None
needs_description = pytest.mark.skipif(
    DESCRIPTION is None or not DESCRIPTION.is_file(),
    reason="set GARIM_SHARED to the folder that holds discord-openapi.json",
)
SMALL = {
    "openapi": "3.1.0",
    "paths": {
        "/channels/{channel_id}/messages": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}},
                },
                "responses": {},
            },
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                    {"name": "before", "in": "query", "schema": {"$ref": "#/components/schemas/SnowflakeType"}},
                ],
                "responses": {},
            },
        }
    },
    "components": {
        "schemas": {
            "SnowflakeType": {"type": "string"},
            "Message": {
                "type": "object",
                "properties": {
                    "content": {"type": "string", "maxLength": 10},
                    "nonce": {"$ref": "#/components/schemas/SnowflakeType"},
                },
                "required": ["content"],
            },
        }
    },
}
ROUTE = "/channels/{channel_id}/messages"


@pytest.fixture(scope="module")
def validator() -> Validator:
    assert DESCRIPTION is not None
    return Validator.load(DESCRIPTION)


@pytest.fixture
def demo() -> Demo:
    return demo_world()


@pytest.fixture
async def server(demo: Demo, tmp_path: Path) -> AsyncIterator[Sandbox]:
    path = DESCRIPTION
    if path is None:
        path = tmp_path / "small.json"
        path.write_text(json.dumps(SMALL))
    async with Sandbox(demo.world, openapi=path, limits=RateLimits(enabled=False)) as running:
        yield running


@pytest.mark.parametrize(
    ("body", "place", "why"),
    [
        ({"content": "짧은 글"}, None, "in order"),
        ({"content": "짧은 글", "nonce": 12}, None, "an id may be a number, as discord.py sends it"),
        ({"content": "짧은 글", "nonce": "12"}, None, "an id as digits"),
        ({"content": "짧은 글", "nonce": "abc"}, "nonce", "letters are no id"),
        ({"content": "열 글자를 넘는 글이에요"}, "content", "too long"),
        ({"nonce": 1}, "content", "a required field is absent"),
        (None, "_body", "a required body is absent"),
    ],
)
def test_a_body_is_checked(body: Any, place: str | None, why: str) -> None:
    problem = Validator(SMALL).check_request("POST", ROUTE, Body(body), {})
    assert (problem is None) == (place is None), why
    if problem is not None:
        assert problem.errors is not None
        assert place in problem.errors, why
        assert "글" not in str(problem), "the message's words stay out of the error"


@pytest.mark.parametrize(
    ("query", "fine"),
    [({"limit": "5"}, True), ({"limit": "101"}, False), ({"limit": "x"}, False), ({"before": "1"}, True)],
)
def test_a_query_is_checked(query: dict[str, str], fine: bool) -> None:
    assert (Validator(SMALL).check_request("GET", ROUTE, Body(), query) is None) is fine


def test_undocumented_routes_pass() -> None:
    assert Validator(SMALL).check_request("PUT", "/nowhere/{id}", Body({"a": 1}), {}) is None


@pytest.mark.parametrize(
    ("text", "says"), [(None, "cannot read"), ("{", "not JSON"), ("[]", "no OpenAPI"), ('{"paths": {}}', "no OpenAPI")]
)
def test_an_unreadable_description_is_named(tmp_path: Path, text: str | None, says: str) -> None:
    path = tmp_path / "api.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(OpenApiUnreadableError, match=says) as error:
        Validator.load(path)
    assert str(path) in str(error.value)


async def test_a_violation_is_answered_50035_and_recorded(server: Sandbox, demo: Demo) -> None:
    async with aiohttp.ClientSession() as session:
        call = Caller(session, server.api_base, demo.token)
        answer = await call("POST", f"/channels/{demo.channels['개발'].id}/messages", {"content": ["목록"]})
    assert (answer.status, answer.code) == (400, 50035)
    assert "content" in answer.data["errors"]
    assert demo.world.violations[-1]["route"] == ROUTE


@needs_description
async def test_nothing_that_discord_py_sends_violates_the_description(
    start_bot: BotStarter, demo: Demo, server: Sandbox
) -> None:
    bot = await start_bot()
    demo.world.set_bot_permissions(demo.guild.id, demo.application.bot_id, 8)
    place = bot.get_channel(demo.channels["개발"].id)
    view = discord.ui.View()
    view.add_item(discord.ui.Button(label="왜 가려졌나요?", custom_id="garim:why:1"))
    view.add_item(discord.ui.Button(label="열기", url="https://example.com"))
    view.add_item(discord.ui.Select(custom_id="s", options=[discord.SelectOption(label="하나", value="1")]))
    embed = discord.Embed(title="제목", description="설명", colour=1).add_field(name="이름", value="값")
    sent = await place.send("글", embed=embed, view=view, file=discord.File(io.BytesIO(b"a"), "a.txt"), nonce=5)
    await sent.edit(content="고침", embed=None, view=None)
    await sent.reply("답", mention_author=False, allowed_mentions=discord.AllowedMentions.none())
    await sent.add_reaction("👍")
    await sent.pin()
    webhook = await place.create_webhook(name="가림", avatar=b"\x89PNG\r\n\x1a\n" + b"0" * 30, reason="이유")
    repost = await webhook.send("대신", username="하늘", avatar_url="https://example.com/a.png", view=view, wait=True)
    await webhook.edit_message(repost.id, content="고침")
    await webhook.delete_message(repost.id)
    await webhook.edit(name="새 이름")
    thread = await sent.create_thread(name="스레드", auto_archive_duration=60)
    await thread.edit(archived=True)
    await thread.edit(archived=False, locked=True)
    made = await place.guild.create_text_channel("새-방", topic="주제", slowmode_delay=5)
    await made.set_permissions(place.guild.default_role, send_messages=False)
    role = await place.guild.create_role(name="역할", permissions=discord.Permissions(1024), hoist=True)
    member = await place.guild.fetch_member(demo.people["jiho"].id)
    await member.add_roles(role)
    await member.edit(nick="새 이름", timed_out_until=discord.utils.utcnow())
    await place.purge(limit=3)
    async for _ in place.guild.audit_logs(limit=5):
        pass
    await webhook.delete()
    await made.delete()
    assert list(demo.world.violations) == []
    assert not demo.world.unknown_routes


@needs_description
async def test_our_answers_have_the_documented_shapes(server: Sandbox, demo: Demo, validator: Validator) -> None:
    world, guild, place = demo.world, demo.guild, demo.channels["개발"]
    world.set_bot_permissions(guild.id, demo.application.bot_id, 8)
    first = world.member_send(demo.people["jiho"].id, place.id, f"글 <@&{demo.roles['운영진'].id}>")
    world.member_reply(demo.people["doyun"].id, place.id, first.id, "답")
    world.member_react(demo.people["doyun"].id, place.id, first.id, "👍")
    thread = world.create_thread(demo.people["jiho"].id, place.id, "스레드", message_id=first.id)
    world.create_thread(demo.people["jiho"].id, demo.channels["질문"].id, "질문", content="있어요")
    fills = {
        "channel_id": place.id,
        "guild_id": guild.id,
        "message_id": first.id,
        "user_id": demo.people["jiho"].id,
        "role_id": demo.roles["운영진"].id,
        "emoji_name": "👍",
    }
    gets = [
        "/users/@me", "/applications/@me", "/oauth2/applications/@me", "/gateway", "/gateway/bot", "/users/{user_id}",
        "/users/@me/guilds", "/channels/{channel_id}", "/channels/{channel_id}/messages", "/guilds/{guild_id}",
        "/channels/{channel_id}/messages/{message_id}", "/channels/{channel_id}/webhooks",
        "/guilds/{guild_id}/channels", "/guilds/{guild_id}/roles",
        "/guilds/{guild_id}/members", "/guilds/{guild_id}/members/{user_id}",
        "/guilds/{guild_id}/audit-logs", "/guilds/{guild_id}/threads/active", "/channels/{channel_id}/pins",
        "/channels/{channel_id}/messages/pins", "/guilds/{guild_id}/webhooks", "/guilds/{guild_id}/roles/{role_id}",
        "/channels/{channel_id}/threads/archived/public", "/guilds/{guild_id}/bans",
        "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}",
    ]  # fmt: skip
    posts: list[tuple[str, str, Any]] = [
        ("POST", "/channels/{channel_id}/messages", {"content": "글", "embeds": [{"title": "제목"}]}),
        ("POST", "/channels/{channel_id}/webhooks", {"name": "가림"}),
        ("POST", "/users/@me/channels", {"recipient_id": str(demo.people["jiho"].id)}),
        ("POST", "/guilds/{guild_id}/roles", {"name": "역할"}),
        ("POST", "/guilds/{guild_id}/channels", {"name": "방"}),
        ("POST", "/channels/{channel_id}/threads", {"name": "실", "type": 11}),
        ("PATCH", "/guilds/{guild_id}/members/{user_id}", {"nick": "새 이름"}),
    ]
    problems = []
    async with aiohttp.ClientSession() as session:
        call = Caller(session, server.api_base, demo.token)
        for method, template, body in [*posts, *(("GET", path, None) for path in gets)]:
            query = "?limit=50" if template.endswith("members") else ""
            answer = await call(method, template.format_map(fills) + query, body)
            assert answer.status in (200, 201), (template, answer)
            found = validator.check_response(method, template, answer.status, answer.data)
            problems += [f"{method} {template} {line}" for line in found]
        hook = world.create_webhook(place, "가림", demo.people["haneul"].id, application_id=demo.application.id)
        path = f"/webhooks/{hook.id}/{hook.token}"
        for suffix in ("?wait=true", f"?wait=true&thread_id={thread.id}"):
            answer = await call("POST", path + suffix, {"content": "대신", "username": "하늘"}, token=None)
            found = validator.check_response("POST", "/webhooks/{webhook_id}/{webhook_token}", 200, answer.data)
            problems += [f"execute {line}" for line in found]
    assert problems == []


@needs_description
def test_every_route_we_serve_is_documented_by_discord(server: Sandbox, validator: Validator) -> None:
    served = {
        (route.method, route.resource.canonical.removeprefix(API))
        for route in server.app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith(API) and route.method != "HEAD"
    }
    missing = [item for item in sorted(served) if validator.operation(*item) is None]
    assert missing == []
