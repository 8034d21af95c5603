"""Discord's refusals: each has its answer, and the moderators are told what to grant."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.incidents import IncidentState, OutcomeKind
from bot.settings import Settings
from bot.texts import LOCALES, text
from cogs._refusals import Refusal
from masker import Masker, Verdict
from masker.aio import AsyncMasker
from sandbox.models import Message
from sandbox.permissions import Permission
from sandbox.seed import BOT_PERMISSIONS, Demo
from sandbox.server import Sandbox
from sandbox.uploads import Upload
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

EXECUTE = "/webhooks/{webhook_id}/{webhook_token}"


async def alert_to(running: Running) -> int:
    """Let alerts go to the moderators' channel, and return it."""
    channel = channel_id(running, "관리자-알림")
    await running.storage.guilds.update(running.demo.guild.id, {"alert_channel_id": channel}, actor_id=1)
    return channel


async def alert_in(running: Running, channel: int, count: int = 1) -> str:
    """Wait for alerts, and return what the last says, in one string."""
    history = running.demo.world.history
    await wait_for(lambda: len(list(history(channel))) >= count, what="an alert")
    (embed,) = list(history(channel))[-1].embeds
    fields = " ".join(f"{field['name']}: {field['value']}" for field in embed.get("fields", ()))
    return f"{embed.get('title', '')} {embed.get('description', '')} {fields}"


def without(running: Running, *denied: Permission) -> None:
    """Take permissions from the bot, everywhere, and from @everyone, who lends them to it."""
    world, guild, bot_id = running.demo.world, running.demo.guild, running.demo.application.bot_id
    bits = int(BOT_PERMISSIONS)
    everyone = guild.roles[guild.id]
    for bit in denied:
        bits &= ~bit
        everyone.permissions &= ~bit
    world.update_role(guild, everyone)
    world.set_bot_permissions(guild.id, bot_id, bits)


async def known(running: Running, permission: str, value: bool = False) -> None:
    """Wait until discord.py's cache has heard of a permission's change."""
    channel = running.bot.get_channel(channel_id(running))
    assert channel is not None
    guild = running.bot.get_guild(running.demo.guild.id)
    assert guild is not None
    await wait_for(lambda: getattr(channel.permissions_for(guild.me), permission) is value)  # type: ignore[union-attr]


async def test_an_alert_names_author_label_and_repost_and_pings_nobody(running: Running) -> None:
    channel = await alert_to(running)
    message = say(running, CURSE)
    repost = await repost_of(running, message)
    said = await alert_in(running, channel)
    assert MASKED in said
    assert "시발" not in said
    assert f"<@{running.demo.people['minseo'].id}>" in said
    assert "욕설 0." in said
    assert f"/{message.channel_id}/{repost.id}" in said
    assert list(running.demo.world.history(channel))[-1].pinged == []


async def test_without_manage_messages_nothing_is_asked_and_the_moderators_hear_what_to_grant(running: Running) -> None:
    channel = await alert_to(running)
    without(running, Permission.MANAGE_MESSAGES)
    await known(running, "manage_messages")
    message = say(running, CURSE)
    incident = await incident_in(running, message, IncidentState.STUCK)
    assert incident.outcome is OutcomeKind.NOT_DELETED
    assert not gone(running, message)
    assert not [request for request in running.requests() if request.method == "DELETE"]
    assert "메시지 관리하기" in await alert_in(running, channel)


async def test_a_missing_permission_that_only_discord_knows_of_is_answered_alike(running: Running) -> None:
    running.server.faults.add(
        "refuse",
        "DELETE",
        "/channels/{channel_id}/messages/{message_id}",
        status=403,
        body={"code": 50013, "message": "Missing Permissions"},
    )
    incident = await incident_in(running, say(running, CURSE), IncidentState.STUCK)
    assert incident.outcome_detail == "no_manage_messages status=403 code=50013"


async def test_an_edit_of_a_message_that_could_not_be_deleted_is_a_matter_of_its_own(running: Running) -> None:
    without(running, Permission.MANAGE_MESSAGES)
    await known(running, "manage_messages")
    message = say(running, CURSE)
    await incident_in(running, message, IncidentState.STUCK)
    running.demo.world.set_bot_permissions(running.demo.guild.id, running.demo.application.bot_id, int(BOT_PERMISSIONS))
    await known(running, "manage_messages", True)
    running.demo.world.member_edit(message.author_id, message.channel_id, message.id, f"{CURSE}!")
    assert (await repost_of(running, message)).content.endswith(f"{MASKED}!")


