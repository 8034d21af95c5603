"""Rows of incidents and what they stand for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.crypto import Keyring
from bot.incidents import Incident, IncidentDraft, IncidentState, OutcomeKind
from bot.storage.database import chunks
from bot.storage.payload import seal, unseal
from bot.storage.tables import reposts

_DISCORD_EPOCH_MS = 1_420_070_400_000
"""The first second of 2015: https://discord.com/developers/docs/reference#snowflakes."""


def row_of(draft: IncidentDraft, keyring: Keyring, opened_at: datetime) -> dict[str, Any]:
    """Return the row of an incident that opens now, its words encrypted."""
    return {
        "key": draft.key,
        "guild_id": draft.guild_id,
        "channel_id": draft.channel_id,
        "thread_id": draft.thread_id,
        "message_id": draft.message_id,
        "other_message_ids": list(draft.other_message_ids) or None,
        "revision": draft.revision,
        "author_id": draft.author_id,
        "reply_to_message_id": draft.reply_to_message_id,
        "action": str(draft.action),
        "notice": str(draft.notice),
        "locale": draft.locale,
        "observe": draft.observe,
        "origin": str(draft.origin),
        "verdict": dict(draft.verdict),
        "score": max(flagged_labels(draft).values(), default=0.0),
        "part_count": len(draft.parts),
        "payload": seal(draft, keyring),
        "state": IncidentState.OPEN.value,
        "opened_at": opened_at,
        "opened_hour": int(opened_at.timestamp()) // 3_600,
    }


def label_rows_of(draft: IncidentDraft, incident_id: int, opened_at: datetime) -> list[dict[str, Any]]:
    """Return one row per flagged label."""
    shared = {"incident_id": incident_id, "guild_id": draft.guild_id, "opened_at": opened_at}
    return [{"label": name, "score": score, **shared} for name, score in flagged_labels(draft).items()]


def flagged_labels(draft: IncidentDraft) -> dict[str, float]:
    """Return the draft's flagged labels with their scores; see `IncidentDraft.verdict`."""
    return {str(label): float(score) for label, score in draft.verdict.get("labels", {}).items()}


def reaction_ms(message_id: int, revision: int, deleted_at: datetime) -> int:
    """Return how long the words stood: from the message's time, or from its edit's (see `IncidentDraft.revision`)."""
    written_ms = revision or (message_id >> 22) + _DISCORD_EPOCH_MS
    return round(deleted_at.timestamp() * 1_000) - written_ms


async def reposts_of(connection: AsyncConnection, incident_ids: Collection[int]) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    for chunk in chunks(incident_ids):
        query = select(reposts).where(reposts.c.incident_id.in_(chunk))
        for row in (await connection.execute(query)).mappings():
            found.setdefault(row["incident_id"], {})[row["part_index"]] = row["message_id"]
    return found


def incident_of(row: RowMapping, keyring: Keyring, message_ids: dict[int, int]) -> Incident:
    words = unseal(row["payload"], keyring, message_ids)
    draft = IncidentDraft(
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        thread_id=row["thread_id"],
        message_id=row["message_id"],
        revision=row["revision"],
        author_id=row["author_id"],
        author_name=words.author_name,
        avatar_url=words.avatar_url,
        original=words.original,
        parts=words.parts,
        action=row["action"],
        notice=row["notice"],
        locale=row["locale"],
        verdict=row["verdict"],
        reply_to_message_id=row["reply_to_message_id"],
        other_message_ids=tuple(row["other_message_ids"] or ()),
        observe=row["observe"],
        origin=row["origin"],
        key=row["key"],
    )
    return Incident(
        id=row["id"],
        draft=draft,
        state=IncidentState(row["state"]),
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        outcome=OutcomeKind(row["outcome"]) if row["outcome"] else None,
        outcome_detail=row["outcome_detail"],
        deleted_at=row["deleted_at"],
        erased=row["payload"] is None,
    )
