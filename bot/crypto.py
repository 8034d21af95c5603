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


_Stamp = tuple[int, int, int]


class Keyring:
    """Encrypt with the first key, decrypt with any; keys from a file are those that stand in it now.

    So a key that another process put into the file is used at once, and no restart is needed to rotate keys.
    Raises KeyUnusable when there is no key or one is malformed.
    """

    def __init__(self, keys: Sequence[bytes | str], name: str = "keyring") -> None:
        self.name = name
        """Where the keys came from, for messages."""
        self._fernets = _fernets(keys, name)
        self._source: Path | None = None
        self._stamp: _Stamp | None = None

    def __repr__(self) -> str:
        return f"Keyring({self.name!r})"

    def encrypt(self, plain: bytes) -> bytes:
        """Return `plain` encrypted and authenticated under the first key."""
        return self._present()[0].encrypt(plain)

    def decrypt(self, token: bytes) -> bytes:
        """Return what was encrypted. Raises KeyUnusable when no key fits or the bytes were changed."""
        try:
            return MultiFernet(self._present()).decrypt(token)
        except InvalidToken:
            raise KeyUnusable(tell("key.wrong", path=self.name)) from None

    def is_first(self, token: bytes) -> bool:
        """Tell whether something is encrypted under the first key."""
        try:
            self._present()[0].decrypt(token)
        except InvalidToken:
            return False
        return True

    def renewed(self, token: bytes) -> bytes:
        """Return the same encrypted under the first key, with the time of its first encryption. Raises KeyUnusable."""
        try:
            return MultiFernet(self._present()).rotate(token)
        except InvalidToken:
            raise KeyUnusable(tell("key.wrong", path=self.name)) from None

    def _follow(self, source: Path, stamp: _Stamp | None) -> None:
        self._source, self._stamp = source, stamp

    def _present(self) -> list[Fernet]:
        if self._source is not None and (stamp := _stamp(self._source)) != self._stamp:
            self._stamp = stamp
            try:
                self._fernets = _fernets(keys_in(self._source), self.name)
            except KeyUnusable as error:
                # What was read at the start still opens what is stored; a file that is being mended is read again.
                _log.error("the keys read before are still used: %s", error)
        return self._fernets


def _fernets(keys: Sequence[bytes | str], name: str) -> list[Fernet]:
    fernets = []
    for number, key in enumerate(keys, start=1):
        try:
            fernets.append(Fernet(key))
        except ValueError:
            raise KeyUnusable(tell("key.malformed", path=name, number=number)) from None
    if not fernets:
        raise KeyUnusable(tell("key.empty", path=name))
    return fernets


def _stamp(source: Path) -> _Stamp | None:
    """Return what changes whenever a file is written or replaced; None for one that cannot be looked at."""
    try:
        status = source.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def load_keyring(path: Path) -> Keyring:
    """Read the key file: one key a line, the first encrypts; empty lines and lines that start with # do not count.

    A file that others may read is closed to them, with a warning. Raises KeyUnusable (missing, unreadable, malformed).
    """
    stamp = _stamp(path)  # before it is read: what changes while it is read is then read again
    keyring = Keyring(keys_in(path), str(path))
    keyring._follow(path, stamp)
    return keyring


def keys_in(path: Path) -> list[bytes]:
    """Return the keys of a key file, the first first, unchecked. Raises KeyUnusable when it cannot be read."""
    try:
        with path.open("rb") as file:
            _close_to_others(path, file.fileno())
            raw = file.read(_KEY_FILE_LIMIT)
    except FileNotFoundError:
        raise KeyUnusable(tell("key.missing", path=path)) from None
    except OSError as error:
        raise KeyUnusable(tell("key.unreadable", path=path, reason=error.strerror)) from None
    lines = [line.strip() for line in raw.splitlines()]
    return [line for line in lines if line and not line.startswith(b"#")]


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


def add_key(path: Path) -> None:
    """Put a new key before those in a key file. Raises KeyUnusable, nothing changed."""
    write_keys(path, [Fernet.generate_key(), *keys_in(path)])


def write_keys(path: Path, keys: Sequence[bytes]) -> None:
    """Put these keys in place of those in a key file, all at once and durably. Raises KeyUnusable, nothing changed."""
    _fernets(keys, str(path))
    real = path.resolve()  # a link stays one
    draft = real.with_name(f".{real.name}.{os.getpid()}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.writelines(key + b"\n" for key in keys)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(real)
        folder = os.open(real.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise KeyUnusable(tell("key.unwritable", path=path, reason=error.strerror)) from None


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