async def test_without_manage_webhooks_the_bot_posts_itself_and_says_why(running: Running) -> None:
    channel = await alert_to(running)
    without(running, Permission.MANAGE_WEBHOOKS)
    await known(running, "manage_webhooks")
    message = say(running, f"<@{running.demo.people['jiho'].id}> 시발")
    repost = await repost_of(running, message)
    assert repost.webhook_id is None
    assert repost.content == f"**민서🌿**: <@{running.demo.people['jiho'].id}> ●●"
    assert repost.pinged == []
    assert repost.components
    assert "웹후크 관리하기" in await alert_in(running, channel)


async def test_with_fifteen_webhooks_of_others_the_bot_posts_itself(running: Running) -> None:
    channel = await alert_to(running)
    place = running.demo.channels["자유-대화"]
    for number in range(15):
        running.demo.world.create_webhook(place, f"다른 봇 {number}", running.demo.people["haneul"].id)
    repost = await repost_of(running, say(running, CURSE))
    assert repost.webhook_id is None
    assert "15" in await alert_in(running, channel)


async def test_where_nothing_can_be_posted_the_message_is_deleted_and_the_moderators_have_its_masked_text(
    running: Running,
) -> None:
    channel = await alert_to(running)
    without(running, Permission.MANAGE_WEBHOOKS, Permission.SEND_MESSAGES)
    await known(running, "send_messages")
    message = say_as_owner(running)
    incident = await closed(running, message)
    assert incident.outcome is OutcomeKind.DELETED_ONLY
    assert gone(running, message)
    said = await alert_in(running, channel)
    assert MASKED in said
    assert "메시지 보내기" in said


def say_as_owner(running: Running) -> Message:
    return say(running, CURSE, "haneul")


async def test_a_deleted_webhook_is_made_anew(running: Running) -> None:
    first = await repost_of(running, say(running, CURSE))
    running.engine.webhooks._own_updates.put(first.channel_id, float("inf"))  # the cache is not told
    running.demo.world.delete_webhook(running.demo.world.webhooks[first.webhook_id or 0])
    message = say(running, CURSE, "jiho")
    await closed(running, message)
    second = reposts(running.demo, first.channel_id)[-1]
    assert second.webhook_name == "지호"
    assert second.webhook_id != first.webhook_id


