"""Every button and select that outlives a restart, in one list: discord.py matches a press by the id's pattern."""

from __future__ import annotations

from typing import Any

import discord

from cogs._engine import Engine
from cogs._notice import why_item

ItemClass = type[discord.ui.DynamicItem[Any]]


def items_of(engine: Engine) -> list[ItemClass]:
    """Return the item classes to register with the client, each bound to what it needs of the engine."""
    return [
        why_item(engine.storage.incidents),
    ]
