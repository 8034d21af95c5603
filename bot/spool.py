"""The spool: attachments wait here, encrypted and within a bound, until their repost stands.

A file is a header with its own key, wrapped by the keyring, and then chunks of `CHUNK_BYTES` under AES-256-GCM whose
nonce counts them and marks the last: the STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár, "Online
Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015), so that neither a cut nor a swap passes unseen.
Names on disk are random; what Discord called a file stands in the incident, encrypted, and never becomes a path.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.crypto import Keyring
from bot.errors import KeyUnusable, SpoolFull, SpoolUnavailable
from bot.incidents import Incident
from bot.texts import tell

CHUNK_BYTES = 64 * 1024
_TAG_BYTES = 16
_MAGIC = b"garim-spool-1\n"
HEADER_BYTES = len(_MAGIC) + 2 + 140
"""The magic, the wrapped key's length, and the 32-byte key as a Fernet token."""
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
_DRAFT_SUFFIX = ".part"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_T = TypeVar("_T")


class Spool:
    """Hold attachments in a folder: `limit_bytes` on disk in all, `file_limit_bytes` each. Made by `Spool.open`."""

    def __init__(self, folder: Path, keyring: Keyring, limit_bytes: int, file_limit_bytes: int) -> None:
        self._folder = folder
        self._keyring = keyring
        self._limit_bytes = limit_bytes
        self.file_limit_bytes = file_limit_bytes
        self._used_bytes = 0
        # What this process put is never swept: its incident may not be committed yet.
        self._fresh: set[str] = set()

    @classmethod
    async def open(cls, folder: Path, keyring: Keyring, *, limit_bytes: int, file_limit_bytes: int) -> Spool:
        """Make the folder if need be, count what it holds and return its spool. Raises SpoolUnavailable."""
        spool = cls(folder, keyring, limit_bytes, file_limit_bytes)
        spool._used_bytes = await spool._io(_prepare, folder)
        return spool

    @property
    def used_bytes(self) -> int:
        """Return what the files take on disk, those being written included."""
        return self._used_bytes

    async def put(self, chunks: AsyncIterator[bytes], expected_bytes: int = 0) -> tuple[str, int]:
        """Write a file from its chunks, durable on return, and give its key and its plain size in bytes.

        `expected_bytes`, when known, sets the room aside beforehand: of several files at once the first ones then fit,
        where otherwise each might take what another needs. Raises SpoolFull (the spool, this file's bound or the disk),
        SpoolUnavailable, and whatever `chunks` raises; nothing is kept of the file then.
        """
        key = secrets.token_urlsafe(32)
        draft = self._folder / (key + _DRAFT_SUFFIX)
        room = _Room(self, expected_bytes)
        kept = False
        self._fresh.add(key)
        try:
            file: IO[bytes] = await self._io(draft.open, "xb")
            try:
                async with contextlib.aclosing(self._sealed(chunks)) as blocks:
                    async for block in blocks:
                        room.take(block)
                        await self._io(file.write, block.data)
                await self._io(_settle, file, self._folder / key)
            finally:
                await self._io(file.close)
            kept = True
        finally:
            room.give_back(kept=kept)
            if not kept:
                self._fresh.discard(key)
                with contextlib.suppress(OSError):
                    draft.unlink()
        return key, room.plain_bytes

    async def read(self, key: str) -> AsyncGenerator[bytes]:
        """Give a file's plain chunks in order. Raises SpoolUnavailable when it is gone or damaged."""
        file: IO[bytes] = await self._io(self._path(key).open, "rb")
        try:
            cipher = await self._io(self._open_header, file, key)
            block = await self._io(file.read, CHUNK_BYTES + _TAG_BYTES)
            number = 0
            while block:
                following = await self._io(file.read, CHUNK_BYTES + _TAG_BYTES)
                yield _unseal(cipher, number, block, last=not following, key=key)
                block, number = following, number + 1
            if number == 0:
                raise SpoolUnavailable(tell("spool.damaged", key=key[:8]))
        finally:
            await self._io(file.close)

    async def read_all(self, key: str) -> bytes:
        """Return a whole file. Raises what `read` raises."""
        async with contextlib.aclosing(self.read(key)) as chunks:
            return b"".join([chunk async for chunk in chunks])

    async def delete(self, key: str) -> None:
        """Remove a file; one that is gone already is no error. Raises SpoolUnavailable."""
        self._used_bytes -= await self._io(_remove, self._path(key))
        self._fresh.discard(key)

    async def sweep(self, live_keys: Collection[str]) -> int:
        """Remove what no incident names any more, left by a crash, and return how many. Raises SpoolUnavailable."""
        keep = {*live_keys, *self._fresh}
        orphans = [
            path
            for path in await self._io(lambda: list(self._folder.iterdir()))
            if is_spooled(path) and path.name.removesuffix(_DRAFT_SUFFIX) not in keep
        ]
        for path in orphans:
            self._used_bytes -= await self._io(_remove, path)
        return len(orphans)

    def reserve(self, more_bytes: int) -> None:
        """Set room aside. Raises SpoolFull."""
        if self._used_bytes + more_bytes > self._limit_bytes:
            raise SpoolFull(tell("spool.full", folder=self._folder, limit_mib=self._limit_bytes >> 20))
        self._used_bytes += more_bytes

    def release(self, bytes_: int) -> None:
        """Give back room that was set aside."""
        self._used_bytes -= bytes_

    async def _sealed(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[_Block]:
        file_key = AESGCM.generate_key(256)
        wrapped = self._keyring.encrypt(file_key)
        yield _Block(_MAGIC + len(wrapped).to_bytes(2) + wrapped, 0)
        cipher = AESGCM(file_key)
        pending = bytearray()
        number = 0
        async for chunk in chunks:
            pending += chunk
            # The last block is marked as such, so one is held back until it is known whether more follows.
            while len(pending) > CHUNK_BYTES:
                plain = bytes(pending[:CHUNK_BYTES])
                del pending[:CHUNK_BYTES]
                yield _Block(cipher.encrypt(_nonce(number, last=False), plain, None), len(plain))
                number += 1
        yield _Block(cipher.encrypt(_nonce(number, last=True), bytes(pending), None), len(pending))

    def _open_header(self, file: IO[bytes], key: str) -> AESGCM:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise SpoolUnavailable(tell("spool.damaged", key=key[:8]))
        wrapped = file.read(int.from_bytes(file.read(2)))
        try:
            return AESGCM(self._keyring.decrypt(wrapped))
        except KeyUnusable:
            raise SpoolUnavailable(tell("spool.damaged", key=key[:8])) from None

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise SpoolUnavailable(tell("spool.not_a_key"))
        return self._folder / key

    async def _io(self, function: Callable[..., _T], *arguments: Any) -> _T:
        """Run blocking file work in a thread and turn its errors into ours; the source's errors never come by here."""
        try:
            return await asyncio.to_thread(function, *arguments)
        except FileNotFoundError as error:
            raise SpoolUnavailable(tell("spool.gone", folder=self._folder)) from error
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise SpoolFull(tell("spool.disk_full", folder=self._folder)) from error
            raise SpoolUnavailable(tell("spool.unusable", folder=self._folder, reason=error.strerror)) from error


@dataclass(frozen=True, slots=True)
class _Block:
    """Be one piece of the file as written, and how much of the plain file it carries."""

    data: bytes
    plain_bytes: int


class _Room:
    """Account for one file: what was set aside for it and what it took."""

    def __init__(self, spool: Spool, expected_bytes: int) -> None:
        self._spool = spool
        self._written = 0
        self.plain_bytes = 0
        self._refuse_oversize(expected_bytes)
        self._reserved = _sealed_bytes(expected_bytes) if expected_bytes else 0
        spool.reserve(self._reserved)

    def take(self, block: _Block) -> None:
        """Count a block before it is written. Raises SpoolFull."""
        self._refuse_oversize(self.plain_bytes + block.plain_bytes)
        more = max(0, self._written + len(block.data) - self._reserved)
        self._spool.reserve(more)
        self._reserved += more
        self._written += len(block.data)
        self.plain_bytes += block.plain_bytes

    def give_back(self, *, kept: bool) -> None:
        """Return what the file did not need, all of it when it was not kept."""
        self._spool.release(self._reserved - (self._written if kept else 0))

    def _refuse_oversize(self, plain_bytes: int) -> None:
        if plain_bytes > self._spool.file_limit_bytes:
            raise SpoolFull(tell("spool.file_too_large", limit_mib=self._spool.file_limit_bytes >> 20))


def spooled_keys(incidents: Iterable[Incident]) -> set[str]:
    """Return the spool's keys that these incidents still need: what `sweep` must spare."""
    return {file.spool_key for incident in incidents for part in incident.draft.parts for file in part.files}


def _sealed_bytes(plain_bytes: int) -> int:
    """Return what a file of that size takes on disk."""
    return HEADER_BYTES + plain_bytes + _TAG_BYTES * max(1, -(-plain_bytes // CHUNK_BYTES))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])


def _unseal(cipher: AESGCM, number: int, block: bytes, *, last: bool, key: str) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last=last), block, None)
    except InvalidTag:
        raise SpoolUnavailable(tell("spool.damaged", key=key[:8])) from None


def _prepare(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    probe = folder / f".probe-{os.getpid()}"
    probe.touch()
    probe.unlink()
    return sum(path.stat().st_size for path in folder.iterdir() if is_spooled(path))


def _settle(file: IO[bytes], path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    Path(file.name).rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove(path: Path) -> int:
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size


def wrapped_key_in(header: bytes) -> bytes | None:
    """Return the wrapped key out of a file's first `HEADER_BYTES`; None when it is no whole header."""
    start = len(_MAGIC) + 2
    whole = len(header) == HEADER_BYTES and header.startswith(_MAGIC)
    return header[start:] if whole and int.from_bytes(header[start - 2 : start]) == HEADER_BYTES - start else None


def is_spooled(path: Path) -> bool:
    """Tell by its name whether a file is one of the spool's, or one that is being written."""
    return _KEY.fullmatch(path.name.removesuffix(_DRAFT_SUFFIX)) is not None
