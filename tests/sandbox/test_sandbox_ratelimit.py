"""Rate limits: the laws of the buckets, true headers, and a client that obeys them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.ids import Snowflakes
from sandbox.ratelimit import Limit, RateLimits
from sandbox.seed import Demo
from sandbox.server import Sandbox

from .conftest import BotStarter, Caller

SEND = ("POST", "/channels/{channel_id}/messages")
HOOK = ("POST", "/webhooks/{webhook_id}/{webhook_token}")


@pytest.fixture
async def server(demo: Demo) -> AsyncIterator[Sandbox]:
    async with Sandbox(demo.world) as running:
        yield running


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.floats(min_value=0, max_value=3), max_size=60), st.integers(1, 5))
def test_no_window_ever_lets_more_through_than_its_limit(gaps: list[float], most: int) -> None:
    clock = Clock()
    limits = RateLimits(routes={SEND: Limit(most, 2.0)}, clock=clock, wall=clock)
    let_through: list[float] = []
    for gap in gaps:
        clock.now += gap
        taken = limits.take(*SEND, {"channel_id": "1"}, None, old=False)
        if taken.retry_after_s is None:
            let_through.append(clock.now)
        else:
            assert 0 < taken.retry_after_s <= 2.0
            assert taken.headers["Via"]
    windows: list[list[float]] = []
    for moment in let_through:
        if not windows or moment >= windows[-1][0] + 2.0:
            windows.append([])
        windows[-1].append(moment)
    assert all(len(window) <= most for window in windows)


@given(st.integers(1, 5), st.floats(min_value=0.1, max_value=10))
def test_waiting_as_long_as_told_is_always_enough(most: int, per_s: float) -> None:
    clock = Clock()
    limits = RateLimits(routes={SEND: Limit(most, per_s)}, clock=clock, wall=clock)
    answers = [limits.take(*SEND, {}, None, old=False) for _ in range(most + 1)]
    assert [answer.retry_after_s is None for answer in answers] == [True] * most + [False]
    assert answers[-1].retry_after_s is not None
    clock.now += answers[-1].retry_after_s + 1e-6
    assert limits.take(*SEND, {}, None, old=False).retry_after_s is None


def test_channels_webhooks_and_old_messages_have_buckets_of_their_own() -> None:
    clock = Clock()
    limits = RateLimits(clock=clock, wall=clock)

    def used(method: str, route: str, params: dict[str, str], *, old: bool = False) -> tuple[str, str]:
        headers = limits.take(method, route, params, None, old=old).headers
        return headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]

    assert used(*SEND, {"channel_id": "1"}) == ("5", "4")
    assert used(*SEND, {"channel_id": "2"}) == ("5", "4")
    assert used(*SEND, {"channel_id": "1"}) == ("5", "3")
    assert used(*HOOK, {"webhook_id": "1", "webhook_token": "a"}) == ("5", "4")
    assert used(*HOOK, {"webhook_id": "1", "webhook_token": "b"}) == ("5", "4")
    delete = ("DELETE", "/channels/{channel_id}/messages/{message_id}")
    assert used(*delete, {"channel_id": "1", "message_id": "1"}) == ("5", "4")
    assert used(*delete, {"channel_id": "1", "message_id": "2"}) == ("5", "3")
    assert used(*delete, {"channel_id": "1", "message_id": "3"}, old=True) == ("30", "29")


def test_the_global_limit_counts_a_bot_and_leaves_webhook_tokens_alone() -> None:
    clock = Clock()
    limits = RateLimits(clock=clock, wall=clock)
    for number in range(50):
        assert limits.take(*SEND, {"channel_id": str(number)}, 7, old=False).retry_after_s is None
    refused = limits.take(*SEND, {"channel_id": "x"}, 7, old=False)
    assert (refused.scope, refused.headers["X-RateLimit-Global"]) == ("global", "true")
    assert limits.take(*HOOK, {"webhook_id": "1"}, None, old=False).retry_after_s is None
    assert limits.take(*SEND, {"channel_id": "x"}, 8, old=False).retry_after_s is None


def test_invalid_requests_are_counted_for_ten_minutes_and_shared_refusals_are_not() -> None:
    clock = Clock()
    limits = RateLimits(clock=clock, wall=clock, invalid_limit=Limit(5, 600.0))
    for status in (200, 400, 404, 500):
        limits.note_status(status, None)
    limits.note_status(429, "shared")
    assert limits.invalid_requests == 0
    for status in (401, 403, 429, 403):
        limits.note_status(status, "user")
    assert (limits.invalid_requests, limits.banned) == (4, False)
    limits.note_status(401, None)
    assert limits.banned
    clock.now += 601
    assert (limits.invalid_requests, limits.banned) == (0, False)


async def test_the_sixth_message_in_a_channel_is_refused_with_true_headers(call: Caller, demo: Demo) -> None:
    path = f"/channels/{demo.channels['개발'].id}/messages"
    answers = [await call("POST", path, {"content": "글"}) for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert [int(a.headers["X-RateLimit-Remaining"]) for a in answers] == [4, 3, 2, 1, 0, 0]
    assert len({a.headers["X-RateLimit-Bucket"] for a in answers}) == 1
    refused = answers[-1]
    assert refused.data["global"] is False
    assert 0 < refused.data["retry_after"] <= 5.01
    assert refused.headers["X-RateLimit-Scope"] == "user"
    assert refused.headers["Via"]
    assert int(refused.headers["Retry-After"]) >= 1
    assert len(demo.world.facts("created")) == 5
    other = await call("POST", f"/channels/{demo.channels['자유-대화'].id}/messages", {"content": "글"})
    assert other.status == 200


async def test_deleting_an_old_message_is_counted_apart(call: Caller, demo: Demo) -> None:
    old = Snowflakes(lambda: demo.world.clock() - 15 * 86400).next()
    new = demo.world.ids.next()
    limits = []
    for message_id in (old, new):
        answer = await call("DELETE", f"/channels/{demo.channels['개발'].id}/messages/{message_id}")
        limits.append(answer.headers["X-RateLimit-Limit"])
    assert limits == ["30", "5"]


async def test_too_many_invalid_requests_end_in_a_ban_without_via(call: Caller, demo: Demo, server: Sandbox) -> None:
    server.limits.invalid_limit = Limit(3, 600.0)
    for _ in range(3):
        assert (await call("GET", f"/guilds/{demo.guild.id}/audit-logs")).status == 403
    banned = await call("GET", "/users/@me")
    assert banned.status == 429
    assert "Via" not in banned.headers
    assert banned.headers["Content-Type"].startswith("text/html")


async def test_discord_py_paces_itself_and_loses_nothing(start_bot: BotStarter, demo: Demo, server: Sandbox) -> None:
    server.limits.routes[HOOK] = Limit(5, 0.3)
    bot = await start_bot()
    webhook = await bot.get_channel(demo.channels["개발"].id).create_webhook(name="가림")
    for number in range(12):
        await webhook.send(str(number), wait=True)
    posted = [fact.content for fact in demo.world.facts("created")]
    assert posted == [str(number) for number in range(12)]
    assert 429 not in {entry.status for entry in demo.world.requests}


async def test_a_surprised_client_waits_out_a_429_and_goes_on(
    start_bot: BotStarter, demo: Demo, server: Sandbox
) -> None:
    server.limits.routes[SEND] = Limit(2, 0.3)
    bot = await start_bot()
    place = demo.channels["개발"]
    async with aiohttp.ClientSession() as session:
        call = Caller(session, server.api_base, demo.token)
        for _ in range(2):
            await call("POST", f"/channels/{place.id}/messages", {"content": "먼저"})
    await bot.get_channel(place.id).send("나중")
    assert [fact.content for fact in demo.world.facts("created")] == ["먼저", "먼저", "나중"]
    assert [entry.status for entry in demo.world.requests if entry.method == "POST"] == [200, 200, 429, 200]
