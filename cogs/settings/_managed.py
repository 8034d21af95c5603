"""Who may use the settings, checked by us at every call and press, whatever Discord shows to whom."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.errors import GarimError, SettingsError
from bot.guild_choice import GuildChoice
from bot.setting_changes import MovedOnError
from bot.storage import GuildStore
from bot.storage.guilds import Applied
from bot.texts import text
from cogs._press import standing
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs._replies import Interaction, in_time, locale_of, say
from cogs.settings._panel import panel
from cogs.settings._words import told

logger = logging.getLogger(__name__)

LINE_LIMIT, WORDS_LIMIT = 400, 1_400
"""Characters of one line and of all of them; a message holds 2,000."""
Edit = Callable[[GuildChoice], GuildChoice]


async def may_manage(interaction: Interaction) -> bool:
    """Let only those through who may manage the server; the others are told so."""
    if interaction.guild_id is not None and interaction.permissions.manage_guild:
        return True
    await say(interaction, text("panel.not_allowed", locale_of(interaction)))
    return False


class Managed(app_commands.Group):
    """Be a group of commands for those who may manage the server."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Check who calls, whatever Discord's own settings let them see."""
        return await may_manage(interaction)


async def tried(interaction: Interaction, work: Coroutine[Any, Any, None], *, updates: bool = False) -> None:
    """Do what was asked for; what stands in its way is told to whoever asked, and logged."""
    key = ""
    try:
        await in_time(interaction, work, updates=updates)
    except MovedOnError:
        key = "panel.moved_on"
    except SettingsError:
        key = "panel.does_not_fit"
    except GarimError as error:
        logger.error("guild %s: settings could not be used: %s", interaction.guild_id, error)
        key = "panel.failed"
    except FAULTS as fault:
        # Nobody is left to tell: the answer itself is what was refused.
        refused = refused_by(fault, Refusal.OTHER).detail()
        logger.warning("guild %s: an answer was refused: %s", interaction.guild_id, refused)
    if key:
        await say(interaction, text(key, locale_of(interaction)))


class SettingsDesk:
    """Make changes for people and tell them what holds then, and how to take it back."""

    def __init__(self, guilds: GuildStore) -> None:
        self.guilds = guilds

    async def change(self, interaction: Interaction, edit: Edit, *, hint: str = "") -> None:
        """Make one change and answer it; `hint` is put before the panel."""
        await tried(interaction, self._change(interaction, edit, hint))

    async def choose(self, interaction: Interaction, hint: str = "", **values: Any) -> None:
        """Change settings by name; None takes one back to the default."""
        await self.change(interaction, lambda choice: choice.changed(values), hint=hint)

    async def _change(self, interaction: Interaction, edit: Edit, hint: str) -> None:
        applied = await self.guilds.apply(guild_of(interaction), edit, interaction.user.id)
        await self.answer(interaction, applied, hint)

    async def answer(self, interaction: Interaction, applied: Applied, hint: str = "") -> None:
        """Tell what was changed and what holds now, with the button that takes it back."""
        locale = locale_of(interaction)
        embed = panel(applied.policy, locale)
        lines = [line for one in applied.changes for line in told(one.key, one.old, one.new, locale)]
        head = text("panel.changed" if lines else "panel.unchanged", locale)
        words = "\n".join(part for part in (head, *shortened(lines), hint) if part)
        if len(applied.changes) == 1:
            await say(interaction, words, embed=embed, view=standing(undo_button(applied.changes[0].id, locale)))
        else:
            await say(interaction, words, embed=embed)


def shortened(lines: Sequence[str]) -> list[str]:
    """Return as many lines as a message has room for, and how many more there are."""
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + min(len(line), LINE_LIMIT) > WORDS_LIMIT:
            return [*kept, f"+{len(lines) - len(kept)}"]
        kept.append(line if len(line) <= LINE_LIMIT else f"{line[: LINE_LIMIT - 1]}…")
    return kept


def undo_button(change_id: int, locale: str) -> discord.ui.Button[Any]:
    """Return the button that takes one change back."""
    return discord.ui.Button(label=text("panel.undo", locale), custom_id=f"garim:settings:undo:{change_id}", emoji="↩️")


def guild_of(interaction: Interaction) -> int:
    """Return the server in which somebody pressed or called, which `may_manage` has made sure of."""
    assert interaction.guild_id is not None  # noqa: S101 - may_manage
    return interaction.guild_id
