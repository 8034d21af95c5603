"""`/settings export` and `import`: the settings as a file, a preview of what a file would change, and one press."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import discord

from bot.guild_choice import GuildChoice
from bot.records import AuditKind
from bot.setting_changes import MovedOnError
from bot.settings_exchange import FILE_LIMIT_BYTES, FileForm, Problem, exported, imported
from bot.texts import text
from cogs._plan import inert
from cogs._press import ItemClass, pressed, standing
from cogs._refusals import FAULTS
from cogs._replies import Interaction, locale_of, say
from cogs.settings._managed import SettingsDesk, guild_of, may_manage, shortened, tried
from cogs.settings._panel import panel
from cogs.settings._words import named, told

IMPORT = re.compile(r"garim:settings:import:(?P<mark>[0-9a-f]{16})", re.ASCII)


class Exchange:
    """Give a server's settings as a file, and take them from one."""

    def __init__(self, desk: SettingsDesk) -> None:
        self._desk = desk

    def items(self) -> list[ItemClass]:
        """Return the button that lets a file take effect."""
        return [pressed(IMPORT, self._pressed)]

    async def show(self, interaction: Interaction) -> None:
        """Answer with the panel, and with the file beside it."""
        await tried(interaction, self._show(interaction, FileForm.TOML))

    async def export(self, interaction: Interaction, form: FileForm) -> None:
        """Answer with the file."""
        await tried(interaction, self._show(interaction, form, words_key="panel.exported"))

    async def preview(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Answer with what a file would change, and the button that lets it; nothing is changed yet."""
        await tried(interaction, self._preview(interaction, file))

    async def _show(self, interaction: Interaction, form: FileForm, words_key: str = "") -> None:
        locale = locale_of(interaction)
        guild_id = guild_of(interaction)
        choice = await self._desk.guilds.choice(guild_id)
        file = await file_of(choice, form, locale)
        if words_key:
            await say(interaction, text(words_key, locale), files=[file])
        else:
            await say(interaction, embed=panel(await self._desk.guilds.policy(guild_id), locale), files=[file])

    async def _preview(self, interaction: Interaction, file: discord.Attachment) -> None:
        locale = locale_of(interaction)
        wanted = await _read(file)
        if not isinstance(wanted, GuildChoice):
            await say(interaction, problems_told(wanted, locale))
            return
        now = await self._desk.guilds.choice(guild_of(interaction))
        lines = _differences(now, wanted, locale)
        if not lines:
            await say(interaction, text("panel.import_same", locale))
            return
        words = "\n".join([text("panel.import_preview", locale), *shortened(lines), *_strangers(interaction, wanted)])
        await self._offer(interaction, words, "panel.import_apply", now, wanted)

    async def _offer(
        self, interaction: Interaction, words: str, label_key: str, now: GuildChoice, wanted: GuildChoice
    ) -> None:
        """Say something with a file and a button that lets it take effect, as long as nothing else is changed."""
        locale = locale_of(interaction)
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=text(label_key, locale),
            custom_id=f"garim:settings:import:{mark_of(now)}",
            style=discord.ButtonStyle.primary,
        )
        await say(interaction, words, view=standing(button), files=[await file_of(wanted, FileForm.TOML, locale)])

    async def _pressed(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_manage(interaction):
            await tried(interaction, self._apply(interaction, match["mark"]))

    async def _apply(self, interaction: Interaction, mark: str) -> None:
        """Let the file on the message that was pressed take effect, and offer what was before in the same way."""
        locale = locale_of(interaction)
        files = interaction.message.attachments if interaction.message is not None else []
        wanted = await _read(files[0]) if files else ()
        if not isinstance(wanted, GuildChoice):
            await say(interaction, problems_told(wanted, locale))
            return
        before: list[GuildChoice] = []

        def replaced(choice: GuildChoice) -> GuildChoice:
            if mark_of(choice) != mark:
                raise MovedOnError
            before.append(choice)
            return wanted

        deed = AuditKind.SETTINGS_IMPORTED
        applied = await self._desk.guilds.apply(guild_of(interaction), replaced, interaction.user.id, deed)
        lines = [line for one in applied.changes for line in told(one.key, one.old, one.new, locale)]
        words = "\n".join([text("panel.imported", locale), *shortened(lines), text("panel.imported_undo", locale)])
        await self._offer(interaction, words, "panel.undo", wanted, before[-1])


async def file_of(choice: GuildChoice, form: FileForm, locale: str) -> discord.File:
    """Return a choice as a file to send, its keys explained."""
    notes = {key: named(key, locale) for key in GuildChoice.model_fields}
    notes[""] = text("panel.file_note", locale)
    raw = await asyncio.to_thread(exported, choice, form, notes)
    return discord.File(io.BytesIO(raw), f"garim-settings.{form}")


def mark_of(choice: GuildChoice) -> str:
    """Return a short mark of a choice: equal for equal ones, and as good as never for others."""
    written = json.dumps(choice.as_json(), sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def problems_told(problems: Iterable[Problem], locale: str) -> str:
    """Return what is wrong in a file, a line each: where it stands, which key, and what it must be."""
    lines = []
    for problem in problems:
        where = [text("panel.file_line", locale, line=problem.line)] if problem.line is not None else []
        key = [f"**{inert(problem.key)}**"] if problem.key else []
        lines.append(" ".join([*where, *key, inert(text(problem.reason, locale, **problem.params))]))
    return "\n".join([text("panel.import_wrong", locale), *shortened(lines)])


async def _read(file: discord.Attachment) -> GuildChoice | tuple[Problem, ...]:
    if file.size > FILE_LIMIT_BYTES:
        return (Problem("panel.file_too_large", {"limit_kib": FILE_LIMIT_BYTES // 1024}),)
    try:
        raw = await file.read()
    except FAULTS:
        return (Problem("panel.file_unreadable"),)
    return await asyncio.to_thread(imported, raw)


def _differences(now: GuildChoice, wanted: GuildChoice, locale: str) -> list[str]:
    old, new = now.as_json(), wanted.as_json()
    keys = [key for key in GuildChoice.model_fields if old.get(key) != new.get(key)]
    return [line for key in keys for line in told(key, old.get(key), new.get(key), locale)]


def _strangers(interaction: Interaction, wanted: GuildChoice) -> list[str]:
    """Say how many roles and channels of a file this server does not have: it may come from another one."""
    guild = interaction.guild
    if guild is None:
        return []
    roles = [one for one in wanted.exempt_role_ids or () if guild.get_role(one) is None]
    places = {*(wanted.exempt_channel_ids or ()), *wanted.channels}
    if wanted.alert_channel_id is not None:
        places.add(wanted.alert_channel_id)
    unknown = len(roles) + sum(guild.get_channel_or_thread(one) is None for one in places)
    return [text("panel.import_strangers", locale_of(interaction), count=unknown)] if unknown else []
