"""A real MLflow tracking server on loopback: SQLite for its records, a folder for its artifacts, a port of its own."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}
_LISTENS_RE = re.compile(r"Uvicorn running on (http://127\.0\.0\.1:\d+)")


@contextlib.contextmanager
def tracking_server(folder: Path, start_timeout_s: float = 90.0) -> Iterator[str]:
    """Start `mlflow server` in `folder`, give its address once it listens, and stop it.

    Raises AssertionError with the server's log when it does not come up.
    """
    log = folder / "server.log"
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", "0", "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}", "--artifacts-destination", "artifacts"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **QUIET}, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield _address(process, log, time.monotonic() + start_timeout_s)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path, until_s: float) -> str:
    while time.monotonic() < until_s and process.poll() is None:
        if found := _LISTENS_RE.search(log.read_text("utf-8", errors="replace")):
            return found.group(1)
        time.sleep(0.1)
    raise AssertionError(f"the MLflow server did not start:\n{log.read_text('utf-8', errors='replace')[-2000:]}")
