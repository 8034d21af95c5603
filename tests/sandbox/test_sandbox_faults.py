"""Faults: what the client sees, and what has happened all the same."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.faults import Faults
from sandbox.models import Channel
from sandbox.seed import Demo
from sandbox.server import Sandbox
from sandbox.uploads import Upload

from .conftest import BotStarter, Caller

SEND = "/channels/{channel_id}/messages"
EXECUTE = "/webhooks/{webhook_id}/{webhook_token}"


@pytest.fixture
def place(demo: Demo) -> Channel:
    return demo.channels["개발"]


@pytest.mark.parametrize(
    ("kind", "seen", "done", "why"),
    [
        ("drop", "error", 0, "the connection breaks before anything happens"),
        ("lose", "error", 1, "accepted, but no answer"),
        ("halve", "error", 1, "accepted, and the answer breaks off"),
        ("refuse", 500, 0, "refused at once"),
        ("spoil", 500, 1, "accepted, and a 500 says otherwise"),
    ],
)
async def test_a_fault_shows_one_thing_and_does_another(
    call: Caller, server: Sandbox, demo: Demo, place: Channel, kind: str, seen: Any, done: int, why: str
) -> None:
    rule = server.faults.add(kind, "POST", SEND)
    try:
        found: Any = (await call("POST", f"/channels/{place.id}/messages", {"content": "글"})).status
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, aiohttp.ClientOSError):
        found = "error"
    assert found == seen, why
    assert len(demo.world.facts("created")) == done, why
    assert rule.hits == 1
    again = await call("POST", f"/channels/{place.id}/messages", {"content": "다음 글"})
    assert again.status == 200, "a rule counts once unless told otherwise"


async def test_a_proxys_error_page_is_html(call: Caller, server: Sandbox) -> None:
    server.faults.add("refuse", route="/users/@me", status=502, body="<html>502 Bad Gateway</html>")
    answer = await call("GET", "/users/@me")
    assert answer.status == 502
    assert answer.headers["Content-Type"].startswith("text/html")


async def test_a_refusal_may_carry_any_code(call: Caller, server: Sandbox) -> None:
    body = {"message": "Message was blocked by automatic moderation", "code": 200000}
    server.faults.add("refuse", route="/users/@me", status=400, body=body)
    answer = await call("GET", "/users/@me")
    assert (answer.status, answer.code) == (400, 200000)


async def test_a_delay_delays_and_a_hold_holds_until_released(
    call: Caller, server: Sandbox, demo: Demo, place: Channel
) -> None:
    server.faults.add("delay", route="/users/@me", delay_ms=120)
    start = time.monotonic()
    await call("GET", "/users/@me")
    assert time.monotonic() - start >= 0.12
    for kind, done in (("hold", 0), ("hold_after", 1)):
        before = len(demo.world.facts("created"))
        rule = server.faults.add(kind, "POST", SEND)
        waiting = asyncio.create_task(call("POST", f"/channels/{place.id}/messages", {"content": kind}))
        async with asyncio.timeout(10):
            await rule.reached.wait()
        assert rule.waiting == 1
        assert len(demo.world.facts("created")) - before == done
        assert not waiting.done()
        server.faults.release(rule.id)
        assert (await waiting).status == 200
        assert len(demo.world.facts("created")) - before == 1


async def test_discord_py_alone_would_post_twice_after_a_spoiled_answer(
    start_bot: BotStarter, server: Sandbox, demo: Demo, place: Channel
) -> None:
    bot = await start_bot()
    webhook = await bot.get_channel(place.id).create_webhook(name="가림")
    server.faults.add("spoil", "POST", EXECUTE, status=502, body="<html>")
    await webhook.send("한 번만", wait=True)
    assert [fact.content for fact in demo.world.facts("created")] == ["한 번만", "한 번만"]


async def test_a_lost_answer_is_an_error_to_discord_py_though_the_message_stands(
    start_bot: BotStarter, server: Sandbox, demo: Demo, place: Channel
) -> None:
    bot = await start_bot()
    server.faults.add("lose", "POST", EXECUTE)
    webhook = await bot.get_channel(place.id).create_webhook(name="가림")
    with pytest.raises((aiohttp.ClientError, discord.HTTPException)):
        await webhook.send("들어간 글", wait=True)
    assert len(demo.world.facts("created")) == 1


async def test_a_rule_may_single_out_one_channel(call: Caller, server: Sandbox, demo: Demo, place: Channel) -> None:
    server.faults.add("refuse", "POST", SEND, params={"channel_id": str(place.id)}, count=None)
    other = demo.channels["자유-대화"]
    statuses = [(await call("POST", f"/channels/{c.id}/messages", {"content": "글"})).status for c in (place, other)]
    assert statuses == [500, 200]


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 20))
def test_a_rule_strikes_from_the_nth_on_and_as_often_as_it_says(nth: int, count: int, requests: int) -> None:
    faults = Faults()
    faults.add("drop", nth=nth, count=count)
    struck = [faults.pick("GET", "/x", {}) is not None for _ in range(requests)]
    assert struck == [nth <= number < nth + count for number in range(1, requests + 1)]


def test_a_probability_is_kept_and_repeats_with_its_seed() -> None:
    runs = []
    for _ in range(2):
        faults = Faults(seed=3)
        faults.add("drop", count=None, probability=0.3)
        runs.append([faults.pick("GET", "/x", {}) is not None for _ in range(500)])
    assert runs[0] == runs[1]
    assert 100 < sum(runs[0]) < 200


@pytest.mark.parametrize(
    "options",
    [{"kind": "explode"}, {"kind": "drop", "probability": 2}, {"kind": "drop", "nth": 0}, {"kind": "drop", "count": 0},
     {"kind": "delay", "delay_ms": -1}, {"kind": "refuse", "status": 9}],
)  # fmt: skip
def test_a_senseless_rule_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Faults().add(**options)


async def test_the_cdn_is_disturbed_only_when_named(call: Caller, server: Sandbox, demo: Demo, place: Channel) -> None:
    sent = demo.world.member_send(demo.people["jiho"].id, place.id, "글", uploads=[Upload("a.txt", b"abc")])
    url = (await call("GET", f"/channels/{place.id}/messages/{sent.id}")).data["attachments"][0]["url"]
    server.faults.add("refuse")
    async with call.session.get(url) as answer:
        assert (answer.status, await answer.read()) == (200, b"abc")
    server.faults.clear()
    server.faults.add("halve", "GET", "/cdn/attachments/{channel_id}/{attachment_id}/{filename}")
    with pytest.raises(aiohttp.ClientPayloadError):
        async with call.session.get(url) as answer:
            await answer.read()
