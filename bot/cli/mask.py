"""`garim mask`: lines in, masked lines out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, get_args

import click

from bot.cli.group import State
from bot.errors import CommandFailed
from bot.settings import Operator
from bot.texts import tell
from masker.presets import Preset, Thresholds, thresholds_for

if TYPE_CHECKING:
    from masker.pipeline import Masker

_READ_BYTES = 1 << 16
_LINE_LIMIT_BYTES = 1 << 20
_BATCH_LINES = 64

Numbered = tuple[int, bytes]
"""A line's number, from 1, and its bytes with the line end."""


@click.command()
@click.option("--jsonl", is_flag=True, help='One JSON object with "text" per line in, one verdict per line out.')
@click.option("--preset", type=click.Choice([str(one) for one in Preset]), help="How readily to mask. (민감도)")
@click.option("--operator", type=click.Choice(get_args(Operator)), help="What to put over a span. (가리는 방식)")
@click.option("--model", help='"embedded", a folder, or an MLflow URI. (모델)')
@click.option("--labels", type=click.Path(path_type=Path), help="JSON: what another's model means by its labels.")
@click.pass_obj
def mask(
    state: State, jsonl: bool, preset: str | None, operator: str | None, model: str | None, labels: Path | None
) -> None:
    """Mask curses and hate speech in lines of text, from standard input to standard output.

    \b
      printf '시발 진짜 짜증나네\\n오늘 날씨 좋네요\\n' | garim mask
      printf '{"text": "시발"}\\n' | garim mask --jsonl
    Each --jsonl answer has text, masked, flagged, complete, labels (label: score) and spans (start, end, label, score,
    detector), positions in code points of text. Defaults come from [masker] in the settings.

    A model that another logged with MLflow's transformers flavour may have labels that Garim does not know; then
    --labels names a file such as {"LABEL_0": "clean", "LABEL_1": "profanity"}.
    """
    from masker.pipeline import Masker

    wanted = state.settings().masker
    thresholds = thresholds_for(Preset(preset) if preset else wanted.preset)
    mapping = None
    if labels is not None:
        from masker.model.transformers_flavor.meaning import read_mapping

        mapping = read_mapping(labels)
    worker = _Worker(Masker.load(model or wanted.model, labels=mapping), thresholds, operator or wanted.operator)
    handle = worker.objects if jsonl else worker.lines
    for batch in _batches(sys.stdin.buffer):
        handle(batch)


class _Worker:
    """Mask batches of lines and write them at once; what stands before a bad line is written before its error."""

    def __init__(self, masker: Masker, thresholds: Thresholds, operator: str) -> None:
        self._masker = masker
        self._thresholds = thresholds
        self._operator = operator

    def lines(self, batch: list[Numbered]) -> None:
        """Mask plain lines; their ends stay as they are. Raises CommandFailed for a line that is not UTF-8."""
        texts, problem = _until_bad(batch, _decode)
        bodies = [text.rstrip("\r\n") for text in texts]
        out = []
        for (number, _), text, body, verdict in zip(
            batch, texts, bodies, self._masker.inspect_many(bodies), strict=False
        ):
            flagged = verdict.flagged(self._thresholds)
            masked = self._masker.mask_verified(body, flagged, self._thresholds, self._operator).text
            out.append(masked + text[len(body) :])
            if not verdict.complete:
                reasons = "; ".join(verdict.incomplete_reasons)
                click.echo(f"garim: {tell('mask.incomplete', number=number, reasons=reasons)}", err=True)
        _write("".join(out).encode())
        if problem is not None:
            raise problem

    def objects(self, batch: list[Numbered]) -> None:
        """Answer JSON objects by the contract. Raises CommandFailed for a line that is none with a text."""
        from masker.report import report

        texts, problem = _until_bad(batch, _text_of)
        verdicts = self._masker.inspect_many(texts)
        answers = [
            _dump(report(self._masker, text, verdict, self._thresholds, self._operator))
            for text, verdict in zip(texts, verdicts, strict=True)
        ]
        _write("".join(answers).encode())
        if problem is not None:
            raise problem


def _until_bad(batch: list[Numbered], read: Callable[[int, bytes], str]) -> tuple[list[str], CommandFailed | None]:
    """Return the texts of the lines before the first bad one, and that one's error."""
    texts: list[str] = []
    for number, line in batch:
        try:
            texts.append(read(number, line))
        except CommandFailed as problem:
            return texts, problem
    return texts, None


def _batches(source: BinaryIO) -> Iterator[list[Numbered]]:
    """Give the lines that have arrived, in batches, without waiting for more: a slow writer sees each line answered."""
    number = 0
    rest = b""
    while chunk := os.read(source.fileno(), _READ_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LINE_LIMIT_BYTES:
            raise CommandFailed(tell("mask.too_long", number=number + len(lines) + 1))
        numbered = [(number + place, line + b"\n") for place, line in enumerate(lines, start=1)]
        number += len(lines)
        for start in range(0, len(numbered), _BATCH_LINES):
            yield numbered[start : start + _BATCH_LINES]
    if rest:
        yield [(number + 1, rest)]


def _decode(number: int, line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise CommandFailed(tell("mask.not_utf8", number=number, place=error.start + 1)) from None


def _text_of(number: int, line: bytes) -> str:
    try:
        content = json.loads(_decode(number, line))
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise CommandFailed(tell("mask.not_json", number=number, reason=reason)) from None
    if not isinstance(content, dict) or not isinstance(content.get("text"), str):
        raise CommandFailed(tell("mask.no_text", number=number))
    return str(content["text"])


def _dump(answer: dict[str, object]) -> str:
    line = json.dumps(answer, ensure_ascii=False)
    # A lone surrogate, which JSON can write and UTF-8 cannot, goes out escaped as it came in.
    return (line if line.isascii() or _encodes(line) else json.dumps(answer)) + "\n"


def _encodes(line: str) -> bool:
    return not any("\ud800" <= one <= "\udfff" for one in line)


def _write(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
