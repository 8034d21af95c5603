"""The answer to the button under a repost: to its author alone, what kind of word was masked, who decided, and how to
contest it; once the contest is answered, the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.incidents import Incident
from bot.texts import text
from cogs._button import TEMPLATE
from cogs._press import pressed
from cogs._replies import Interaction, locale_of
from cogs.review.buttons import contest_button
from cogs.review.contest import check_author
from cogs.review.desk import Denied, Desk, Press, Told, answer, deferred, guarded


def explain(verdict: Mapping[str, Any], locale: str) -> str:
    """Return the explanation of a verdict: labels, how sure, and which detectors spoke; never the words."""
    labels: Mapping[str, float] = verdict.get("labels", {})
    named = [
        text("notice.why_label", locale, label=text(f"label.{label}", locale), score=round(score * 100))
        for label, score in sorted(labels.items(), key=lambda item: -item[1])
    ]
    detectors = {span["detector"] for span in verdict.get("spans", ())}
    how = "both" if {"lexicon", "classifier"} <= detectors else "classifier" if "classifier" in detectors else "lexicon"
    return text("notice.why", locale, labels=", ".join(named), how=text(f"notice.why_{how}", locale))


async def why(desk: Desk, interaction: Interaction, incident: Incident | None) -> Told:
    """Return what somebody who asks why is told. Raises Denied, StorageError, KeyUnusable."""
    if incident is None or incident.erased or incident.draft.guild_id != interaction.guild_id:
        raise Denied("notice.unknown")
    if incident.draft.author_id != interaction.user.id:
        raise Denied("notice.not_yours")
    press = Press(desk, interaction, incident, locale_of(interaction))
    words = f"{explain(incident.draft.verdict, press.locale)}\n-# {text('privacy.hint', press.locale)}"
    try:
        await check_author(press)
    except Denied as denied:
        return Told(f"{words}\n\n{text(denied.key, press.locale, **denied.params)}")
    hint = text("notice.contest_hint", press.locale)
    return Told(f"{words}\n{hint}", items=(contest_button(incident.id, press.locale),))


def why_item(desk: Desk) -> type[discord.ui.DynamicItem[Any]]:
    """Return the item that answers presses of the button, to be registered with the client."""

    async def take(interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        async def made() -> Told:
            return await why(desk, interaction, await desk.storage.incidents.by_key(match["key"]))

        if await deferred(interaction):
            await answer(interaction, await guarded(interaction, made()))

    return pressed(TEMPLATE, take)
