"""The wheel carries everything that the programs need, and runs where there is no checkout."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import sysconfig
import time
import zipfile
from pathlib import Path

import aiohttp
import pytest

from tests.support.program import program

CHECKOUT = Path(__file__).resolve().parents[2]

CARRIED = [
    ("masker/model/embedded/MLmodel", "the model is an MLflow folder"),
    ("masker/model/embedded/data/classifier/garim.json", "its manifest says how to read it"),
    ("masker/model/embedded/data/classifier/tokenizer.json", "a model without its tokeniser reads nothing"),
    ("masker/model/embedded/data/classifier/model.int8.onnx", "nor without its weights"),
    ("masker/detectors/lexicon/data/", "the lexicon's terms are data files"),
    ("sandbox/static/index.html", "the chat page is served from the package"),
    ("sandbox/static/js/", "and so is its script"),
    ("bot/storage/migrations/versions/", "the database is made by migrations at the first start"),
    ("bot/texts/ko.po", "what people read is in the catalogue"),
    ("bot/texts/en.po", "in both languages"),
    ("bot/config.toml", "the documented defaults travel along"),
    ("masker/py.typed", "users of the library get its types"),
]
LEFT_OUT = [
    ("tests/", "tests are for the checkout"),
    ("var/", "data of whoever built it must not leak"),
    (".env", "neither must secrets"),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(CHECKOUT)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert built.returncode == 0, built.stdout[-2_000:] + built.stderr[-2_000:]
    return next(folder.glob("garim-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into a new environment that borrows this one's libraries; returns its bin folder.

    The libraries come by a .pth file, whose own .pth files (an editable install of the checkout) are not followed.
    """
    venv = tmp_path_factory.mktemp("fresh") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True, timeout=60)
    python = venv / "bin" / "python"
    place = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(place.stdout.strip(), "borrowed.pth").write_text("\n".join(sorted(borrowed)), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*pip, "--disable-pip-version-check", str(wheel)], check=True, timeout=100)
    return venv / "bin"


def _outside(installed: Path, folder: Path) -> dict[str, str]:
    """Return an environment in which only the installed wheel can be found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GARIM_", "PYTHON", "DISCORD_"))}
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder / "data")}
    return {**kept, **home, "PATH": f"{installed}:{os.environ['PATH']}", "LANG": "C.UTF-8"}


def _printed(installed: Path, folder: Path, *command: str | Path) -> str:
    """Run a command in a folder with the installed wheel alone, and return what it printed."""
    ran = subprocess.run(
        command,
        cwd=folder,
        env=_outside(installed, folder),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize(("entry", "reason"), CARRIED, ids=[entry for entry, _ in CARRIED])
def test_the_wheel_carries(wheel: Path, entry: str, reason: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert any(name.startswith(entry) and not name.endswith("/") for name in names), reason


@pytest.mark.parametrize(("entry", "reason"), LEFT_OUT, ids=[entry for entry, _ in LEFT_OUT])
def test_the_wheel_leaves_out(wheel: Path, entry: str, reason: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert not [name for name in archive.namelist() if name.startswith(entry)], reason


def test_the_wheel_carries_every_file_of_the_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    for package in ("masker", "bot", "cogs", "sandbox"):
        files = [file for file in (CHECKOUT / package).rglob("*") if file.is_file() and file.suffix != ".pyc"]
        missing = {str(file.relative_to(CHECKOUT)) for file in files} - carried
        assert not missing, f"left out of the wheel: {sorted(missing)}"


def test_the_wheel_has_the_licence_of_the_code_and_the_terms_of_the_weights(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert [name for name in names if name.endswith("licenses/LICENSE")]
    assert [name for name in names if name.endswith("licenses/NOTICE")]
    assert [name for name in names if name.startswith("masker/model/embedded/") and name.endswith("MODEL_CARD.md")]


def test_every_package_is_imported_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    script = (
        "import masker, bot, cogs, sandbox, json; print(json.dumps([m.__file__ for m in (masker, bot, cogs, sandbox)]))"
    )
    files = json.loads(_printed(installed, tmp_path, installed / "python", "-c", script))
    assert all(Path(file).is_relative_to(installed.parent) for file in files), files


def test_the_command_of_the_readme_masks_exactly_the_curse_outside_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    command = r"printf '시발 진짜 짜증나네\n오늘 날씨 좋네요\n' | garim mask"
    assert _printed(installed, tmp_path, "bash", "-c", command) == "●● 진짜 짜증나네\n오늘 날씨 좋네요\n"


async def test_the_demo_runs_from_the_wheel_and_masks(installed: Path, tmp_path: Path) -> None:
    settings = {**_outside(installed, tmp_path), "PYTHONPATH": "", "GARIM_LANG": "en"}
    command = (str(installed / "garim"),)
    async with program("demo", folder=tmp_path, settings=settings, command=command) as demo:
        page = (await demo.until("Chat page:")).partition(": ")[2]
        async with aiohttp.ClientSession(f"{page}sandbox/api/") as member:
            world = await (await member.get("world")).json()
            speaker = world["me"]["user"]["id"]
            channel = next(channel["id"] for channel in world["channels"] if channel["name"] == "자유-대화")
            messages = f"channels/{channel}/messages?as={speaker}"
            posted = await member.post(messages, json={"content": "시발 깜짝이야"})
            assert posted.status == 201, await posted.text()
            deadline = time.monotonic() + 15
            while "●● 깜짝이야" not in (texts := await (await member.get(messages)).text()):
                assert time.monotonic() < deadline, demo.said() + texts
                await asyncio.sleep(0.1)
            assert "시발" not in texts
        assert await demo.stop() == 0, demo.said()


def test_the_version_is_that_of_the_project(installed: Path, wheel: Path, tmp_path: Path) -> None:
    assert wheel.name.split("-")[1] in _printed(installed, tmp_path, installed / "garim", "--version")
