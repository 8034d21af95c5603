"""From the invitation to the first masked message: the greeting, the panel, its choices, and what is missing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.permissions import ALL_NEEDED, Need
from bot.policy import Policy
from bot.texts import text
from masker.presets import Preset
from sandbox.errors import ApiError
from sandbox.models import Channel, Guild, Message
from sandbox.permissions import Permission
from sandbox.seed import Demo, demo_world, invite_bot
from sandbox.server import Sandbox
from tests.support.calling import call, parts, press, written
from tests.support.running import (
    CURSE,
    MASKED,
    Running,
    channel_id,
    repost_of,
    running_bot,
    say,
    settings_for,
    shut_out,
    wait_for,
)

OPEN, START, RECHECK = "garim:setup:open", "garim:setup:start", "garim:setup:recheck"


async def start(running: Running, who: str = "haneul", locale: str = "ko") -> Message:
    return await call(running, "setup", "start", who=who, locale=locale)


async def policy_of(running: Running) -> Policy:
    return await running.storage.guilds.policy(running.demo.guild.id)


def new_guild(demo: Demo) -> tuple[Guild, Channel]:
    """Make a server of the owner's without the bot."""
    guild = demo.world.create_guild("새 모임", demo.people["haneul"])
    demo.world.add_member(guild, demo.people["minseo"])
    return guild, demo.world.create_channel(guild, "수다")


async def test_from_invitation_to_the_first_masked_message_in_four_interactions(running: Running) -> None:
    demo, world = running.demo, running.demo.world
    guild, place = new_guild(demo)
    private = world.create_channel(guild, "운영")
    begun = len(world.interactions)
    await running.bot.ready.wait()  # a server that comes within READY's own list is none that was just joined

    invite_bot(world, guild, demo.application, ALL_NEEDED)  # the first: the link, and what Discord asks there
    greeting = (await wait_for(lambda: list(world.history(place.id))))[0]
    assert "보통" in greeting.content
    panel = await press(running, greeting, OPEN)
    await press(running, panel, "garim:setup:alerts", str(private.id))
    await press(running, panel, START)
    assert "시작했어요" in written(panel)
    assert "✅" in written(panel)
    assert 1 + len(world.interactions) - begun <= 4

    original = world.member_send(demo.people["minseo"].id, place.id, CURSE)
    assert (await repost_of_in(running, original)).content == MASKED
    await wait_for(lambda: list(world.history(private.id)), what="an alert")


async def repost_of_in(running: Running, original: Message) -> Message:
    """Return the repost in a channel where the bot has greeted."""
    history = running.demo.world.history
    found: list[Message] = await wait_for(
        lambda: [one for one in history(original.channel_id) if one.webhook_id is not None]
    )
    return found[0]


async def test_without_any_choice_it_masks_as_soon_as_it_is_there(running: Running) -> None:
    world = running.demo.world
    guild, place = new_guild(running.demo)
    invite_bot(world, guild, running.demo.application, ALL_NEEDED)
    await wait_for(lambda: running.bot.get_guild(guild.id))
    original = world.member_send(running.demo.people["minseo"].id, place.id, CURSE)
    assert (await repost_of_in(running, original)).content == MASKED


async def test_a_server_without_a_place_to_write_is_joined_in_silence(running: Running) -> None:
    world = running.demo.world
    guild, place = new_guild(running.demo)
    guild.roles[guild.id].permissions &= ~int(Permission.SEND_MESSAGES)
    before = len(running.requests())
    await running.bot.ready.wait()
    invite_bot(world, guild, running.demo.application, int(Permission.VIEW_CHANNEL))
    await wait_for(lambda: running.bot.get_guild(guild.id))
    panel = await start(running)
    assert parts(panel), "it works on elsewhere"
    assert list(world.history(place.id)) == []
    assert not [one for one in running.requests()[before:] if one.status == 403]