async def test_a_webhook_is_found_again_by_another_process(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    for name in ("one", "two"):
        async with running_bot(demo, server, settings_for(server, tmp_path / name)) as running:
            await closed(running, say(running, CURSE))
    assert len({repost.webhook_id for repost in reposts(demo, demo.channels["자유-대화"].id)}) == 1


async def test_another_bots_webhook_is_never_used(running: Running) -> None:
    other = running.demo.world.create_webhook(
        running.demo.channels["자유-대화"], "다른 봇", running.demo.people["haneul"].id
    )
    assert (await repost_of(running, say(running, CURSE))).webhook_id != other.id


async def test_a_webhook_that_was_moved_away_posts_nothing_in_the_wrong_channel(running: Running) -> None:
    first = await repost_of(running, say(running, CURSE))
    away = running.demo.channels["개발"]
    running.demo.world.webhooks[first.webhook_id or 0].channel_id = away.id  # silently: the cache is not told
    message = say(running, CURSE, "jiho")
    await closed(running, message)
    assert reposts(running.demo, first.channel_id)[-1].webhook_name == "지호"
    assert reposts(running.demo, away.id) == []


async def test_a_channel_that_disappears_ends_the_incident(running: Running) -> None:
    fault = running.server.faults.add("hold", "DELETE", "/channels/{channel_id}/messages/{message_id}")
    message = say(running, CURSE)
    await wait_for(lambda: fault.waiting)
    running.demo.world.delete_channel(running.demo.channels["자유-대화"])
    running.server.faults.release()
    incident = await closed(running, message)
    assert incident.outcome is OutcomeKind.REMOVED_BY_OTHERS


async def test_a_name_that_discord_refuses_is_replaced(running: Running) -> None:
    running.server.faults.add(
        "refuse",
        "POST",
        EXECUTE,
        status=400,
        body={"code": 50035, "message": "Invalid Form Body", "errors": {"username": {"_errors": []}}},
    )
    repost = await repost_of(running, say(running, CURSE))
    assert (repost.webhook_name, repost.content) == ("이름 가림", MASKED)


async def test_text_that_automod_blocks_is_not_reposted_and_a_moderator_is_told(running: Running) -> None:
    channel = await alert_to(running)
    body = {"code": 200000, "message": "Message was blocked by automatic moderation"}
    running.server.faults.add("refuse", "POST", EXECUTE, status=400, body=body)
    incident = await incident_in(running, say(running, CURSE), IncidentState.STUCK)
    assert incident.outcome is OutcomeKind.NOT_REPOSTED
    said = await alert_in(running, channel)
    assert MASKED in said
    assert "AutoMod" in said


async def test_files_that_discord_will_not_take_back_are_said_to_be_missing(running: Running) -> None:
    channel = await alert_to(running)
    body = {"code": 40005, "message": "Request entity too large"}
    running.server.faults.add("refuse", "POST", EXECUTE, status=413, body=body)
    repost = await repost_of(running, say(running, CURSE, uploads=[Upload("a.bin", b"1")]))
    assert repost.content == f"{MASKED}\n-# 디스코드가 받지 않아 첨부 파일 1개를 옮기지 못했어요"
    assert "첨부 파일 1개" in await alert_in(running, channel)


async def test_an_attachment_that_cannot_be_fetched_does_not_keep_the_curse_standing(running: Running) -> None:
    world = running.demo.world
    channel = channel_id(running)
    author = running.demo.people["minseo"].id
    world.blobs.capacity_bytes = 0  # the CDN has lost it by the time the bot asks
    message = world.member_send(author, channel, CURSE, uploads=[Upload("a.bin", b"1")])
    repost = await repost_of(running, message)
    assert repost.content == f"{MASKED}\n-# 옮기지 못했어요: 첨부 파일 1개"


class Gate(AsyncMasker):
    """A masker that thinks for as long as a test wants."""

    def __init__(self) -> None:
        super().__init__(Masker())
        self.thinking = asyncio.Event()
        self.go_on = asyncio.Event()

    async def inspect(self, text: str, deadline_ms: float | None = None) -> Verdict:
        self.thinking.set()
        await self.go_on.wait()
        return await super().inspect(text, deadline_ms)


async def test_a_message_that_its_author_takes_back_in_time_is_let_go(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    gate = Gate()

    @contextlib.asynccontextmanager
    async def gated(settings: Settings) -> AsyncIterator[AsyncMasker]:
        yield gate

    async with running_bot(demo, server, settings_for(server, tmp_path), open_masker=gated) as running:
        message = say(running, CURSE)
        await gate.thinking.wait()
        demo.world.member_delete(message.author_id, message.channel_id, message.id)
        await wait_for(lambda: running.engine.watch.removed_by_others(message.id))
        gate.go_on.set()
        await closed(running, say(running, CURSE, "jiho"))
        assert await running.incidents(message.id) == []
        assert [repost.webhook_name for repost in reposts(demo, message.channel_id)] == ["지호"]


async def test_a_guild_that_refuses_too_much_is_left_alone_and_told_once(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    settings = settings_for(server, tmp_path)
    breaker = settings.breaker.model_copy(update={"guild_limit_per_10_min": 3})
    async with running_bot(demo, server, settings.model_copy(update={"breaker": breaker})) as running:
        server.faults.add(
            "refuse",
            "DELETE",
            "/channels/{channel_id}/messages/{message_id}",
            status=403,
            body={"code": 50013, "message": "Missing Permissions"},
            count=None,
        )
        for number in range(3):
            await incident_in(running, say(running, f"{CURSE} {number}"), IncidentState.STUCK)
        last = say(running, CURSE)
        await wait_for(lambda: running.engine.finisher.waiting())
        (incident,) = await running.incidents(last.id)
        assert incident.state is IncidentState.OPEN
        assert len([request for request in running.requests() if request.status == 403]) == 3


@pytest.mark.parametrize("refusal", list(Refusal))
def test_every_refusal_is_explained_to_admins_and_documented(refusal: Refusal) -> None:
    for locale in LOCALES:
        assert text(f"refusal.{refusal}", locale)
    table = (Path(__file__).parents[2] / "docs" / "refusals.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `{refusal}` \|", table, re.MULTILINE)


async def test_every_post_of_the_bot_is_counted_once_in_the_worlds_log(running: Running) -> None:
    messages = [say(running, f"{CURSE} {number}") for number in range(5)]
    for message in messages:
        await closed(running, message)
    webhook_posts = [entry for entry in created(running.demo, channel_id(running)) if entry.webhook_id is not None]
    assert sorted(entry.content for entry in webhook_posts) == [f"{MASKED} {number}" for number in range(5)]
