"""Forms (Discord's modals) that outlive the process: what is submitted is matched by its id, not by an object kept."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord.ext import commands

from cogs._replies import Interaction

logger = logging.getLogger(__name__)

TITLE_LIMIT = LABEL_LIMIT = 45
PLACEHOLDER_LIMIT = 100
"""Source: Discord's developer docs, "Modal" and "Text Input"."""


@dataclass(frozen=True, slots=True)
class FormField:
    """Describe one text field; `key` is its own id within the form."""

    key: str
    label: str
    placeholder: str = ""
    long: bool = True
    required: bool = True
    max_length: int = 1_000
    default: str | None = None


@dataclass(frozen=True, slots=True)
class FormHandler:
    """Say what to do with a submitted form whose id matches; `take` gets the match and the words by field."""

    template: re.Pattern[str]
    take: Callable[[Interaction, re.Match[str], Mapping[str, str]], Awaitable[None]]


def form(custom_id: str, title: str, fields: Sequence[FormField], intro: str = "") -> discord.ui.Modal:
    """Return a form to send, `intro` above its fields; stopped, so that discord.py does not keep it."""
    modal = discord.ui.Modal(title=title[:TITLE_LIMIT], custom_id=custom_id, timeout=None)
    if intro:
        modal.add_item(discord.ui.TextDisplay(intro))
    for field in fields:
        style = discord.TextStyle.paragraph if field.long else discord.TextStyle.short
        entry: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id=field.key,
            style=style,
            placeholder=field.placeholder[:PLACEHOLDER_LIMIT] or None,
            required=field.required,
            max_length=field.max_length,
            default=field.default,
        )
        modal.add_item(discord.ui.Label(text=field.label[:LABEL_LIMIT], component=entry))
    modal.stop()
    return modal


def words_of(components: object) -> dict[str, str]:
    """Return what was filled into a form's text fields, by their keys, without white space around it."""
    return {str(item["custom_id"]): str(item["value"]).strip() for item in _filled(components)}


def _filled(components: object) -> Iterator[Mapping[str, Any]]:
    for item in components if isinstance(components, list) else [components]:
        if not isinstance(item, Mapping):
            continue
        if item.get("custom_id") is not None and isinstance(item.get("value"), str):
            yield item
        yield from _filled(item.get("components") or [])
        yield from _filled(item.get("component") or [])


class Forms(commands.Cog):
    """Listen to submitted forms and hand each to the handler whose pattern its id matches."""

    def __init__(self, handlers: Sequence[FormHandler]) -> None:
        self._handlers = handlers

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take a submitted form."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: Mapping[str, Any] = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        for handler in self._handlers:
            match = handler.template.fullmatch(custom_id)
            if match is not None:
                await handler.take(interaction, match, words_of(data.get("components")))
                return
        logger.warning("a form was submitted that nobody handles")
