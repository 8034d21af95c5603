"""The sandbox as a program of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from sandbox.server import NotLoopbackError, check_host


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sandbox", *arguments]


def finished(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment}
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_one_ready_line_serves_and_leaves_cleanly(number: signal.Signals) -> None:
    process = subprocess.Popen(
        command("--json-ready", "--token", "secret-token"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        assert facts["token"] == "secret-token"
        request = urllib.request.Request(
            facts["api_base"] + "/users/@me", headers={"Authorization": "Bot secret-token"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert json.load(answer)["bot"] is True
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--host", "0.0.0.0"), "loopback only"),
        (("--host", "example.com"), "loopback only"),
        (("--openapi", "/nonexistent.json"), "/nonexistent.json"),
    ],
)
def test_a_bad_option_is_one_clear_line(arguments: tuple[str, ...], says: str) -> None:
    result = finished(*arguments)
    assert result.returncode == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_description_may_be_named_by_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text("{")
    result = finished(GARIM_SANDBOX__OPENAPI=str(path))
    assert result.returncode == 2
    assert str(path) in result.stderr


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = finished("--port", str(port))
    assert result.returncode == 2
    assert str(port) in result.stderr


@pytest.mark.parametrize(
    ("host", "fine"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.1", False)]
)
def test_only_loopback_is_served_unless_waived(host: str, fine: bool) -> None:
    check_host(host, allow_remote=True)
    if fine:
        check_host(host)
    else:
        with pytest.raises(NotLoopbackError):
            check_host(host)
