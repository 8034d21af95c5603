"""What the READMEs say holds: their links lead somewhere, their commands exist, their examples print what they show."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import garim
from bot.texts import text

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.en.md")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "docs/architecture.md"])
def test_every_relative_link_leads_to_a_file(name: str) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", read(name))
    folder = (ROOT / name).parent
    assert [link for link in links if not (folder / link).exists()] == []


@pytest.mark.parametrize("name", READMES)
def test_the_python_example_prints_what_the_shell_example_shows(name: str) -> None:
    example = re.search(r"```python\n(.+?)```", read(name), re.DOTALL)
    shown = re.search(r"\| garim mask\n(.+)\n", read(name))
    assert example is not None
    assert shown is not None
    ran = subprocess.run(
        [sys.executable, "-c", example[1]], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert ran.stdout == f"{shown[1]}\n", ran.stderr


@pytest.mark.parametrize("name", READMES)
def test_every_command_named_exists(name: str) -> None:
    named = set(re.findall(r"`(?:\.venv/bin/)?garim (\w+)", read(name)))
    assert named
    for command in sorted(named):
        assert CliRunner().invoke(garim, [command, "--help"]).exit_code == 0, command


@pytest.mark.parametrize(("name", "locale"), [("README.md", "ko"), ("README.en.md", "en")])
def test_the_slash_command_has_the_name_that_discord_shows(name: str, locale: str) -> None:
    command = f"/{text('panel.group_name', locale)} {text('panel.alerts_name', locale)}"
    assert f"`{command}`" in read(name)
