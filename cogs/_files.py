"""Fetching a message's attachments into the encrypted spool, before the message is deleted."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

import aiohttp
import discord

from bot.errors import GarimError
from bot.incidents import SpooledFile
from bot.policy import Policy
from bot.spool import Spool
from cogs._censor import Censor

logger = logging.getLogger(__name__)

CHUNK_BYTES = 64 * 1024
_PLAIN_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}", re.ASCII)


class FileFetcher:
    """Fetch attachments from Discord's CDN into the spool. What cannot be fetched is counted, never raised."""

    def __init__(self, session: aiohttp.ClientSession, spool: Spool, *, timeout_s: float, limit_bytes: int) -> None:
        self._session = session
        self._spool = spool
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._limit_bytes = limit_bytes

    async def fetch(
        self, attachments: Sequence[discord.Attachment], policy: Policy, upload_limit_bytes: int, censor: Censor
    ) -> tuple[tuple[SpooledFile, ...], int]:
        """Return the files now in the spool, what they are called masked, and how many of the attachments are not.

        `upload_limit_bytes` is what the guild lets us upload again: a larger file is not fetched at all.
        """
        limit = min(self._limit_bytes, upload_limit_bytes)
        fetched = await asyncio.gather(
            *(
                self._fetch_one(attachment, number, policy, limit, censor)
                for number, attachment in enumerate(attachments, 1)
            )
        )
        files = tuple(file for file in fetched if file is not None)
        return files, len(attachments) - len(files)

    async def read(self, spool_key: str) -> bytes:
        """Return a spooled file. Raises GarimError when it is gone or damaged."""
        return await self._spool.read_all(spool_key)

    async def discard(self, files: Iterable[SpooledFile]) -> None:
        """Remove files from the spool; those that cannot be are swept at the next start."""
        for file in files:
            try:
                await self._spool.delete(file.spool_key)
            except (GarimError, OSError) as error:
                logger.warning("a spooled file was not removed: %s", type(error).__name__)

    async def _fetch_one(
        self, attachment: discord.Attachment, number: int, policy: Policy, limit_bytes: int, censor: Censor
    ) -> SpooledFile | None:
        if attachment.size > limit_bytes:
            return None
        try:
            async with self._session.get(attachment.url, timeout=self._timeout, raise_for_status=True) as response:
                key, size = await self._spool.put(response.content.iter_chunked(CHUNK_BYTES))
        except (aiohttp.ClientError, OSError, GarimError) as error:
            logger.warning("attachment %d could not be fetched: %s", attachment.id, type(error).__name__)
            return None
        description = await censor.cover(attachment.description, policy) if attachment.description else None
        return SpooledFile(
            spool_key=key,
            filename=await _safe_filename(attachment.filename.removeprefix("SPOILER_"), number, policy, censor),
            size_bytes=size,
            content_type=attachment.content_type,
            description=description,
            spoiler=attachment.is_spoiler(),
        )


async def _safe_filename(filename: str, number: int, policy: Policy, censor: Censor) -> str:
    """Return the name, or a plain one with the same suffix when the name itself is flagged."""
    if await censor.cover(filename, policy) == filename:
        return filename
    suffix = PurePosixPath(filename).suffix.lower()
    return f"file-{number}{suffix if _PLAIN_SUFFIX.fullmatch(suffix) else ''}"
