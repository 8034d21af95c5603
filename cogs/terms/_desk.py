"""What every command over terms needs: the stores, the look back, and telling people what went wrong."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import Any

from bot.errors import GarimError, SettingsError
from bot.setting_changes import MovedOnError
from bot.storage import Storage
from bot.terms import PATTERN_LIMIT, WORD_LIMIT, GuildTerm, TermKind
from bot.texts import text
from cogs._censor import Censor
from cogs._guild_terms import own_terms
from cogs._replies import Interaction, in_time, locale_of, say
from cogs.terms import _preview
from masker.own_terms import OwnTerm, OwnTerms, RefusedTerm, rule_of

logger = logging.getLogger(__name__)


async def carried(interaction: Interaction, work: Coroutine[Any, Any, None], *, updates: bool = False) -> None:
    """Do what was asked for; what stands in its way is told to whoever asked, and logged."""
    locale = locale_of(interaction)
    try:
        await in_time(interaction, work, updates=updates)
    except MovedOnError:
        await say(interaction, text("terms.moved_on", locale))
    except SettingsError:
        await say(interaction, text("terms.full", locale, words=WORD_LIMIT, patterns=PATTERN_LIMIT))
    except GarimError as error:
        logger.error("guild %s: its terms could not be used: %s", interaction.guild_id, error)
        await say(interaction, text("terms.failed", locale))


class TermsDesk:
    """Hold what the commands work with."""

    def __init__(self, storage: Storage, censor: Censor) -> None:
        self.storage = storage
        self.terms = storage.terms
        self.censor = censor

    async def refused(self, terms: Iterable[GuildTerm]) -> tuple[RefusedTerm, ...]:
        """Return which of these terms cannot be used, and why."""
        return (await asyncio.to_thread(OwnTerms, own_terms(terms))).refused

    async def looked_back(self, guild_id: int, terms: Iterable[GuildTerm], locale: str) -> list[str]:
        """Return what these terms do to the last incidents, in words; the guild's own masker is built on the way."""
        wanted = list(terms)
        censor = await self.censor.of(guild_id)
        policy = await self.storage.guilds.policy(guild_id)
        incidents = await self.storage.incidents.latest(guild_id, _preview.INCIDENTS_READ)
        allows = all(term.kind is TermKind.ALLOW for term in wanted)

        def looked() -> _preview.Look:
            return _preview.look_back(incidents, OwnTerms(own_terms(wanted)), censor, policy)

        return _preview.told(await asyncio.to_thread(looked), locale, allows=allows)

    async def find(self, guild_id: int, rule: str) -> GuildTerm | None:
        """Return the guild's term that findings name by this rule."""
        return next((term for term in await self.terms.list(guild_id) if rule_for(term) == rule), None)


def rule_for(term: GuildTerm) -> str:
    """Return the short name of a stored term: the rule that its findings name."""
    (own,) = own_terms([term])
    return rule_of(own)


def is_same(term: GuildTerm, own: OwnTerm) -> bool:
    """Tell whether a refused term is this stored one."""
    return term.kind.value == own.kind.value and term.entry == own.entry