async def test_each_choice_takes_effect_at_once_and_is_audited(running: Running) -> None:
    panel = await start(running)
    role = running.demo.roles["운영진"].id
    await press(running, panel, "garim:setup:preset", "strict")
    await press(running, panel, "garim:setup:alerts", str(channel_id(running, "관리자-알림")))
    await press(running, panel, "garim:setup:roles", str(role))
    await press(running, panel, "garim:setup:begin", "observe")
    policy = await policy_of(running)
    assert (policy.preset, policy.observe) == (Preset.STRICT, True)
    assert policy.alert_channel_id == channel_id(running, "관리자-알림")
    assert policy.exempt_role_ids == {role}
    assert len(await running.storage.guilds.history(running.demo.guild.id)) == 4
    shown = parts(panel)
    assert [one["value"] for one in shown["garim:setup:preset"]["options"] if one.get("default")] == ["strict"]
    assert [one["id"] for one in shown["garim:setup:roles"]["default_values"]] == [str(role)]
    await press(running, panel, START)
    assert "지켜보기 시작했어요" in written(panel)
    assert "월요일마다" in written(panel)
    assert len(await running.storage.schedules.of(running.demo.guild.id)) == 1
    await press(running, await start(running), "garim:setup:alerts")
    assert (await policy_of(running)).alert_channel_id is None


async def test_observing_touches_nothing_and_acting_does(running: Running) -> None:
    panel = await start(running)
    await press(running, panel, "garim:setup:begin", "observe")
    await press(running, panel, START)
    watched = say(running, CURSE)
    await press(running, await start(running), "garim:setup:begin", "act")
    masked = say(running, CURSE)
    assert (await repost_of(running, masked)).content == MASKED
    assert watched.id in running.demo.world.messages[watched.channel_id]


