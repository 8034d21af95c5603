"""The command line, as somebody types it: in a process of its own."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.cli import main
from bot.incidents import OutcomeKind
from bot.storage import open_storage
from tests.bot.conftest import make_draft

ROOT = Path(__file__).parents[2]


class Shell:
    """Run `garim` in an empty folder with an environment of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "GARIM_LANG": "en",
            "GARIM_PATHS__DATA_DIR": str(self.data),
        }

    def __call__(self, *arguments: str, stdin: bytes = b"", **environ: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "bot", *arguments]
        settings = {**self.environ, **environ}
        return subprocess.run(
            command, input=stdin, capture_output=True, cwd=self.folder, env=settings, timeout=60, check=False
        )

    def refusal(self, *arguments: str, environ: dict[str, str] | None = None, stdin: bytes = b"") -> str:
        """Run what must fail and return its one line."""
        return one_line(self(*arguments, stdin=stdin, **(environ or {})))


class Here:
    """Do the same in this process, which is quicker."""

    def __init__(self, shell: Shell, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]) -> None:
        self.folder, self.data = shell.folder, shell.data
        self._capture = capture
        patch.chdir(shell.folder)
        for name in [name for name in os.environ if name.startswith(("GARIM_", "DISCORD_"))]:
            patch.delenv(name)
        for name, value in shell.environ.items():
            patch.setenv(name, value)

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        try:
            code = main(arguments)
        except SystemExit as stop:
            # The sandbox is a program of its own and ends as one.
            code = int(stop.code or 0)
        out, err = self._capture.readouterr()
        return subprocess.CompletedProcess(arguments, code, out, err)

    def refusal(self, *arguments: str) -> str:
        """Run what must fail and return its one line."""
        return one_line(self(*arguments))


