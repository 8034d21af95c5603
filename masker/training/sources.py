"""The data sources: what each is, where it comes from, on what terms, and whether the copy read is the one meant."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import lzma
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_LINE_CHARS = 20_000
"""No line of the sources is longer; a longer one means a wrong file."""


class DataError(Exception):
    """The training data is missing, altered or malformed; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Source:
    """Name one source file: its maker's home, its licence, and the SHA-256 of the copy this code was written for."""

    key: str
    file: str
    title: str
    home: str
    licence: str
    sha256: str


SOURCES: tuple[Source, ...] = (
    Source(
        "kmhas",
        "kmhas.jsonl.gz",
        "K-MHaS",
        "https://github.com/adlnlp/K-MHaS",
        "CC BY-SA 4.0",
        "960a8364a0af404e89c7ea0ae7c79e72f4204b29a0d7a618a0b1d0eb09c8c33f",
    ),
    Source(
        "kodoli",
        "kodoli.jsonl.gz",
        "KODOLI",
        "https://github.com/cardy20/KODOLI",
        "CC BY-SA 4.0",
        "e9c48e5966743ed4c56162813eed423f481b9039adf9e2ac6dc7c978cbff6187",
    ),
    Source(
        "beep",
        "beep.jsonl.gz",
        "BEEP! Korean HateSpeech",
        "https://github.com/kocohub/korean-hate-speech",
        "CC BY-SA 4.0",
        "cfc035959d57d01cece3ff41336254d029d29068c12242359e5aac8b1d6eba72",
    ),
    Source(
        "hatescore",
        "hatescore.jsonl.gz",
        "Korean HateScore",
        "https://github.com/sgunderscore/hatescore-korean-hate-speech",
        "Apache-2.0",
        "0f3b0ade2e888fcc21e1941d51345653dcbd0d2ba751c6496a6df9ca158d16d2",
    ),
    Source(
        "curse_detection",
        "curse_detection.jsonl.gz",
        "Curse-detection-data",
        "https://github.com/2runo/Curse-detection-data",
        "MIT",
        "342eb66da6691e90bb73c572aa75ed89155d640c11cfe14cb659ffbdbf8582de",
    ),
    Source(
        "malicious_comments",
        "malicious_comments.jsonl.gz",
        "Korean Malicious Comments Dataset",
        "https://github.com/ZIZUN/korean-malicious-comments-dataset",
        "MIT",
        "113afd2c5ada62db05160560f992300c27296d11b193bb51ea1bfcccebd96e48",
    ),
    Source(
        "kotox",
        "kotox.jsonl.gz",
        "KOTOX",
        "https://github.com/leeyejin1231/KOTOX",
        "MIT",
        "6c05dbef6a7ab068ebbbda5920e0b8096ef0b250fdd844707459b161db477cfe",
    ),
    Source(
        "kda_pairs",
        "kda_pairs.jsonl.gz",
        "K/DA",
        "https://github.com/minkyeongjeon/kda",
        "Apache-2.0",
        "d67cba43d7189e4222d024c899e82c2ece71a5b56679eae302a53fb58d50306f",
    ),
    Source(
        "kosbi",
        "kosbi.jsonl.gz",
        "KoSBi",
        "https://github.com/naver-ai/korean-safety-benchmarks",
        "MIT",
        "8dc8349816b1e9b1b279ed555aea6ad6228b5c14daf54828884db542a983fefc",
    ),
    Source(
        "clean_utterances",
        "clean_utterances.jsonl.gz",
        "Korean spoken-style questions, commands and statements (3i4K and kin)",
        "https://github.com/warnikchow/3i4k",
        "CC BY-SA 4.0, MIT",
        "89d3328c53a2292ca45135dfe67b06c2ff371a1298a9fc71b24a65d6821d2c55",
    ),
    Source(
        "english_davidson",
        "english_davidson.jsonl.gz",
        "Davidson et al. hate speech and offensive language",
        "https://github.com/t-davidson/hate-speech-and-offensive-language",
        "MIT",
        "92bcf23375a111bca25582e4644b2faf69418af086d6752041c9e51d040a9cae",
    ),
    Source(
        "english_toxic_spans",
        "english_toxic_spans.jsonl.gz",
        "SemEval-2021 Task 5: Toxic Spans",
        "https://github.com/ipavlopoulos/toxic_spans",
        "CC0-1.0",
        "cbfdc1206b916020191792487d1ef8069e85d4c342496586a96e929ef86869b6",
    ),
    Source(
        "nsmc",
        "nsmc_reviews.txt.xz",
        "NSMC film reviews (tokeniser and first token embeddings)",
        "https://github.com/e9t/nsmc",
        "CC0-1.0",
        "cba05f5e18c57408f47bb8027eadd585e0d614ec73761ae781243fa71b3aed52",
    ),
    Source(
        "beep_unlabeled",
        "beep_unlabeled.txt.xz",
        "BEEP! unlabelled news comments (pretraining)",
        "https://github.com/kocohub/korean-hate-speech",
        "CC BY-SA 4.0",
        "59bfdad779b852e866c459aceaa7958c22dbd57c475ff589d0969ddc7757f84e",
    ),
    Source(
        "doublems_ko",
        "wordlists/doublems_ko.txt",
        "doublems Korean bad words (weak spans)",
        "https://github.com/doublems/korean-bad-words",
        "MIT",
        "49b49e022041c68f5daeadbc25bc61080cf6b2ba4bf69ae0f5b5dae468152ac2",
    ),
    Source(
        "surge_en",
        "wordlists/surge_profanity_en.csv",
        "Surge AI profanity (weak spans)",
        "https://github.com/surge-ai/profanity",
        "MIT",
        "45214f1e4522a1c36cee7efa94440fce4188871db105abeb93d9dfe8c66feb6a",
    ),
)
"""Every source, in the order in which a duplicate is kept: the first one stays."""