async def test_the_panel_goes_on_after_a_restart(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    async with running_bot(demo, server, settings) as running:
        panel = await start(running)
        await press(running, panel, "garim:setup:preset", "lenient")
    async with running_bot(demo, server, settings) as running:
        await press(running, panel, "garim:setup:begin", "observe")
        await press(running, panel, START)
        policy = await policy_of(running)
        assert (policy.preset, policy.observe) == (Preset.LENIENT, True)
        assert "느슨하게" in written(panel)


@pytest.mark.parametrize("lacking", [Need.MANAGE_MESSAGES, Need.MANAGE_WEBHOOKS, Need.MODERATE_MEMBERS])
async def test_a_missing_permission_is_named_with_its_reason_and_remedy(running: Running, lacking: Need) -> None:
    role = running.demo.roles["bot"]
    role.permissions &= ~int(lacking)
    running.demo.world.update_role(running.demo.guild, role)
    guild = running.bot.get_guild(running.demo.guild.id)
    assert guild is not None
    await wait_for(lambda: not guild.me.guild_permissions.value & lacking)
    panel = await start(running)
    name = str(lacking.name).lower()
    assert text(f"permission.{name}", "ko") in written(panel)
    assert text(f"permission.why_{name}", "ko") in written(panel)
    assert "서버 설정 → 역할" in written(panel)
    assert f"permissions={ALL_NEEDED}" in written(panel)
    await press(running, panel, START)
    assert text(f"permission.{name}", "ko") in written(panel)
    role.permissions |= int(lacking)
    running.demo.world.update_role(running.demo.guild, role)
    await wait_for(lambda: guild.me.guild_permissions.value & lacking)
    await press(running, panel, START)
    assert "✅" in written(panel)


async def test_a_channel_that_shuts_the_bot_out_is_named(running: Running) -> None:
    place = channel_id(running, "개발")
    await shut_out(running, place, Permission.VIEW_CHANNEL)
    panel = await start(running)
    assert f"<#{place}>" in written(panel)
    assert "**채널 보기**" in written(panel)
    await call(running, "settings", "exempt", "channel", channel=str(place))
    await press(running, panel, RECHECK)
    assert "✅" in written(panel), "a channel that is exempt anyway needs nothing"


async def test_an_alert_channel_where_the_bot_cannot_post_is_not_taken_and_told_why(running: Running) -> None:
    place = channel_id(running, "개발")
    await shut_out(running, place, Permission.SEND_MESSAGES)
    panel = await start(running)
    await press(running, panel, "garim:setup:alerts", str(place))
    assert f"알림 채널 <#{place}>에서 없는 권한: **메시지 보내기**" in written(panel)
    assert (await policy_of(running)).alert_channel_id is None


async def test_more_exempt_roles_than_the_panel_shows_are_not_lost(running: Running) -> None:
    world, guild = running.demo.world, running.demo.guild
    roles = [world.create_role(guild, f"역할 {number}", 0).id for number in range(30)]
    await running.storage.guilds.update(guild.id, {"exempt_role_ids": [*roles, 1]}, actor_id=1)
    cached = running.bot.get_guild(guild.id)
    assert cached is not None
    await wait_for(lambda: all(cached.get_role(one) for one in roles))
    panel = await start(running)
    assert len(parts(panel)["garim:setup:roles"]["default_values"]) == 25
    await press(running, panel, "garim:setup:roles", str(roles[0]))
    assert (await policy_of(running)).exempt_role_ids == {roles[0], *roles[25:], 1}


async def test_a_panel_in_the_wrong_hands_does_nothing(running: Running) -> None:
    panel = await start(running)
    panel.ephemeral_to = running.demo.people["jiho"].id
    for custom_id, values in (("garim:setup:preset", ["strict"]), (START, []), (RECHECK, [])):
        refused = await press(running, panel, custom_id, *values, who="jiho")
        assert "서버 관리하기" in refused.content, custom_id
    assert "시작했어요" not in written(panel)
    assert await policy_of(running) == Policy()
    assert await running.storage.guilds.history(running.demo.guild.id) == []


async def test_a_role_with_a_hostile_name_is_shown_as_it_is(running: Running) -> None:
    role = running.demo.roles["bot"]
    role.name = "**x** @everyone [y](https://example.com)"
    role.permissions &= ~int(Need.MANAGE_MESSAGES)
    running.demo.world.update_role(running.demo.guild, role)
    guild = running.bot.get_guild(running.demo.guild.id)
    assert guild is not None
    await wait_for(lambda: not guild.me.guild_permissions.manage_messages)
    words = written(await start(running))
    assert "\\*\\*x\\*\\* \\@everyone \\[y\\]" in words
    assert "](https://example.com" not in words


async def test_two_admins_at_once_both_get_what_they_chose(running: Running) -> None:
    running.demo.roles["운영진"].permissions |= Permission.MANAGE_GUILD
    one, other = await start(running), await start(running, who="seoyeon")
    role = str(running.demo.roles["운영진"].id)
    await asyncio.gather(
        press(running, one, "garim:setup:preset", "strict"),
        press(running, other, "garim:setup:roles", role, who="seoyeon"),
        press(running, one, "garim:setup:begin", "observe"),
    )
    policy = await policy_of(running)
    assert (policy.preset, policy.observe) == (Preset.STRICT, True)
    assert policy.exempt_role_ids == {int(role)}
    await asyncio.gather(press(running, one, START), press(running, other, START, who="seoyeon"))
    assert "엄격하게" in written(one)
    assert "엄격하게" in written(other)


async def test_members_without_manage_server_cannot_open_it(running: Running) -> None:
    with pytest.raises(ApiError):
        await start(running, "jiho")
    for command in running.demo.world.commands_of(running.demo.application.id, None):
        command.body["default_member_permissions"] = None
    for path in ("start", "invite"):
        refused = await call(running, "setup", path, who="jiho")
        assert "서버 관리하기" in refused.content
        assert not refused.components
    greeting = await start(running)
    greeting.components[0]["components"][2]["components"] = [{"type": 2, "custom_id": OPEN, "style": 1, "label": "x"}]
    greeting.ephemeral_to = running.demo.people["jiho"].id
    assert "서버 관리하기" in (await press(running, greeting, OPEN, who="jiho")).content


async def test_the_invitation_asks_for_exactly_what_is_needed_and_says_why(running: Running) -> None:
    told = await call(running, "setup", "invite", locale="en-US")
    (embed,) = told.embeds
    for need in Need:
        assert text(f"permission.{str(need.name).lower()}", "en") in embed["description"]
        assert text(f"permission.why_{str(need.name).lower()}", "en") in embed["description"]
    ((row,),) = [told.components]
    (button,) = row["components"]
    assert button["url"].endswith(f"&permissions={ALL_NEEDED}")
    assert f"client_id={running.demo.application.id}" in button["url"]
    assert not ALL_NEEDED & int(Permission.ADMINISTRATOR)


async def test_the_panel_speaks_the_language_of_whoever_opens_it(running: Running) -> None:
    assert "Getting started" in written(await start(running, locale="en-GB"))


def test_the_sandbox_invites_with_what_the_link_asks_for() -> None:
    demo = demo_world()
    assert demo.roles["bot"].permissions == ALL_NEEDED
