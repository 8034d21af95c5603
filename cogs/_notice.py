"""The answer to the button under a repost: to its author alone, what kind of word was masked, and who decided."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

import discord

from bot.errors import GarimError
from bot.incidents import Incident
from bot.storage import IncidentStore
from bot.texts import nearest_locale, text
from cogs._button import TEMPLATE

logger = logging.getLogger(__name__)


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


def answer(incident: Incident | None, user_id: int, locale: str) -> str:
    """Return what somebody who presses the button is told."""
    if incident is None or incident.erased:
        return text("notice.unknown", locale)
    if incident.draft.author_id != user_id:
        return text("notice.not_yours", locale)
    return explain(incident.draft.verdict, locale)


def why_item(store: IncidentStore) -> type[discord.ui.DynamicItem[discord.ui.Button[Any]]]:
    """Return the item class that answers presses from `store`, to be registered with the client.

    discord.py makes an instance per press from the class alone, so what it needs is bound to the class here.
    """

    class WhyItem(discord.ui.DynamicItem[discord.ui.Button[Any]], template=TEMPLATE):
        def __init__(self, key: str, custom_id: str) -> None:
            super().__init__(discord.ui.Button(custom_id=custom_id))
            self.key = key

        @classmethod
        async def from_custom_id(
            cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
        ) -> WhyItem:
            return cls(match["key"], match[0])

        async def callback(self, interaction: discord.Interaction[Any]) -> None:
            locale = nearest_locale(str(interaction.locale))
            try:
                words = answer(await store.by_key(self.key), interaction.user.id, locale)
            except GarimError as error:
                logger.error("a press of the button could not be answered: %s", error)
                words = text("notice.unavailable", locale)
            await interaction.response.send_message(words, ephemeral=True)

    return WhyItem
