"""Where the offence stands: what is masked, beside spans that people marked.

Three kinds of marks: English gold spans (SemEval-2021 task 5); what K/DA's rewriters changed of a neutral sentence, a
weak mark; and offending clauses that we marked by reading, on a sample of offensive K-MHaS and KODOLI rows and on rows
of K-MHaS, HateScore and BEEP! without a bad word ("implicit"). Our marks are kept by the hash of their row, for the
rows are their makers'. The constants of the rule that places findings were chosen on all of them, so what it reaches
there is tuned and not unseen.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from masker.prediction import Prediction
from masker.presets import Preset, thresholds_for
from masker.training.calibrate import GOLD_SPANS
from masker.training.evaluation.judged import Judged, spans_of
from masker.training.evaluation.scored import Figures
from masker.training.example import Example

CLAUSES = Path(__file__).parent / "sets" / "clauses.jsonl"
KEY_CHARS = 24
WEAK_SPANS = "kda_pairs"

_WORD_RE = re.compile(r"\S+")


def row_key(text: str) -> str:
    """Return the name of a row in our marks: the head of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_CHARS]


@cache
def marked_clauses() -> Mapping[str, tuple[str, frozenset[int]]]:
    """Return our marks: by key, the part of the set and the marked code points."""
    rows = [json.loads(line) for line in CLAUSES.read_text("utf-8").splitlines()]
    return {
        row["key"]: (row["part"], frozenset(at for start, end in row["spans"] for at in range(start, end)))
        for row in rows
    }


def gold_of(example: Example) -> frozenset[int]:
    """Return the code points that the source's own spans mark as offensive."""
    return frozenset(at for start, end, value, _ in example.tokens.segments if value > 0.5 for at in range(start, end))


def clause_figures(examples: Sequence[Example], judged: Judged) -> Figures:
    """Return, per set of marks and preset, how what is masked lies in what is marked (`masked_in_marks`)."""
    sets: dict[str, list[tuple[int, frozenset[int]]]] = {}
    marks = marked_clauses()
    for index, example in enumerate(examples):
        if not example.offensive:
            continue
        if (found := marks.get(row_key(example.text))) is not None:
            sets.setdefault(f"our marks, {found[0]}", []).append((index, found[1]))
        if example.source in (WEAK_SPANS, GOLD_SPANS) and (gold := gold_of(example)):
            sets.setdefault(example.source, []).append((index, gold))
    figures: Figures = {}
    for preset in (Preset.STANDARD, Preset.STRICT):
        bar = thresholds_for(preset)
        figures[preset.value] = {
            name: masked_in_marks(
                (
                    examples[index].text,
                    frozenset(
                        at
                        for span in spans_of(judged.verdicts[index].flagged(bar))
                        for at in range(span.start, span.end)
                    ),
                    gold,
                )
                for index, gold in rows
            )
            for name, rows in sorted(sets.items())
        }
    return figures


def masked_in_marks(rows: Iterable[tuple[str, frozenset[int], frozenset[int]]]) -> Figures:
    """Return figures over rows of (text, masked code points, marked code points).

    On flagged rows: `inside`, the share of masked characters that are marked; `hit`, the share of rows with one;
    `masked`, the median share of a row that is masked. On all rows: the mean F1 by character and by word, where a word
    counts when any of its characters does.
    """
    every = list(rows)
    flagged = [(text, masked, gold) for text, masked, gold in every if masked]
    figures: Figures = {"rows": len(every), "flagged": len(flagged)}
    if flagged:
        total = sum(len(masked) for _, masked, _ in flagged)
        figures |= {
            "inside": round(sum(len(masked & gold) for _, masked, gold in flagged) / total, 4),
            "hit": round(float(np.mean([bool(masked & gold) for _, masked, gold in flagged])), 4),
            "masked": round(float(np.median([len(masked) / len(text) for text, masked, _ in flagged])), 4),
        }
    if every:
        figures["char_f1"] = round(float(np.mean([overlap_f1(masked, gold) for _, masked, gold in every])), 4)
        words = [(_words_of(text, masked), _words_of(text, gold)) for text, masked, gold in every]
        figures["word_f1"] = round(float(np.mean([overlap_f1(masked, gold) for masked, gold in words])), 4)
    return figures


def overlap_f1(said: frozenset[int], gold: frozenset[int]) -> float:
    """Return the F1 of two sets; 1 where both are empty."""
    return 2 * len(said & gold) / (len(said) + len(gold)) if said or gold else 1.0


def _words_of(text: str, places: frozenset[int]) -> frozenset[int]:
    return frozenset(
        number
        for number, match in enumerate(_WORD_RE.finditer(text))
        if any(at in places for at in range(*match.span()))
    )


def span_char_f1(pairs: Iterable[tuple[Example, Prediction]], threshold: float = 0.5) -> float | None:
    """Return the mean over texts of the character F1 of the model's tokens (SemEval-2021 task 5); None without texts.

    A text without gold characters counts 1 when nothing is marked, else 0.
    """
    values = []
    for example, prediction in pairs:
        if example.offensive and not example.tokens.segments:
            continue
        gold = gold_of(example) if example.offensive else frozenset[int]()
        marked = {at for token in prediction.tokens if token.score >= threshold for at in range(token.start, token.end)}
        marked |= _gaps(example.text, marked)
        values.append(overlap_f1(frozenset(marked), gold))
    return round(float(np.mean(values)), 4) if values else None


def _gaps(text: str, marked: set[int]) -> set[int]:
    """Return the single spaces between two marked characters: a span of words includes them."""
    return {at for at in range(1, len(text) - 1) if text[at] == " " and at - 1 in marked and at + 1 in marked}
