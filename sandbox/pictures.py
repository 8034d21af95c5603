"""Draw identicons: for every hash one small symmetric PNG, the same each time; and read `data:` pictures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
import zlib
from functools import lru_cache

from sandbox.blobs import Blob
from sandbox.errors import invalid_field

GRID = 5
MAX_SIDE = 256
MAX_PICTURE_BYTES = 10 * 1024 * 1024
PICTURE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@lru_cache(maxsize=256)
def identicon(seed: str, side: int = 128) -> bytes:
    """Return a PNG of about `side` pixels: a 5 by 5 pattern, mirrored, in a colour of its own."""
    digest = hashlib.sha256(seed.encode()).digest()
    colour = bytes(90 + byte % 130 for byte in digest[:3])
    ground = b"\xf2\xf3\xf5"
    cell = max(1, min(side, MAX_SIDE) // (GRID + 1))
    margin = cell // 2
    width = cell * GRID + 2 * margin
    blank = ground * width
    rows = [blank] * margin
    for row in range(GRID):
        half = [digest[3 + row * 3 + column] % 2 for column in range(3)]
        line = ground * margin
        line += b"".join((colour if on else ground) * cell for on in (*half, half[1], half[0]))
        rows += [line + ground * margin] * cell
    rows += [blank] * margin
    raw = b"".join(b"\x00" + line for line in rows)
    head = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(raw, 9)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def read_data_uri(value: object, field: str = "avatar") -> tuple[str, Blob] | None:
    """Return the hash and bytes of a `data:image/...;base64,` value, None for null; raises 50035."""
    if value is None:
        return None
    head, _, payload = value.partition(",") if isinstance(value, str) else ("", "", "")
    kind = head.removeprefix("data:").removesuffix(";base64")
    try:
        data = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if kind not in PICTURE_TYPES or not data:
        raise invalid_field(field, code="IMAGE_INVALID", message="Invalid image data")
    if len(data) > MAX_PICTURE_BYTES:
        raise invalid_field(field, code="BINARY_TYPE_MAX_SIZE", message="File cannot be larger than 10240.0 kb.")
    return picture_hash(data), Blob(data, kind, field)


def picture_hash(data: bytes) -> str:
    """Return the hash under which the CDN keeps a picture."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
