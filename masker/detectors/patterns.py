"""An admin's regular expressions, by RE2: linear in the text whatever they are, with bounds on all they can cost."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import re2

from masker.detectors.lexicon import NOTHING, Detection
from masker.errors import PatternError
from masker.labels import Label
from masker.normalise import Clusters
from masker.verdict import Finding, Span

NAME = "patterns"
MAX_PATTERNS = 100
MAX_EXPRESSION = 256
"""Most code points of one expression."""
MAX_MATCHES = 256
"""Most matches taken of one text, over all patterns."""
MAX_MEMORY = 1 << 20
"""Bytes that one compiled expression may take; all of them joined may take MAX_JOINED_MEMORY."""
MAX_JOINED_MEMORY = 32 << 20
BUDGET_MS = 20.0
_ID_RE = re.compile(r"[a-z0-9_-]{1,32}")
# Every place where an assertion may hold without a character: the edges of texts, lines, words and gaps.
_PROBES = ("", "a", "aa", " ", "  ", "a a", " a ", "a\na", "\n\n", "-a-", "가")


@dataclass(frozen=True, slots=True)
class CustomPattern:
    """Describe one expression in RE2's syntax; what it matches is found under `label` with `score` (0 to 1)."""

    id: str
    expression: str
    label: Label = Label.PROFANITY
    score: float = 0.95


class PatternDetector:
    """Find what an admin's patterns match. Thread-safe.

    Raises PatternError, which names the pattern and what is wrong with it, for an expression that RE2 does not take,
    that is too long or too large, or that can match nothing at all.
    """

    def __init__(self, patterns: Sequence[CustomPattern], *, budget_ms: float = BUDGET_MS) -> None:
        if len(patterns) > MAX_PATTERNS:
            raise PatternError(f"patterns: {len(patterns)} of them, at most {MAX_PATTERNS} are allowed")
        self.budget_ms = budget_ms
        self._rules: list[tuple[CustomPattern, Any]] = []
        for pattern in patterns:
            if any(known.id == pattern.id for known, _ in self._rules):
                raise PatternError(f"pattern {pattern.id!r}: this id stands twice; give one of them another")
            self._rules.append((pattern, _compiled(pattern)))
        joined = "|".join(f"(?:{pattern.expression})" for pattern in patterns)
        try:
            self._any = re2.compile(joined, _options(MAX_JOINED_MEMORY)) if patterns else None
        except re2.error as error:
            raise PatternError(
                f"patterns: too large when joined ({_said(error)}); use fewer or simpler ones"
            ) from error

    def detect(self, text: str) -> Detection:
        """Return every non-empty match in whole grapheme clusters; `reasons` says which bound was reached, if any."""
        if self._any is None:
            return NOTHING
        data = text.encode("utf-8", "replace")  # one byte for a lone surrogate: positions stay true
        if self._any.search(data) is None:
            return NOTHING
        deadline_ns = time.perf_counter_ns() + int(self.budget_ms * 1e6)
        clusters, left = Clusters(text), MAX_MATCHES
        findings: dict[Finding, None] = {}
        for pattern, expression in self._rules:
            if time.perf_counter_ns() > deadline_ns:
                return Detection(tuple(findings), reasons=(f"patterns: ran out of their {self.budget_ms:g} ms",))
            matches = (match.span() for match in expression.finditer(data))
            taken = [span for span in islice(matches, left + 1) if span[0] < span[1]]
            for start, end in _in_code_points(data, taken[:left]):
                span = Span(*clusters.cover(start, end))
                findings[Finding(span, pattern.label, pattern.score, NAME, pattern.id)] = None
            if len(taken) > left:
                return Detection(tuple(findings), reasons=(f"patterns: stopped at {MAX_MATCHES} matches",))
            left -= len(taken)
        return Detection(tuple(findings))


def _compiled(pattern: CustomPattern) -> Any:
    def fail(problem: str) -> PatternError:
        return PatternError(f"pattern {pattern.id!r}: {pattern.expression[:MAX_EXPRESSION]!r}: {problem}")

    if not _ID_RE.fullmatch(pattern.id):
        raise PatternError(f"pattern {pattern.id[:40]!r}: an id is 1 to 32 of a-z, 0-9, _ and -")
    if not pattern.expression or len(pattern.expression) > MAX_EXPRESSION:
        raise fail(f"{len(pattern.expression)} code points long, 1 to {MAX_EXPRESSION} are allowed")
    if not 0 < pattern.score <= 1:
        raise fail(f"score {pattern.score} must be over 0 and at most 1")
    try:
        expression = re2.compile(pattern.expression, _options(MAX_MEMORY))
    except re2.error as error:
        raise fail(_said(error)) from error
    except UnicodeEncodeError as error:
        raise fail(f"code point {error.start} is half of a surrogate pair") from error
    for probe in _PROBES:
        if any(match.start() == match.end() for match in expression.finditer(probe.encode())):
            raise fail("it can match nothing at all; ask for at least one character")
    return expression


def _options(max_mem: int) -> re2.Options:
    options = re2.Options()
    options.max_mem = max_mem
    options.log_errors = False
    options.never_capture = True
    return options


def _said(error: re2.error) -> str:
    """Return RE2's own words: what is wrong, and the part where it stands."""
    said = error.args[0] if error.args else "cannot be compiled"
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _in_code_points(data: bytes, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Turn byte offsets, in order, into code points: each byte is read once."""
    at = points = 0
    for start, end in spans:
        first = points + len(data[at:start].decode())
        points = first + len(data[start:end].decode())
        at = end
        yield first, points
