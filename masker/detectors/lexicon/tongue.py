"""Latin words with an innocent sense: names, plants, dams, and words of other languages.

The sentence decides, as for the Korean words in `sense`: function words of German and the Scandinavian languages say
that `dick` is fat and `slut` an end, a capital with a cue of names beside it says that Jonna is somebody.
"""

from __future__ import annotations

import re

from masker.detectors.lexicon.compiled import How
from masker.detectors.lexicon.occurrence import Occurrence

_ABROAD_RE = re.compile(
    r"\b(?:ist|sind|und|nicht|der|das|ein|eine|einen|zu|sehr|auch|mit|ich|er|aufgetragen|wird|wurde|"
    r"på|är|och|det|inte|till|från|som|jag|vi|har|nu|av|för|ett|på|ikke|og|ikke|dette|til)\b",
    re.IGNORECASE,
)
_ENGLISH_RE = re.compile(r"\b(?:the|you|your|my|is|are|was|a|this|that|of|what|she|he|her|his)\b", re.IGNORECASE)
MOST_ABROAD = 2
"""Function words of another language that a sentence needs, where it has no English ones."""
_ABROAD = frozenset({"dick", "dicks", "dik", "slut", "fag", "kunt", "fagott", "prick", "fuk", "bich"})

_IDIOMS: tuple[tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(word), re.compile(before, re.IGNORECASE), re.compile(after, re.IGNORECASE))
    for word, before, after in (
        (r"pussy", r"(?!)", r"[ -]?(?:willow|cat\b|foot|toes|riot)"),
        (r"spick?", r"(?!)", r"[ -]*(?:and|&|'?n'?)[ -]*span"),
        (
            r"dykes?",
            r"(?:van|offa'?s|river|sea|coastal|igneous|volcanic|basalt|flood|drainage|earthen|build|built|repair\w*) $",
            r".{0,40}\b(?:river|sea|flood\w*|water|dam|burst|broke|breach\w*|built|rock|magma|wall|village|leak\w*)\b",
        ),
        (
            r"retard(?:ed|s)?",
            r"\b(?:growth|fire|flame|timing|ignition|spark|development|progress|healing|bleeding)\b[^.!?]{0,20}$",
            r" (?:by\b|(?:the )?(?:growth|spread|development|progress|ignition|flame|spoilage|corrosion|aging|decay))",
        ),
        (r"chinks?", r"(?!)", r" (?:in|of light)\b"),
        (r"coons?", r"\bmaine $", r" cats?\b"),
        (r"phuk|fuk", r"(?!)", r"u(?:oka|shima|yama|i\b|da|hara)|et\b|hao\b"),
        (r"bich", r"(?!)", r"on|ro|et|ir"),
        (r"ass", r"(?!)", r"es(?:s|sed|sment)"),
    )
)
_NAME_BEFORE_RE = re.compile(
    r"(?:[A-Z][a-zà-ÿ]+ |(?:가수|배우|감독|선수|작가|친구|도시|섬|마을|브랜드|모델|교수|박사|이름은|이름이) )$"
)
_WHO = "(?:친구|사람|이름|도시|섬|마을|가수|배우|감독|선수|작가|브랜드|작곡가|화가|항구|호텔|출신)"
_NAME_AFTER_RE = re.compile(
    r"[a-z]{0,4}(?:(?:[ -][A-Z][a-zà-ÿ]+|,? [A-Z]\.)|'s\b|"
    rf" ?(?:이?라는 [가-힣 ]{{0,12}}{_WHO}|씨|님|선수|감독|교수|박사|공항|호텔|여행|해변|섬|도시|출신|"
    rf"[은는] [가-힣 ]{{0,14}}{_WHO}))"
)
_TITLE_RE = re.compile(r"[A-Z][a-z]+")
_MAIN = frozenset(
    (
        "sibal",
        "ssibal",
        "shibal",
        "gaesaekki",
        "saekki",
        "saeki",
        "byeongsin",
        "byungsin",
        "byungshin",
        "jiral",
        "michin",
    )
)
"""Romanisations that are the curse itself, whatever stands beside them."""
_NAMES = frozenset({"bich", "kunt"})
"""English respellings that are names as well."""


def latin_sense(occurrence: Occurrence, before: str, after: str) -> str | None:
    """Return the innocent sense of a Latin spelling in its sentence: `idiom`, `language`, `name`, or None."""
    pattern, surface = occurrence.pattern, occurrence.surface
    if not surface.isascii() or not surface.isalpha():
        return None
    lower = surface.lower()
    if pattern.latin and pattern.how is How.EXACT:
        for word, left, right in _IDIOMS:
            if word.fullmatch(lower) and (left.search(before) or right.match(after)):
                return "idiom"
        if lower in _ABROAD:
            around = f"{before} {after}"
            abroad = {found.lower() for found in _ABROAD_RE.findall(around)}
            if len(abroad) >= MOST_ABROAD and not _ENGLISH_RE.search(around):
                return "language"
    may_be_name = lower in _NAMES if pattern.term.kind == "latin" else lower not in _MAIN
    if may_be_name and _TITLE_RE.fullmatch(surface) and (_NAME_AFTER_RE.match(after) or _NAME_BEFORE_RE.search(before)):
        return "name"
    return None
