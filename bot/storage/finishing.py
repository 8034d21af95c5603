"""Let a store's work end once begun, whatever becomes of its caller.

A statement that is cancelled midway can leave its connection's transaction open in the driver's thread, and with it
SQLite's write lock (seen with SQLAlchemy 2.1 and aiosqlite 0.22: three in ten cancelled writes locked the database for
everybody). So the work runs in a task of its own: a cancelled caller leaves at once, the transaction ends by itself.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")
_Store = TypeVar("_Store", bound=type)


class Work:
    """Hold the tasks that still run, so that closing can wait for them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Return what the work returns; it goes on to its end when the caller is cancelled."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    async def aclose(self) -> None:
        """Wait until nothing runs any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            # Looked at here, for a caller who left will not: asyncio would otherwise report it as never retrieved.
            task.exception()


def finishing(store: _Store) -> _Store:
    """Make every public coroutine method of a store run to its end; the store has a `_database` with a `work`."""
    for name, method in list(vars(store).items()):
        if not name.startswith("_") and inspect.iscoroutinefunction(method):
            setattr(store, name, _finished(method))
    return store


def _finished(method: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(method)
    async def finished(self: Any, *arguments: Any, **named: Any) -> Any:
        return await self._database.work.run(method(self, *arguments, **named))

    return finished
