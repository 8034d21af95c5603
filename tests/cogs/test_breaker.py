"""The breaker: counting refused requests, and stopping before they add up."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from cogs._breaker import WINDOW_S, Breaker, BreakerOpen, InvalidWindow


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


steps = st.lists(
    st.one_of(
        st.just("start"),
        st.sampled_from(["good", "bad"]),
        st.floats(0, WINDOW_S, allow_nan=False),
    ),
    max_size=200,
)


@given(st.integers(1, 8), steps)
def test_no_window_ever_holds_more_refusals_than_its_limit(limit: int, walk: list[str | float]) -> None:
    clock = Clock()
    window = InvalidWindow(limit, clock)
    under_way = 0
    bad: list[float] = []
    for step in walk:
        if step == "start" and window.has_room():
            window.start()
            under_way += 1
        elif step in ("good", "bad") and under_way:
            window.finish(invalid=step == "bad")
            under_way -= 1
            if step == "bad":
                bad.append(clock.now)
        elif isinstance(step, float):
            clock.now += step
        assert len([at for at in bad if at > clock.now - WINDOW_S]) <= limit


@given(st.integers(1, 8), steps)
def test_an_open_window_closes_again_by_itself(limit: int, walk: list[str | float]) -> None:
    clock = Clock()
    window = InvalidWindow(limit, clock)
    for step in walk:
        if step == "start" and window.has_room():
            window.start()
            window.finish(invalid=True)
        elif isinstance(step, float):
            clock.now += step
    clock.now += window.retry_after_s() + 1e-6
    assert window.has_room()


def refuse(breaker: Breaker, guild_id: int, status: int = 403, scope: str | None = None) -> None:
    with breaker.of_guild(guild_id):
        breaker.after(breaker.before(), status, scope)


def test_one_guilds_refusals_stop_that_guild_alone() -> None:
    told: list[int | None] = []
    breaker = Breaker(guild_limit=3, global_limit=100, clock=Clock(), on_open=told.append)
    for _ in range(3):
        refuse(breaker, 1)
    with pytest.raises(BreakerOpen) as stopped:
        refuse(breaker, 1)
    assert stopped.value.guild_id == 1
    refuse(breaker, 2)
    assert told == [1]


def test_all_guilds_together_stop_the_whole_bot() -> None:
    breaker = Breaker(guild_limit=100, global_limit=4, clock=Clock())
    for guild_id in range(4):
        refuse(breaker, guild_id)
    with pytest.raises(BreakerOpen) as stopped:
        breaker.before()
    assert stopped.value.guild_id is None


def test_a_stopped_guild_goes_on_when_half_the_window_has_drained_and_is_told_of_each_stop_once() -> None:
    clock = Clock()
    told: list[int | None] = []
    breaker = Breaker(guild_limit=4, global_limit=100, clock=clock, on_open=told.append)
    for _ in range(4):
        refuse(breaker, 1)
        clock.now += 10
    for _ in range(3):
        with pytest.raises(BreakerOpen):
            refuse(breaker, 1)
    clock.now += WINDOW_S - 29
    refuse(breaker, 1, 204)
    assert told == [1]


@pytest.mark.parametrize(
    ("status", "scope", "why"),
    [
        (200, None, "an answer is no refusal"),
        (500, None, "Discord's own trouble does not count"),
        (400, None, "a bad form does not count"),
        (429, "shared", "a limit shared with others is not our fault"),
    ],
)
def test_other_answers_do_not_count(status: int, scope: str | None, why: str) -> None:
    breaker = Breaker(guild_limit=1, global_limit=1, clock=Clock())
    for _ in range(5):
        refuse(breaker, 1, status, scope)


async def test_the_trace_counts_every_request_under_the_api_and_no_other() -> None:
    async def forbidden(request: web.Request) -> web.Response:
        return web.Response(status=403)

    app = web.Application()
    app.router.add_get("/{path:.*}", forbidden)
    async with TestServer(app) as server:
        base = str(server.make_url("/api/v10"))
        breaker = Breaker(guild_limit=2, global_limit=100)
        async with aiohttp.ClientSession(trace_configs=[breaker.trace_config(base)]) as session:
            with breaker.of_guild(5):
                for _ in range(4):
                    async with session.get(server.make_url("/cdn/x")) as answer:
                        assert answer.status == 403
                for _ in range(2):
                    async with session.get(f"{base}/x") as answer:
                        assert answer.status == 403
                with pytest.raises(BreakerOpen):
                    await session.get(f"{base}/x")
