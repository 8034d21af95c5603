"""The keys of spooled files, put under the first key of the keyring; their contents stay as they are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from bot.crypto import Keyring
from bot.errors import KeyUnusable, SpoolUnavailable
from bot.spool import HEADER_BYTES, is_spooled, wrapped_key_in
from bot.texts import tell


def renew(folder: Path, keyring: Keyring) -> int:
    """Wrap each file's key under the first key, and return how many were not. Raises SpoolUnavailable.

    The header is written in place: it lies within the disk's smallest block, which is written whole or not at all, and
    a token under another key has the same length.
    """
    renewed = 0
    for path, wrapped in _under_old_keys(folder, keyring):
        try:
            file = os.open(path, os.O_WRONLY)
        except FileNotFoundError:
            continue  # its repost stands by now
        try:
            os.pwrite(file, keyring.renewed(wrapped), HEADER_BYTES - len(wrapped))
            os.fsync(file)
        finally:
            os.close(file)
        renewed += 1
    return renewed


def count_old(folder: Path, keyring: Keyring) -> int:
    """Count the files that only an older key of the keyring opens. Raises SpoolUnavailable."""
    return sum(1 for _ in _under_old_keys(folder, keyring))


def _under_old_keys(folder: Path, keyring: Keyring) -> Iterator[tuple[Path, bytes]]:
    try:
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise SpoolUnavailable(tell("spool.unusable", folder=folder, reason=error.strerror)) from error
    for path in paths:
        wrapped = _wrapped(path) if is_spooled(path) else None
        if wrapped is None or keyring.is_first(wrapped):
            continue
        try:
            keyring.decrypt(wrapped)
        except KeyUnusable:
            continue
        yield path, wrapped


def _wrapped(path: Path) -> bytes | None:
    """Return a file's wrapped key; None for one that is gone, damaged, or whose header is not written yet."""
    try:
        with path.open("rb") as file:
            return wrapped_key_in(file.read(HEADER_BYTES))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SpoolUnavailable(tell("spool.unusable", folder=path.parent, reason=error.strerror)) from error
