"""`/report thresholds`: what moderators' verdicts say about the thresholds, and new ones at a press."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.guild_choice import GuildChoice
from bot.reports.measured import LOOK_BACK, measured
from bot.reports.proposals import VERDICTS, Finding, Proposal, Tally, mark_of
from bot.setting_changes import MovedOnError
from bot.texts import text
from cogs._moderated import may_moderate, tried
from cogs._press import ItemClass, pressed, standing
from cogs._replies import Interaction, locale_of, say
from cogs.review.desk import Desk
from cogs.settings._managed import SettingsDesk, may_manage

APPLY = re.compile(r"garim:report:apply:(?P<percent>\d{2}):(?P<mark>[0-9a-f]{16})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Looked:
    """Hold what the verdicts show now, and the guild's choice that it was seen with."""

    found: Sequence[Finding]
    choice: GuildChoice

    @property
    def proposals(self) -> list[Proposal]:
        """Return what is proposed."""
        return [one.proposal for one in self.found if one.proposal is not None]


class Thresholds:
    """Propose thresholds, from labels and scores alone, and apply them for those who may manage the server."""

    def __init__(self, desk: Desk) -> None:
        self._storage, self._now = desk.storage, desk.now
        self._settings = SettingsDesk(desk.storage.guilds)

    def items(self) -> list[ItemClass]:
        """Return the button that applies what is proposed."""
        return [pressed(APPLY, self._pressed)]

    async def show(self, interaction: Interaction, percent: int) -> None:
        """Answer with what the verdicts show, and the button that applies the proposals; nothing is changed yet."""
        await tried(interaction, self._show(interaction, percent, ""))

    async def _show(self, interaction: Interaction, percent: int, words: str) -> None:
        locale = locale_of(interaction)
        looked = await self._look(interaction.guild_id or 0, percent)
        lines = [_line(one, percent, locale) for one in looked.found] or [text("report.no_verdicts", locale)]
        embed = discord.Embed(title=text("report.thresholds_title", locale), description="\n".join(lines))
        embed.set_footer(text=text("report.thresholds_how", locale, percent=percent, verdicts=VERDICTS))
        proposals = looked.proposals
        if not proposals:
            await say(interaction, words, embed=embed)
            return
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=text("report.thresholds_apply", locale, count=len(proposals)),
            custom_id=f"garim:report:apply:{percent}:{mark_of(proposals)}",
            style=discord.ButtonStyle.primary,
        )
        await say(interaction, words, embed=embed, view=standing(button))

    async def _look(self, guild_id: int, percent: int) -> Looked:
        choice = await self._storage.guilds.choice(guild_id)
        since = self._now() - LOOK_BACK
        return Looked(await measured(self._storage, guild_id, since, percent / 100), choice)

    async def _pressed(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_moderate(interaction) and await may_manage(interaction):
            await tried(interaction, self._apply(interaction, int(match["percent"]), match["mark"]))

    async def _apply(self, interaction: Interaction, percent: int, mark: str) -> None:
        looked = await self._look(interaction.guild_id or 0, percent)
        wanted = {one.label: round(one.proposed, 2) for one in looked.proposals}

        def edit(choice: GuildChoice) -> GuildChoice:
            if choice != looked.choice:
                raise MovedOnError
            return choice.changed({"thresholds": wanted})

        if mark_of(looked.proposals) == mark:
            try:
                applied = await self._storage.guilds.apply(interaction.guild_id or 0, edit, interaction.user.id)
            except MovedOnError:
                pass
            else:
                await self._settings.answer(interaction, applied)
                return
        await self._show(interaction, percent, text("report.thresholds_moved_on", locale_of(interaction)))


def _line(found: Finding, percent: int, locale: str) -> str:
    label = text(f"label.{found.label}", locale)
    proposal = found.proposal
    if proposal is not None:
        key = "report.threshold_raise" if proposal.proposed > proposal.threshold else "report.threshold_lower"
        words = text(
            key,
            locale,
            label=label,
            threshold=f"{proposal.threshold:.2f}",
            proposed=f"{proposal.proposed:.2f}",
            changed=proposal.changed.total,
            wrong=proposal.changed.wrong,
            right=proposal.changed.right,
            now=_percent(proposal.now, locale),
            then=_percent(proposal.then, locale),
        )
        return f"**{words}**"
    key = "report.threshold_few"
    if found.verdicts >= VERDICTS:
        key = "report.threshold_keep" if found.reachable else "report.threshold_never"
    right = _percent(found.now, locale)
    threshold = f"{found.threshold:.2f}"
    return text(key, locale, label=label, threshold=threshold, right=right, count=found.verdicts, percent=percent)


def _percent(tally: Tally, locale: str) -> str:
    return text("report.tile_none", locale) if tally.precision is None else f"{tally.precision:.0%}"
