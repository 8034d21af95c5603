"""Logging: two forms, no secrets."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from bot.logs import HELD_AT_INFO, configure, redact
from bot.settings import LogSettings

TOKEN = ".".join(("MTk4NjIyNDgzNDcxOTI1MjQ4", "Cl2FMQ", "ZnCjm1XVW7vRze4b7Cq4se7kKWs"))


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in HELD_AT_INFO:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.parametrize(
    ("line", "hidden", "reason"),
    [
        (f"logged in with {TOKEN}", TOKEN, "a bot token"),
        (f"Authorization: Bot {TOKEN}", "Bot", "the whole header"),
        ("POST /api/v10/webhooks/123456789/aB3-" + "x" * 60, "aB3-", "a webhook's token"),
        ("postgresql://garim:hunter2@db/garim", "hunter2", "a password in a URL"),
    ],
)
def test_secrets_are_blacked_out(line: str, hidden: str, reason: str) -> None:
    assert hidden not in redact(line), reason
    assert "[hidden]" in redact(line)


def test_ordinary_lines_stay_as_they_are() -> None:
    for line in (
        "incident 5: deleted 1203948572938475",
        "https://discord.com/api/v10/gateway 200",
        "시작했어요",
    ):
        assert redact(line) == line


def test_json_lines_carry_level_logger_message_and_error(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    configure(LogSettings(format="json", level="DEBUG"))
    logging.getLogger("cogs.test").info("closed %d", 5)
    try:
        raise ValueError(f"with {TOKEN}")
    except ValueError:
        logging.getLogger("cogs.test").exception("failed")
    logging.getLogger("discord.gateway").debug("a whole payload")
    events = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [event["message"] for event in events if event["logger"] == "cogs.test"] == ["closed 5", "failed"]
    assert "ValueError" in events[-1]["error"]
    assert TOKEN not in out.getvalue()
    assert "payload" not in out.getvalue(), "libraries that log payloads are held at INFO"


def test_text_lines_are_one_per_event_and_hold_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    configure(LogSettings(level="WARNING"))
    configure(LogSettings(level="WARNING"))
    logging.getLogger("cogs.test").info("hidden")
    logging.getLogger("cogs.test").warning("shown")
    assert out.getvalue().count("\n") == 1
    assert "WARNING cogs.test: shown" in out.getvalue()
