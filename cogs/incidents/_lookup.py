"""What somebody looks for among the incidents, and how it stands in a button's id so that it outlives the process."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bot.incidents import IncidentFilter, Origin, OutcomeKind
from masker.labels import LABELS

CODE = r"(?P<code>[0-9a-z]*(?::[0-9a-z]*){7})"
"""A lookup's pattern within an id. With it, an id has less than Discord's 100 characters."""
WORDS_LIMIT = 100

_LABELS: Sequence[str] = tuple(str(label) for label in LABELS)
_OUTCOMES: Sequence[str] = tuple(OutcomeKind)
_ORIGINS: Sequence[str] = tuple(Origin)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LINK = re.compile(r"https://(?:\w+\.)?discord(?:app)?\.com/channels/\d{1,20}/\d{1,20}/(?P<id>\d{1,20})", re.ASCII)
_SNOWFLAKE = re.compile(r"(?P<id>\d{15,20})", re.ASCII)
_NUMBER = re.compile(r"#?(?P<id>\d{1,12})", re.ASCII)


class Verdict(StrEnum):
    """Name what the moderators said of an incident, as a choice of a filter."""

    NONE = "none"
    RIGHT = "right"
    WRONG = "wrong"


_VERDICTS: Sequence[str] = tuple(Verdict)


@dataclass(frozen=True, slots=True)
class Lookup:
    """Hold what is looked for; None means any. Times are UTC, to the minute."""

    member_id: int | None = None
    channel_id: int | None = None
    label: str | None = None
    outcome: str | None = None
    origin: str | None = None
    verdict: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def wanted(self, guild_id: int, limit: int, after_id: int | None) -> IncidentFilter:
        """Return a page of it as a filter."""
        return IncidentFilter(
            guild_id=guild_id,
            author_id=self.member_id,
            channel_id=self.channel_id,
            label=self.label,
            outcome=OutcomeKind(self.outcome) if self.outcome else None,
            origin=Origin(self.origin) if self.origin else None,
            reviewed=False if self.verdict == Verdict.NONE else None,
            right=self.verdict == Verdict.RIGHT if self.verdict in (Verdict.RIGHT, Verdict.WRONG) else None,
            since=self.since,
            until=self.until,
            limit=limit,
            after_id=after_id,
        )

    def code(self) -> str:
        """Return it for a button's id: eight numbers to the base of 36, an empty one for any."""
        numbers = (
            self.member_id,
            self.channel_id,
            _place(_LABELS, self.label),
            _place(_OUTCOMES, self.outcome),
            _place(_ORIGINS, self.origin),
            _place(_VERDICTS, self.verdict),
            _minutes(self.since),
            _minutes(self.until),
        )
        return ":".join("" if number is None else _base_36(number) for number in numbers)

    @classmethod
    def read(cls, code: str) -> Lookup | None:
        """Return the lookup of a code; None for one that we never made."""
        try:
            member, channel, label, outcome, origin, verdict, since, until = (
                int(part, 36) if part else None for part in code.split(":")
            )
            if max(member or 0, channel or 0) >= 1 << 63:
                return None
            return cls(
                member,
                channel,
                None if label is None else _LABELS[label],
                None if outcome is None else _OUTCOMES[outcome],
                None if origin is None else _ORIGINS[origin],
                None if verdict is None else _VERDICTS[verdict],
                _time(since),
                _time(until),
            )
        except (ValueError, IndexError, OverflowError, OSError):
            return None


@dataclass(frozen=True, slots=True)
class Named:
    """Say which one incident or message somebody named."""

    incident_id: int | None = None
    message_id: int | None = None


def named_in(words: str) -> Named | None:
    """Return the incident (`12`, `#12`) or the message (its link or id) that words name; None where they name none."""
    stripped = words.strip()
    if found := _LINK.match(stripped) or _SNOWFLAKE.fullmatch(stripped):
        message_id = int(found["id"])
        return Named(message_id=message_id) if message_id < 1 << 63 else None
    if found := _NUMBER.fullmatch(stripped):
        return Named(incident_id=int(found["id"]))
    return None


def plain(words: str) -> str:
    """Return words to look for without what is not seen, so that they can be shown and read again as they are."""
    composed = unicodedata.normalize("NFC", words)
    shown = "".join(one if unicodedata.category(one)[0] != "C" else " " for one in composed)
    return " ".join(shown.split())[:WORDS_LIMIT]


def holds(masked: str | None, words: str) -> bool:
    """Tell whether a masked text has the words in it, whatever their case."""
    return words.casefold() in unicodedata.normalize("NFC", masked or "").casefold()


def _place(names: Sequence[str], name: str | None) -> int | None:
    return None if name is None else names.index(name)


def _minutes(at: datetime | None) -> int | None:
    # A time before 1970 is no incident's: from there on means from the beginning on.
    return None if at is None else max(0, int(at.timestamp() // 60))


def _time(minutes: int | None) -> datetime | None:
    return None if minutes is None else datetime.fromtimestamp(minutes * 60, UTC)


def _base_36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
