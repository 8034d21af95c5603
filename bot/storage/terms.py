"""TermStore: each guild's own terms, cached in the process, every change audited."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import SettingsError
from bot.records import AuditKind
from bot.setting_changes import MovedOnError
from bot.storage.audit import note
from bot.storage.database import Database, insert_new
from bot.storage.finishing import finishing
from bot.storage.guild_cache import GuildCache
from bot.storage.record_tables import guild_terms, term_versions
from bot.terms import ENTRY_LIMIT, PATTERN_LIMIT, WORD_LIMIT, GuildTerm, GuildTerms, TermKind
from bot.texts import tell
from masker.labels import Label

_CACHE_LIMIT = 2_000
"""Guilds whose terms are kept in memory; the least recently used goes first."""


@finishing
class TermStore:
    """Give and change guilds' terms; whether a pattern may be used is the caller's to check. All methods raise
    StorageUnavailable, those that change something SettingsError for what is over a limit, and then change nothing."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._kept: GuildCache[GuildTerms] = GuildCache(_CACHE_LIMIT)

    async def list(self, guild_id: int) -> GuildTerms:
        """Return a guild's terms."""
        return await self._kept.get(guild_id, self._read)

    async def add(self, guild_id: int, kind: TermKind, entry: str, label: Label | None, actor_id: int) -> bool:
        """Add an entry; False when the guild has it already, whose label then stays."""
        now = self._clock()
        _check([entry])
        async with self._database.write() as connection:
            await _touch(connection, guild_id, now)
            row = _row(guild_id, GuildTerm(kind, entry, label), actor_id, now)
            if not await insert_new(connection, guild_terms, row):
                return False
            await _check_room(connection, guild_id, kind)
            detail = {"kind": kind.value, "entry": entry, "label": label.value if label else None}
            await note(connection, now, guild_id, actor_id, AuditKind.TERM_ADDED, detail=detail)
        self.forget(guild_id)
        return True

    async def remove(self, guild_id: int, kind: TermKind, entry: str, actor_id: int) -> bool:
        """Remove an entry; False when the guild does not have it."""
        now = self._clock()
        wanted = (guild_terms.c.guild_id == guild_id) & (guild_terms.c.kind == kind.value)
        async with self._database.write() as connection:
            await _touch(connection, guild_id, now)
            wanted &= guild_terms.c.entry == entry
            label = await connection.scalar(select(guild_terms.c.label).where(wanted))
            if (await connection.execute(delete(guild_terms).where(wanted))).rowcount == 0:
                return False
            detail = {"kind": kind.value, "entry": entry, "label": label}
            await note(connection, now, guild_id, actor_id, AuditKind.TERM_REMOVED, detail=detail)
        self.forget(guild_id)
        return True

    async def replace(
        self, guild_id: int, terms: Iterable[GuildTerm], actor_id: int, *, expected: int | None = None
    ) -> GuildTerms:
        """Put these terms in place of the guild's own, all or none; of two alike the last counts.

        `expected` is the version that the guild's terms must still have. Raises MovedOnError when they have not.
        """
        now = self._clock()
        wanted = {(term.kind, term.entry): term for term in terms}
        _check(entry for _, entry in wanted)
        async with self._database.write() as connection:
            version = await _touch(connection, guild_id, now, expected)
            await connection.execute(delete(guild_terms).where(guild_terms.c.guild_id == guild_id))
            if wanted:
                rows = [_row(guild_id, term, actor_id, now) for term in wanted.values()]
                await connection.execute(insert(guild_terms), rows)
            for kind in TermKind:
                await _check_room(connection, guild_id, kind)
            await note(connection, now, guild_id, actor_id, AuditKind.TERMS_IMPORTED, detail={"terms": len(wanted)})
            imported = await _terms(connection, guild_id, version)
        self.forget(guild_id)
        return imported

    def forget(self, guild_id: int) -> None:
        """Read a guild's terms anew the next time."""
        self._kept.forget(guild_id)

    async def _read(self, guild_id: int) -> GuildTerms:
        async with self._database.read() as connection:
            version = await connection.scalar(_version_of(guild_id))
            return await _terms(connection, guild_id, version) if version else GuildTerms()


def _version_of(guild_id: int) -> Select[Any]:
    return select(term_versions.c.version).where(term_versions.c.guild_id == guild_id)


async def _touch(connection: AsyncConnection, guild_id: int, now: datetime, expected: int | None = None) -> int:
    """Lock the guild's terms and give them a version that they never had, not even before they were purged.

    Raises MovedOnError when they had not the expected one until now.
    """
    version = int(now.timestamp() * 1_000)
    is_new = await insert_new(connection, term_versions, {"guild_id": guild_id, "version": version})
    last = 0 if is_new else await connection.scalar(_version_of(guild_id).with_for_update()) or 0
    if expected not in (None, last):
        raise MovedOnError
    if is_new:
        return version
    version = max(version, last + 1)
    await connection.execute(update(term_versions).where(term_versions.c.guild_id == guild_id).values(version=version))
    return version


async def _terms(connection: AsyncConnection, guild_id: int, version: int) -> GuildTerms:
    query = select(guild_terms).where(guild_terms.c.guild_id == guild_id).order_by(guild_terms.c.entry)
    found: dict[TermKind, list[GuildTerm]] = {kind: [] for kind in TermKind}
    for row in (await connection.execute(query)).mappings():
        kind = TermKind(row["kind"])
        found[kind].append(GuildTerm(kind, row["entry"], Label(row["label"]) if row["label"] else None))
    block, allow, patterns = (tuple(found[kind]) for kind in (TermKind.BLOCK, TermKind.ALLOW, TermKind.PATTERN))
    return GuildTerms(block, allow, patterns, version)


def _row(guild_id: int, term: GuildTerm, actor_id: int, now: datetime) -> dict[str, object]:
    return {
        "guild_id": guild_id,
        "kind": term.kind.value,
        "entry": term.entry,
        "label": term.label.value if term.label else None,
        "actor_id": actor_id,
        "at": now,
    }


def _check(entries: Iterable[str]) -> None:
    for entry in entries:
        if not 0 < len(entry) <= ENTRY_LIMIT:
            raise SettingsError(tell("storage.term_length", limit=ENTRY_LIMIT, length=len(entry)))
        if "\0" in entry or any("\ud800" <= letter <= "\udfff" for letter in entry):
            raise SettingsError(tell("storage.term_letters"))  # PostgreSQL keeps neither


async def _check_room(connection: AsyncConnection, guild_id: int, kind: TermKind) -> None:
    is_pattern = kind is TermKind.PATTERN
    alike = guild_terms.c.kind == kind.value if is_pattern else guild_terms.c.kind != TermKind.PATTERN.value
    limit = PATTERN_LIMIT if is_pattern else WORD_LIMIT
    count = await connection.scalar(select(func.count()).where(guild_terms.c.guild_id == guild_id, alike))
    if (count or 0) > limit:
        raise SettingsError(tell("storage.terms_full", limit=limit))
