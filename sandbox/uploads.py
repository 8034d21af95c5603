"""Files on their way into a message."""

from __future__ import annotations

import mimetypes
import re
import struct
from dataclasses import dataclass

from sandbox.blobs import Blob
from sandbox.errors import ApiError, invalid_field
from sandbox.models import Attachment
from sandbox.state import WorldState

MAX_FILES = 10
MAX_REQUEST_BYTES = 100 * 1024 * 1024
_UNSAFE = re.compile(r"[^\w.\-]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sends with a message."""

    filename: str
    data: bytes
    content_type: str | None = None
    description: str | None = None


def clean_filename(filename: str) -> str:
    """Return a name that is safe in an address: no path, spaces or marks; never empty."""
    return _UNSAFE.sub("_", filename.replace("\\", "/").rsplit("/", 1)[-1])[:260].lstrip(".") or "unknown"


def check_sizes(uploads: list[Upload], limit_bytes: int) -> None:
    """Raise 40005 for a file above the limit and 50035 for more than ten files."""
    if len(uploads) > MAX_FILES:
        raise invalid_field(
            "attachments", code="BASE_TYPE_MAX_LENGTH", message=f"Must be {MAX_FILES} or fewer in length."
        )
    if any(len(upload.data) > limit_bytes for upload in uploads):
        raise ApiError(413, 40005, "Request entity too large")


def store_uploads(
    world: WorldState, channel_id: int, uploads: list[Upload], *, ephemeral: bool = False
) -> list[Attachment]:
    """Put the bytes into the CDN store and return the attachments that point at them."""
    attachments = []
    for upload in uploads:
        name = clean_filename(upload.filename)
        kind = upload.content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        width, height = picture_size(upload.data)
        item = Attachment(
            world.ids.next(), name, len(upload.data), kind, upload.description, width, height, ephemeral=ephemeral
        )
        world.blobs.put(f"attachments/{channel_id}/{item.id}/{name}", Blob(upload.data, kind, name))
        attachments.append(item)
    return attachments


def picture_size(data: bytes) -> tuple[int | None, int | None]:
    """Return the width and height in pixels of a PNG or GIF, and two Nones for anything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    return None, None
