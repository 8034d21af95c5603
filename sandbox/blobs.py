"""The bytes behind attachments and pictures, bounded, oldest out first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

CAPACITY_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file."""

    data: bytes
    content_type: str
    filename: str


class BlobStore:
    """Keep files in memory up to a total size in bytes; the oldest leave when it is full."""

    def __init__(self, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self.capacity_bytes = capacity_bytes
        self.used_bytes = 0
        self._blobs: OrderedDict[str, Blob] = OrderedDict()

    def put(self, key: str, blob: Blob) -> None:
        """Store or replace a file, evicting the oldest ones as needed."""
        self.drop(key)
        while self._blobs and self.used_bytes + len(blob.data) > self.capacity_bytes:
            _, evicted = self._blobs.popitem(last=False)
            self.used_bytes -= len(evicted.data)
        if len(blob.data) <= self.capacity_bytes:
            self._blobs[key] = blob
            self.used_bytes += len(blob.data)

    def get(self, key: str) -> Blob | None:
        """Return a file, or None when it never was or has gone."""
        return self._blobs.get(key)

    def drop(self, key: str) -> None:
        """Forget a file."""
        gone = self._blobs.pop(key, None)
        if gone is not None:
            self.used_bytes -= len(gone.data)
