"""What stands of an incident's message: the original itself, our repost in its place, or nothing. Pure."""

from __future__ import annotations

from bot.incidents import Incident, IncidentDraft, OutcomeKind
from cogs._permissions import place_of

_UNTOUCHED = frozenset({OutcomeKind.NOT_DELETED, OutcomeKind.ALERTED, OutcomeKind.OBSERVED, OutcomeKind.REPORTED})


def original_stands(incident: Incident) -> bool:
    """Tell whether we left the author's message where it was."""
    return incident.outcome in _UNTOUCHED


def repost_ids(incident: Incident) -> tuple[int, ...]:
    """Return the messages that we posted in the original's place."""
    return tuple(part.message_id for part in incident.draft.parts if part.message_id is not None)


def standing_ids(incident: Incident) -> tuple[int, ...]:
    """Return the messages that stand, as far as the record knows: the author's own, or ours."""
    if original_stands(incident):
        return (*incident.draft.other_message_ids, incident.draft.message_id)
    return repost_ids(incident)


def link(draft: IncidentDraft, message_id: int) -> str:
    """Return a message's address."""
    return f"https://discord.com/channels/{draft.guild_id}/{place_of(draft)}/{message_id}"


def jump(incident: Incident) -> str | None:
    """Return the address of the first message that stands."""
    return next((link(incident.draft, message_id) for message_id in standing_ids(incident)), None)