def one_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the message of a command that failed as it should: one line, no traceback, an exit code."""
    message = done.stderr.decode()
    assert done.returncode != 0
    assert "Traceback" not in message
    assert message.count("\n") == 1, message
    assert message.startswith("garim: ")
    return message


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def here(shell: Shell, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Here:
    return Here(shell, monkeypatch, capfdbinary)


def test_help_answers_at_once_and_imports_nothing_heavy(shell: Shell) -> None:
    probe = "import sys; from bot.cli import main; main(['--help']); print(sorted(sys.modules))"
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, cwd=ROOT, env=shell.environ, timeout=60, check=True
    )
    took_s = time.perf_counter() - started
    modules = done.stdout.decode().splitlines()[-1]
    for heavy in ("sqlalchemy", "discord", "pydantic", "numpy", "rich", "mlflow", "masker", "aiohttp", "babel"):
        assert f"'{heavy}'" not in modules
    assert took_s < 10, "generous for a busy machine; it takes a tenth of a second"


def test_no_arguments_teach(shell: Shell) -> None:
    done = shell()
    assert done.returncode == 0
    assert "garim demo" in done.stdout.decode()


def test_every_command_explains_itself(here: Here) -> None:
    from bot.cli.group import COMMANDS

    for name in COMMANDS:
        done = here(name, "--help")
        assert done.returncode == 0, done.stderr.decode()
        assert len(done.stdout.decode().splitlines()) > 3, name


REFUSED: list[tuple[list[str], dict[str, str], list[str], str]] = [
    (["db", "status"], {}, ["no database yet", "garim db upgrade"], "nothing there"),
    (["report"], {"GARIM_STORAGE__URL": "mysql://h/d"}, ["sqlite:///path"], "another kind of database"),
    (["report"], {"GARIM_STORAGE__URL": "postgresql://u:hidden-pw@127.0.0.1:1/d"}, ["127.0.0.1:1/d"], "server down"),
    (["mask"], {"GARIM_MASKER__PRESETT": "x"}, ["GARIM_MASKER__PRESET?"], "misspelt variable"),
    (["mask"], {"GARIM_CONFIG": "gone.toml"}, ["gone.toml", "cannot be read"], "no such settings file"),
    (["mask", "--model", "nowhere"], {}, ["nowhere"], "no such model"),
    (["run"], {}, ["DISCORD_TOKEN"], "no token"),
]


@pytest.mark.parametrize(("arguments", "environ", "words", "reason"), REFUSED, ids=[row[3] for row in REFUSED])
def test_what_cannot_be_is_one_clear_line(
    shell: Shell, arguments: list[str], environ: dict[str, str], words: list[str], reason: str
) -> None:
    message = shell.refusal(*arguments, environ=environ)
    assert all(word in message for word in words), message
    assert "hidden-pw" not in message


def test_an_unknown_key_in_the_file_is_one_clear_line(here: Here) -> None:
    (here.folder / "config.toml").write_text("[masker]\nthread = 2\n")
    assert "config.toml: masker.thread: unknown setting. Did you mean threads?" in here.refusal("mask")


def test_errors_speak_the_terminals_language(shell: Shell) -> None:
    assert "아직 데이터베이스가 없어요" in shell.refusal("db", "status", environ={"GARIM_LANG": "ko"})


def test_debug_shows_where_it_came_from(shell: Shell) -> None:
    done = shell("--debug", "db", "status")
    assert b"Traceback" in done.stderr
    assert done.returncode != 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "a folder stands there"),
        (b"no database at all" * 200, "another file"),
        (b"SQLite format 3\0", "cut short"),
    ],
)
def test_an_unreadable_database_is_one_clear_line(
    here: Here, monkeypatch: pytest.MonkeyPatch, content: bytes | None, reason: str
) -> None:
    path = here.folder / "broken.sqlite3"
    path.mkdir() if content is None else path.write_bytes(content)
    monkeypatch.setenv("GARIM_STORAGE__URL", f"sqlite:///{path}")
    for command in (["db", "upgrade"], ["db", "check"], ["report"]):
        assert "broken.sqlite3" in here.refusal(*command), reason


@pytest.mark.parametrize("kind", ["empty", "corrupt"])
def test_an_unusable_model_folder_is_one_clear_line(shell: Shell, kind: str) -> None:
    folder = shell.folder / "model"
    folder.mkdir()
    if kind == "corrupt":
        (folder / "MLmodel").write_bytes(b"\x00\xff not yaml: [")
    assert str(folder) in shell.refusal("mask", "--model", str(folder), stdin=b"hello\n")


def test_the_database_commands_work_from_nothing(here: Here) -> None:
    assert b"upgraded" in here("db", "upgrade").stdout
    assert b"already" in here("db", "upgrade").stdout
    assert str(here.data / "garim.key").encode() in here("db", "path").stdout
    status = here("db", "status")
    assert b"incidents   0" in status.stdout
    assert here("db", "check").returncode == 0
    assert b"0 incident(s)" in here("db", "purge").stdout


async def _fill(data: Path, count: int = 3) -> None:
    async with open_storage(f"sqlite:///{data}/garim.sqlite3", data / "garim.key") as storage:
        for number in range(1, count + 1):
            parts = make_draft().parts
            draft = make_draft(number, author_id=1 << 60, parts=(parts[0], parts[1]))
            incident = await storage.incidents.open(draft)
        await storage.incidents.close(incident.id, OutcomeKind.MASKED)


def test_a_damaged_original_is_found_by_the_check(here: Here) -> None:
    asyncio.run(_fill(here.data))
    with sqlite3.connect(here.data / "garim.sqlite3") as raw:
        raw.execute("UPDATE incidents SET payload = 'x' WHERE id = 2")
        raw.execute(
            "INSERT INTO contests (incident_id, guild_id, author_id, words, at) VALUES (1, 1, 7, 'x', '2026-03-01')"
        )
    raw.close()
    refusal = here.refusal("db", "check")
    assert "1 incident(s) cannot be decrypted (ids 2)" in refusal
    assert "1 row(s) of contests.words cannot be decrypted (ids 1)" in refusal


def test_the_key_is_rotated_and_the_old_one_dropped(here: Here) -> None:
    asyncio.run(_fill(here.data))
    before = here("report", "--masked").stdout
    assert b"4 record(s) and 0 attachment(s)" in here("db", "rotate-key").stdout
    assert len((here.data / "garim.key").read_bytes().split()) == 2
    assert b"took out 1 old key(s)" in here("db", "rotate-key", "--drop-old").stdout
    assert len((here.data / "garim.key").read_bytes().split()) == 1
    assert here("report", "--masked").stdout == before


def test_a_wrong_key_is_one_clear_line(here: Here) -> None:
    asyncio.run(_fill(here.data))
    (here.data / "garim.key").write_bytes(Fernet.generate_key())
    assert "garim.key" in here.refusal("report")


def test_report_writes_a_table_csv_and_json(here: Here) -> None:
    asyncio.run(_fill(here.data))
    table = here("report").stdout.decode()
    assert "profanity" in table
    assert "3 of 3 shown" in table
    assert "●●" not in table, "members' words only when asked for"
    assert "이런 ●●" in here("report", "--masked").stdout.decode()
    rows = list(csv.DictReader(io.StringIO(here("report", "--format", "csv", "--limit", "2").stdout.decode())))
    assert [row["id"] for row in rows] == ["3", "2"]
    assert rows[0]["outcome"] == "masked"
    found = json.loads(here("report", "--format", "json", "--state", "open", "--masked").stdout)
    assert [(row["id"], row["author_id"]) for row in found] == [(2, str(1 << 60)), (1, str(1 << 60))]
    assert found[0]["masked"] == "이런 ●●\n텍스트"
    assert json.loads(here("report", "--format", "json", "--label", "age").stdout) == []
    assert json.loads(here("report", "--format", "json", "--until", "7d").stdout) == []
    assert len(json.loads(here("report", "--format", "json", "--since", "1h", "--limit", "0").stdout)) == 3


def test_the_demos_incidents_stand_apart(here: Here) -> None:
    asyncio.run(_fill(here.data))
    assert "demo" in here.refusal("report", "--demo")


def test_a_time_that_is_none_says_how_to_write_one(here: Here) -> None:
    done = here("report", "--since", "yesterday")
    assert done.returncode == 2
    assert b"12h or 7d" in done.stderr
