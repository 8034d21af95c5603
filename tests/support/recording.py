"""Incidents recorded as they would be, without a message for each."""

from __future__ import annotations

import itertools
from typing import Any

from bot.incidents import Incident, IncidentDraft, OutcomeKind, RepostPart
from tests.support.running import Running, channel_id

_numbers = itertools.count(1)


async def recorded(
    running: Running,
    who: str = "minseo",
    labels: dict[str, float] | None = None,
    outcome: OutcomeKind = OutcomeKind.MASKED,
    **more: Any,
) -> Incident:
    """Record a closed incident of a member's, and return it; `more` are a draft's fields."""
    scores = {"profanity": 0.98} if labels is None else labels
    number = next(_numbers)
    values: dict[str, Any] = {
        "guild_id": running.demo.guild.id,
        "channel_id": channel_id(running),
        "thread_id": None,
        "message_id": (1_400_000_000_000 << 22) + number,
        "revision": 0,
        "author_id": running.demo.people[who].id,
        "author_name": who,
        "avatar_url": None,
        "original": "시발 진짜",
        "parts": (RepostPart(0, "●● 진짜"),),
        "action": "mask",
        "notice": "button",
        "locale": "ko",
        "verdict": {"labels": scores, "spans": [], "complete": True},
        **more,
    }
    return await running.storage.incidents.record(IncidentDraft(**values), outcome)
