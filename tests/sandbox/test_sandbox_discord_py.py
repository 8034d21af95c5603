"""Unmodified discord.py over real sockets."""

from __future__ import annotations

import io
from datetime import timedelta

import discord

from sandbox.seed import Demo
from sandbox.server import Sandbox

from .conftest import BotStarter


async def test_a_bot_logs_in_and_sees_the_guild_with_its_channels_roles_and_itself(
    start_bot: BotStarter, demo: Demo, server: Sandbox
) -> None:
    bot = await start_bot()
    guild = bot.get_guild(demo.guild.id)
    assert guild is not None
    assert {c.name for c in guild.channels} >= {"자유-대화", "개발", "관리자-알림", "수다방", "질문"}
    assert guild.me.id == demo.application.bot_id
    assert guild.me.guild_permissions.manage_webhooks
    assert guild.member_count == 6
    assert isinstance(guild.get_channel(demo.channels["질문"].id), discord.ForumChannel)
    assert not server.world.unknown_routes


async def test_a_member_speaks_and_the_bot_hears_deletes_and_reposts_under_the_same_name_and_face(
    start_bot: BotStarter, demo: Demo
) -> None:
    bot = await start_bot()
    world, minseo, place = demo.world, demo.people["minseo"], demo.channels["자유-대화"]
    world.member_send(minseo.id, place.id, "안녕하세요")
    message = await bot.hear("message")
    assert (message.content, message.author.display_name) == ("안녕하세요", "민서🌿")
    await message.delete()
    webhook = await message.channel.create_webhook(name="가림", reason="다시 올리기")
    repost = await webhook.send(
        "**가려졌어요**",
        username=message.author.display_name,
        avatar_url=message.author.display_avatar.url,
        allowed_mentions=discord.AllowedMentions.none(),
        wait=True,
    )
    stored = world.message(place.id, repost.id)
    assert stored.webhook_name == "민서🌿"
    assert stored.webhook_avatar == minseo.avatar
    assert [fact.what for fact in world.facts(channel_id=place.id)] == ["created", "deleted", "created"]
    entry = next(entry for entry in demo.guild.audit_log if entry.action_type == 50)
    assert entry.reason == "다시 올리기"


async def test_files_threads_edits_reactions_and_pins_work_both_ways(start_bot: BotStarter, demo: Demo) -> None:
    bot = await start_bot(intents=discord.Intents.all() ^ discord.Intents(presences=True))
    world, jiho, place = demo.world, demo.people["jiho"], demo.channels["개발"]
    sent = world.member_send(jiho.id, place.id, "첫 글")
    message = await bot.hear("message")
    world.member_edit(jiho.id, place.id, sent.id, "고친 글")
    payload = await bot.hear("raw_message_edit")
    assert payload.message.content == "고친 글"
    assert payload.message.edited_at is not None
    demo.world.deny_in_channel(place.id, demo.people["doyun"].id)
    thread_channel = world.create_thread(jiho.id, place.id, "따로 이야기", message_id=sent.id)
    world.member_send(jiho.id, thread_channel.id, "스레드 안에서")
    while message.content != "스레드 안에서":
        message = await bot.hear("message")
    assert isinstance(message.channel, discord.Thread)
    webhook = await bot.get_channel(place.id).create_webhook(name="가림")
    file = discord.File(io.BytesIO(b"\x00\x01\x02"), "그림 파일.bin", description="설명")
    repost = await webhook.send("파일", file=file, thread=message.channel, wait=True)
    assert repost.channel.id == thread_channel.id
    assert await repost.attachments[0].read() == b"\x00\x01\x02"
    assert repost.attachments[0].description == "설명"
    fetched = await webhook.fetch_message(repost.id, thread=message.channel)
    await fetched.edit(content="파일 (고침)")
    assert world.message(thread_channel.id, repost.id).content == "파일 (고침)"
    world.member_react(jiho.id, thread_channel.id, repost.id, "👍")
    reaction = await bot.hear("raw_reaction_add")
    assert (str(reaction.emoji), reaction.member.display_name) == ("👍", "지호")
    await fetched.delete()
    found = [item.content async for item in message.channel.history(limit=10)]
    assert found[0] == "스레드 안에서"


async def test_members_come_in_chunks_when_asked(start_bot: BotStarter, demo: Demo) -> None:
    bot = await start_bot(intents=discord.Intents(guilds=True, members=True))
    guild = bot.get_guild(demo.guild.id)
    found = await guild.chunk()
    assert {member.name for member in found} >= set(demo.people)
    assert [m.name for m in await guild.query_members("민서", limit=5)] == ["minseo"]
    assert (await guild.fetch_member(demo.people["jiho"].id)).display_name == "지호"


async def test_a_bot_times_out_renames_and_writes_to_members(start_bot: BotStarter, demo: Demo) -> None:
    demo.world.set_bot_permissions(demo.guild.id, demo.application.bot_id, demo.roles["bot"].permissions | 1 << 27)
    bot = await start_bot()
    member = await bot.get_guild(demo.guild.id).fetch_member(demo.people["doyun"].id)
    await member.timeout(timedelta(minutes=5), reason="잠시 쉬기")
    assert demo.guild.members[member.id].timed_out_until_s is not None
    await member.edit(nick="새 이름")
    assert demo.guild.members[member.id].nick == "새 이름"
    note = await member.send("안내드려요")
    assert demo.world.message(note.channel.id, note.id).content == "안내드려요"
