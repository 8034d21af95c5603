"""Each guild's own terms in masking: a censor per guild that has some, compiled off the event loop and kept."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import discord

from bot.storage import TermStore
from bot.terms import GuildTerm, GuildTerms
from bot.texts import text
from cogs._alerts import Alerts
from cogs._card import Post
from cogs._censor import Censor
from cogs._plan import inert
from masker.aio import AsyncMasker
from masker.labels import Label
from masker.own_terms import OwnKind, OwnTerm, OwnTerms, RefusedTerm

logger = logging.getLogger(__name__)

ENTRIES_KEPT = 5_000
"""Entries of all guilds whose terms stay compiled, the guild at work aside: about 20 KB each, 100 MB in all."""
SMALL_TEXTS = 256
"""Names and the like whose verdicts are remembered per guild."""
NAMED = 5
"""Entries that are named when some cannot be used."""

Tell = Callable[[int, Sequence[RefusedTerm]], None]
"""Tell a guild's moderators which terms cannot be used; none given: no term can."""


@dataclass(frozen=True, slots=True)
class _Built:
    version: int
    entries: int
    censor: Censor | None


class GuildCensors:
    """Give the censor that goes by a guild's own terms.

    A message waits for the terms that hold when it is judged; it never goes by older ones. What cannot be used is left
    out, and told once for each version of the terms: the common lexicon goes on whatever a guild's terms are.
    """

    def __init__(self, terms: TermStore, masker: AsyncMasker, deadline_ms: int, tell: Tell) -> None:
        self._terms = terms
        self._masker = masker
        self._deadline_ms = deadline_ms
        self._tell = tell
        self._built: OrderedDict[int, _Built] = OrderedDict()
        self._building: dict[tuple[int, int], asyncio.Task[_Built]] = {}
        self._one_at_a_time = asyncio.Semaphore(1)

    async def of(self, guild_id: int) -> Censor | None:
        """Return a guild's censor, or None for one without terms of its own. Raises StorageUnavailable."""
        terms = await self._terms.list(guild_id)
        if not (terms.block or terms.allow or terms.patterns):
            self._built.pop(guild_id, None)
            return None
        known = self._built.get(guild_id)
        if known is None or known.version != terms.version:
            known = await self._build(guild_id, terms)
        else:
            self._built.move_to_end(guild_id)
        return known.censor

    def __len__(self) -> int:
        return len(self._built)

    async def _build(self, guild_id: int, terms: GuildTerms) -> _Built:
        """Build, once however many messages wait, and go on with it when those who wait have given up."""
        key = guild_id, terms.version
        task = self._building.get(key)
        if task is None:
            task = self._building[key] = asyncio.create_task(self._compiled(guild_id, terms))
            task.add_done_callback(lambda _: self._building.pop(key, None))
        return await asyncio.shield(task)

    async def _compiled(self, guild_id: int, terms: GuildTerms) -> _Built:
        wanted = own_terms(terms)
        censor: Censor | None = None
        async with self._one_at_a_time:
            try:
                own = await asyncio.to_thread(_compile, wanted)
            except Exception as error:  # whatever terms do to the compiler, the common lexicon must still be read
                logger.exception("guild %d: its terms could not be compiled: %s", guild_id, type(error).__name__)
                self._tell(guild_id, ())
            else:
                censor = Censor(self._masker.with_terms(own), self._deadline_ms, small_texts=SMALL_TEXTS)
                if own.refused:
                    logger.warning("guild %d: %d of its terms cannot be used", guild_id, len(own.refused))
                    self._tell(guild_id, own.refused)
        built = _Built(terms.version, len(wanted), censor)
        self._keep(guild_id, built)
        return built

    def _keep(self, guild_id: int, built: _Built) -> None:
        known = self._built.get(guild_id)
        if known is not None and known.version > built.version:
            return
        self._built[guild_id] = built
        self._built.move_to_end(guild_id)
        while len(self._built) > 1 and sum(one.entries for one in self._built.values()) > ENTRIES_KEPT:
            self._built.popitem(last=False)


def own_terms(terms: Iterable[GuildTerm]) -> list[OwnTerm]:
    """Return stored terms as the masker takes them."""
    return [OwnTerm(OwnKind(term.kind.value), term.entry, term.label or Label.PROFANITY) for term in terms]


def _compile(terms: Sequence[OwnTerm]) -> OwnTerms:
    return OwnTerms(terms).compile()


def told_by(alerts: Alerts) -> Tell:
    """Return what tells a guild's moderators through their alert channel."""

    def tell(guild_id: int, refused: Sequence[RefusedTerm]) -> None:
        def made(locale: str) -> Post:
            words = text("terms.all_refused", locale)
            if refused:
                named = "\n".join(f"- {inert(one.term.entry[:80])}" for one in refused[:NAMED])
                words = text("terms.some_refused", locale, count=len(refused), names=named)
            return Post(discord.Embed(description=words, colour=discord.Colour.red()))

        alerts.tell(guild_id, made)

    return tell
