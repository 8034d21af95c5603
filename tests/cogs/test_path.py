"""The path of a message through real discord.py over real sockets: gone, and back again masked."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.incidents import OutcomeKind
from bot.policy import Notice
from bot.wiring import masker_from
from sandbox.gateway.hub import GatewayOptions
from sandbox.ratelimit import RateLimits
from sandbox.seed import Demo, add_guilds
from sandbox.server import Sandbox
from sandbox.uploads import Upload
from tests.support.running import (
    CURSE,
    MASKED,
    Running,
    channel_id,
    closed,
    gone,
    repost_of,
    reposts,
    running_bot,
    say,
    settings_for,
    wait_for,
)

MINSEO = "민서🌿"


async def test_a_curse_is_gone_and_stands_masked_under_the_same_name_and_avatar(running: Running) -> None:
    message = say(running, CURSE)
    repost = await repost_of(running, message)
    assert repost.content == MASKED
    assert repost.webhook_name == MINSEO
    assert repost.webhook_avatar is not None
    assert str(running.demo.people["minseo"].avatar) in repost.webhook_avatar
    (incident,) = await running.incidents(message.id)
    assert incident.outcome is OutcomeKind.MASKED
    assert incident.draft.original == CURSE
    assert [part.message_id for part in incident.draft.parts] == [repost.id]


async def test_a_clean_message_costs_no_request(running: Running) -> None:
    await running.bot.ready.wait()
    before = len(running.requests())
    for words in ("오늘 날씨 좋네요", "점심 뭐 먹지", "<@1> 안녕 https://example.com/시발점"):
        say(running, words)
    after_them = say(running, CURSE)
    await repost_of(running, after_them)
    routes = [request.route for request in running.requests()[before:]]
    assert routes == [
        "/channels/{channel_id}/messages/{message_id}",
        "/channels/{channel_id}/webhooks",
        "/channels/{channel_id}/webhooks",
        "/webhooks/{webhook_id}/{webhook_token}",
    ]


async def test_the_second_offence_in_a_channel_costs_two_requests(running: Running) -> None:
    await repost_of(running, say(running, CURSE))
    await running.bot.ready.wait()
    before = len(running.requests())
    second = say(running, CURSE, "jiho")
    await closed(running, second)
    assert [request.method for request in running.requests()[before:]] == ["DELETE", "POST"]


async def test_an_edit_of_a_message_never_seen_before_is_masked_at_the_end_and_says_so(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    old = demo.world.member_send(demo.people["minseo"].id, demo.channels["자유-대화"].id, "안녕하세요")
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        later = say(running, "다른 이야기", "jiho")
        demo.world.member_edit(demo.people["minseo"].id, old.channel_id, old.id, CURSE)
        repost = await repost_of(running, old)
        assert repost.content == f"-# ✎ 수정된 메시지예요\n{MASKED}"
        assert repost.id > later.id
        (incident,) = await running.incidents(old.id)
        assert incident.draft.revision > 0


async def test_a_link_preview_that_arrives_later_is_no_edit(running: Running) -> None:
    message = say(running, "안녕하세요")
    running.demo.world.edit(message, embeds=[{"type": "link", "title": CURSE}], stamp=False)
    await repost_of(running, say(running, CURSE, "jiho"))
    assert not gone(running, message)


async def test_edits_follow_each_other_and_only_the_last_flagged_one_is_masked_once(running: Running) -> None:
    message = say(running, "안녕하세요")
    author = running.demo.people["minseo"].id
    running.demo.world.member_edit(author, message.channel_id, message.id, "안녕히 가세요")
    running.demo.world.member_edit(author, message.channel_id, message.id, CURSE)
    assert (await repost_of(running, message)).content.endswith(MASKED)
    assert len(await running.incidents(message.id)) == 1


async def test_a_reply_is_reposted_with_a_link_and_a_masked_quotation_and_pings_nobody(running: Running) -> None:
    first = say(running, "오늘 **회의** 몇 시죠? @everyone", "jiho")
    reply = running.demo.world.member_reply(running.demo.people["minseo"].id, first.channel_id, first.id, CURSE)
    repost = await repost_of(running, reply)
    header, body = repost.content.split("\n", 1)
    link = f"https://discord.com/channels/{running.demo.guild.id}/{first.channel_id}/{first.id}"
    assert header == rf"-# ↪ {link} 지호: 오늘 \*\*회의\*\* 몇 시죠? \@everyone"
    assert body == MASKED
    assert repost.pinged == []


async def test_mentions_in_a_repost_are_shown_and_ping_nobody(running: Running) -> None:
    jiho = running.demo.people["jiho"].id
    role = running.demo.roles["운영진"].id
    message = say(running, f"<@{jiho}> <@&{role}> @everyone 시발")
    assert message.pinged
    repost = await repost_of(running, message)
    assert repost.content == f"<@{jiho}> <@&{role}> @everyone ●●"
    assert repost.pinged == []
    assert not repost.mention_everyone


async def test_attachments_come_along_with_their_names_and_descriptions(running: Running) -> None:
    files = [
        Upload("사진.png", b"\x89PNG fake", "image/png", description="고양이"),
        Upload("시발.txt", b"words", "text/plain"),
    ]
    repost = await repost_of(running, say(running, CURSE, uploads=files))
    kept, renamed = repost.attachments
    blob = running.demo.world.blobs.get(f"attachments/{repost.channel_id}/{kept.id}/{kept.filename}")
    assert blob is not None
    assert (kept.description, blob.data) == ("고양이", b"\x89PNG fake")
    assert renamed.filename == "file-2.txt"
    assert not list((running.bot._state_dir / "spool").iterdir())


async def test_in_a_thread_the_repost_stands_in_the_thread(running: Running) -> None:
    author = running.demo.people["minseo"].id
    thread = running.demo.world.create_thread(author, channel_id(running), "수다")
    await wait_for(lambda: running.bot.get_channel(thread.id))
    message = say(running, CURSE, place=thread.id)
    assert (await repost_of(running, message)).content == MASKED
    assert reposts(running.demo, channel_id(running)) == []


async def test_in_a_forum_the_answer_and_the_first_post_are_masked_in_their_thread(running: Running) -> None:
    author = running.demo.people["minseo"].id
    thread = running.demo.world.create_thread(author, channel_id(running, "질문"), "질문이요", content="도와주세요")
    await wait_for(lambda: running.bot.get_channel(thread.id))
    answer = say(running, CURSE, "jiho", thread.id)
    assert (await repost_of(running, answer)).webhook_name == "지호"


async def test_voice_channel_chat_is_masked_too(running: Running) -> None:
    message = say(running, CURSE, place=channel_id(running, "수다방"))
    assert (await repost_of(running, message)).content == MASKED


async def test_the_name_it_is_reposted_under_is_masked_too(running: Running) -> None:
    member = running.demo.guild.members[running.demo.people["minseo"].id]
    member.nick = "시발 discord"
    running.demo.world.update_member(member)
    repost = await repost_of(running, say(running, CURSE))
    assert repost.webhook_name is not None
    assert repost.webhook_name.split() == ["●●", "d", "iscord"]


async def test_a_text_longer_than_a_message_is_reposted_whole_in_parts(running: Running) -> None:
    first = say(running, "가" * 50, "jiho")
    words = "가나다라 " * 390 + "시발"
    reply = running.demo.world.member_reply(running.demo.people["minseo"].id, first.channel_id, first.id, words)
    await wait_for(lambda: len(reposts(running.demo, first.channel_id)) == 2)
    await closed(running, reply)
    one, two = reposts(running.demo, first.channel_id)
    assert (one.content.partition("\n")[2] + two.content).replace(" ", "") == words.replace("시발", "●●").replace(
        " ", ""
    )


async def test_our_own_reposts_are_never_masked_again(running: Running) -> None:
    await repost_of(running, say(running, "시발 " * 3))
    await repost_settled(running)
    assert len(running.demo.world.facts("deleted")) == 1


async def repost_settled(running: Running) -> None:
    sentinel = say(running, "병신", "jiho", channel_id(running, "개발"))
    await closed(running, sentinel)
    running.demo.world.log = type(running.demo.world.log)(
        entry for entry in running.demo.world.log if entry.message_id != sentinel.id
    )


async def test_exempt_roles_and_channels_are_left_alone(running: Running) -> None:
    await running.storage.guilds.update(
        running.demo.guild.id,
        {
            "exempt_role_ids": [running.demo.roles["운영진"].id],
            "exempt_channel_ids": [channel_id(running, "개발")],
        },
        actor_id=1,
    )
    by_role = say(running, CURSE, "seoyeon")
    in_channel = say(running, CURSE, place=channel_id(running, "개발"))
    await repost_of(running, say(running, CURSE))
    assert not gone(running, by_role)
    assert not gone(running, in_channel)


async def test_observing_records_and_touches_nothing(running: Running) -> None:
    await running.storage.guilds.update(running.demo.guild.id, {"observe": True}, actor_id=1)
    message = say(running, CURSE)
    await closed(running, message)
    (incident,) = await running.incidents(message.id)
    assert incident.outcome is OutcomeKind.OBSERVED
    assert not gone(running, message)
    assert not [request for request in running.requests() if request.method == "DELETE"]


async def test_a_label_that_is_only_deleted_is_not_reposted(running: Running) -> None:
    await running.storage.guilds.update(running.demo.guild.id, {"actions": {"profanity": "delete"}}, actor_id=1)
    message = say(running, CURSE)
    await closed(running, message)
    (incident,) = await running.incidents(message.id)
    assert incident.outcome is OutcomeKind.DELETED_ONLY
    assert gone(running, message)
    assert not reposts(running.demo, message.channel_id)


async def test_the_author_is_told_by_direct_message_where_the_guild_wants_it(running: Running) -> None:
    await running.storage.guilds.update(running.demo.guild.id, {"notice": Notice.DM}, actor_id=1)
    message = say(running, CURSE)
    await repost_of(running, message)
    dms = [entry for entry in running.demo.world.facts("created") if entry.guild_id is None]
    assert len(dms) == 1
    assert str(message.channel_id) in dms[0].content


async def test_closed_direct_messages_are_recorded_and_nothing_else_suffers(running: Running) -> None:
    running.demo.people["minseo"].dms_open = False
    await running.storage.guilds.update(running.demo.guild.id, {"notice": Notice.DM}, actor_id=1)
    message = say(running, CURSE)
    await repost_of(running, message)
    (incident,) = await running.incidents(message.id)
    events = await running.storage.incidents.events(incident.id)
    assert ["no_dm" in (event.detail or "") for event in events if event.step == "not_notified"] == [True]


async def test_without_notice_the_repost_has_no_button(running: Running) -> None:
    await running.storage.guilds.update(running.demo.guild.id, {"notice": Notice.NONE}, actor_id=1)
    assert (await repost_of(running, say(running, CURSE))).components == []


async def test_a_thousand_reposts_leave_nothing_behind_in_discord_py(running: Running) -> None:
    await repost_of(running, say(running, CURSE))
    store = running.bot._connection._view_store
    assert not store._views
    assert not store._synced_message_views


@pytest.mark.parametrize("content", ["ㅅㅂ", "씨 발", "개새끼야"])
async def test_disguises_are_masked_with_the_model_that_ships(
    demo: Demo, server: Sandbox, tmp_path: Path, content: str
) -> None:
    settings = settings_for(server, tmp_path)
    quiet = settings.model_copy(update={"masker": settings.masker.model_copy(update={"deadline_ms": 20_000})})
    async with running_bot(demo, server, quiet, open_masker=masker_from) as running:
        repost = await repost_of(running, say(running, f"야 {content} 뭐해"))
        assert "●" in repost.content
        assert content not in repost.content
        (incident,) = await running.incidents(running.demo.world.facts("deleted")[0].message_id)
        assert incident.draft.verdict["model"]


async def test_an_edit_by_an_exempt_member_is_left_alone(running: Running) -> None:
    role = running.demo.roles["운영진"].id
    await running.storage.guilds.update(running.demo.guild.id, {"exempt_role_ids": [role]}, actor_id=1)
    message = say(running, "안녕하세요", "seoyeon")
    running.demo.world.member_edit(message.author_id, message.channel_id, message.id, CURSE)
    await repost_of(running, say(running, CURSE))
    assert not gone(running, message)


async def test_messages_on_every_shard_are_masked_and_the_gateway_of_the_settings_is_used(
    demo: Demo, tmp_path: Path
) -> None:
    other = add_guilds(demo, 3)
    limits = RateLimits(enabled=False)
    async with Sandbox(demo.world, limits=limits, gateway=GatewayOptions(shards=2)) as server:
        body = {
            "url": "ws://127.0.0.1:9",
            "shards": 2,
            "session_start_limit": {"total": 9, "remaining": 9, "reset_after": 0, "max_concurrency": 1},
        }
        server.faults.add("refuse", "GET", "/gateway/bot", status=200, body=body)
        async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
            await wait_for(lambda: len(running.bot.guilds) == 4 and all(g.me for g in running.bot.guilds))
            shards = {guild.shard_id for guild in running.bot.guilds}
            for guild in other:
                place = next(c for c in demo.world.channels.values() if c.guild_id == guild.id and c.name == "방-1")
                await repost_of(running, say(running, CURSE, place=place.id))
            assert shards <= {0, 1}
            assert running.bot.shard_count == 2


async def test_no_words_stand_in_a_log_or_a_repr(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="cogs")
    caplog.set_level("DEBUG", logger="bot")
    running.server.faults.add("lose", "POST", "/webhooks/{webhook_id}/{webhook_token}")
    message = say(running, CURSE)
    await repost_of(running, message)
    (incident,) = await running.incidents(message.id)
    for words in ("시발", "짜증", MINSEO):
        assert words not in caplog.text
        assert words not in repr(incident)
