"""Everything the process can raise on purpose; each message says what is wrong, where, and what to do.

GarimError
├── SettingsError        a configuration key, value or file
├── StorageError         the database
│   ├── StorageUnavailable
│   ├── SchemaMismatch
│   └── DuplicateIncident
├── KeyUnusable          the encryption key: missing, unreadable or the wrong one
├── SpoolFull            the attachment spool has reached its bound
└── DiscordRefused       Discord will not let the bot in (token, intents, address)
"""

from __future__ import annotations


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


class KeyUnusable(GarimError):  # noqa: N818
    """The encryption key is missing, unreadable or not the one the data was encrypted with."""

    exit_code = 4


class SpoolFull(GarimError):  # noqa: N818
    """The attachment spool has reached its bound; nothing was written."""


class DiscordRefused(GarimError):  # noqa: N818
    """Discord refused the connection; the message says whether token, intents or address."""

    exit_code = 5
