"""Commands' names and descriptions in Discord's languages, all from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable

import discord
from discord import app_commands

from bot.texts import text

_TRANSLATED = {discord.Locale.korean: "ko"}
"""Discord's locales that have a catalogue of their own; commands are named in English everywhere else."""


def said(key: str) -> app_commands.locale_str:
    """Return a text of the catalogue for a command's name or description."""
    return app_commands.locale_str(text(key, "en"), key=key)


def choices(prefix: str, values: Iterable[str]) -> list[app_commands.Choice[str]]:
    """Return an option's choices, named by the texts `<prefix><value>`."""
    return [app_commands.Choice(name=said(f"{prefix}{value}"), value=str(value)) for value in values]


class CatalogueTranslator(app_commands.Translator):
    """Give Discord the commands' names and descriptions in the languages of the catalogue."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Return the text for one of Discord's locales, or None to keep the English one."""
        key = string.extras.get("key")
        return text(key, _TRANSLATED[locale]) if key and locale in _TRANSLATED else None
