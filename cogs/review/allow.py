"""Allowing, from now on, a word that was masked by mistake."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from bot.errors import SettingsError
from bot.incidents import Incident
from bot.term_files import keepable, tidy
from bot.terms import ENTRY_LIMIT, PATTERN_LIMIT, WORD_LIMIT, GuildTerm, TermKind
from bot.texts import text
from cogs._guild_terms import own_terms
from cogs._plan import inert
from cogs.review.buttons import CHOICE_LIMIT, Item, choice
from cogs.review.deeds import DeedKind, note
from cogs.review.desk import Denied, Press, Told
from cogs.terms._words import refused
from masker.own_terms import OwnTerms


def offer(incident: Incident, locale: str) -> Item | None:
    """Return the select of the words that were found, or None where there is none to allow."""
    words = list(flagged_words(incident))
    if not words:
        return None
    options = [(str(index), word) for index, word in enumerate(words)]
    return choice(f"garim:allow:{incident.id}", text("review.allow_choose", locale), options)


def flagged_words(incident: Incident) -> Iterator[str]:
    """Yield the different words that were found, in their order; at most as many as a select holds."""
    seen: set[str] = set()
    original = incident.draft.original
    spans = sorted((span["start"], span["end"]) for span in incident.draft.verdict.get("spans", ()))
    for start, end in spans:
        word = tidy(TermKind.ALLOW, original[start:end])
        usable = word and len(word) <= ENTRY_LIMIT and keepable(word)
        if usable and word not in seen and len(seen) < CHOICE_LIMIT:
            seen.add(word)
            yield word


async def allow_word(press: Press, index: int) -> Told:
    """Put one of the found words on the guild's allowlist."""
    review = await press.desk.storage.reviews.of(press.incident.id)
    words = list(flagged_words(press.incident))
    if review is None or review.right or index >= len(words):
        raise Denied("review.allow_not_now")
    word = words[index]
    terms = own_terms([GuildTerm(TermKind.ALLOW, word)])
    for one in (await asyncio.to_thread(OwnTerms, terms)).refused:
        return Told(refused(one, press.locale))
    try:
        added = await press.desk.storage.terms.add(press.guild_id, TermKind.ALLOW, word, None, press.actor_id)
    except SettingsError:
        return press.say("terms.full", words=WORD_LIMIT, patterns=PATTERN_LIMIT)
    if not added:
        return press.say("review.allow_there", word=inert(word))
    await note(press.desk.storage.incidents, press.incident.id, DeedKind.ALLOWED, press.actor_id)
    return press.say("review.allow_added", word=inert(word))
