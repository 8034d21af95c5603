"""`/privacy`: what is stored of whoever asks, a copy of it, and the erasure of their words; about themselves alone.

In a server it is about that server, in a conversation with the bot about all of them.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import unicodedata
import zipfile
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any

import discord
from discord import app_commands

from bot.errors import GarimError
from bot.incidents import IncidentFilter
from bot.members import ErasedCounts, MemberData
from bot.records import AuditKind
from bot.settings import StorageSettings
from bot.texts import LOCALES, text
from cogs._forms import FormField, FormHandler, form
from cogs._localised import said
from cogs._press import ItemClass, pressed, standing
from cogs._rate import PerMember
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs._replies import Interaction, in_time, locale_of, say
from cogs.review import contest_post
from cogs.review.desk import Desk

logger = logging.getLogger(__name__)

BUTTONS = re.compile(r"garim:privacy:(?P<what>export|erase)")
ERASE_FORM = re.compile(r"garim:form:privacy-erase")
WORD, WORD_LIMIT = "word", 20
PER_HOUR = 3
REDRAWN = 100
"""Posts in moderators' channels that are drawn again without the words, the newest first."""
FILE_NAME = "garim-privacy.json"


class Privacy:
    """Tell members what is stored of them, hand it over, and erase their words."""

    def __init__(self, desk: Desk, kept: StorageSettings) -> None:
        self._desk = desk
        self._kept = kept
        self._exports = PerMember(PER_HOUR, 3_600)
        self._erasures = PerMember(PER_HOUR, 3_600)

    async def about(self, interaction: Interaction) -> None:
        """Say what is stored, why, how long and who sees it, with the buttons of the two rights."""
        await _tried(interaction, self._about(interaction))

    async def export(self, interaction: Interaction) -> None:
        """Hand over everything that is stored of whoever asks."""
        await _tried(interaction, self._export(interaction))

    async def ask_erase(self, interaction: Interaction) -> None:
        """Open the form that says what goes and what stays, and asks for the word."""
        await _tried(interaction, self._ask_erase(interaction))

    def items(self) -> list[ItemClass]:
        """Return the buttons."""
        return [pressed(BUTTONS, self._pressed)]

    def forms(self) -> list[FormHandler]:
        """Return the form's handler."""
        return [FormHandler(ERASE_FORM, self._filled)]

    async def _pressed(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        await (self.export if match["what"] == "export" else self.ask_erase)(interaction)

    async def _filled(self, interaction: Interaction, _: re.Match[str], words: Mapping[str, str]) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._desk.under_way.add(task)
        try:
            await _tried(interaction, self._erase(interaction, words.get(WORD, "")))
        finally:
            self._desk.under_way.discard(task)

    async def _about(self, interaction: Interaction) -> None:
        locale, days = locale_of(interaction), self._kept.retention_days
        where = "all"
        if interaction.guild_id is not None:
            where = "here"
            days = (await self._desk.storage.guilds.policy(interaction.guild_id)).retention_days or days
        embed = discord.Embed(title=text("privacy.title", locale), description=text(f"privacy.scope_{where}", locale))
        embed.colour = discord.Colour.blurple()
        kept = text(f"privacy.kept_{where}", locale, days=days, grace=self._kept.departed_grace_days)
        for part in ("what", "why", "kept", "who", "rights"):
            value = kept if part == "kept" else text(f"privacy.{part}", locale)
            embed.add_field(name=text(f"privacy.field_{part}", locale), value=value, inline=False)
        await say(interaction, embed=embed, view=_buttons(locale, "export", "erase"))

    async def _export(self, interaction: Interaction) -> None:
        locale, member_id, storage = locale_of(interaction), interaction.user.id, self._desk.storage
        if not self._exports.take(member_id):
            await say(interaction, text("privacy.too_many", locale, limit=PER_HOUR))
            return
        data = await storage.members.export(interaction.guild_id, member_id)
        guild_ids = guilds_in(data)
        if not guild_ids:
            await say(interaction, text("privacy.nothing", locale))
            return
        name, raw = await asyncio.to_thread(packed, data, interaction.created_at, interaction.filesize_limit)
        if len(raw) > interaction.filesize_limit:
            await say(interaction, text("privacy.too_large", locale))
            return
        for guild_id in guild_ids:
            await storage.audit.record(guild_id, member_id, AuditKind.MEMBER_EXPORTED, member_id=member_id)
        words = text("privacy.exported", locale, incidents=len(data.incidents), guilds=len(guild_ids))
        await say(interaction, words, files=[discord.File(io.BytesIO(raw), name)], view=_buttons(locale, "erase"))

    async def _ask_erase(self, interaction: Interaction) -> None:
        locale = locale_of(interaction)
        word = text("privacy.erase_word", locale)
        where = "all" if interaction.guild_id is None else "here"
        intro = text("privacy.erase_intro", locale, where=text(f"privacy.erase_{where}", locale))
        label = text("privacy.erase_label", locale, word=word)
        field = FormField(WORD, label, placeholder=word, long=False, max_length=WORD_LIMIT)
        modal = form("garim:form:privacy-erase", text("privacy.erase_title", locale), [field], intro)
        await interaction.response.send_modal(modal)

    async def _erase(self, interaction: Interaction, typed: str) -> None:
        locale, member_id = locale_of(interaction), interaction.user.id
        if not confirms(typed):
            await say(interaction, text("privacy.not_erased", locale, word=text("privacy.erase_word", locale)))
            return
        if not self._erasures.take(member_id):
            await say(interaction, text("privacy.too_many", locale, limit=PER_HOUR))
            return
        counts = await self._desk.storage.members.erase(interaction.guild_id, member_id, member_id)
        await say(interaction, erased_words(counts, locale))
        try:
            await self._redraw(interaction.guild_id, member_id)
        except GarimError as error:
            logger.error("the posts about member %d still show what was erased: %s", member_id, error)

    async def _redraw(self, guild_id: int | None, member_id: int) -> None:
        """Take the words out of the moderators' posts too; the alert of several incidents is drawn once."""
        newest = IncidentFilter(guild_id=guild_id, author_id=member_id, limit=REDRAWN)
        drawn: set[int] = set()
        for summary in await self._desk.storage.incidents.search(newest):
            post = await self._desk.storage.alert_posts.of(summary.id)
            if post is not None and post.message_id not in drawn:
                drawn.add(post.message_id)
                await self._desk.alerts.refresh(summary.id)
            incident = await self._desk.storage.incidents.by_id(summary.id)
            if incident is not None:
                with self._desk.breaker.of_guild(summary.guild_id):
                    await contest_post.redraw(self._desk, incident)


class PrivacyGroup(app_commands.Group, name=said("privacy.group_name"), description=said("privacy.group")):
    """Give every member their rights, in servers and in a conversation with the bot."""

    def __init__(self, privacy: Privacy) -> None:
        self._privacy = privacy
        contexts = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)
        super().__init__(allowed_contexts=contexts)

    @app_commands.command(name=said("privacy.about_name"), description=said("privacy.about"))
    async def about(self, interaction: Interaction) -> None:
        """Say what is stored and what a member may ask for."""
        await self._privacy.about(interaction)

    @app_commands.command(name=said("privacy.export_name"), description=said("privacy.export"))
    async def export(self, interaction: Interaction) -> None:
        """Hand over what is stored."""
        await self._privacy.export(interaction)

    @app_commands.command(name=said("privacy.erase_name"), description=said("privacy.erase"))
    async def erase(self, interaction: Interaction) -> None:
        """Ask whether to erase."""
        await self._privacy.ask_erase(interaction)


