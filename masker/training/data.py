"""From source files to examples: map, weakly label, deduplicate across sources, split by hash, count."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from masker.labels import LABELS, Label
from masker.training.example import CLEAN_TOKENS, Example, Split
from masker.training.mapping import MAPPERS, known_labels
from masker.training.sources import read_rows, read_wordlist
from masker.training.spans import TermMatcher, reliable_terms, targets_for

DEV_PERCENT = 5
TEST_PERCENT = 5

JUDGED_IN_CONTEXT = frozenset({"kosbi"})
"""Sources whose annotators judged a sentence after another one that is not in the data. Read alone, most of their
offensive rows offend nobody (no model here told them from the clean ones: AUC 0.56 to 0.60), and trained on they teach
that naming a group is an offence. Only their clean rows are kept."""
NOISY_FOR_TERMS = frozenset({"kosbi", "hatescore", "clean_utterances"})
"""Written-style sources: their words say little of chat, so they do not judge word-list entries."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Report what reading gave: rows per source, duplicates merged, contradictions dropped, rows per split."""

    read: Mapping[str, int]
    duplicates: int
    contradictions: int
    splits: Mapping[str, Mapping[str, int]]
    labels: Mapping[str, tuple[int, int]]
    reliable_terms: int


def text_key(text: str) -> str:
    """Return what makes two texts the same: compatibility form, lower case, no white space."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def split_of(group: str) -> Split:
    """Return the split that a group of texts belongs to: a stable function of its hash, 90/5/5."""
    bucket = int.from_bytes(hashlib.sha256(text_key(group).encode()).digest()[:4], "big") % 100
    if bucket < TEST_PERCENT:
        return "test"
    return "dev" if bucket < TEST_PERCENT + DEV_PERCENT else "train"


def _with_groups(source: str, rows: Iterable[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str, str | None]]:
    """Yield `(row, group, neutral)`: the clean sentence that a rewrite came from, where the source pairs them."""
    last_neutral = ""
    for row in rows:
        if source == "kda_pairs":
            yield row, row["neutral"], row["neutral"]
        elif source == "kotox":
            # KOTOX lists each neutral sentence, then its toxic rewrite, then both disguised.
            if row["kind"] == "neutral":
                last_neutral = row["text"]
            yield row, last_neutral or row["text"], last_neutral if row["kind"] == "toxic" else None
        else:
            yield row, row["text"], None


def _kind(source: str, row: Mapping[str, Any]) -> str:
    return str(row.get("grade") or row.get("kind") or (row.get("source") if source == "hatescore" else "") or "")


def read_examples(
    folder: Path, *, sources: Iterable[str] | None = None, check: bool = True
) -> tuple[list[Example], Counts]:
    """Read the sources (default: all labelled ones) into deduplicated examples with splits, and count.

    Raises DataError when a file is missing, altered or malformed.
    """
    keys = tuple(MAPPERS) if sources is None else tuple(sources)
    raw = [
        (key, row, group, neutral)
        for key in keys
        for row, group, neutral in _with_groups(key, read_rows(folder, key, check=check))
    ]
    judged = (
        (row["text"], row["offensive"])
        for key, row, group, _ in raw
        if key not in NOISY_FOR_TERMS and split_of(group) == "train"
    )
    terms = reliable_terms(read_wordlist(folder, check=check), judged)
    matcher = TermMatcher(terms)
    examples = [
        Example(
            text=row["text"],
            source=key,
            offensive=row["offensive"],
            labels=known_labels(key, row),
            tokens=targets_for(key, row, neutral, matcher),
            group=group,
            kind=_kind(key, row),
        )
        for key, row, group, neutral in raw
        if row["text"].strip() and not (row["offensive"] and key in JUDGED_IN_CONTEXT)
    ]
    examples += [_neutral_example(row) for key, row, _, _ in raw if key == "kda_pairs" and row["neutral"].strip()]
    unique, duplicates, contradictions = deduplicate(examples)
    placed = [replace(example, split=split_of(example.group)) for example in unique]
    return placed, count(placed, examples, duplicates, contradictions, len(terms))


def _neutral_example(row: Mapping[str, Any]) -> Example:
    return Example(
        text=row["neutral"],
        source="kda_pairs",
        offensive=False,
        labels={},
        tokens=CLEAN_TOKENS,
        group=row["neutral"],
        kind="neutral",
    )


def deduplicate(examples: Iterable[Example]) -> tuple[list[Example], int, int]:
    """Merge equal texts: the first stays and learns the labels that others know; contradicting texts are dropped.

    Returns the examples, the number merged away and the number dropped.
    """
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[text_key(example.text)].append(example)
    kept: list[Example] = []
    merged = contradictions = 0
    for same in groups.values():
        if len({example.offensive for example in same}) > 1:
            contradictions += len(same)
            continue
        merged += len(same) - 1
        labels: dict[Label, bool] = {}
        for example in reversed(same):
            labels.update(example.labels)
        kept.append(replace(same[0], labels=labels))
    return kept, merged, contradictions


def count(placed: list[Example], read: list[Example], duplicates: int, contradictions: int, terms: int) -> Counts:
    """Return the report on what was read and kept."""
    splits: dict[str, Counter[str]] = defaultdict(Counter)
    labels: dict[str, list[int]] = {label.value: [0, 0] for label in LABELS}
    for example in placed:
        splits[example.split][example.source] += 1
        for label, value in example.labels.items():
            labels[label.value][0 if value else 1] += 1
    return Counts(
        read=dict(Counter(example.source for example in read)),
        duplicates=duplicates,
        contradictions=contradictions,
        splits={name: dict(counter) for name, counter in splits.items()},
        labels={name: (known[0], known[1]) for name, known in labels.items()},
        reliable_terms=terms,
    )
