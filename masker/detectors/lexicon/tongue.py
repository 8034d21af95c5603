"""Latin words with an innocent sense: plants, dams and hoes, and words of other languages.

The sentence decides, as for the Korean words in `sense`: function words of German, Dutch, French and the Scandinavian
languages say that `dick` is fat, `slut` an end and `retard` a delay. Names are told in `names`.
"""

from __future__ import annotations

import re

from masker.detectors.lexicon.compiled import How
from masker.detectors.lexicon.names import is_name
from masker.detectors.lexicon.occurrence import Occurrence

_ABROAD_RE = re.compile(
    r"\b(?:ist|sind|und|nicht|der|das|ein|eine|einen|zu|sehr|auch|mit|ich|bin|er|aufgetragen|wird|wurde|wir|dass|für|auf|den|dem|"
    r"på|är|och|det|inte|till|från|som|jag|vi|har|nu|av|för|ett|ikke|og|dette|til|jeg|tar|snart|klockan|hela|når|"
    r"het|een|van|wij|ik|niet|uw|hier|naar|alstublieft|voor|maar|ook|deze|"
    r"le|la|les|un|une|en|du|des|je|suis|nous|pour|dans|et|pas|très|est|avec|minutes?|son|ce)\b",
    re.IGNORECASE,
)
_ENGLISH_RE = re.compile(r"\b(?:the|you|your|my|is|are|this|that|of|what|she|he|her|his|with)\b", re.IGNORECASE)
_ACCENTED_RE = re.compile("[à-ÿ]")
MOST_ABROAD = 2
"""Function words of another language that a sentence needs, where it has no English ones; an accent counts."""
_ABROAD = frozenset(
    ("dick", "dicks", "dik", "slut", "fag", "kunt", "fagott", "prick", "fuk", "bich", "retard", "retards")
)

Idiom = tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]


def _idioms(*rows: tuple[str, str, str]) -> tuple[Idiom, ...]:
    return tuple(
        (re.compile(word), re.compile(before, re.IGNORECASE), re.compile(after, re.IGNORECASE))
        for word, before, after in rows
    )


_NEVER = r"(?!)"
# A word, what comes right before it, and what right after: either makes it innocent.
_IDIOMS = _idioms(
    (r"pussy", _NEVER, r"[ -]?(?:willow|cat\b|foot|toes|riot)"),
    (r"spick?", _NEVER, r"[ -]*(?:and|&|'?n'?)[ -]*span"),
    (
        r"dykes?",
        r"(?:van|offa'?s|river|sea|coastal|igneous|volcanic|basalt|flood|earthen|build|built|dutch) $",
        r"(?: repairs?\b|.{0,40}\b(?:river|sea|flood\w*|water|dam|burst|collapsed|broke|breach\w*|magma|polder)\b)",
    ),
    (
        r"retard(?:ed|s)?",
        r"\b(?:growth|fire|flame|timing|ignition|spark|development|progress|healing|bleeding)\b[^.!?]{0,20}$",
        r" (?:by\b|(?:the )?(?:growth|spread|development|progress|ignition|flame|spoilage|corrosion|aging|decay))",
    ),
    (r"chinks?", _NEVER, r" (?:in|of light)\b"),
    (r"coons?", r"\bmaine $", r" (?:cats?|hounds?|rapids)\b"),
    (r"ass", _NEVER, r"es(?:s|sed|sment)"),
    (
        r"hoes",
        r"\b(?:rakes?|shovels?|spades?|hand|garden|wheel)(?:,| and)? $",
        r"(?:,| and| or) (?:rake|shovel|spade)s?",
    ),
    (r"lesbos", _NEVER, r" ?(?:섬|island)"),
    (r"bastard", _NEVER, r"i[sz]| (?:sword|file|cut|wing|title)"),
    (r"spastic", _NEVER, r" (?:colitis|paralysis|diplegia|paraplegia|cerebral)"),
    (r"hoes", _NEVER, r" (?:in the shed|at the hardware|for (?:weed|the garden))"),
    (r"tosser", r"\bcoin $", r" of the coin"),
)
# The same where the sentence has no English function word.
_IDIOMS_ABROAD = _idioms(
    (r"retards?", r"\b(?:en|du|de|au|ce|le|mon|son) $", r" (?:de|du|des|pour)\b"),
    (r"dick", r"\b(?:zu|sehr|nicht|ist|war|wie) $", r" (?:und|wie|genug|auf|aufgetragen)\b"),
    (r"slut", r"\b(?:tar|tog|är|var|till|vid|ta|ett|på|nu|får) $", r" (?:på|snart|nu|med|klockan)\b"),
    (r"kunt", r"\b(?:je|jij|jullie|gij) $", r" (?:u|je|jij|gij|hier|niet|ook|nu|het|dit|een)\b"),
    (r"fag", r"\b(?:nytt|et|mitt|hvert|dette|skole|alle|tre|to|fire|på) $", r" (?:og|er|på|som|jeg|til)\b"),
)


def latin_sense(occurrence: Occurrence, before: str, after: str) -> str | None:
    """Return the innocent sense of a Latin spelling in its sentence: `idiom`, `language`, `name`, or None."""
    pattern, surface = occurrence.pattern, occurrence.surface
    if not surface.isascii() or not surface.replace("-", "").isalpha():
        return None
    if pattern.latin and pattern.how is How.EXACT:
        sense = _sense_of(surface.lower(), before, after)
        if sense is not None:
            return sense
    return "name" if is_name(surface, before, after, latin=pattern.latin) else None


def _sense_of(word: str, before: str, after: str) -> str | None:
    if _holds(_IDIOMS, word, before, after):
        return "idiom"
    if word not in _ABROAD:
        return None
    around = f"{before} {after}"
    if _ENGLISH_RE.search(around):
        return None
    if _holds(_IDIOMS_ABROAD, word, before, after):
        return "idiom"
    abroad = {found.lower() for found in _ABROAD_RE.findall(around)}
    return "language" if len(abroad) + bool(_ACCENTED_RE.search(around)) >= MOST_ABROAD else None


def _holds(idioms: tuple[Idiom, ...], word: str, before: str, after: str) -> bool:
    return any(name.fullmatch(word) and (left.search(before) or right.match(after)) for name, left, right in idioms)
