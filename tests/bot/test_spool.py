"""The spool: what goes in comes out, nothing readable lies on disk, and no bound is passed."""

from __future__ import annotations

import asyncio
import dataclasses
import resource
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.crypto import Keyring
from bot.errors import SpoolFull, SpoolUnavailable
from bot.incidents import Incident, IncidentState
from bot.spool import CHUNK_BYTES, Spool, spooled_keys
from tests.bot.conftest import make_draft

MIB = 1 << 20


async def chunks_of(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GARIM_LANG", "en")


@pytest.fixture
async def spool(tmp_path: Path, keyring: Keyring) -> Spool:
    return await Spool.open(tmp_path / "spool", keyring, limit_bytes=MIB, file_limit_bytes=MIB // 2)


def on_disk(tmp_path: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (tmp_path / "spool").iterdir()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, CHUNK_BYTES + 3) | st.sampled_from([CHUNK_BYTES, 2 * CHUNK_BYTES]), max_size=3))
def test_what_goes_in_comes_out_whatever_the_chunks(tmp_path: Path, keyring: Keyring, sizes: list[int]) -> None:
    async def round_trip() -> None:
        spool = await Spool.open(tmp_path / "spool", keyring, limit_bytes=MIB, file_limit_bytes=MIB)
        pieces = [bytes([number + 1]) * size for number, size in enumerate(sizes)]
        key, size = await spool.put(chunks_of(*pieces))
        assert size == sum(sizes)
        assert await spool.read_all(key) == b"".join(pieces)
        await spool.delete(key)
        assert spool.used_bytes == 0

    asyncio.run(round_trip())


@pytest.mark.parametrize("size", [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES])
async def test_an_expected_size_sets_aside_exactly_what_the_file_takes(
    tmp_path: Path, keyring: Keyring, spool: Spool, size: int
) -> None:
    await spool.put(chunks_of(b"a" * size))
    exact = await Spool.open(tmp_path / "exact", keyring, limit_bytes=spool.used_bytes, file_limit_bytes=size)
    await exact.put(chunks_of(b"a" * size), size)


async def test_nothing_readable_lies_on_disk(spool: Spool, tmp_path: Path) -> None:
    key, _ = await spool.put(chunks_of(b"words of a member " * 100))
    (held,) = on_disk(tmp_path).items()
    assert held[0] == key
    assert b"words" not in held[1]
    assert (tmp_path / "spool").stat().st_mode & 0o077 == 0


async def test_a_file_survives_reopening_and_is_counted(spool: Spool, tmp_path: Path, keyring: Keyring) -> None:
    key, _ = await spool.put(chunks_of(b"a" * 1000))
    again = await Spool.open(tmp_path / "spool", keyring, limit_bytes=MIB, file_limit_bytes=MIB)
    assert again.used_bytes == spool.used_bytes > 1000
    assert await again.read_all(key) == b"a" * 1000


async def test_a_file_over_its_bound_leaves_nothing(spool: Spool, tmp_path: Path) -> None:
    with pytest.raises(SpoolFull, match="attachment_limit_mib"):
        await spool.put(chunks_of(*[b"a" * CHUNK_BYTES] * 9))
    assert on_disk(tmp_path) == {}
    assert spool.used_bytes == 0


async def test_the_whole_is_bounded_also_for_files_written_at_once(spool: Spool, tmp_path: Path) -> None:
    results = await asyncio.gather(
        *(spool.put(chunks_of(*[b"a" * CHUNK_BYTES] * 4), 4 * CHUNK_BYTES) for _ in range(6)), return_exceptions=True
    )
    kept = [result for result in results if isinstance(result, tuple)]
    assert [type(result) for result in results] == [tuple] * 3 + [SpoolFull] * 3, "the first that fit are kept"
    assert sum(map(len, on_disk(tmp_path).values())) == spool.used_bytes <= MIB
    assert len(kept) == len(on_disk(tmp_path))
    await spool.delete(kept[0][0])
    await spool.put(chunks_of(b"fits again"))