BY_KEY: dict[str, Source] = {source.key: source for source in SOURCES}


def data_folder(given: str | None = None) -> Path:
    """Return the data folder: the one given, else `GARIM_SHARED/data`. Raises DataError when neither exists."""
    shared = os.environ.get("GARIM_SHARED")
    folder = Path(given) if given else Path(shared) / "data" if shared else None
    if folder is None:
        raise DataError("no data folder: pass --data DIR, or set GARIM_SHARED to the folder that holds data/")
    if not folder.is_dir():
        raise DataError(f"the data folder {folder} does not exist: pass --data DIR, or correct GARIM_SHARED")
    return folder


def verified_path(folder: Path, source: Source, *, check: bool = True) -> Path:
    """Return the source's file after comparing its SHA-256. Raises DataError when missing or different."""
    path = folder / source.file
    if not path.is_file():
        raise DataError(f"{source.title}: {path} is missing; its home is {source.home}")
    if check:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != source.sha256:
            raise DataError(
                f"{source.title}: {path} has SHA-256 {found[:12]}…, expected {source.sha256[:12]}…; "
                "fetch the right copy, or pass --unchecked for data of your own"
            )
    return path


def read_rows(folder: Path, key: str, *, check: bool = True) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of one labelled source. Raises DataError naming file and line."""
    path = verified_path(folder, BY_KEY[key], check=check)
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DataError(f"{path}:{number}: not JSON") from error
            if (
                len(line) > MAX_LINE_CHARS
                or not isinstance(row.get("text"), str)
                or not isinstance(row.get("offensive"), bool)
            ):
                raise DataError(f"{path}:{number}: a row needs a string `text` and a boolean `offensive`")
            yield row


def read_lines(folder: Path, key: str, *, check: bool = True) -> Iterator[str]:
    """Yield the lines of one unlabelled source."""
    path = verified_path(folder, BY_KEY[key], check=check)
    if path.suffix == ".xz":
        with lzma.open(path, "rt", encoding="utf-8") as stream:
            yield from (line.rstrip("\n") for line in stream)
    else:
        yield from path.read_text(encoding="utf-8").splitlines()


def read_wordlist(folder: Path, *, check: bool = True) -> dict[str, bool]:
    """Return the words of both lists, lower-cased; True where the word is Latin and needs word boundaries."""
    korean = (line.strip().lower() for line in read_lines(folder, "doublems_ko", check=check))
    words = {word: word.isascii() for word in korean if len(word) >= 2}
    with verified_path(folder, BY_KEY["surge_en"], check=check).open(encoding="utf-8", newline="") as stream:
        words |= {row["text"].strip().lower(): True for row in csv.DictReader(stream) if len(row["text"].strip()) >= 3}
    return words
