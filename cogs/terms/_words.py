"""How terms, and what is wrong with them, are told to people."""

from __future__ import annotations

import regex

from bot.terms import GuildTerm, TermKind
from bot.texts import text
from cogs._plan import inert
from masker.own_terms import Because, RefusedTerm

ENTRY_SHOWN = 80
"""Characters of an entry that are shown: enough to know it by."""
_UNSEEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]")
_RE2_SAID = (
    ("invalid perl operator: (?=", "look"),
    ("invalid perl operator: (?!", "look"),
    ("invalid perl operator: (?<", "look"),
    ("missing ):", "paren"),
    ("unexpected ):", "paren"),
    ("missing ]:", "bracket"),
    ("no argument for repetition operator", "repeat"),
    ("bad repetition operator", "repeat"),
    ("invalid repetition size", "large"),
    ("pattern too large", "large"),
    ("it can match nothing at all", "nothing"),
    ("invalid character class range", "range"),
)
_BACK = regex.compile(r"invalid escape sequence: \\[0-9]")


def plainly(entry: str) -> str:
    """Return an entry's beginning with nothing unseen in it."""
    seen = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", entry)
    return seen if len(seen) <= ENTRY_SHOWN else f"{seen[: ENTRY_SHOWN - 1]}…"


def shown(entry: str) -> str:
    """Return an entry as it can stand in a message."""
    return inert(plainly(entry))


def kind_of(kind: TermKind, locale: str) -> str:
    """Return what a kind is called."""
    return text(f"terms.kind_{kind}", locale)


def named(term: GuildTerm, locale: str) -> str:
    """Return a term in one line, without markup: its kind, its entry, its label."""
    label = f" ({text(f'label.{term.label}', locale)})" if term.label is not None else ""
    return f"{kind_of(term.kind, locale)} · {plainly(term.entry)}{label}"


def refused(one: RefusedTerm, locale: str) -> str:
    """Return why a term cannot be used, and what to do about it."""
    if one.because is not Because.EXPRESSION:
        return text(f"terms.refused_{one.because}", locale)
    part = one.detail.partition(": ")[2][:ENTRY_SHOWN].replace("`", "'") or one.detail[:ENTRY_SHOWN]
    return text("terms.refused_expression", locale, reason=text(f"terms.re_{_why(one.detail)}", locale, part=part))


def _why(said: str) -> str:
    """Return the name of the text that explains what RE2 said."""
    if _BACK.match(said):
        return "back"
    if said.startswith(("invalid escape sequence", "trailing \\")):
        return "escape"
    return next((name for start, name in _RE2_SAID if said.startswith(start)), "other")
