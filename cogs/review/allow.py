"""Allowing, from now on, a word that was masked by mistake."""

from __future__ import annotations

from collections.abc import Iterator

from bot.errors import SettingsError
from bot.incidents import Incident
from bot.terms import ENTRY_LIMIT, TermKind
from bot.texts import text
from cogs._plan import inert
from cogs.review.buttons import CHOICE_LIMIT, Item, choice
from cogs.review.deeds import DeedKind, note
from cogs.review.desk import Denied, Press, Told


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
        word = " ".join(original[start:end].split())
        if word and word not in seen and len(word) <= ENTRY_LIMIT and len(seen) < CHOICE_LIMIT:
            seen.add(word)
            yield word


async def allow_word(press: Press, index: int) -> Told:
    """Put one of the found words on the guild's allowlist."""
    review = await press.desk.storage.reviews.of(press.incident.id)
    words = list(flagged_words(press.incident))
    if review is None or review.right or index >= len(words):
        raise Denied("review.allow_not_now")
    word = words[index]
    try:
        added = await press.desk.storage.terms.add(press.guild_id, TermKind.ALLOW, word, None, press.actor_id)
    except SettingsError as error:
        return Told(str(error))
    if not added:
        return press.say("review.allow_there", word=inert(word))
    await note(press.desk.storage.incidents, press.incident.id, DeedKind.ALLOWED, press.actor_id)
    return press.say("review.allow_added", word=inert(word))
