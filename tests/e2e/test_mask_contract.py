"""`garim mask` on its own: the promise of the README, and the JSON contract as a schema."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from masker.labels import LABELS
from tests.support.command import environment, garim

LINE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text", "masked", "flagged", "complete", "labels", "spans"],
    "properties": {
        "text": {"type": "string"},
        "masked": {"type": "string"},
        "flagged": {"type": "boolean"},
        "complete": {"type": "boolean"},
        "labels": {
            "type": "object",
            "propertyNames": {"enum": [str(label) for label in LABELS]},
            "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
        },
        "spans": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["start", "end", "label", "score", "detector"],
                "properties": {
                    "start": {"type": "integer", "minimum": 0},
                    "end": {"type": "integer", "minimum": 1},
                    "label": {"enum": [str(label) for label in LABELS]},
                    "score": {"type": "number", "minimum": 0, "maximum": 1},
                    "detector": {"type": "string", "minLength": 1},
                },
            },
        },
    },
}
"""One line of `garim mask --jsonl`, as DESIGN.md fixes it."""

TEXTS = [
    ("시발 진짜 짜증나네", True, "a curse at the start"),
    ("오늘 날씨 좋네요", False, "nothing at all"),
    ("", False, "an empty text has an answer too"),
    ("시발역에서 만나요", False, "a place that sounds like one"),
    ("줄이\n둘인 시발 글", True, "a line end inside"),
    ("\U0001f44d\U0001f3fd 이모지 \u1109\u1175\u1107\u1161\u11af 분해된 글자", True, "decomposed letters"),
    ("가" * 1_999, False, "as long as Discord lets a message be"),
    ('따옴표 " 와 역슬래시 \\ 와 \t 탭', False, "what JSON escapes"),
]


def test_exactly_the_curse_is_masked(tmp_path: Path) -> None:
    command = rf"printf '시발 진짜 짜증나네\n오늘 날씨 좋네요\n' | {sys.executable} -m bot mask"
    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env=environment(GARIM_PATHS__DATA_DIR=str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "●● 진짜 짜증나네\n오늘 날씨 좋네요\n"


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return what `garim mask --jsonl` says of TEXTS."""
    lines = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text, _, _ in TEXTS)
    ran = garim("mask", "--jsonl", folder=tmp_path_factory.mktemp("mask"), stdin=lines)
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_every_line_follows_the_schema_in_order(answers: list[dict[str, Any]]) -> None:
    validator = jsonschema.Draft202012Validator(LINE)
    assert [answer["text"] for answer in answers] == [text for text, _, _ in TEXTS]
    for answer in answers:
        validator.validate(answer)


@pytest.mark.parametrize(("number", "row"), list(enumerate(TEXTS)), ids=[row[2] for row in TEXTS])
def test_flags_masks_and_spans_agree(number: int, row: tuple[str, bool, str], answers: list[dict[str, Any]]) -> None:
    text, flagged, reason = row
    answer = answers[number]
    assert answer["flagged"] is flagged, reason
    assert answer["complete"] is True
    assert (answer["masked"] != text) is flagged
    for span in answer["spans"]:
        assert 0 <= span["start"] < span["end"] <= len(text), "spans count code points of the text as it came"
