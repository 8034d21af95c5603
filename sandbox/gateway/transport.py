"""How payloads travel: plain text, or one compression stream for the whole life of a socket."""

from __future__ import annotations

import importlib
import zlib
from typing import Any, Protocol


class Encoder(Protocol):
    """Turn one payload's text into the frame to send."""

    def encode(self, text: str) -> str | bytes:
        """Return text for a text frame, bytes for a binary one."""
        ...


class PlainEncoder:
    """Send text as it is."""

    def encode(self, text: str) -> str:
        """Return the text."""
        return text


class ZlibEncoder:
    """`compress=zlib-stream`: one deflate stream, each payload ended by Z_SYNC_FLUSH (00 00 FF FF)."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj()

    def encode(self, text: str) -> bytes:
        """Return the next piece of the stream."""
        return self._stream.compress(text.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class ZstdEncoder:
    """`compress=zstd-stream`: one zstd frame, each payload ended by a flushed block."""

    def __init__(self, module: Any) -> None:
        if hasattr(module, "COMPRESSOBJ_FLUSH_BLOCK"):
            self._stream: Any = module.ZstdCompressor().compressobj()
            self._end_block: int = module.COMPRESSOBJ_FLUSH_BLOCK
        else:
            self._stream = module.ZstdCompressor()
            self._end_block = module.ZstdCompressor.FLUSH_BLOCK

    def encode(self, text: str) -> bytes:
        """Return the next piece of the frame."""
        data: bytes = self._stream.compress(text.encode()) + self._stream.flush(self._end_block)
        return data


class UnsupportedTransportError(Exception):
    """The query of a gateway address asks for what this server cannot do; the text says what."""


def encoder_for(compress: str | None) -> Encoder:
    """Return the encoder that a `compress` query parameter names; raises UnsupportedTransportError.

    zstd needs Python 3.14 or the `zstandard` package; a client only asks for it when it has one itself.
    """
    if compress is None or not compress:
        return PlainEncoder()
    if compress == "zlib-stream":
        return ZlibEncoder()
    if compress == "zstd-stream":
        for name in ("compression.zstd", "zstandard"):
            try:
                return ZstdEncoder(importlib.import_module(name))
            except ImportError:
                continue
        raise UnsupportedTransportError("zstd-stream needs Python 3.14 or the zstandard package beside the sandbox")
    raise UnsupportedTransportError(f"compress={compress!r} is none of zlib-stream, zstd-stream")
