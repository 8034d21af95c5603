"""The control API and the live socket, as the page and tests in other processes use them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from sandbox.control.live import Feed
from sandbox.control.page import NAMES
from sandbox.permissions import Permission
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.sandbox.conftest import Answer, BotStarter, Caller
from tests.sandbox.page_support import BAD_WORD


class Control:
    """Speak the control API without a token."""

    def __init__(self, session: aiohttp.ClientSession, server: Sandbox) -> None:
        self.call = Caller(session, server.page + "sandbox/api", "")
        self.session = session
        self.server = server

    async def __call__(
        self, method: str, path: str, json: Any = None, *, who: int | None = None, **options: Any
    ) -> Answer:
        params = {"as": str(who)} if who is not None else {}
        return await self.call(method, path, json, token=None, params=params | options.pop("params", {}), **options)


@pytest_asyncio.fixture
async def control(server: Sandbox) -> AsyncIterator[Control]:
    """A caller of the control API."""
    async with aiohttp.ClientSession() as session:
        yield Control(session, server)


@pytest.mark.parametrize(
    ("headers", "status", "why"),
    [
        ({}, 200, "a program sends neither header"),
        ({"Origin": "{own}", "Sec-Fetch-Site": "same-origin"}, 200, "the page itself"),
        ({"Origin": "https://evil.example"}, 403, "another site"),
        ({"Origin": "null"}, 403, "a sandboxed frame or a file"),
        ({"Sec-Fetch-Site": "cross-site"}, 403, "a link or picture on another site"),
        ({"Sec-Fetch-Site": "same-site"}, 403, "another port of this machine"),
        ({"Host": "evil.example"}, 403, "a name that was pointed here"),
        ({"Host": "localhost"}, 200, "this machine by name"),
    ],
)
async def test_other_origins_are_refused(control: Control, headers: dict[str, str], status: int, why: str) -> None:
    own = control.server.page.rstrip("/")
    sent = {name: value.replace("{own}", own) for name, value in headers.items()}
    answer = await control("GET", "/world", headers=sent)
    assert answer.status == status, why
    assert "Access-Control-Allow-Origin" not in answer.headers, why


async def test_the_live_socket_refuses_other_origins_too(control: Control, demo: Demo) -> None:
    address = control.server.page + f"sandbox/live?as={demo.people['jiho'].id}"
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await control.session.ws_connect(address, origin="https://evil.example")
    assert caught.value.status == 403


async def test_the_page_comes_with_a_strict_policy_and_nothing_else_is_served(control: Control) -> None:
    base = control.server.page
    for name in ("", *(f"static/{name}" for name in sorted(NAMES))):
        async with control.session.get(base + name) as answer:
            assert answer.status == 200, name
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            text = await answer.text()
            assert "http://" not in text.replace("http://www.w3.org/", ""), "the page loads nothing from elsewhere"
            tag = answer.headers["ETag"]
        async with control.session.get(base + name, headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
    for bad in ("static/../server.py", "static/%2e%2e/server.py", "static//etc/passwd", "static/none.js"):
        async with control.session.get(base + bad) as answer:
            assert answer.status == 404, bad


async def test_a_person_sees_their_own_channels_only(control: Control, demo: Demo) -> None:
    seen = {}
    for name in ("jiho", "seoyeon"):
        world = await control("GET", "/world", who=demo.people[name].id)
        seen[name] = {channel["name"] for channel in world.data["channels"]}
    assert "관리자-알림" in seen["seoyeon"]
    assert "관리자-알림" not in seen["jiho"]
    assert "운영" not in seen["jiho"], "a category of which nothing is seen"
    hidden = f"/channels/{demo.channels['관리자-알림'].id}/messages"
    assert (await control("GET", hidden, who=demo.people["jiho"].id)).code == 50001
    assert (await control("POST", hidden, {"content": "x"}, who=demo.people["jiho"].id)).code == 50001


async def test_a_member_speaks_edits_reacts_and_deletes(control: Control, demo: Demo) -> None:
    jiho, minseo = demo.people["jiho"].id, demo.people["minseo"].id
    room = f"/channels/{demo.channels['자유-대화'].id}"
    made = await control("POST", f"{room}/messages", {"content": " 안녕 "}, who=jiho)
    assert (made.status, made.data["content"]) == (201, "안녕")
    one = f"{room}/messages/{made.data['id']}"
    reply = await control("POST", f"{room}/messages", {"content": "답", "reply_to": made.data["id"]}, who=minseo)
    assert reply.data["referenced_message"]["id"] == made.data["id"]
    assert (await control("PATCH", one, {"content": "남의 글"}, who=minseo)).code == 50005
    assert (await control("PATCH", one, {"content": "고침"}, who=jiho)).data["content"] == "고침"
    assert (await control("PUT", f"{one}/reactions/🎉", who=minseo)).status == 204
    assert (await control("PUT", f"{one}/reactions/글자", who=minseo)).code == 10014
    history = await control("GET", f"{room}/messages", who=jiho)
    assert history.data["messages"][0]["reactions"][0]["user_ids"] == [str(minseo)]
    assert (await control("DELETE", one, who=minseo)).code == 50013
    assert (await control("DELETE", one, who=jiho)).status == 204
    assert [fact.what for fact in demo.world.facts()] == ["created", "created", "edited", "deleted"]


@pytest.mark.parametrize(
    ("body", "code", "why"),
    [
        ({"content": ""}, 50006, "nothing to say"),
        ({"content": "가" * 2001}, 50035, "longer than Discord takes"),
        ({"content": "가" * 7000}, 50035, "longer than the control API reads"),
        ({"content": 5}, 50035, "no text"),
        ({"content": "x", "reply_to": "abc"}, 50035, "no id"),
        ({"content": "x", "reply_to": "1"}, 10008, "a message that is not there"),
        ([], 50035, "no object"),
    ],
)
async def test_what_is_malformed_is_refused(control: Control, demo: Demo, body: Any, code: int, why: str) -> None:
    path = f"/channels/{demo.channels['개발'].id}/messages"
    assert (await control("POST", path, body, who=demo.people["jiho"].id)).code == code, why
    assert demo.world.facts() == []


async def test_nobody_speaks_as_an_app_or_a_stranger(control: Control, demo: Demo) -> None:
    path = f"/channels/{demo.channels['개발'].id}/messages"
    assert (await control("POST", path, {"content": "x"}, who=demo.application.bot_id)).code == 20002
    assert (await control("POST", path, {"content": "x"}, who=1)).code == 10013
    assert (await control("POST", path, {"content": "x"})).code == 10013


async def test_history_comes_in_pages(control: Control, demo: Demo) -> None:
    jiho, channel = demo.people["jiho"].id, demo.channels["개발"].id
    for number in range(7):
        demo.world.member_send(jiho, channel, str(number))
    path = f"/channels/{channel}/messages"
    newest = (await control("GET", path, who=jiho, params={"limit": "3"})).data
    assert ([m["content"] for m in newest["messages"]], newest["more"]) == (["4", "5", "6"], True)
    before = {"limit": "50", "before": newest["messages"][0]["id"]}
    older = (await control("GET", path, who=jiho, params=before)).data
    assert ([m["content"] for m in older["messages"]], older["more"]) == (["0", "1", "2", "3"], False)
    assert (await control("GET", path, who=jiho, params={"limit": "5000"})).code == 50035


async def heard(socket: aiohttp.ClientWebSocketResponse, name: str) -> dict[str, Any]:
    """Return the data of the next event of a name."""
    async with asyncio.timeout(5):
        while True:
            event = json.loads(await socket.receive_str())
            if event["t"] == name:
                return dict(event["d"])


async def test_the_live_socket_tells_each_person_what_they_may_know(control: Control, demo: Demo) -> None:
    jiho, seoyeon = demo.people["jiho"].id, demo.people["seoyeon"].id
    base = control.server.page + "sandbox/live?as="
    async with (
        control.session.ws_connect(f"{base}{jiho}") as his,
        control.session.ws_connect(f"{base}{seoyeon}") as hers,
    ):
        for socket in (his, hers):
            await socket.receive_str()
        demo.world.member_send(seoyeon, demo.channels["관리자-알림"].id, "우리끼리")
        dm = demo.world.member_open_dm(seoyeon, demo.people["minseo"].id)
        demo.world.member_send(seoyeon, dm.id, "둘이서만")
        demo.world.member_send(jiho, demo.channels["개발"].id, "모두에게")
        assert (await heard(his, "MESSAGE_CREATE"))["content"] == "모두에게"
        said = [(await heard(hers, "MESSAGE_CREATE"))["content"] for _ in range(3)]
        assert said == ["우리끼리", "둘이서만", "모두에게"]


async def test_a_reader_that_is_too_slow_is_told_to_load_anew() -> None:
    feed = Feed(limit=3)
    for number in range(4):
        feed.put({"t": "N", "d": number})
    feed.put({"t": "N", "d": 4})
    assert [(await feed.get())["t"] for _ in range(2)] == ["RESYNC", "N"]


async def test_faults_are_set_seen_and_cleared(control: Control, call: Caller, demo: Demo) -> None:
    rule = {"kind": "refuse", "method": "GET", "route": "/users/@me", "status": 502, "body": "<html>", "count": 1}
    made = await control("POST", "/admin/faults", rule)
    assert made.status == 201
    assert (await call("GET", "/users/@me")).status == 502
    assert (await call("GET", "/users/@me")).status == 200
    assert (await control("GET", "/admin/faults")).data[0]["hits"] == 1
    assert (await control("POST", "/admin/faults", {"kind": "explode"})).code == 50035
    assert (await control("POST", "/admin/faults", {"kind": "delay", "delay_ms": "soon"})).code == 50035
    assert (await control("DELETE", f"/admin/faults/{made.data['id']}")).status == 204
    assert (await control("DELETE", "/admin/faults")).status == 204
    assert (await control("GET", "/admin/faults")).data == []


async def test_requests_unknown_routes_and_facts_can_be_read(control: Control, call: Caller, demo: Demo) -> None:
    await call("GET", "/users/@me")
    await call("GET", "/no/such/route")
    kept = (await control("GET", "/admin/requests")).data
    assert [entry["route"] for entry in kept["requests"]] == ["/users/@me", "/no/such/route"]
    assert (await control("GET", "/admin/violations")).data["unknown_routes"] == {"GET /no/such/route": 1}
    demo.world.member_send(demo.people["jiho"].id, demo.channels["개발"].id, "하나")
    log = (await control("GET", "/admin/log")).data
    assert (log["next"], log["entries"][0]["content"]) == (1, "하나")
    assert (await control("GET", "/admin/log", params={"after": "1"})).data["entries"] == []
    assert (await control("DELETE", "/admin/requests")).status == 204
    assert (await control("GET", "/admin/requests")).data["requests"] == []


async def test_permissions_roles_and_time_outs_can_be_changed(control: Control, demo: Demo) -> None:
    guild, jiho = demo.guild, demo.people["jiho"].id
    role = demo.roles["bot"]
    changed = await control("PATCH", f"/admin/guilds/{guild.id}/roles/{role.id}", {"permissions": "1024"})
    assert changed.data["permissions"] == "1024"
    assert not demo.world.guild_permissions(demo.application.bot_id, guild) & Permission.MANAGE_MESSAGES
    member = f"/admin/guilds/{guild.id}/members/{jiho}"
    await control("PATCH", member, {"roles": [str(demo.roles["운영진"].id)], "nick": "지호야", "time_out_s": 60})
    assert guild.members[jiho].nick == "지호야"
    room = f"/channels/{demo.channels['개발'].id}/messages"
    assert (await control("POST", room, {"content": "x"}, who=jiho)).code == 50013
    await control("PATCH", member, {"time_out_s": 0})
    assert (await control("POST", room, {"content": "x"}, who=jiho)).status == 201
    deny = {"type": 1, "deny": str(int(Permission.SEND_MESSAGES))}
    path = f"/admin/channels/{demo.channels['개발'].id}/overwrites/{jiho}"
    assert (await control("PUT", path, deny)).status == 204
    assert (await control("POST", room, {"content": "x"}, who=jiho)).code == 50013
    assert (await control("PATCH", member, {"roles": ["1"]})).code == 10011
    assert (await control("PATCH", f"/admin/users/{jiho}", {"dms_open": False})).status == 204
    assert not demo.people["jiho"].dms_open


async def test_the_gateway_can_be_cut_and_the_bot_comes_back(
    control: Control, demo: Demo, start_bot: BotStarter
) -> None:
    bot = await start_bot()
    world = await control("GET", "/world")
    assert [one["connected"] for one in world.data["bots"]] == [True]
    assert (await control("POST", "/admin/gateway/cut", {})).data == {"cut": 1}
    await bot.hear("resumed")
    assert (await control("POST", "/admin/gateway/explode", {})).status == 404


async def test_interactions_say_when_no_bot_is_there(control: Control, demo: Demo) -> None:
    body = {"name": "hello", "description": "Says hello"}
    command, _ = demo.world.upsert_command(demo.application, None, body)
    jiho, channel = demo.people["jiho"].id, demo.channels["개발"].id
    offered = await control("GET", f"/channels/{channel}/commands", who=jiho)
    assert [one["id"] for one in offered.data] == [str(command.id)]
    sent = {"channel_id": str(channel), "command_id": str(command.id)}
    assert (await control("POST", "/interactions/command", sent, who=jiho)).data["status"] == "no_bot"
    assert (await control("POST", "/interactions/command", {}, who=jiho)).code == 50035
    wrong = {"channel_id": str(channel), "message_id": "1", "custom_id": "x"}
    assert (await control("POST", "/interactions/component", wrong, who=jiho)).code == 10008
    assert (await control("POST", "/interactions/modal", {"interaction_id": "1"}, who=jiho)).code == 10062


async def test_files_go_up_as_multipart(control: Control, demo: Demo) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", json.dumps({"content": BAD_WORD}))
    form.add_field("files[0]", b"abc", filename="../../a b.txt", content_type="text/plain")
    path = f"{control.server.page}sandbox/api/channels/{demo.channels['개발'].id}/messages"
    async with control.session.post(path, data=form, params={"as": str(demo.people["jiho"].id)}) as answer:
        message = await answer.json()
    assert message["attachments"][0]["filename"] == "a_b.txt"
    async with control.session.get(message["attachments"][0]["url"]) as answer:
        assert await answer.read() == b"abc"
