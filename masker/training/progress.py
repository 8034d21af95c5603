"""Progress of a long run: a bar on a terminal, a JSON line a step in a file, and a clock that survives a resume."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


class RunLog:
    """Write figures to `<folder>/progress.jsonl` and show a bar. `elapsed_s` counts earlier sittings too."""

    def __init__(self, folder: Path, stage: str, *, already_s: float = 0.0) -> None:
        self._path = folder / "progress.jsonl"
        self._stage = stage
        self._started = time.monotonic() - already_s
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
        )
        self._bar = Progress(*columns, console=Console(stderr=True))
        self._task = self._bar.add_task(stage, total=1.0, note="")

    def __enter__(self) -> RunLog:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    @property
    def elapsed_s(self) -> float:
        """Return the seconds that the stage has run, earlier sittings included."""
        return time.monotonic() - self._started

    def step(self, share_done: float, **figures: float) -> None:
        """Record figures at a share (0 to 1) of the stage."""
        rounded = {name: round(value, 5) for name, value in figures.items()}
        record = {"stage": self._stage, "done": round(share_done, 4), "elapsed_s": round(self.elapsed_s), **rounded}
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
        note = " ".join(f"{name}={value:.4g}" for name, value in figures.items())
        self._bar.update(self._task, completed=share_done, note=note)
