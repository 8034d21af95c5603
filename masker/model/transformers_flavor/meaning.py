"""What another model's labels mean in ours: a table of the names in use, and a mapping for all others.

Names are compared without case, white space and punctuation. "hate", "toxic", "offensive" and the like name no
kind of offence, so they become `insult`, which is the label of an offence that has no other name.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from masker.errors import ModelRefused
from masker.labels import LABELS, Label


class Harmless(StrEnum):
    """Name what a class says when it names no offence: that the text is clean, or nothing that concerns us."""

    CLEAN = "clean"
    IGNORE = "ignore"


Meaning = Label | Harmless

NAMES: Mapping[Meaning, tuple[str, ...]] = {
    Harmless.CLEAN: (
        *("clean", "none", "normal", "neutral", "neither", "not", "ok", "safe", "default", "non hate", "not hate"),
        *("not hate speech", "no hate", "non toxic", "not toxic", "non offensive", "not offensive", "not offen"),
        *("정상", "일반", "없음", "해당사항없음", "혐오 아님", "악플 아님", "욕설 아님", "중립", "깨끗함"),
    ),
    Harmless.IGNORE: ("ignore", "개인지칭", "개인 지칭", "individual"),
    Label.PROFANITY: ("profanity", "curse", "swear", "obscene", "obscenity", "욕설", "비속어", "혐오욕설", "욕"),
    Label.INSULT: (
        *("insult", "hate", "hate speech", "hateful", "toxic", "toxicity", "severe toxic", "severe toxicity"),
        *("offensive", "offensive language", "offen", "off", "abusive", "abuse", "spoiled", "identity hate"),
        *("identity attack", "other hate", "likely", "likely offen", "hate curse"),
        *(
            "모욕",
            "악플",
            "악플/욕설",
            "단순 악플",
            "악성댓글",
            "혐오",
            "혐오표현",
            "기타 혐오",
            "공격적",
            "차별",
            "유해",
        ),
    ),
    Label.SEXUAL: ("sexual", "sexual explicit", "sexually explicit", "sexual harassment", "음란", "성희롱", "선정성"),
    Label.THREAT: ("threat", "violence", "위협", "협박", "폭력"),
    Label.GENDER: (
        *("gender", "sexism", "female", "male", "women", "men", "women family"),
        *("성별", "성차별", "성", "여성", "남성", "여성/가족"),
    ),
    Label.SEXUALITY: ("sexuality", "lgbt", "lgbtq", "lgbtq+", "sexual minority", "sexual orientation", "성소수자"),
    Label.RACE: ("race", "racism", "인종", "인종차별"),
    Label.ORIGIN: (
        *("origin", "region", "nationality", "ethnicity", "race/nationality"),
        *("출신", "출신차별", "지역", "국적", "인종/국적"),
    ),
    Label.AGE: ("age", "ageism", "연령", "연령차별", "나이", "세대"),
    Label.RELIGION: ("religion", "종교", "종교차별"),
    Label.POLITICS: ("politics", "political", "정치", "정치성향", "정치성향차별"),
    Label.PHYSICAL: ("physical", "appearance", "외모", "외모차별", "신체"),
    Label.DISABILITY: ("disability", "장애", "장애차별", "장애인"),
}
"""Names in K-MHaS, UnSmile (whose 인종/국적 speaks almost only of nationalities, as HateScore's does), BEEP!, KOLD,
KODOLI, APEACH (default, spoiled), Davidson, HateXplain and Jigsaw, with our own in both languages."""

METADATA_KEY = "garim_labels"
"""The entry of `mlflow.transformers.log_model(metadata=...)` that says what the model's labels mean."""


def read_mapping(path: Path) -> dict[str, str]:
    """Read a mapping of labels from a JSON file, `{"LABEL_0": "clean", ...}`. Raises ModelRefused naming the file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelRefused(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise ModelRefused(f'{path}: no JSON; write an object such as {{"LABEL_0": "clean"}}') from None
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        raise ModelRefused(f"{path}: write one JSON object, from the model's labels to ours")
    return content


def key_of(name: str) -> str:
    """Return what makes two names the same: compatibility form, lower case, letters and digits only."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


_BY_KEY: Mapping[str, Meaning] = {key_of(name): meaning for meaning, names in NAMES.items() for name in names}


def meaning_of(name: str) -> Meaning | None:
    """Return what the table says of a name; None when it says nothing."""
    return _BY_KEY.get(key_of(name))


def meanings(names: Sequence[str], given: Mapping[str, str], address: str) -> tuple[Meaning, ...]:
    """Return the meaning of each of a model's labels, in order; `given` (name or index: meaning) goes before the table.

    Raises ModelRefused that names every label without a meaning, or a given name or value that is unknown, and says
    how to give a mapping.
    """
    by_key: dict[str, Meaning] = {}
    own = {key_of(name) for name in names} | {str(index) for index in range(len(names))}
    for name, value in given.items():
        meaning = meaning_of(value)
        if meaning is None:
            raise ModelRefused(f"{address}: the mapping gives {name!r} the meaning {value!r}; {_VALUES}")
        if key_of(name) not in own:
            raise ModelRefused(
                f"{address}: the mapping speaks of {name!r}, but the model's labels are {', '.join(names)}"
            )
        by_key[key_of(name)] = meaning
    found = [by_key.get(key_of(name)) or by_key.get(str(index)) or meaning_of(name) for index, name in enumerate(names)]
    if unknown := [name for name, meaning in zip(names, found, strict=True) if meaning is None]:
        raise ModelRefused(
            f"{address}: nobody knows what its labels {', '.join(unknown)} mean: log the model with "
            f"metadata={{'{METADATA_KEY}': {{'{unknown[0]}': ...}}}}, or give a mapping (Masker.load(uri, labels=...), "
            f"garim mask --labels FILE); {_VALUES}"
        )
    return tuple(meaning for meaning in found if meaning is not None)


_VALUES = f"a meaning is one of {', '.join([*Harmless, *LABELS])}"
