"""The weekly summary of a server that only observes: whether it is wanted stands in the schedules."""

from __future__ import annotations

from typing import Final

from bot.policy import Policy
from bot.records import Every
from bot.storage.schedules import ScheduleStore
from bot.texts import text

SUMMARY_KIND: Final = "observed"
"""The schedule's kind. Whoever posts it looks at the policy then: it must still observe, and says where alerts go."""


async def keep_summary(schedules: ScheduleStore, guild_id: int, policy: Policy, *, wanted: bool) -> None:
    """Let the summary be posted every week while the policy observes, or no more."""
    every = Every.WEEK if wanted and policy.observe else None
    await schedules.set(guild_id, SUMMARY_KIND, policy.alert_channel_id or 0, every)


def summary_words(policy: Policy, locale: str, *, wanted: bool) -> str:
    """Return what is said of the summary where it is wanted; "" elsewhere."""
    if not (wanted and policy.observe):
        return ""
    return text("panel.summary_weekly" if policy.alert_channel_id else "panel.summary_nowhere", locale)
