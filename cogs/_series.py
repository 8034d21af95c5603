"""Letters that one author sends one by one: what was said lately in each channel, so that the word can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cogs._watch import Remembered

MAX_MESSAGES = 8
MAX_LENGTH = 40
"""Code points; a longer message says something of its own and ends a series. Both as in `masker.series`."""
WINDOW = timedelta(seconds=60)
AUTHORS = 10_000

Author = tuple[int, int]
"""A channel's id and an author's."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """Hold one short message that was clean by itself. Kept in memory alone, and no longer than WINDOW matters."""

    message_id: int
    text: str = field(repr=False)
    said_at: datetime


class RecentFragments:
    """Keep the newest short messages of each author in each channel, by the messages' own times.

    A message that an incident has taken belongs to no later series, and its edits are the incident's matter.
    """

    def __init__(self, is_gone: Callable[[int], bool], authors: int = AUTHORS) -> None:
        self._is_gone = is_gone
        self._kept: Remembered[Author, tuple[Fragment, ...]] = Remembered(authors)
        self._taken: Remembered[int, bool] = Remembered(authors)

    def note(self, author: Author, fragment: Fragment) -> None:
        """Note a message as it arrives. One that is known already (it was edited) keeps its place; a long one ends it.

        Called before anything is awaited: messages are then inspected side by side, and the order would be lost.
        """
        if not 0 < len(fragment.text) <= MAX_LENGTH:
            self.forget(author)
            return
        known = {old.message_id: old for old in self._kept.get(author) or ()}
        known[fragment.message_id] = fragment
        newest = max(old.said_at for old in known.values())
        series = [known[message_id] for message_id in sorted(known) if newest - known[message_id].said_at <= WINDOW]
        self._kept.put(author, tuple(series[-MAX_MESSAGES:]))

    def series(self, author: Author, message_id: int) -> tuple[tuple[Fragment, ...], int]:
        """Return what can be read together with a message, oldest first, and its place there; ((), 0) when nothing."""
        series = tuple(old for old in self._kept.get(author) or () if not self._is_gone(old.message_id))
        places = [place for place, old in enumerate(series) if old.message_id == message_id]
        return (series, places[0]) if places else ((), 0)

    def drop(self, author: Author, message_id: int) -> None:
        """Leave out a message that was found out by itself."""
        self._kept.put(author, tuple(old for old in self._kept.get(author) or () if old.message_id != message_id))

    def forget(self, author: Author) -> None:
        """Begin anew: something else was said."""
        self._kept.forget(author)

    def take(self, author: Author, message_ids: Iterable[int]) -> None:
        """Hand messages over to an incident, and begin anew."""
        self.forget(author)
        for message_id in message_ids:
            self._taken.put(message_id, True)

    def give_back(self, message_ids: Iterable[int]) -> None:
        """Take back messages that no incident covers after all."""
        for message_id in message_ids:
            self._taken.forget(message_id)

    def restore(self, author: Author, series: tuple[Fragment, ...]) -> None:
        """Undo `take`: the incident could not be kept, and the message will come again."""
        self.give_back(fragment.message_id for fragment in series)
        for fragment in series:
            self.note(author, fragment)

    def is_taken(self, message_id: int) -> bool:
        """Tell whether an incident has taken a message."""
        return message_id in self._taken
