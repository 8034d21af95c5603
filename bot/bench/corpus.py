"""Chat lines for the benchmarks: everyday Korean sentences, and some with a curse that nobody disputes."""

from __future__ import annotations

import random
from collections.abc import Iterator

_OPENERS = ("아까", "방금", "어제", "오늘", "점심때", "퇴근하고", "수업 끝나고", "주말에", "다음 주에", "이따가")
_THINGS = ("버스 시간표", "회의 자료", "새 노트북", "김치찌개", "도서관 자리", "영화 예매", "택배", "고양이 사진")
_TAILS = (
    "확인해 봤는데 괜찮더라고요",
    "같이 보실 분 계신가요?",
    "생각보다 빨리 와서 좋았어요 ㅎㅎ",
    "아직 못 봤어요, 링크 좀 주세요",
    "이야기하다가 시간 가는 줄 몰랐네요",
    "덕분에 잘 해결했습니다 감사합니다!",
)
_OFFENCES = (
    "아 시발 진짜 {thing} 왜 이래",
    "{opener} {thing} 보고 씨발 소리가 절로 나오더라",
    "이 병신아 {thing} 좀 제대로 봐",
    "{thing} 만든 개새끼 누구냐",
    "시발 {opener} 또 {thing} 망했어",
)


def clean_lines(seed: int = 2) -> Iterator[str]:
    """Yield everyday lines without end; the same seed gives the same lines."""
    chance = random.Random(seed)
    number = 0
    while True:
        number += 1
        line = f"{chance.choice(_OPENERS)} {chance.choice(_THINGS)} {chance.choice(_TAILS)}"
        extra = f" {chance.choice(_OPENERS)} 또 올게요" if chance.random() < 0.3 else ""
        yield f"{line}{extra} ({number})"


def offending_lines(seed: int = 3) -> Iterator[str]:
    """Yield lines with a plain curse without end; the same seed gives the same lines."""
    chance = random.Random(seed)
    while True:
        yield chance.choice(_OFFENCES).format(opener=chance.choice(_OPENERS), thing=chance.choice(_THINGS))


def chat_lines(count: int, seed: int = 5) -> list[str]:
    """Return lines of the lengths that chat has: many short, most of one sentence, some of several; a tenth offends."""
    chance = random.Random(seed)
    clean, offending = clean_lines(seed), offending_lines(seed)
    lines = []
    for number in range(count):
        line = next(offending) if number % 10 == 0 else next(clean)
        shape = chance.random()
        if shape < 0.3:
            line = " ".join(line.split()[-3:])
        elif shape > 0.9:
            line = " ".join([line, *(next(clean) for _ in range(chance.randint(2, 6)))])
        lines.append(line)
    return lines
