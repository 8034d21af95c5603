"""A small real discord.py bot on a sandbox, for the tests of interactions, the control API and the page."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import yarl

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # discord.py imports audioop, which Python 3.13 removes
    import discord
    from discord import app_commands
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

from sandbox.seed import Demo, demo_world
from sandbox.server import Sandbox

BAD_WORD = "시발"
FRUIT = ("사과", "배", "복숭아", "포도")


class Questions(discord.ui.Modal, title="설문"):
    """One short and one long question."""

    nickname: discord.ui.TextInput[Questions] = discord.ui.TextInput(label="별명", max_length=10)
    story: discord.ui.TextInput[Questions] = discord.ui.TextInput(
        label="이야기", style=discord.TextStyle.paragraph, required=False
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Tell the person alone what was understood."""
        await interaction.response.send_message(f"반가워요, {self.nickname.value}", ephemeral=True)


class Panel(discord.ui.View):
    """A button that answers privately, one that changes its message, and selects."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.presses = 0

    @discord.ui.button(label="왜 가려졌나요?", style=discord.ButtonStyle.secondary, custom_id="test:why")
    async def why(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        """Answer the presser alone."""
        await interaction.response.send_message("당신에게만 알려 드려요", ephemeral=True)

    @discord.ui.button(label="세기", style=discord.ButtonStyle.primary, custom_id="test:count")
    async def count(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        """Edit the message."""
        self.presses += 1
        await interaction.response.edit_message(content=f"{self.presses}번 눌렀어요")

    @discord.ui.select(
        custom_id="test:fruit", placeholder="과일", options=[discord.SelectOption(label=name) for name in FRUIT]
    )
    async def fruit(self, interaction: discord.Interaction, chosen: discord.ui.Select[Panel]) -> None:
        """Say what was chosen."""
        await interaction.response.send_message(f"골랐어요: {', '.join(chosen.values)}")

    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="test:user", placeholder="사람", max_values=2)
    async def person(self, interaction: discord.Interaction, chosen: discord.ui.UserSelect[Panel]) -> None:
        """Say who was chosen, by their resolved names."""
        await interaction.response.send_message("사람: " + ", ".join(user.display_name for user in chosen.values))


class SmallBot(discord.Client):
    """Commands of every kind, and the masking of one word by webhook, as Garim does it."""

    def __init__(self) -> None:
        intents = discord.Intents.default()
        intents.message_content = True
        super().__init__(intents=intents, max_messages=100, chunk_guilds_at_startup=False)
        self._connection.guild_ready_timeout = 0.2  # the demo has one guild: no second one is waited for
        self.tree = app_commands.CommandTree(self)
        self.hooks: dict[int, discord.Webhook] = {}
        self.seen: list[discord.Interaction] = []
        self.failures: list[BaseException] = []
        add_commands(self)
        self.tree.error(self.on_failure)

    async def on_failure(self, interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        """Keep what went wrong, for the test to see."""
        self.failures.append(error)

    async def setup_hook(self) -> None:
        """Register the commands and the view that outlives its message."""
        self.add_view(Panel())
        await self.tree.sync()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Keep every interaction."""
        self.seen.append(interaction)

    async def on_message(self, message: discord.Message) -> None:
        """Delete a message with the bad word and repost it masked under its author's name."""
        if message.webhook_id is not None or message.author.bot or BAD_WORD not in message.content:
            return
        await message.delete()
        channel = message.channel
        assert isinstance(channel, discord.TextChannel)
        hook = self.hooks.get(channel.id) or await channel.create_webhook(name="test")
        self.hooks[channel.id] = hook
        await hook.send(
            message.content.replace(BAD_WORD, "■■"),
            username=message.author.display_name,
            avatar_url=message.author.display_avatar.url,
            view=Panel(),
            allowed_mentions=discord.AllowedMentions.none(),
        )


def add_commands(bot: SmallBot) -> None:
    """Give the bot its commands."""
    tree = bot.tree

    @tree.command(name="인사", description="인사를 나눠요")
    @app_commands.describe(fruit="좋아하는 과일", times="몇 번")
    @app_commands.rename(fruit="과일", times="횟수")
    async def greet(interaction: discord.Interaction, fruit: str, times: app_commands.Range[int, 1, 5] = 1) -> None:
        await interaction.response.send_message(f"{fruit} 좋아요! " * times)

    @greet.autocomplete("fruit")
    async def fruits(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=name, value=name) for name in FRUIT if typed in name]

    @tree.command(name="설문", description="설문을 열어요")
    async def survey(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Questions())

    @tree.command(name="느림", description="조금 생각하고 답해요")
    async def slow(interaction: discord.Interaction, private: bool = False) -> None:
        await interaction.response.defer(ephemeral=private, thinking=True)
        await asyncio.sleep(0.05)
        await interaction.followup.send("다 생각했어요")
        await interaction.followup.send("하나 더 있어요", ephemeral=private)

    @tree.command(name="패널", description="버튼을 보여 줘요")
    async def panel(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("눌러 보세요", view=Panel())

    @tree.command(name="침묵", description="아무 답도 하지 않아요")
    async def silent(interaction: discord.Interaction) -> None:
        return None

    @tree.command(name="관리", description="관리자만 써요")
    @app_commands.default_permissions(manage_guild=True)
    async def manage(interaction: discord.Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(f"{member.display_name} 확인", ephemeral=True)

    @tree.context_menu(name="글자 세기")
    async def letters(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"{len(message.content)}자예요", ephemeral=True)

    @tree.context_menu(name="소개")
    async def about(interaction: discord.Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(f"{member.display_name} 님이에요", ephemeral=True)


@dataclass(slots=True)
class Stage:
    """A running sandbox with its demo world and bot."""

    demo: Demo
    server: Sandbox
    bot: SmallBot

    @property
    def channel_id(self) -> int:
        """Return the channel everybody reads."""
        return self.demo.channels["자유-대화"].id

    def person(self, name: str) -> int:
        """Return a person's id by their account name."""
        return self.demo.people[name].id


@asynccontextmanager
async def pointed_at(server: Sandbox) -> AsyncIterator[None]:
    """Point discord.py at a sandbox, and back."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE
    Route.BASE = server.api_base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway)
    discord.Asset.BASE = server.cdn
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE = before


@asynccontextmanager
async def connected(server: Sandbox, token: str) -> AsyncIterator[SmallBot]:
    """Run the bot until the block ends."""
    async with pointed_at(server):
        bot = SmallBot()
        ready = asyncio.Event()

        @bot.event
        async def on_ready() -> None:
            ready.set()

        async with bot:
            running = asyncio.create_task(bot.start(token))
            waiting = asyncio.create_task(ready.wait())
            done, _ = await asyncio.wait({running, waiting}, timeout=20, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if waiting not in done:
                running.cancel()
                ended = (await asyncio.gather(running, return_exceptions=True))[0]
                raise AssertionError(f"the bot did not become ready: {ended!r}")
            try:
                yield bot
            finally:
                await bot.close()
                await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def staged(openapi: Path | None = None) -> AsyncIterator[Stage]:
    """Run a demo world with the bot in it, its requests checked against Discord's API description when given."""
    demo = demo_world()
    async with Sandbox(demo.world, openapi=openapi) as server, connected(server, demo.token) as bot:
        yield Stage(demo, server, bot)
