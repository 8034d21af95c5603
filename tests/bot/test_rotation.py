"""Key rotation: everything goes under the new key, whatever interrupts it, and no key goes that is needed."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from bot import spool_keys
from bot.cli.rotation import drop_old_keys, rotate
from bot.crypto import Keyring, add_key, keys_in, load_keyring, write_keys
from bot.errors import CommandFailed, KeyUnusable
from bot.incidents import OutcomeKind
from bot.records import AuditKind
from bot.settings import PathSettings, Settings, StorageSettings
from bot.spool import Spool
from bot.storage import Storage, open_database, open_from, rotation
from tests.bot.conftest import make_draft


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Give settings with a database of each kind and a key file and spool in the test's folder."""
    return Settings(paths=PathSettings(data_dir=tmp_path), storage=StorageSettings(url=database_url))


async def _fill(storage: Storage, first: int = 1, count: int = 5) -> None:
    for number in range(first, first + count):
        incident = await storage.incidents.record(make_draft(number), OutcomeKind.ALERTED)
        await storage.contests.open(incident.id, 1, 7, f"이의 {number}")
    await storage.contests.answer(incident.id, 9, True, "답")
    case = await storage.cases.open(1, 7, 9)
    await storage.cases.note(1, case.number, 9, "메모")


async def _all_words(storage: Storage) -> list[str | None]:
    data = await storage.members.export(1, 7)
    words = [*(row["original"] for row in data.incidents), *(row["words"] for row in data.contests)]
    answers = [row["answer"] for row in data.contests]
    return [*words, *answers, *(note["words"] for case in data.cases for note in case["notes"])]


async def _bytes() -> AsyncIterator[bytes]:
    yield b"attachment"


async def _spool(settings: Settings, storage: Storage) -> Spool:
    return await Spool.open(settings.spool_path, storage.keyring, limit_bytes=1 << 20, file_limit_bytes=1 << 20)


async def test_after_a_rotation_the_new_key_alone_opens_everything(settings: Settings) -> None:
    async with open_from(settings) as storage:
        await _fill(storage)
        spool = await _spool(settings, storage)
        spooled, _ = await spool.put(_bytes())
        words = await _all_words(storage)
        (old,) = keys_in(settings.key_path)
        await rotate(settings)
        assert keys_in(settings.key_path)[1:] == [old]
        assert await _all_words(storage) == words, "a bot that runs on reads what is under the new key"
        await _fill(storage, first=100)
        late, _ = await spool.put(_bytes())
        await drop_old_keys(settings)
        (new,) = keys_in(settings.key_path)
        assert new != old
        done = await storage.audit.history(0)
        assert [entry.what for entry in done] == [AuditKind.KEY_ROTATED] * 2
        assert done[1].detail == {"records": 5 + 5 + 1 + 1 + 1, "files": 1}
    async with open_from(settings) as storage:
        assert len(await _all_words(storage)) == 2 * len(words)
        spool = await _spool(settings, storage)
        assert [await spool.read_all(key) for key in (spooled, late)] == [b"attachment"] * 2
    write_keys(settings.key_path, [old])
    with pytest.raises(KeyUnusable):
        async with open_from(settings):
            pass


async def test_old_keys_stay_while_anything_is_under_them(settings: Settings) -> None:
    async with open_from(settings) as storage:
        await _fill(storage, count=1)
        keys = [Fernet.generate_key(), *keys_in(settings.key_path)]
        write_keys(settings.key_path, keys)
        with pytest.raises(CommandFailed):
            await drop_old_keys(settings)
        assert keys_in(settings.key_path) == keys
        await rotate(settings)
        assert keys_in(settings.key_path) == keys, "a key put there by hand is the new one"
        await drop_old_keys(settings)
    assert keys_in(settings.key_path) == keys[:1]


