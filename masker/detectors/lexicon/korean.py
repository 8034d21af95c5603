"""What may stand around a Korean term: prefixes and suffixes of curses, particles and endings."""

from __future__ import annotations

# Intensifiers that fuse with a following curse; they belong to the masked word.
PREFIXES = (
    "개",
    "씹",
    "좆",
    "존나",
    "졸라",
    "핵",
    "쌉",
    "왕",
    "쌩",
    "상",
    "쌍",
    "호로",
    "미친",
    "시발",
    "씨발",
    "ㅅㅂ",
    "ㅁㅊ",
    "ㅈㄴ",
    "ㄱ",
)

# What a curse takes on at its end and carries with it; a chain of them belongs to the masked word.
SUFFIXES = (
    "놈", "년", "넘", "뇬", "늠", "눔", "련", "럼", "롬", "룸", "새끼", "새기", "색기", "색끼", "세끼", "쉐끼",
    "섀끼", "쉑", "쉨", "새키", "자식", "자슥",
    "잡것", "것들", "들", "질", "짓", "탱",
)  # fmt: skip
# These two are suffixes only where the word then ends: 놈아, 새끼야; never 시발아이.
VOCATIVES = ("아", "야", "이야", "ㅏ", "ㅑ", "아아", "야야")
# What may follow a noun used as a curse after a space and still be one expression with it (시발 놈아).
SPACED_SUFFIXES = ("놈", "년", "새끼", "세끼", "색기", "넘", "뇬")
# Verbs and comparisons that a curse noun forms, up to the end of the word (지랄하네, 병신같은).
PREDICATES = ("같", "하", "했", "났", "부리", "부려", "거리", "거려", "떨", "스러", "스럽", "맞", "답")

# Particles and forms of the copula that may follow a noun without making another word of it.
PARTICLES = (
    "은", "는", "이", "가", "을", "를", "의", "에", "에게", "한테", "께", "도", "만", "와", "과", "랑", "로",
    "으로", "라", "라고", "라는", "란", "냐", "니",
    "네", "지", "다", "임", "인", "일", "였", "이다", "까지", "부터", "보다", "처럼", "조차", "마저", "밖에", "뿐",
    "나", "든", "여", "요", "죠", "같", "들",
    "년", "놈", "새끼", "짓", "질", "하", "한", "할", "해", "했", "함", "합", "되", "된", "될", "돼", "됐", "아",
    "야", "고", "면", "며", "던", "더", "답",
    "스러", "스럽", "거리", "거려", "ㅋ", "ㅎ", "ㄷ", "ㅇ", "ㄹ", "ㄴ", "ㅅ", "ㅈ", "ㅠ", "ㅜ",
)  # fmt: skip

# The copula after a noun that ends in a consonant: not part of the noun either.
COPULA = (
    "이네", "이다", "이냐", "이라", "이지", "이고", "이니", "이었", "이에", "이면", "인데", "인가", "인지", "이란",
    "이랑", "임", "입니", "이야", "이실", "이시", "이세", "이더",
)  # fmt: skip

# Short endings that close a predicate in unspaced text, where the rest is too long to be one word (쓰레기같은영화가).
ENDINGS = (
    "하네", "하고", "하는", "하냐", "하지", "한다", "해라", "했다", "은데", "네요", "아요", "어요", "는데",
    "은", "는", "네", "다", "아", "어", "이", "고", "냐", "지", "라", "야", "해", "한", "던", "게", "음", "요",
)  # fmt: skip

# Last syllables of verb stems that lexicon phrases end in: whatever follows is their ending.
OPEN_STEMS = frozenset("먹죽물없같닥")

# Particles that follow a noun and leave a noun alone before them: what a verb's ending never is by itself.
CASE_PARTICLES = frozenset((
    "은", "는", "이", "가", "을", "를", "도", "만", "의", "에", "에서", "에게", "한테", "와", "과", "랑", "이랑", "로",
    "으로", "이나", "까지", "부터", "마저", "조차", "보다", "처럼", "라고", "이라고", "라는", "이라는", "라며",
    "이라니", "이란",
))  # fmt: skip
