"""How `/setup automod` looks: what it would set, what it has set, and what stands in its way. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.texts import text
from cogs._press import standing
from cogs.automod_words import Filling

SET_ID, REMOVE_ID = "garim:automod:set", "garim:automod:remove"


@dataclass(frozen=True, slots=True)
class Intended:
    """Hold what the rules are to be: their words, and whom and where they leave alone."""

    fillings: Sequence[Filling]
    role_ids: Sequence[int]
    channel_ids: Sequence[int]
    members_left_out: int = 0


def panel(
    intended: Intended, own: int, others: int, locale: str, note: str = ""
) -> tuple[discord.Embed, discord.ui.View]:
    """Return what would be set, and the buttons that set it and take it back."""
    keywords = [keyword for filling in intended.fillings for keyword in filling.keywords]
    lines = [note] if note else []
    lines.append(text("automod.intro", locale))
    lines.append(text("automod.would_set", locale, rules=len(intended.fillings), keywords=len(keywords)))
    lines.append(text("automod.stands" if own else "automod.stands_not", locale, rules=own))
    if others:
        lines.append(text("automod.others", locale, rules=others))
    exempt = [f"<@&{one}>" for one in intended.role_ids] + [f"<#{one}>" for one in intended.channel_ids]
    if exempt:
        lines.append(text("automod.exempt", locale, places=" ".join(exempt)))
    if intended.members_left_out:
        lines.append(text("automod.members", locale, count=intended.members_left_out))
    embed = discord.Embed(
        title=text("automod.title", locale), description="\n".join(lines), colour=discord.Colour.blurple()
    )
    counted = Counter(keyword.label for keyword in keywords)
    if counted:
        shown = [f"{text(f'label.{label}', locale)}: {count}" for label, count in counted.most_common()]
        embed.add_field(name=text("automod.field_labels", locale), value="\n".join(shown), inline=False)
    return embed, standing(*_buttons(own, locale))


def _buttons(own: int, locale: str) -> list[discord.ui.Button[Any]]:
    key = "automod.button_refresh" if own else "automod.button_set"
    buttons: list[discord.ui.Button[Any]] = [
        discord.ui.Button(custom_id=SET_ID, label=text(key, locale), style=discord.ButtonStyle.primary)
    ]
    if own:
        buttons.append(discord.ui.Button(custom_id=REMOVE_ID, label=text("automod.button_remove", locale)))
    return buttons
