"""Alerts that do not go out at once: too many of them, a refused channel, a pause of the breaker."""

from __future__ import annotations

from pathlib import Path

from bot.incidents import IncidentState
from cogs import _alerts
from sandbox.permissions import Permission
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.running import (
    CURSE,
    Running,
    channel_id,
    closed,
    incident_in,
    repost_of,
    running_bot,
    say,
    settings_for,
    wait_for,
)

POST = ("POST", "/channels/{channel_id}/messages")


async def alert_to(running: Running) -> int:
    channel = channel_id(running, "관리자-알림")
    await running.storage.guilds.update(running.demo.guild.id, {"alert_channel_id": channel}, actor_id=1)
    return channel


def said(running: Running, channel: int) -> list[str]:
    history = running.demo.world.history(channel)
    return [f"{message.content} {message.embeds[0].get('description', '')}" for message in history]


async def test_without_an_alert_channel_nothing_is_sent(running: Running) -> None:
    await repost_of(running, say(running, CURSE))
    await running.engine.alerts.drain()
    assert not [request for request in running.requests() if (request.method, request.route) == POST]


async def test_an_alert_that_discord_refuses_harms_nothing(running: Running) -> None:
    channel = await alert_to(running)
    bot_id = running.demo.application.bot_id
    running.demo.world.deny_in_channel(channel, bot_id, Permission.SEND_MESSAGES)
    await repost_of(running, say(running, CURSE))
    await running.engine.alerts.drain()
    assert said(running, channel) == []


async def test_an_alert_survives_an_outage_of_a_moment(running: Running) -> None:
    channel = await alert_to(running)
    running.server.faults.add("refuse", *POST, status=503, count=2)
    await repost_of(running, say(running, CURSE))
    await wait_for(lambda: said(running, channel))


async def test_alerts_that_find_no_room_are_counted_in_the_next(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        channel = await alert_to(running)
        held = server.faults.add("hold", *POST)
        first = say(running, CURSE)
        await closed(running, first)
        await wait_for(lambda: held.waiting)
        for _ in range(_alerts.QUEUE_LIMIT + 3):
            running.engine.alerts.unrecorded(demo.guild.id)
        running.engine.alerts._queue._queue.clear()  # type: ignore[attr-defined]
        server.faults.release()
        await wait_for(lambda: said(running, channel))
        running.engine.alerts.unrecorded(demo.guild.id)
        await wait_for(lambda: len(said(running, channel)) == 2)
        assert "3건" in said(running, channel)[-1]


async def test_a_guild_is_told_of_the_breakers_pause_when_it_is_over(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    settings = settings_for(server, tmp_path)
    breaker = settings.breaker.model_copy(update={"guild_limit_per_10_min": 2})
    now = [0.0]
    settings = settings.model_copy(update={"breaker": breaker})
    async with running_bot(demo, server, settings, clock=lambda: now[0]) as running:
        channel = await alert_to(running)
        body = {"code": 50013, "message": "Missing Permissions"}
        server.faults.add("refuse", "DELETE", status=403, body=body, count=2)
        for number in range(2):
            await incident_in(running, say(running, f"{CURSE} {number}"), IncidentState.STUCK)
        last = say(running, CURSE)
        await wait_for(lambda: running.engine.finisher.waiting())
        before = said(running, channel)
        assert not any("잠시 멈췄어요" in words for words in before)
        now[0] = 601.0
        await wait_for(lambda: any("잠시 멈췄어요" in words for words in said(running, channel)))
        (due,) = running.engine.finisher._due
        assert (await running.storage.incidents.by_id(due)).draft.message_id == last.id  # type: ignore[union-attr]
