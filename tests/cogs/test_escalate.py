"""Escalation: what a member's incidents add up to leads to the step that is due, once, and the alert says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.records import SanctionKind
from cogs.review.deeds import DeedKind, deeds_of
from sandbox.permissions import Permission
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.pressing import alert, alerts_on, button, letters, posts, press, shown
from tests.support.running import (
    CURSE,
    Running,
    closed,
    running_bot,
    say,
    settings_for,
    wait_for,
)

WARN_AT_2 = {"points": 1.5, "action": "warn"}
TIMEOUT_AT_3 = {"points": 2.5, "action": "timeout", "seconds": 600}
ALERT_AT_2 = {"points": 1.5, "action": "alert"}


async def escalating(running: Running, *steps: dict[str, Any]) -> None:
    await alerts_on(running, escalation={"steps": list(steps), "half_life_h": 24.0})


async def cursed(running: Running, times: int, who: str = "minseo", first: int = 0) -> list[int]:
    """Let somebody curse so many times; return the incidents."""
    found = []
    for number in range(first, first + times):
        found.append((await closed(running, say(running, f"{CURSE} {number}", who))).id)
        await running.engine.escalator.drain()
    return found


async def given(running: Running, who: str = "minseo") -> list[tuple[SanctionKind, int | None]]:
    sanctions = await running.storage.sanctions.of_member(running.demo.guild.id, running.demo.people[who].id)
    return [(one.kind, one.seconds) for one in sanctions]


def silent_until(running: Running) -> float | None:
    return running.demo.guild.members[running.demo.people["minseo"].id].timed_out_until_s


async def test_without_steps_nothing_is_escalated(running: Running) -> None:
    await alerts_on(running)
    await cursed(running, 4)
    assert await given(running) == []


async def test_each_step_is_taken_by_the_incident_that_reaches_it_and_once(running: Running) -> None:
    await escalating(running, WARN_AT_2, TIMEOUT_AT_3)
    await cursed(running, 1)
    assert await given(running) == []
    await cursed(running, 1, first=1)
    assert await given(running) == [(SanctionKind.WARN, None)]
    assert len(letters(running, "minseo")) == 1
    await cursed(running, 1, first=2)
    assert await given(running) == [(SanctionKind.WARN, None), (SanctionKind.TIMEOUT, 600)]
    until = silent_until(running)
    assert until is not None
    assert until - running.demo.world.clock() == pytest.approx(600, abs=30)


async def test_the_alert_says_that_and_why_a_step_was_taken(running: Running) -> None:
    await escalating(running, WARN_AT_2)
    await cursed(running, 2)
    await wait_for(lambda: posts(running) and "누적 점수가 1.5점을" in shown(posts(running)[0]))
    assert f"경고했어요 · <@{running.demo.application.bot_id}>" in shown(posts(running)[0])


async def test_a_step_may_only_tell(running: Running) -> None:
    await escalating(running, ALERT_AT_2)
    await cursed(running, 2)
    await wait_for(lambda: posts(running) and "누적 점수가 1.5점을" in shown(posts(running)[0]))
    assert await given(running) == []
    assert letters(running, "minseo") == []


async def test_an_incident_considered_again_takes_no_step_again(running: Running) -> None:
    await escalating(running, WARN_AT_2)
    _, second = await cursed(running, 2)
    for _ in range(3):
        assert await running.engine.escalator.consider(second) is None
    assert await given(running) == [(SanctionKind.WARN, None)]
    assert len(letters(running, "minseo")) == 1


async def test_a_step_that_a_process_did_not_come_to_is_taken_by_the_next(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    settings = settings_for(server, tmp_path)
    async with running_bot(demo, server, settings) as first:
        await alerts_on(first)
        await cursed(first, 2)
        await escalating(first, WARN_AT_2)
    for _ in range(2):
        async with running_bot(demo, server, settings) as second:
            await wait_for(lambda: letters(second, "minseo"))
            await second.engine.escalator.drain()
            assert await given(second) == [(SanctionKind.WARN, None)]
            assert len(letters(second, "minseo")) == 1


async def test_what_was_called_wrong_does_not_count(running: Running) -> None:
    await escalating(running, WARN_AT_2)
    await cursed(running, 1)
    post = await alert(running)
    await press(running, post, "seoyeon", button(post, ":wrong:"))
    await cursed(running, 1, first=1)
    assert await given(running) == []


async def test_a_time_out_that_the_bot_gave_is_lifted_with_a_false_positive(running: Running) -> None:
    await escalating(running, {"points": 0.5, "action": "timeout", "seconds": 600})
    await cursed(running, 1)
    assert silent_until(running) is not None
    post = await alert(running)
    await press(running, post, "seoyeon", button(post, ":wrong:"))
    assert silent_until(running) is None
    await wait_for(lambda: "타임아웃을 풀었어요" in shown(posts(running)[0]))


async def test_a_sanction_that_discord_refuses_is_told_and_not_on_record(running: Running) -> None:
    await escalating(running, {"points": 0.5, "action": "timeout", "seconds": 600})
    role = running.demo.roles["bot"]
    role.permissions &= ~int(Permission.MODERATE_MEMBERS)
    running.demo.world.update_role(running.demo.guild, role)
    (incident,) = await cursed(running, 1)
    assert await given(running) == []
    await wait_for(lambda: posts(running) and "제재하지 못했어요" in shown(posts(running)[0]))
    deeds = deeds_of(await running.storage.incidents.events(incident))
    assert [deed.kind for deed in deeds] == [DeedKind.ESCALATION_REFUSED]


async def test_what_is_only_observed_or_alerted_leads_to_nothing(running: Running) -> None:
    await escalating(running, {"points": 0.5, "action": "warn"})
    await running.storage.guilds.update(running.demo.guild.id, {"actions": {"profanity": "alert"}}, 1)
    await cursed(running, 1)
    await running.storage.guilds.update(running.demo.guild.id, {"actions": {}, "observe": True}, 1)
    await cursed(running, 1, first=1)
    assert await given(running) == []


async def test_members_are_counted_apart(running: Running) -> None:
    await escalating(running, WARN_AT_2)
    await cursed(running, 1, "minseo")
    await cursed(running, 1, "jiho", first=1)
    assert await given(running, "minseo") == await given(running, "jiho") == []
