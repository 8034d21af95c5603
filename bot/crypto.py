"""The keyring: originals at rest are readable with a key that stands outside the database, and with nothing else.

Fernet (AES-128-CBC with HMAC-SHA256, https://github.com/fernet/spec) from `cryptography`; several keys allow rotation.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.errors import KeyUnusable
from bot.texts import tell

_log = logging.getLogger(__name__)
_KEY_FILE_LIMIT = 1 << 16
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Keyring:
    """Encrypt with the first key, decrypt with any.

    Raises KeyUnusable when there is no key or one is malformed.
    """

    def __init__(self, keys: Sequence[bytes | str], name: str = "keyring") -> None:
        self.name = name
        """Where the keys came from, for messages."""
        fernets = []
        for number, key in enumerate(keys, start=1):
            try:
                fernets.append(Fernet(key))
            except ValueError:
                raise KeyUnusable(tell("key.malformed", path=name, number=number)) from None
        if not fernets:
            raise KeyUnusable(tell("key.empty", path=name))
        self._fernet = MultiFernet(fernets)

    def __repr__(self) -> str:
        return f"Keyring({self.name!r})"

    def encrypt(self, plain: bytes) -> bytes:
        """Return `plain` encrypted and authenticated under the first key."""
        return self._fernet.encrypt(plain)

    def decrypt(self, token: bytes) -> bytes:
        """Return what was encrypted. Raises KeyUnusable when no key fits or the bytes were changed."""
        try:
            return self._fernet.decrypt(token)
        except InvalidToken:
            raise KeyUnusable(tell("key.wrong", path=self.name)) from None


def load_keyring(path: Path) -> Keyring:
    """Read the key file: one key a line, the first encrypts; empty lines and lines that start with # do not count.

    A file that others may read is closed to them, with a warning. Raises KeyUnusable (missing, unreadable, malformed).
    """
    try:
        with path.open("rb") as file:
            _close_to_others(path, file.fileno())
            raw = file.read(_KEY_FILE_LIMIT)
    except FileNotFoundError:
        raise KeyUnusable(tell("key.missing", path=path)) from None
    except OSError as error:
        raise KeyUnusable(tell("key.unreadable", path=path, reason=error.strerror)) from None
    lines = [line.strip() for line in raw.splitlines()]
    return Keyring([line for line in lines if line and not line.startswith(b"#")], str(path))


def create_keyring(path: Path) -> Keyring:
    """Make a key file (mode 0600, durable) and return its keyring; one that another process just made is used as it is.

    Raises KeyUnusable when the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(Fernet.generate_key() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, never replaces a key that is already there.
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
    except OSError as error:
        raise KeyUnusable(tell("key.unwritable", path=path, reason=error.strerror)) from None
    return load_keyring(path)


def _close_to_others(path: Path, handle: int) -> None:
    if not os.fstat(handle).st_mode & _OTHERS:
        return
    try:
        os.fchmod(handle, 0o600)
    except OSError:
        # A read-only mount of secrets (Docker, Kubernetes) shows them as 0444 to whoever is inside the container.
        _log.warning("%s is readable by others and that cannot be changed here; close it where it is mounted", path)
    else:
        _log.warning("%s was readable by others; its mode is now 0600", path)
