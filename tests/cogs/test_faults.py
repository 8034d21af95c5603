"""Faults on the wire, at each request of an incident: the message is masked once, and never twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.incidents import IncidentState, OutcomeKind
from bot.policy import Notice
from cogs import _steps as steps
from sandbox.permissions import Permission
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.running import (
    CURSE,
    MASKED,
    Running,
    channel_id,
    closed,
    created,
    gone,
    incident_in,
    repost_of,
    reposts,
    running_bot,
    say,
    settings_for,
    wait_for,
)

DELETE = ("DELETE", "/channels/{channel_id}/messages/{message_id}")
EXECUTE = ("POST", "/webhooks/{webhook_id}/{webhook_token}")
HISTORY = ("GET", "/channels/{channel_id}/messages")
WEBHOOKS = ("GET", "/channels/{channel_id}/webhooks")
MAKE = ("POST", "/channels/{channel_id}/webhooks")

KINDS = [
    pytest.param({"kind": "refuse", "status": 500}, id="a 500 before anything"),
    pytest.param({"kind": "refuse", "status": 502, "body": "<html>Bad Gateway</html>"}, id="a 502 page"),
    pytest.param({"kind": "refuse", "status": 503}, id="a 503"),
    pytest.param({"kind": "spoil", "status": 500}, id="done, then a 500"),
    pytest.param({"kind": "spoil", "status": 502, "body": "<html>Bad Gateway</html>"}, id="done, then a 502 page"),
    pytest.param({"kind": "drop"}, id="the connection breaks"),
    pytest.param({"kind": "lose"}, id="done, and the connection breaks"),
    pytest.param({"kind": "halve"}, id="done, and half an answer"),
    pytest.param({"kind": "hold_after", "timeout": True}, id="done, and no answer in time"),
    pytest.param({"kind": "delay", "delay_ms": 400}, id="a slow answer"),
]


async def once(running: Running, fault: dict[str, object], request: tuple[str, str], times: int = 1) -> None:
    options = {name: value for name, value in fault.items() if name not in ("kind", "timeout")}
    rule = running.server.faults.add(str(fault["kind"]), *request, count=times, **options)
    message = say(running, CURSE)
    repost = await repost_of(running, message, timeout_s=30)
    assert rule.hits == times
    assert repost.content.endswith(MASKED)
    running.server.faults.clear()
    posts = [entry for entry in created(running.demo, message.channel_id) if entry.message_id != message.id]
    assert len(posts) == 1
    (incident,) = await running.incidents(message.id)
    assert incident.outcome is OutcomeKind.MASKED
    assert [part.message_id for part in incident.draft.parts] == [repost.id]


@pytest.mark.parametrize("fault", KINDS)
async def test_a_fault_in_the_delete_leaves_one_repost(running: Running, fault: dict[str, object]) -> None:
    await once(running, fault, DELETE)


@pytest.mark.parametrize("fault", KINDS)
async def test_a_fault_in_the_repost_leaves_one_repost(running: Running, fault: dict[str, object]) -> None:
    await once(running, fault, EXECUTE)


async def test_faults_one_after_the_other_leave_one_repost(running: Running) -> None:
    for kind in ("drop", "refuse"):
        running.server.faults.add(kind, *EXECUTE, status=502)
    await once(running, {"kind": "lose"}, EXECUTE)


@pytest.mark.parametrize("fault", [KINDS[1], KINDS[4], KINDS[6], KINDS[8]])
async def test_a_fault_in_the_repost_without_a_button_leaves_one_repost(
    running: Running, fault: dict[str, object]
) -> None:
    await running.storage.guilds.update(running.demo.guild.id, {"notice": Notice.NONE}, actor_id=1)
    await once(running, fault, EXECUTE)


@pytest.mark.parametrize("fault", [KINDS[1], KINDS[4], KINDS[6]])
async def test_a_fault_in_a_post_made_as_the_bot_leaves_one_post(running: Running, fault: dict[str, object]) -> None:
    place = running.demo.channels["자유-대화"]
    for number in range(15):
        running.demo.world.create_webhook(place, f"다른 봇 {number}", running.demo.people["haneul"].id)
    await once(running, fault, ("POST", "/channels/{channel_id}/messages"))


@pytest.mark.parametrize("request_", [WEBHOOKS, MAKE, HISTORY])
@pytest.mark.parametrize("fault", [KINDS[1], KINDS[5]])
async def test_a_fault_beside_the_way_leaves_one_repost(
    running: Running, fault: dict[str, object], request_: tuple[str, str]
) -> None:
    if request_ is HISTORY:
        running.server.faults.add("lose", *EXECUTE)
    await once(running, fault, request_)


async def test_an_edit_in_doubt_is_looked_for_since_the_edit_and_not_since_the_message(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    old = demo.world.member_send(demo.people["minseo"].id, demo.channels["자유-대화"].id, "안녕하세요")
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        server.faults.add("lose", *EXECUTE)
        demo.world.member_edit(old.author_id, old.channel_id, old.id, CURSE)
        assert (await repost_of(running, old)).content.endswith(MASKED)


async def test_a_doubt_without_read_message_history_is_left_to_a_human(running: Running) -> None:
    bot_id = running.demo.application.bot_id
    running.demo.world.deny_in_channel(channel_id(running), bot_id, Permission.READ_MESSAGE_HISTORY)
    running.server.faults.add("lose", *EXECUTE)
    message = say(running, CURSE)
    incident = await incident_in(running, message, IncidentState.STUCK)
    assert incident.outcome is OutcomeKind.NOT_REPOSTED
    assert len(reposts(running.demo, message.channel_id)) == 1


async def test_an_outage_is_waited_out_and_told_once(running: Running) -> None:
    alerts = channel_id(running, "관리자-알림")
    await running.storage.guilds.update(running.demo.guild.id, {"alert_channel_id": alerts}, actor_id=1)
    running.server.faults.add("refuse", *EXECUTE, status=503, count=None)
    message = say(running, CURSE)

    def told() -> list[str]:
        return [entry.embeds[0]["title"] for entry in running.demo.world.history(alerts)]

    await wait_for(lambda: running.engine.finisher.waiting(), 20)
    await wait_for(told)
    assert len(told()) == 1
    assert "계속 시도할게요" in told()[0]
    running.server.faults.clear()
    assert (await repost_of(running, message, 20)).content == MASKED
    # The same alert says how it ended: nobody has to look at two.
    await wait_for(lambda: "가렸어요" in told()[0])
    assert len(told()) == 1


async def test_rate_limits_are_waited_for_and_nothing_is_lost(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    server.limits.enabled = True
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        messages = [say(running, f"{CURSE} {number}", "minseo" if number % 2 else "jiho") for number in range(12)]
        for message in messages:
            await closed(running, message, 40)
        contents = sorted(repost.content for repost in reposts(demo, channel_id(running)))
        assert contents == sorted(f"{MASKED} {number}" for number in range(12))
        assert all(gone(running, message) for message in messages)


WALK = [
    steps.OPENED,
    steps.BEFORE_DELETE,
    steps.DELETED_UNRECORDED,
    steps.DELETED,
    steps.of_part(steps.BEFORE_REPOST, 0),
    steps.of_part(steps.REPOSTED_UNRECORDED, 0),
    steps.of_part(steps.REPOSTED, 0),
    steps.BEFORE_CLOSE,
]


@pytest.mark.parametrize("notice", [Notice.BUTTON, Notice.NONE])
@pytest.mark.parametrize("step", WALK)
async def test_what_a_process_left_unfinished_the_next_one_finishes_once(
    demo: Demo, server: Sandbox, tmp_path: Path, step: str, notice: Notice
) -> None:
    halted = asyncio.Event()
    settings = settings_for(server, tmp_path)
    settings = settings.model_copy(
        update={"guild_defaults": settings.guild_defaults.model_copy(update={"notice": notice})}
    )

    def stop_at(reached: str) -> None:
        if halted.is_set() or reached == step:
            halted.set()
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            raise asyncio.CancelledError

    async with running_bot(demo, server, settings, on_step=stop_at) as first:
        message = say(first, CURSE)
        await asyncio.wait_for(halted.wait(), 10)
        first.engine.finisher.recover = lambda guild_ids: None  # type: ignore[method-assign]
    async with running_bot(demo, server, settings) as second:
        later = say(second, CURSE, "jiho")
        await closed(second, message, 15)
        await closed(second, later, 15)
        assert gone(second, message)
        names = sorted(str(repost.webhook_name) for repost in reposts(demo, message.channel_id))
        assert names == sorted(["민서🌿", "지호"])
