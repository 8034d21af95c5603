"""`garim` as a process of its own, with nothing of this process's settings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def environment(**settings: str) -> dict[str, str]:
    """Return this process's environment without Garim's own variables, with `settings` laid over it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GARIM_", "DISCORD_"))}
    return {**kept, "PYTHONPATH": str(CHECKOUT), "GARIM_LANG": "en", **settings}


def garim(
    *arguments: str,
    folder: Path,
    stdin: str | bytes = "",
    settings: Mapping[str, str] | None = None,
    timeout_s: float = 60.0,
) -> subprocess.CompletedProcess[str]:
    """Run a command in `folder` to its end; its data folder is `folder/data` unless the settings say otherwise."""
    ran = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=environment(**{"GARIM_PATHS__DATA_DIR": str(folder / "data"), **(settings or {})}),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=timeout_s,
        check=False,
    )
    return subprocess.CompletedProcess(ran.args, ran.returncode, ran.stdout.decode(), ran.stderr.decode())
