"""GuildStore: each guild's policy, cached in the process, every change audited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.guild_choice import GuildChoice
from bot.policy import Policy
from bot.records import AuditKind
from bot.storage.audit import note
from bot.storage.database import Database, insert_new
from bot.storage.departures import departed_before, remove
from bot.storage.finishing import finishing
from bot.storage.guild_cache import GuildCache
from bot.storage.record_tables import departures
from bot.storage.tables import guild_settings, incidents, settings_audit

_CACHE_LIMIT = 20_000
"""Policies kept in memory, a few hundred bytes each; the least recently used goes first."""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """Record who changed which setting from what to what, as JSON values; None means the default."""

    id: int
    at: datetime
    actor_id: int
    key: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Applied:
    """Say what one edit left behind: the policy that now holds, and what was changed, by key."""

    policy: Policy
    changes: tuple[SettingChange, ...]


@finishing
class GuildStore:
    """Give and change guilds' policies. All methods raise StorageUnavailable when the database cannot be reached."""

    def __init__(
        self,
        database: Database,
        defaults: Policy,
        clock: Callable[[], datetime],
        forget_too: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`forget_too` drops what others keep in memory of a guild that was removed."""
        self._database = database
        self._forget_too = forget_too
        self._defaults = defaults
        self._clock = clock
        self._policies: GuildCache[Policy] = GuildCache(_CACHE_LIMIT)

    async def policy(self, guild_id: int) -> Policy:
        """Return the guild's policy: the defaults with its own choice laid over them."""
        return await self._policies.get(guild_id, self._read)

    async def update(self, guild_id: int, changes: Mapping[str, Any], actor_id: int) -> Policy:
        """Change settings and return the policy that now holds; each changed key leaves an audit row.

        Keys are `Policy`'s fields; None takes one back to the default; thresholds and actions merge label by label.
        Raises SettingsError naming the key that does not fit, and then nothing was changed.
        """
        return (await self.apply(guild_id, lambda choice: choice.changed(changes), actor_id)).policy

    async def apply(
        self,
        guild_id: int,
        edit: Callable[[GuildChoice], GuildChoice],
        actor_id: int,
        deed: AuditKind | None = None,
    ) -> Applied:
        """Let `edit` make the guild's new choice from the present one, in one transaction; every key is audited.

        With `deed`, what changed it all at once is audited too, with the keys that it changed.
        `edit` sees what no other edit can change meanwhile; what it raises is passed on, and then nothing was changed.
        """
        now = self._clock()
        async with self._database.write() as connection:
            before, exists = await _chosen(connection, guild_id, lock=True)
            after = edit(before)
            old, new = before.as_json(), after.as_json()
            keys = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
            changes: list[SettingChange] = []
            if keys:
                values = {"chosen": new, "updated_at": now, "updated_by": actor_id}
                if exists:
                    await connection.execute(
                        update(guild_settings).where(guild_settings.c.guild_id == guild_id).values(values)
                    )
                else:
                    await connection.execute(insert(guild_settings).values(guild_id=guild_id, **values))
            for key in keys:
                row: dict[str, Any] = {"at": now, "actor_id": actor_id, "key": key}
                row |= {"old": old.get(key), "new": new.get(key)}
                added = insert(settings_audit).values(guild_id=guild_id, **row).returning(settings_audit.c.id)
                changes.append(SettingChange(id=(await connection.execute(added)).scalar_one(), **row))
            if deed is not None and keys:
                await note(connection, now, guild_id, actor_id, deed, detail={"keys": keys})
        self._policies.forget(guild_id)
        return Applied(after.policy(self._defaults), tuple(changes))

    async def choice(self, guild_id: int) -> GuildChoice:
        """Return what the guild itself chose, without the defaults."""
        async with self._database.read() as connection:
            return (await _chosen(connection, guild_id))[0]

    async def history(self, guild_id: int, limit: int = 50, before_id: int | None = None) -> list[SettingChange]:
        """Return the latest changes, newest first; with `before_id`, those that came before that one."""
        query = select(settings_audit).where(settings_audit.c.guild_id == guild_id)
        if before_id is not None:
            query = query.where(settings_audit.c.id < before_id)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(settings_audit.c.id.desc()).limit(limit))
            return [_change(row) for row in rows.mappings()]

    async def change(self, guild_id: int, change_id: int) -> SettingChange | None:
        """Return one of a guild's changes; None for another guild's and for one that never was."""
        query = select(settings_audit).where(settings_audit.c.guild_id == guild_id, settings_audit.c.id == change_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else _change(row)

    async def remove(self, guild_id: int) -> None:
        """Forget what a guild chose; its audit stays."""
        async with self._database.write() as connection:
            await connection.execute(delete(guild_settings).where(guild_settings.c.guild_id == guild_id))
        self._policies.forget(guild_id)

    async def left(self, guild_id: int) -> None:
        """Record that the bot is in a guild no more; again changes nothing: the time of grace is not renewed."""
        async with self._database.write() as connection:
            await insert_new(connection, departures, {"guild_id": guild_id, "left_at": self._clock()})

    async def back(self, guild_id: int) -> None:
        """Record that the bot is in a guild: what is left of it stays."""
        async with self._database.write() as connection:
            await connection.execute(delete(departures).where(departures.c.guild_id == guild_id))

    async def known(self) -> set[int]:
        """Return the guilds of which something is kept and that the bot has not left as far as the record knows."""
        gone = select(departures.c.guild_id)
        found: set[int] = set()
        async with self._database.read() as connection:
            for table in (guild_settings, incidents):
                query = select(table.c.guild_id).where(table.c.guild_id.not_in(gone)).distinct()
                found.update((await connection.execute(query)).scalars())
        return found

    async def gone(self) -> set[int]:
        """Return the guilds that the bot has left as far as the record knows, and of which something may be kept."""
        async with self._database.read() as connection:
            return set((await connection.execute(select(departures.c.guild_id))).scalars())

    async def remove_departed(self, grace_days: int) -> list[int]:
        """Delete everything of the guilds that were left longer ago than that. Returns which were."""
        now = self._clock()
        removed = []
        for guild_id in await departed_before(self._database, now - timedelta(days=grace_days)):
            if await remove(self._database, guild_id, now):
                self._policies.forget(guild_id)
                self._forget_too(guild_id)
                removed.append(guild_id)
        return removed

    async def _read(self, guild_id: int) -> Policy:
        async with self._database.read() as connection:
            choice, _ = await _chosen(connection, guild_id)
        return choice.policy(self._defaults)


async def _chosen(connection: AsyncConnection, guild_id: int, *, lock: bool = False) -> tuple[GuildChoice, bool]:
    query = select(guild_settings.c.chosen).where(guild_settings.c.guild_id == guild_id)
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return (GuildChoice(), False) if row is None else (GuildChoice.from_json(row[0]), True)


def _change(row: RowMapping) -> SettingChange:
    return SettingChange(**{name: row[name] for name in ("id", "at", "actor_id", "key", "old", "new")})