async def test_a_wrong_expectation_is_put_right(spool: Spool, tmp_path: Path) -> None:
    for expected in (0, 5, 200_000):
        await spool.put(chunks_of(b"a" * 100_000), expected)
    assert spool.used_bytes == sum(map(len, on_disk(tmp_path).values()))
    with pytest.raises(SpoolFull):
        await spool.put(chunks_of(b""), MIB // 2 + 1)
    assert spool.used_bytes == sum(map(len, on_disk(tmp_path).values()))


async def test_a_source_that_fails_leaves_nothing(spool: Spool, tmp_path: Path) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"a" * CHUNK_BYTES * 2
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await spool.put(failing())
    assert on_disk(tmp_path) == {}


async def test_a_cancelled_put_leaves_nothing(spool: Spool, tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"a" * CHUNK_BYTES * 2
        await asyncio.Event().wait()

    task = asyncio.create_task(spool.put(endless()))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert on_disk(tmp_path) == {}
    assert spool.used_bytes == 0


@pytest.mark.parametrize("cut", [0, 5, 20, -1, -17, CHUNK_BYTES + 16 + 136])
async def test_a_file_cut_short_is_never_given_as_whole(spool: Spool, tmp_path: Path, cut: int) -> None:
    key, _ = await spool.put(chunks_of(b"a" * CHUNK_BYTES, b"b" * 100))
    path = tmp_path / "spool" / key
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(SpoolUnavailable):
        await spool.read_all(key)


async def test_a_changed_byte_and_another_key_are_noticed(spool: Spool, tmp_path: Path) -> None:
    key, _ = await spool.put(chunks_of(b"a" * 100))
    other = await Spool.open(
        tmp_path / "spool", Keyring([Fernet.generate_key()]), limit_bytes=MIB, file_limit_bytes=MIB
    )
    with pytest.raises(SpoolUnavailable):
        await other.read_all(key)
    path = tmp_path / "spool" / key
    content = bytearray(path.read_bytes())
    content[-30] ^= 1
    path.write_bytes(content)
    with pytest.raises(SpoolUnavailable):
        await spool.read_all(key)


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "a" * 42, "a" * 42 + "/", "사진.png", "a" * 43 + "\n"])
async def test_only_a_key_reaches_the_disk(spool: Spool, key: str) -> None:
    with pytest.raises(SpoolUnavailable):
        await spool.delete(key)
    with pytest.raises(SpoolUnavailable):
        await spool.read_all(key)


async def test_a_sweep_removes_orphans_and_drafts_and_spares_the_rest(
    spool: Spool, tmp_path: Path, keyring: Keyring
) -> None:
    live, _ = await spool.put(chunks_of(b"live"))
    orphan, _ = await spool.put(chunks_of(b"orphan"))
    assert await spool.sweep(set()) == 0, "what this process put may still be waiting for its incident"
    (tmp_path / "spool" / ("d" * 43 + ".part")).write_bytes(b"half")
    (tmp_path / "spool" / "readme.txt").write_text("somebody else's")
    restarted = await Spool.open(tmp_path / "spool", keyring, limit_bytes=MIB, file_limit_bytes=MIB)
    draft = make_draft()
    parts = (
        dataclasses.replace(draft.parts[1], files=(dataclasses.replace(draft.parts[1].files[0], spool_key=live),)),
    )
    incident = Incident(1, dataclasses.replace(draft, parts=parts), IncidentState.OPEN, datetime.now(UTC))
    assert await restarted.sweep(spooled_keys([incident])) == 2
    assert set(on_disk(tmp_path)) == {live, "readme.txt"}
    assert restarted.used_bytes == len(on_disk(tmp_path)[live])
    with pytest.raises(SpoolUnavailable):
        await restarted.read_all(orphan)
    await restarted.delete(orphan)


async def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path, keyring: Keyring) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SpoolUnavailable, match="file/spool"):
        await Spool.open(tmp_path / "file" / "spool", keyring, limit_bytes=MIB, file_limit_bytes=MIB)


async def test_a_disk_that_takes_no_more_is_said_to_be_full(tmp_path: Path, keyring: Keyring) -> None:
    spool = await Spool.open(tmp_path / "spool", keyring, limit_bytes=MIB, file_limit_bytes=MIB)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The kernel refuses a write past this bound as it does on a full disk, with EFBIG in place of ENOSPC.
    resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK_BYTES, hard))
    try:
        with pytest.raises(SpoolFull, match="the disk is full") as refused:
            await spool.put(chunks_of(b"a" * CHUNK_BYTES * 3))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert isinstance(refused.value.__cause__, OSError)
    assert on_disk(tmp_path) == {}
    assert spool.used_bytes == 0
