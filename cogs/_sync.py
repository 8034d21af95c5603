"""Telling Discord the commands, only when they are not those it has: the route allows few updates a day."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from discord.ext import commands

from cogs._refusals import FAULTS, Refusal, refused_by

logger = logging.getLogger(__name__)


async def sync_commands(bot: commands.Bot | commands.AutoShardedBot, state_dir: Path) -> bool:
    """Send the command tree unless it is what Discord confirmed last time; True when it was sent.

    What was sent is remembered beside the other state, by its hash and by the ids and versions Discord gave it, so that
    commands which changed on either side are noticed. A refusal is logged: masking works without commands.
    """
    translator = bot.tree.translator
    assert translator is not None  # noqa: S101 - set where the client is made
    payload = [await command.get_translated_payload(bot.tree, translator) for command in bot.tree.get_commands()]
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    application_id = bot.application_id or 0
    file = state_dir / f"commands-{application_id}.json"
    try:
        standing = await bot.http.get_global_commands(application_id)
        if await asyncio.to_thread(_read, file) == {"hash": digest, "standing": _versions(standing)}:
            return False
        synced = await bot.http.bulk_upsert_global_commands(application_id, payload=payload)
    except FAULTS as fault:
        logger.error("the slash commands could not be sent: %s", refused_by(fault, Refusal.OTHER).detail())
        return False
    await asyncio.to_thread(_write, file, {"hash": digest, "standing": _versions(synced)})
    return True


def _versions(commands_data: Sequence[Any]) -> list[list[str]]:
    return sorted([str(data["id"]), str(data.get("version", ""))] for data in commands_data)


def _read(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write(file: Path, state: object) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(state), encoding="utf-8")
    except OSError as error:
        logger.warning(
            "%s could not be written, so the commands are sent again at the next start: %s", file, error.strerror
        )