async def test_what_a_bot_writes_under_an_old_key_at_the_last_moment_is_not_lost(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_from(settings) as storage:
        (old,) = keys_in(settings.key_path)
        await rotate(settings)
        keys = keys_in(settings.key_path)
        counted = rotation.count_old

        async def late(*arguments: object) -> int:
            count = await counted(*arguments)  # type: ignore[arg-type]
            if len(keys_in(settings.key_path)) == 2:
                monkeypatch.setattr(storage.incidents, "_keyring", Keyring([old]))
                await storage.incidents.open(make_draft())
            return count

        monkeypatch.setattr(rotation, "count_old", late)
        with pytest.raises(CommandFailed):
            await drop_old_keys(settings)
    assert keys_in(settings.key_path) == keys, "they were put back"


async def test_stopped_anywhere_it_goes_on_with_the_same_key(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    async with open_from(settings) as storage:
        await _fill(storage)
        words = await _all_words(storage)
        add_key(settings.key_path)
        keys = keys_in(settings.key_path)
        async with open_database(settings.database_url) as database:
            for stop_at in range(2, 12, 3):

                def stop(done: int, total: int, at: int = stop_at) -> None:
                    if done >= at:
                        raise KeyboardInterrupt

                with pytest.raises(KeyboardInterrupt):
                    await rotation.renew(database, storage.keyring, stop)
                assert await rotation.is_under_way(database, storage.keyring)
                assert await _all_words(storage) == words
        await rotate(settings)
        assert keys_in(settings.key_path) == keys, "no third key"
        await drop_old_keys(settings)
        assert await _all_words(storage) == words


async def test_words_that_are_erased_meanwhile_do_not_come_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_from(settings) as storage:
        await _fill(storage)
        async with open_database(settings.database_url) as database:
            add_key(settings.key_path)
            rows = [row async for row in rotation._under_old_keys(database, storage.keyring, lambda *_: None)]
            await storage.members.erase(1, 7, 7)

            async def stale(*_: object) -> AsyncIterator[object]:
                for row in rows:
                    yield row

            monkeypatch.setattr(rotation, "_under_old_keys", stale)
            await rotation.renew(database, storage.keyring, lambda *_: None)
        assert (await storage.members.export(1, 7)).incidents[0]["original"] is None


async def test_what_no_key_opens_stops_nothing(settings: Settings) -> None:
    async with open_from(settings) as storage:
        await _fill(storage)
        async with open_database(settings.database_url) as database, database.write() as connection:
            await connection.execute(text("UPDATE incidents SET payload = :x WHERE id = 2"), {"x": b"damaged"})
        settings.spool_path.mkdir(exist_ok=True)
        (settings.spool_path / ("x" * 43)).write_bytes(b"garim-spool-1\n")
        await rotate(settings)
        await drop_old_keys(settings)
        seen = await storage.incidents.for_message(3)
    assert seen[0].draft.original


async def test_a_read_only_key_file_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    async with open_from(settings) as storage:
        await _fill(storage)
        before = settings.key_path.read_bytes()
        (tmp_path / f".{settings.key_path.name}.{os.getpid()}").mkdir()
        with pytest.raises(KeyUnusable):
            await rotate(settings)
        assert settings.key_path.read_bytes() == before
        assert await storage.audit.history(0) == []


def test_a_ring_follows_its_file_and_keeps_its_keys_while_that_is_unusable(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "garim.key"
    old, new = Fernet.generate_key(), Fernet.generate_key()
    path.write_bytes(old)
    ring = load_keyring(path)
    under_old = ring.encrypt(b"words")
    for content in (b"half a ke", None, b""):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        assert ring.decrypt(under_old) == b"words"
        assert Keyring([old]).decrypt(ring.encrypt(b"more")) == b"more"
    assert "the keys read before are still used" in caplog.text
    write_keys(path, [new, old])
    assert ring.is_first(ring.encrypt(b"words"))
    assert not ring.is_first(under_old)
    assert Keyring([new]).decrypt(ring.renewed(under_old)) == b"words"
    assert spool_keys.count_old(tmp_path / "no folder", ring) == 0
