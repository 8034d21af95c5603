"""`garim report` as somebody types it: pictures, files, ranges and filters."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path

import pytest

from bot.cli import main
from bot.incidents import IncidentDraft, Origin, OutcomeKind
from bot.storage import open_storage
from tests.bot.conftest import make_draft


class Typed:
    """Run `garim` in this process, in an empty folder, and give what it writes."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[bytes]) -> None:
        self.folder, self._capture = folder, capture

    def __call__(self, *arguments: str) -> bytes:
        code = main(list(arguments))
        out, err = self._capture.readouterr()
        assert code == 0, err.decode()
        return out

    def refusal(self, *arguments: str) -> str:
        """Run what must fail and return what it says."""
        assert main(list(arguments)) in (1, 2)
        out, err = self._capture.readouterr()
        assert out == b""
        assert b"Traceback" not in err
        return err.decode()


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Typed:
    """Return `garim` with a database of three incidents of one server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GARIM_LANG", "ko")
    monkeypatch.setenv("GARIM_PATHS__DATA_DIR", str(tmp_path))
    asyncio.run(fill(tmp_path))
    return Typed(tmp_path, capsysbinary)


async def fill(folder: Path, *more: IncidentDraft) -> None:
    async with open_storage(f"sqlite:///{folder}/garim.sqlite3", folder / "garim.key") as storage:
        drafts = more or (
            make_draft(1),
            make_draft(2, channel_id=77),
            make_draft(3, origin=str(Origin.REPORT), author_id=5),
        )
        for draft in drafts:
            kind = OutcomeKind.REPORTED if draft.origin == Origin.REPORT else OutcomeKind.MASKED
            made = await storage.incidents.record(draft, kind)
        await storage.reviews.decide(made.id, 1, False)


def test_a_picture_is_drawn_and_said_in_words(typed: Typed) -> None:
    words = typed("report", "--picture", "r.png").decode()
    assert (typed.folder / "r.png").read_bytes().startswith(b"\x89PNG")
    assert "사건이 3건 있었어요." in words
    assert "오탐률 100.0%" in words
    assert "r.png" in words
    assert "이런" not in words


@pytest.mark.parametrize("more", [["--period", "day"], ["--since", "3d"], ["--until", "2030-01-01", "--since", "1d"]])
def test_a_picture_is_about_the_time_asked_for(typed: Typed, more: list[str]) -> None:
    assert "사건이 3건" in typed("report", "--picture", "r.png", *more).decode()


def test_a_picture_of_what_cannot_be_drawn_is_refused_in_one_line(typed: Typed) -> None:
    assert "5년" in typed.refusal("report", "--picture", "r.png", "--since", "2001-01-01")
    assert "--guild" in typed.refusal("report", "--picture", "r.png", "--label", "age")
    assert "쓸 수 없어요" in typed.refusal("report", "--picture", "missing/r.png")
    assert not (typed.folder / "r.png").exists()
    asyncio.run(fill(typed.folder, make_draft(9, guild_id=4242)))
    assert "4242" in typed.refusal("report", "--picture", "r.png"), "of several servers, one must be named"
    assert "사건이 1건" in typed("report", "--picture", "r.png", "--guild", "4242").decode()


def test_a_workbook_goes_to_a_file_or_into_a_pipe(typed: Typed) -> None:
    typed("report", "--format", "xlsx", "--out", "r.xlsx", "--limit", "0")
    for raw in ((typed.folder / "r.xlsx").read_bytes(), typed("report", "--format", "xlsx")):
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            assert book.testzip() is None
            assert "텍스트".encode() not in b"".join(map(book.read, book.namelist()))


def test_every_form_goes_to_a_file(typed: Typed) -> None:
    for form in ("csv", "json", "table"):
        piped = typed("report", "--format", form)
        typed("report", "--format", form, "--out", f"r.{form}")
        assert (typed.folder / f"r.{form}").read_bytes() == piped
    assert "쓸 수 없어요" in typed.refusal("report", "--format", "csv", "--out", "missing/r.csv")


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (["--channel", "77"], ["2"]),
        (["--outcome", "reported"], ["3"]),
        (["--origin", "report"], ["3"]),
        (["--verdict", "wrong"], ["3"]),
        (["--verdict", "right"], []),
        (["--verdict", "none"], ["2", "1"]),
        (["--author", "5", "--period", "day"], ["3"]),
        (["--period", "week"], ["3", "2", "1"]),
    ],
)
def test_every_filter_chooses(typed: Typed, filters: list[str], ids: list[str]) -> None:
    lines = typed("report", "--format", "csv", *filters).decode().splitlines()[1:]
    assert [line.partition(",")[0] for line in lines] == ids


async def judge(folder: Path, score: float, right: int, wrong: int, first: int) -> None:
    async with open_storage(f"sqlite:///{folder}/garim.sqlite3", folder / "garim.key") as storage:
        for number in range(right + wrong):
            draft = make_draft(first + number, verdict={"labels": {"insult": score}})
            made = await storage.incidents.record(draft, OutcomeKind.MASKED)
            await storage.reviews.decide(made.id, 1, number < right)


def test_thresholds_are_proposed_with_their_effect(typed: Typed) -> None:
    asyncio.run(judge(typed.folder, 0.91, 1, 24, 100))
    asyncio.run(judge(typed.folder, 0.97, 30, 0, 200))
    (line,) = [line for line in typed("report", "--thresholds").decode().splitlines() if "insult" in line]
    cells = [cell.strip() for cell in line.strip("│ ").split("│")]
    assert cells[2:] == ["56", "55.4%", "0.96", "26", "1", "100.0%"], "one more is of the three before"
    assert "--guild" in typed.refusal("report", "--thresholds", "--label", "insult")
