"""`garim mask`: the pipe and the contract, with the model that ships."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.mask import _Worker
from bot.errors import CommandFailed
from masker.labels import LABELS
from masker.pipeline import Masker
from masker.presets import Preset, thresholds_for
from tests.bot.test_cli import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def worker() -> _Worker:
    return _Worker(Masker(), thresholds_for(Preset.STANDARD), "star")


CURSE_AND_WEATHER = "시발 진짜 짜증나네\n오늘 날씨 좋네요\r\n\n끝"


def test_exactly_the_curse_is_masked_by_the_lexicon(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    lines = CURSE_AND_WEATHER.encode().splitlines(keepends=True)
    worker().lines(list(enumerate(lines, start=1)))
    assert capfdbinary.readouterr().out.decode() == CURSE_AND_WEATHER.replace("시발", "●●")


def test_the_curse_goes_and_clean_lines_and_line_ends_stay(shell: Shell) -> None:
    done = shell("mask", stdin=CURSE_AND_WEATHER.encode())
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    masked, rest = done.stdout.decode().split("\n", 1)
    assert "시발" not in masked
    assert len(masked) == len("시발 진짜 짜증나네")
    assert rest == CURSE_AND_WEATHER.split("\n", 1)[1]


def test_jsonl_follows_the_contract_line_by_line(shell: Shell) -> None:
    texts = ["시발 진짜 짜증나네", "오늘 날씨 좋네요", "", '따옴표 " 와 \\ 와 \n', "lone \ud800 surrogate", "👍🏽" * 3]
    lines = "".join(json.dumps({"text": text, "extra": 1}) + "\n" for text in texts)
    done = shell("mask", "--jsonl", stdin=lines.encode())
    assert done.returncode == 0, done.stderr.decode()
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [answer["text"] for answer in answers] == texts
    for answer in answers:
        assert set(answer) == {"text", "masked", "flagged", "complete", "labels", "spans"}
        assert set(answer["labels"]) <= set(LABELS)
    curse = answers[0]
    assert (curse["flagged"], curse["complete"]) == (True, True)
    assert set(curse["spans"][0]) == {"start", "end", "label", "score", "detector"}
    assert (0, 2) in {(span["start"], span["end"]) for span in curse["spans"]}
    assert [answer["masked"] for answer in answers[1:]] == texts[1:]


BAD_LINES = [
    (b"{\n", "line 2: not JSON", "broken JSON"),
    (b'["text"]\n', "line 2: expected a JSON object", "no object"),
    (b'{"text": 5}\n', "line 2: expected a JSON object", "text is no string"),
    (b'{"txt": "a"}\n', "line 2: expected a JSON object", "no text"),
    (b"\n", "line 2: not JSON", "empty line"),
    (b"\xff\n", "line 2, byte 1: not UTF-8", "no UTF-8"),
    (b"[" * 100_000 + b"\n", "line 2: not JSON", "nested without end"),
]


@pytest.mark.parametrize(("bad", "words", "reason"), BAD_LINES, ids=[row[2] for row in BAD_LINES])
def test_a_bad_line_is_named_and_those_before_it_are_answered(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, bad: bytes, words: str, reason: str
) -> None:
    monkeypatch.setenv("GARIM_LANG", "en")
    with pytest.raises(CommandFailed, match=words):
        worker().objects([(1, b'{"text": "a"}\n'), (2, bad), (3, b'{"text": "b"}\n')])
    (answer,) = capfdbinary.readouterr().out.splitlines()
    assert json.loads(answer)["text"] == "a", reason


def test_text_that_is_no_utf8_is_named_by_line_and_byte(shell: Shell) -> None:
    message = shell.refusal("mask", stdin="좋아요\n나빠요".encode() + b"\xb0\xa1\nx\n")
    assert "line 2, byte 10: not UTF-8" in message


def test_what_was_not_inspected_completely_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    worker().lines([(1, b"short\n"), (2, b"long " * 4_000)])
    assert "line 2" in capfd.readouterr().err


def test_a_slow_writer_sees_each_line_answered_and_a_gone_reader_is_no_error(shell: Shell) -> None:
    command = [sys.executable, "-m", "bot", "mask"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=shell.folder,
        env=shell.environ,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for number in range(3):
            process.stdin.write(f"줄 {number}\n".encode())
            process.stdin.flush()
            assert process.stdout.readline().decode() == f"줄 {number}\n", "answered before the next is written"
        process.stdout.close()
        process.stdin.write(b"nobody reads this\n")
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1
