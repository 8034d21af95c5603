"""What one guild's verdicts show about its thresholds now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.policy import LabelAction
from bot.reports.proposals import Finding, findings
from bot.storage import Storage
from masker.labels import LABELS

LOOK_BACK = timedelta(days=180)
"""How old a verdict may be: what a server finds acceptable changes, and so does the lexicon."""


async def measured(storage: Storage, guild_id: int, since: datetime, least_right: float) -> list[Finding]:
    """Return the findings for the labels on which a guild acts, from verdicts alone. Raises StorageUnavailable."""
    policy = await storage.guilds.policy(guild_id)
    effective = policy.effective_thresholds()
    thresholds: Mapping[str, float] = {
        str(label): effective[label] for label in LABELS if policy.action_for(label) is not LabelAction.IGNORE
    }
    return findings(await storage.reviews.precision(guild_id, since), thresholds, least_right)
