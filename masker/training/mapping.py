"""How each source's annotation becomes our labels. A source supervises only what it annotates.

Choices that are not obvious:
* K-MHaS counts nationality under `origin` and keeps `race` for skin colour; HateScore's 인종/국적 rows speak almost
  only of nationalities (read by hand), so they too become `origin`, and leave `race` unknown.
* BEEP! annotates gender bias apart from offence: a biased row that its annotators do not find offensive says nothing.
  A row that is offensive without any bias is an insult.
* KoSBi names the group a sentence is about; an unsafe sentence is taken to offend under that group's label.
* KODOLI, K/DA, KOTOX, Curse-detection, Davidson and Toxic Spans say "offensive" and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from masker.labels import LABELS, Label

Row = Mapping[str, Any]
Known = dict[Label, bool]

KMHAS_LABELS = (
    Label.PROFANITY,
    Label.ORIGIN,
    Label.PHYSICAL,
    Label.POLITICS,
    Label.AGE,
    Label.GENDER,
    Label.RACE,
    Label.RELIGION,
)

HATESCORE_LABELS: Mapping[str, Label] = {
    "지역": Label.ORIGIN,
    "인종/국적": Label.ORIGIN,
    "여성/가족": Label.GENDER,
    "남성": Label.GENDER,
    "성소수자": Label.SEXUALITY,
    "연령": Label.AGE,
    "종교": Label.RELIGION,
    "단순 악플": Label.INSULT,
}

KOSBI_WORDS: tuple[tuple[Label, tuple[str, ...]], ...] = (
    (
        Label.SEXUALITY,
        ("게이", "레즈비언", "퀴어", "트랜스", "성애자", "논바이너리", "인터섹스", "시스젠더", "젠더퀴어", "BDSM"),
    ),
    (Label.DISABILITY, ("장애", "자폐", "시각", "청각", "지체", "발달", "정신병", "조현병", "우울증", "다운증후군")),
    (
        Label.RELIGION,
        ("이슬람", "불교", "개신교", "무교", "천주교", "힌두", "증산교", "신천지", "통일교", "여호와", "유대교"),
    ),
    (Label.POLITICS, ("우파", "좌파", "보수주의", "진보주의", "정치인", "운동권", "친일", "무정부", "공산주의")),
    (Label.RACE, ("흑인", "백인", "황인", "아프리카인", "아시아인")),
    (
        Label.ORIGIN,
        (
            *("중국인", "일본인", "미국인", "러시아인", "유럽인", "북한인", "아메리카인", "오세아니아인", "한국인"),
            *("조선족", "탈북민", "다문화", "이주", "해외 출신", "시민", "도민", "서울 사람", "강원도 사람"),
            *("경기도 사람", "충청도 사람", "전라도 사람", "경상도 사람", "제주도 사람"),
        ),
    ),
    (
        Label.AGE,
        (
            *("세대", "년생", "이후 출생", "노인", "할머니", "할아버지", "어린이", "유아", "아기", "청년", "청소년"),
            *("중년", "초등학생", "중학생", "고등학생", "유치원생", "촉법소년"),
        ),
    ),
    (
        Label.GENDER,
        ("여성", "남성", "페미니스트", "아줌마", "아저씨", "딸", "아들", "누나", "사내", "주부", "미혼모", "미혼부"),
    ),
    (
        Label.PHYSICAL,
        (
            *("외모", "못생긴", "잘생긴", "탈모", "얼굴", "체형", "키가", "날씬한", "피부", "몸무게", "동안인"),
            *("노안인", "성형", "다한", "다모"),
        ),
    ),
)
"""Words in KoSBi's 611 group names; the first that matches names the label, the others stay unknown."""


def _all_clear() -> Known:
    return dict.fromkeys(LABELS, False)


def _kmhas(row: Row) -> Known:
    categories = set(row["categories"])
    return {label: label.value in categories for label in KMHAS_LABELS}


def _hatescore(row: Row) -> Known:
    if not row["offensive"]:
        return _all_clear()
    parts = {part.strip() for part in str(row["micro"]).split(",")}
    named = {HATESCORE_LABELS[part] for part in parts if part in HATESCORE_LABELS}
    known = {label: label in named for label in set(HATESCORE_LABELS.values())}
    if "기타 혐오" in parts:
        return dict.fromkeys(named, True)
    return known


def _beep(row: Row) -> Known:
    if not row["offensive"]:
        return {} if row["bias"] != "none" else _all_clear()
    known = {Label.GENDER: row["bias"] == "gender"}
    if row["bias"] == "none":
        known[Label.INSULT] = True
    return known


def _malicious(row: Row) -> Known:
    return {Label.INSULT: True} if row["offensive"] else _all_clear()


def _kosbi(row: Row) -> Known:
    if not row["offensive"]:
        return _all_clear()
    group = str(row["group"])
    for label, words in KOSBI_WORDS:
        if any(word in group for word in words):
            return {label: True, Label.PROFANITY: False}
    return {Label.PROFANITY: False}


def _offensive_only(row: Row) -> Known:
    return {} if row["offensive"] else _all_clear()


MAPPERS: Mapping[str, Callable[[Row], Known]] = {
    "kmhas": _kmhas,
    "kodoli": _offensive_only,
    "beep": _beep,
    "hatescore": _hatescore,
    "curse_detection": _offensive_only,
    "malicious_comments": _malicious,
    "kotox": _offensive_only,
    "kda_pairs": _offensive_only,
    "kosbi": _kosbi,
    "clean_utterances": _offensive_only,
    "english_davidson": _offensive_only,
    "english_toxic_spans": _offensive_only,
}

UNSUPERVISED: tuple[Label, ...] = (Label.SEXUAL, Label.THREAT)
"""No source annotates these: the model gives them 0 and the lexicon alone speaks for them."""


def known_labels(source: str, row: Row) -> Known:
    """Return the labels that this row's source annotates, each with its value; the others are unknown."""
    return {label: value for label, value in MAPPERS[source](row).items() if label not in UNSUPERVISED}
