"""What every test shares: where the shared folder is, and that continuous integration skips nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_skipped: list[str] = []


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Return the folder with the training data and Discord's API description, or skip saying how to name it."""
    value = os.environ.get("GARIM_SHARED")
    if not value:
        pytest.skip("set GARIM_SHARED to the folder that holds data/ and discord-openapi.json (see CONTRIBUTING.md)")
    folder = Path(value)
    if not folder.is_dir():
        pytest.fail(f"GARIM_SHARED names {folder}, which is not a folder")
    return folder


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what was skipped."""
    if report.skipped:
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail the run in continuous integration when a test was skipped: a check that did not run is no check."""
    if os.environ.get("CI") and _skipped and exitstatus == 0:
        print(f"\nCI: {len(_skipped)} skipped test(s), which counts as failed: {', '.join(_skipped)}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
