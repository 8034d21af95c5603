"""The benchmarks measure what they say, and compare it with a baseline of the same run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bench.figures import Figure, Report, percentile
from tests.support.command import garim


def _figures(output: str) -> dict[str, dict[str, Any]]:
    return {figure["name"]: figure for figure in json.loads(output)["figures"]}


def test_latency_misses_nothing_and_names_its_baselines(tmp_path: Path) -> None:
    few = ["--messages", "100", "--per-second", "50", "--channels", "5"]
    ran = garim("bench", "latency", *few, "--json", folder=tmp_path, timeout_s=90)
    assert ran.returncode == 0, ran.stderr
    figures = _figures(ran.stdout)
    assert figures["offending messages posted"]["value"] == 10
    assert figures["missed"]["value"] == 0
    assert figures["reposted more than once"]["value"] == 0
    assert figures["event-loop lag, p99"]["baseline"] == "idle loop's lag, p99"
    assert figures["post to delete, p50"]["value"] > figures["one durable commit, p50"]["value"] * 0.2
    assert not list((tmp_path / "data").glob("bench-*")), "its data must be gone"


def test_model_compares_batches_with_single_calls(tmp_path: Path) -> None:
    ran = garim("bench", "model", "--messages", "100", "--json", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    figures = _figures(ran.stdout)
    assert figures["all at once, sorted by length"]["baseline"] == "one message per call"
    assert figures["all at once, sorted by length"]["ratio"] > 0


def test_storage_compares_incidents_with_a_bare_commit(tmp_path: Path) -> None:
    ran = garim("bench", "storage", "--incidents", "50", "--rows", "300", "--json", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    figures = _figures(ran.stdout)
    assert figures["SQLite: whole report"]["baseline"] == "SQLite: bare indexed query"
    assert figures["SQLite: whole report"]["ratio"] > 1
    assert figures["incidents opened and closed, one after another"]["baseline"].startswith("bare durable commit")
    assert not list((tmp_path / "data").glob("bench-*")), "its data must be gone"


def test_a_table_shows_the_ratio_beside_the_figure(tmp_path: Path) -> None:
    ran = garim("bench", "storage", "--incidents", "50", "--rows", "0", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "ratio" in ran.stdout
    assert "x" in ran.stdout


def test_a_benchmark_that_does_not_exist_is_told_from_those_that_do(tmp_path: Path) -> None:
    ran = garim("bench", "speed", folder=tmp_path)
    assert ran.returncode != 0
    assert "speed" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_model_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    ran = garim("bench", "model", "--model", str(tmp_path / "none"), folder=tmp_path)
    assert ran.returncode != 0
    assert len(ran.stderr.strip().splitlines()) == 1


def test_a_baseline_must_be_measured_in_the_same_run() -> None:
    with pytest.raises(ValueError, match="not measured"):
        Report("x", (Figure("a", 1.0, "ms", "b"),))


def test_two_figures_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="share a name"):
        Report("x", (Figure("a", 1.0, "ms"), Figure("a", 2.0, "ms")))


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.0, 1.0))
def test_a_percentile_is_one_of_the_values_with_its_share_at_or_below(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
