"""What keeps the bot from starting is one clear line that says what and how to mend it, an exit code, no traceback."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from masker.model.loading import EMBEDDED_FOLDER
from tests.support.arena import Arena, arena
from tests.support.command import garim

Prepare = Callable[[Arena], dict[str, str]]


def _wrong_token(place: Arena) -> dict[str, str]:
    return {"GARIM_DISCORD__TOKEN": "wrong" + place.demo.token}


def _no_intent(place: Arena) -> dict[str, str]:
    place.demo.application.message_content = False
    return {}


def _nobody_there(place: Arena) -> dict[str, str]:
    return {"GARIM_DISCORD__API_BASE": "http://127.0.0.1:9/api/v10", "GARIM_DISCORD__GATEWAY": "ws://127.0.0.1:9"}


def _unknown_key(place: Arena) -> dict[str, str]:
    (place.folder / "config.toml").write_text("[repost]\ndoubt_wait = 3\n", encoding="utf-8")
    return {}


def _empty_model(place: Arena) -> dict[str, str]:
    (place.folder / "model").mkdir()
    return {"GARIM_MASKER__MODEL": str(place.folder / "model")}


def _corrupt_model(place: Arena) -> dict[str, str]:
    folder = place.folder / "model"
    shutil.copytree(EMBEDDED_FOLDER, folder)
    graph = next(folder.rglob("*.onnx"))
    content = bytearray(graph.read_bytes())
    content[len(content) // 2] ^= 0xFF
    graph.write_bytes(content)
    return {"GARIM_MASKER__MODEL": str(folder)}


def _unreadable_database(place: Arena) -> dict[str, str]:
    file = place.folder / "broken.sqlite3"
    file.write_bytes(b"this is no database" * 500)
    return {"GARIM_STORAGE__URL": f"sqlite:///{file}"}


def _lost_key(place: Arena) -> dict[str, str]:
    data = place.folder / "data"
    made = garim("db", "upgrade", folder=place.folder)
    assert made.returncode == 0, made.stderr
    key = data / "garim.key"
    if key.exists():
        key.unlink()
    key.write_text("not a key\n", encoding="utf-8")
    return {}


CASES: list[tuple[str, Prepare, str, list[str], str]] = [
    ("a wrong token", _wrong_token, "ko", ["토큰", "DISCORD_TOKEN"], "Discord answers 401"),
    ("a missing intent", _no_intent, "ko", ["MESSAGE CONTENT INTENT", "켜"], "the gateway closes with 4014"),
    ("nobody at the address", _nobody_there, "en", ["127.0.0.1:9"], "nothing listens"),
    ("an unknown key", _unknown_key, "ko", ["doubt_wait", "doubt_wait_ms"], "the nearest key is named"),
    ("an empty model folder", _empty_model, "en", ["model", "empty"], "nothing to load"),
    ("a corrupt model folder", _corrupt_model, "en", ["model"], "a flipped bit in the weights"),
    ("an unreadable database", _unreadable_database, "ko", ["broken.sqlite3"], "another file in its place"),
    ("an unusable key", _lost_key, "en", ["garim.key"], "the key file holds no key"),
]
"""Name, preparation, the terminal's language, words that the line must hold, and why it is refused."""


@pytest.mark.parametrize(
    ("prepare", "language", "words", "reason"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
async def test_it_is_one_clear_line(
    prepare: Prepare, language: str, words: list[str], reason: str, tmp_path: Path
) -> None:
    async with arena(tmp_path) as place:
        settings = {**place.environ, **prepare(place), "GARIM_LANG": language, "GARIM_LOG__LEVEL": "ERROR"}
        ran = await asyncio.to_thread(garim, "run", folder=tmp_path, settings=settings)
    assert ran.returncode not in (0, 130), reason
    lines = ran.stderr.strip().splitlines()
    assert len(lines) == 1, ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
    assert all(word in lines[0] for word in words), lines[0]
    assert place.demo.token not in ran.stderr
