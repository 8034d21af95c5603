"""A second opinion: the same cogs on simcord, a simulation of Discord that others wrote.

simcord replaces discord.py's transport in memory, so nothing here goes over sockets; what it shares with our sandbox is
Discord itself. In one thing that concerns us it differs from Discord: it refuses a button on any webhook's post, where
Discord lets an application's own webhooks carry one (developer docs, Execute Webhook, `with_components`). So these
cases run without the button, but for the one that meets the refusal.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import simcord

from bot.incidents import Incident, IncidentState, OutcomeKind
from bot.policy import Notice
from bot.settings import GuildDefaults, PathSettings, RepostSettings, Settings
from bot.wiring import open_bot
from cogs._engine import Engine
from tests.support.bot_process import lexicon_masker


@dataclass(frozen=True, slots=True)
class Stage:
    """Hold simcord's environment, the bot's engine in it, a channel and the member who speaks there."""

    env: Any
    engine: Engine
    channel: Any
    member: Any

    def texts(self) -> list[tuple[str, str]]:
        """Return what stands in the channel, as author and content, oldest first."""
        return [(message.author.name, message.content) for message in self.channel.history()]

    async def incident(self, message_id: int) -> Incident:
        """Return the one incident of a message."""
        (found,) = await self.engine.storage.incidents.for_message(message_id)
        return found


@contextlib.asynccontextmanager
async def staged(folder: Path, notice: Notice = Notice.NONE) -> AsyncIterator[Stage]:
    """Give the bot, wired as `garim run` wires it, on simcord instead of a connection."""
    settings = Settings(
        guild_defaults=GuildDefaults(notice=notice),
        repost=RepostSettings(doubt_wait_ms=50),
        paths=PathSettings(data_dir=folder),
    )
    async with open_bot(settings, open_masker=lexicon_masker) as (bot, engine), simcord.run(bot, shard_count=1) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("자유-대화")
        yield Stage(env, engine, channel, guild.add_member(env.create_user("민서")))


async def test_an_offending_message_is_reposted_masked_under_its_authors_name(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        original = await stage.member.send(stage.channel, "시발 깜짝이야")
        assert stage.texts() == [("민서", "●● 깜짝이야")]
        repost = stage.channel.last_message
        assert repost.webhook_id is not None
        assert repost.id != original.id
        incident = await stage.incident(original.id)
    assert (incident.state, incident.outcome) == (IncidentState.CLOSED, OutcomeKind.MASKED)
    assert [part.message_id for part in incident.draft.parts] == [repost.id]


async def test_a_message_edited_into_a_curse_reappears_masked_at_the_end(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        original = await stage.member.send(stage.channel, "좋은 아침이에요")
        await stage.member.send(stage.channel, "모두 안녕하세요")
        await stage.member.edit(original, "시발 졸려")
        texts = stage.texts()
        assert texts[0] == ("민서", "모두 안녕하세요")
        assert texts[1][1].endswith("●● 졸려")
        assert len(texts) == 2


async def test_a_clean_message_stays_and_costs_no_request(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        before = len(stage.env.http_requests)
        await stage.member.send(stage.channel, "오늘 날씨 좋네요")
        assert stage.texts() == [("민서", "오늘 날씨 좋네요")]
        assert len(stage.env.http_requests) == before


async def test_the_second_repost_uses_the_first_ones_webhook_and_is_not_masked_again(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.member.send(stage.channel, "시발 하나")
        before = len(stage.env.http_requests)
        await stage.member.send(stage.channel, "시발 둘")
        assert [content for _, content in stage.texts()] == ["●● 하나", "●● 둘"]
        first, second = stage.channel.history()
        assert first.webhook_id == second.webhook_id
        assert [request.method for request in stage.env.http_requests[before:]] == ["DELETE", "POST"]


async def test_a_form_that_is_refused_leaves_a_human_the_masked_text_and_nothing_doubled(tmp_path: Path) -> None:
    async with staged(tmp_path, Notice.BUTTON) as stage:
        original = await stage.member.send(stage.channel, "시발 버튼")
        assert stage.texts() == []
        incident = await stage.incident(original.id)
    assert (incident.state, incident.outcome) == (IncidentState.STUCK, OutcomeKind.NOT_REPOSTED)
    assert incident.draft.parts[0].content == "●● 버튼"