def guilds_in(data: MemberData) -> list[int]:
    """Return the guilds in which something of the member is stored."""
    rows = (data.incidents, data.contests, data.cases, data.sanctions, data.about_them, data.by_them)
    named = {int(row["guild_id"]) for part in (*rows, data.settings_changed) for row in part}
    return sorted(named | {int(guild_id) for guild_id in data.exempt_in})


def packed(data: MemberData, at: datetime, limit_bytes: int) -> tuple[str, bytes]:
    """Return a member's data as a JSON file, zipped when it is larger than `limit_bytes`: its name and its bytes."""
    content = {"format": 1, "exported_at": at.isoformat(), **data.as_json()}
    # A lone surrogate, which no encoding of files takes, is written as JSON's own escape.
    raw = json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace")
    if len(raw) <= limit_bytes:
        return FILE_NAME, raw
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(FILE_NAME, raw)
    return f"{FILE_NAME}.zip", zipped.getvalue()


def confirms(typed: str) -> bool:
    """Tell whether the word that was typed is the one that confirms, in any of the languages."""
    word = unicodedata.normalize("NFKC", typed).strip().casefold()
    return word in {text("privacy.erase_word", locale) for locale in LOCALES}


def erased_words(counts: ErasedCounts, locale: str) -> str:
    """Return what was erased, what will be, and what stays."""
    lines = [text("privacy.erased", locale, incidents=counts.incidents, contests=counts.contests, notes=counts.notes)]
    if counts.put_off:
        lines.append(text("privacy.erased_later", locale, count=counts.put_off))
    return "\n".join([*lines, text("privacy.erased_stays", locale)])


def _buttons(locale: str, *names: str) -> discord.ui.View:
    styles = {"export": discord.ButtonStyle.primary, "erase": discord.ButtonStyle.danger}
    made: list[discord.ui.Button[Any]] = [
        discord.ui.Button(
            label=text(f"privacy.button_{name}", locale), custom_id=f"garim:privacy:{name}", style=styles[name]
        )
        for name in names
    ]
    return standing(*made)


async def _tried(interaction: Interaction, work: Coroutine[Any, Any, None]) -> None:
    """Do what was asked for; what stands in its way is told to whoever asked, and logged."""
    try:
        await in_time(interaction, work)
    except GarimError as error:
        logger.error("guild %s: a member's request about their data failed: %s", interaction.guild_id, error)
        await say(interaction, text("privacy.failed", locale_of(interaction)))
    except FAULTS as fault:
        refused = refused_by(fault, Refusal.OTHER).detail()
        logger.warning("guild %s: an answer about a member's data was refused: %s", interaction.guild_id, refused)
