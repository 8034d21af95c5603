"""Everything the process can raise on purpose; each message says what is wrong, where, and what to do.

GarimError
├── SettingsError        a configuration key, value or file
├── StorageError         the database
│   ├── StorageUnavailable
│   ├── SchemaMismatch
│   ├── DuplicateIncident
│   ├── TransitionRefused
│   ├── AlreadyReviewed
│   ├── AlreadyContested
│   └── AlreadyAnswered
├── KeyUnusable          the encryption key: missing, unreadable or the wrong one
├── SpoolError           the attachment spool
│   ├── SpoolFull
│   └── SpoolUnavailable
├── CommandFailed        a command that did its work and found what it must report
└── DiscordRefused       Discord will not let the bot in (token, intents, address)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.records import Contest, Review


class GarimError(Exception):
    """Base of everything that the command line prints as one clear line; `exit_code` is what the process returns."""

    exit_code = 1


class SettingsError(GarimError):
    """A configuration key, value or file that cannot be used."""

    exit_code = 2


class StorageError(GarimError):
    """The database cannot do what was asked."""

    exit_code = 3


class StorageUnavailable(StorageError):  # noqa: N818 - reads as the plain fact it states
    """The database cannot be reached or read."""


class SchemaMismatch(StorageError):  # noqa: N818
    """The database's schema is not the one that this version needs."""


class DuplicateIncident(StorageError):  # noqa: N818
    """This revision of this message already has an incident."""


class TransitionRefused(StorageError):  # noqa: N818
    """An incident cannot go from its present state to the one asked for."""


class AlreadyReviewed(StorageError):  # noqa: N818
    """Another moderator has said already what an incident was; `review` is what stands."""

    def __init__(self, review: Review) -> None:
        super().__init__(f"incident {review.incident_id} was reviewed already")
        self.review = review


class AlreadyContested(StorageError):  # noqa: N818
    """An incident was contested already; `contest` is what stands."""

    def __init__(self, contest: Contest) -> None:
        super().__init__(f"incident {contest.incident_id} was contested already")
        self.contest = contest


class AlreadyAnswered(StorageError):  # noqa: N818
    """A contest was answered already; `contest` is what stands."""

    def __init__(self, contest: Contest) -> None:
        super().__init__(f"the contest of incident {contest.incident_id} was answered already")
        self.contest = contest


class KeyUnusable(GarimError):  # noqa: N818
    """The encryption key is missing, unreadable or not the one the data was encrypted with."""

    exit_code = 4


class SpoolError(GarimError):
    """The attachment spool cannot do what was asked."""

    exit_code = 6


class SpoolFull(SpoolError):  # noqa: N818
    """The spool, one file's bound or the disk is full; nothing was kept of the file."""


class SpoolUnavailable(SpoolError):  # noqa: N818
    """The spool's folder or one of its files cannot be read, written or trusted."""


class CommandFailed(GarimError):  # noqa: N818
    """A command's input or findings are such that it must not exit with 0."""


class DiscordRefused(GarimError):  # noqa: N818
    """Discord refused the connection; the message says whether token, intents or address."""

    exit_code = 5
