"""The keyring: what it opens, what it refuses, and how its file is kept."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.crypto import Keyring, create_keyring, load_keyring
from bot.errors import KeyUnusable

OLD, NEW = Fernet.generate_key(), Fernet.generate_key()


def test_the_first_key_encrypts_and_every_key_decrypts() -> None:
    under_old = Keyring([OLD]).encrypt(b"words")
    rotated = Keyring([NEW, OLD])
    assert rotated.decrypt(under_old) == b"words"
    under_new = rotated.encrypt(b"words")
    assert Keyring([NEW]).decrypt(under_new) == b"words"
    with pytest.raises(KeyUnusable):
        Keyring([OLD]).decrypt(under_new)


def test_changed_bytes_are_refused_without_showing_them() -> None:
    token = bytearray(Keyring([OLD]).encrypt(b"words"))
    token[40] ^= 1
    with pytest.raises(KeyUnusable) as refused:
        Keyring([OLD], "mine.key").decrypt(bytes(token))
    assert "mine.key" in str(refused.value)
    assert OLD.decode() not in str(refused.value)


def test_a_made_key_file_is_the_owners_alone_and_loads(tmp_path: Path) -> None:
    path = tmp_path / "new" / "garim.key"
    token = create_keyring(path).encrypt(b"words")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_keyring(path).decrypt(token) == b"words"
    assert [file.name for file in path.parent.iterdir()] == ["garim.key"]


def test_making_a_key_never_replaces_one(tmp_path: Path) -> None:
    path = tmp_path / "garim.key"
    token = create_keyring(path).encrypt(b"words")
    assert create_keyring(path).decrypt(token) == b"words"


def test_a_file_that_others_may_read_is_closed_to_them_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "garim.key"
    path.write_bytes(OLD)
    path.chmod(0o644)
    with caplog.at_level(logging.WARNING):
        load_keyring(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "readable by others" in caplog.text


def test_comments_and_empty_lines_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "garim.key"
    path.write_bytes(b"# new\n" + NEW + b"\n\n# old\n" + OLD + b"\n")
    assert load_keyring(path).decrypt(Keyring([OLD]).encrypt(b"words")) == b"words"


@pytest.mark.parametrize(
    ("content", "words", "reason"),
    [
        (None, "no key file", "missing"),
        (b"", "no key in it", "empty"),
        (b"# only words\n", "no key in it", "comments alone"),
        (b"not a key\n", "key 1 is malformed", "no base64"),
        (OLD + b"\n" + NEW[:20], "key 2 is malformed", "cut short"),
        (b"\xff\xfe", "key 1 is malformed", "binary"),
    ],
)
def test_a_key_file_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, words: str, reason: str
) -> None:
    monkeypatch.setenv("GARIM_LANG", "en")
    path = tmp_path / "garim.key"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    with pytest.raises(KeyUnusable, match=words) as refused:
        load_keyring(path)
    assert str(path) in str(refused.value), reason
