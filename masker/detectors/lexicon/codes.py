"""Names that are no words: cells of a sheet, molecules, gates and plugs; letters of the alphabet that are spoken of."""

from __future__ import annotations

import re

from masker.detectors.lexicon.compiled import How
from masker.detectors.lexicon.korean import SUFFIXES
from masker.detectors.lexicon.occurrence import Occurrence, readable

REACH = 32
"""Code points on either side in which letters are spoken of."""
_CODE_RE = re.compile(r"[A-Za-z]{1,2}[0-9]{1,2}")
_OTHER_RE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,2}[0-9]{1,3}(?![A-Za-z0-9])")
_HELD_RE = re.compile(r"(?:[(:=+/-]|\* ?)$")
_THING_RE = re.compile(
    r"[):=+*/-]|(?:에서|까지|부터)(?: |$)|(?:이나|랑|와|과|에서|에|의)? ?(?:셀|칸|열|행|번|게이트|케이블|커넥터|단자|"
    r"포트|핀|좌석|자리|구역|출구|동|호|층|코드|모델|칩|"
    r"알켄|알킨|알칸|알데|지방산|컬럼|화합물|탄화수소|클러스터|이온|결합|콜벳|엔진|배터리|소켓|규격|나사|볼트|전구|플러그|전원|코넥터|"
    r"번지|창고|부스|주차|버스|노선|건전지|어댑터|방|강의실|교실|병동|탄소|분자|부품)"
)
_TALK_RE = re.compile(
    r"엑셀|시트|스프레드|수식|합계|함수|셀[에을 ]|화학|분자|탄소|유기물|커넥터|콘센트|체스|비숍|실리콘|좌표|바둑|칸에"
)

_LETTERS_RE = re.compile(
    r"이니셜|머리글자|두문자|앞 ?글자를 딴|겹받침|홑받침|병서|어두자음|자음 ?(?:카드|놀이|군|표|과 모음)|모음|불규칙|"
    r"훈민정음|자모|종성|초성 ?(?:퀴즈|게임|문제|힌트|맞히|놀이|검색|으로 시작|로 시작|로 된)|"
    r"[로은는] ?시작하는 (?:단어|과일|동물|음식|나라|말)"
)
_LETTER_BEFORE_RE = re.compile(r"(?:받침|자음|초성)(?:은|는|이|인|으로|의|에|에는)? ?['\"‘’(\[:]*$")
_LETTER_AFTER_RE = re.compile(
    r"['\"’)\]]*(?:(?:의|이라는|라는|란)? ?(?:받침|자음|발음)(?:은|의|이|과|을| 발음|$)|"
    r"(?:은|는|의|과|와|,) ?[ㄱ-ㅎ](?![ㄱ-ㅣ]))"
)
_CONSONANTS_RE = re.compile("[ㄱ-ㅎ, ]+")
_ENUMERATED_RE = re.compile("[ㄱ-ㅎ], [ㄱ-ㅎ]")

_PARTICLE_APART_RE = re.compile(" (?:[은는이가을를로의에도와과]|으로|에서|까지)(?![가-힣])")
IN_CODE = frozenset("_&")
_IDENTIFIER_RE = re.compile("[A-Za-z]+(?:_[A-Za-z]{2,})+|[a-z]{2,}[A-Z][a-z]{2,}")
_ASSIGNED_RE = re.compile(r" ?(?:[-+*/]?= ?|[\[(][a-z0-9])")
FILE_RE = re.compile(r"\.[a-z][a-z0-9]{1,4}(?![A-Za-z0-9])")
# One-letter variables with operators, brackets or commas, and what is said of them.
_FORMULA_RE = re.compile(
    r"[A-Za-z0-9)\]] ?[=<>+≤≥≠∈→] ?[A-Za-z0-9(]|[A-Za-z]\([A-Za-z],"
    r"|수식|함수|상수|변수|벡터|행렬|공식|미분|적분|정의|계수|좌표|집합"
)
_AROUND = 24


def placed_code(occurrence: Occurrence, before: str, after: str) -> bool:
    """Tell whether a letter or two with a number name a cell, a molecule, a gate: by what stands beside them."""
    if not _CODE_RE.fullmatch(occurrence.surface):
        return False
    if _HELD_RE.search(before) or _THING_RE.match(after):
        return True
    return any(cue.search(part) is not None for cue in (_OTHER_RE, _TALK_RE) for part in (before, after))


def letters_named(occurrence: Occurrence) -> bool:
    """Tell whether initials are letters of the alphabet: in a sentence on spelling, or listed with commas."""
    text, start, end = occurrence.view.text, occurrence.start, occurrence.end
    if occurrence.pattern.term.kind != "initials" and not _CONSONANTS_RE.fullmatch(occurrence.surface):
        return False
    if occurrence.spaced and _ENUMERATED_RE.search(occurrence.surface):
        return True
    before, after = readable(text[max(0, start - REACH) : start]), readable(text[end : end + REACH])
    if _LETTER_BEFORE_RE.search(before) or _LETTER_AFTER_RE.match(after):
        return True
    return any(_LETTERS_RE.search(part) for part in (before, after))


def is_code(occurrence: Occurrence, after: str) -> bool:
    """Tell whether a few Latin letters with a digit are a name of something: in capitals, or with a particle apart."""
    surface = occurrence.surface
    if surface.isascii() and (_IDENTIFIER_RE.fullmatch(surface) or IN_CODE & {occurrence.left, occurrence.right}):
        return True
    if surface.isascii() and surface[-1:].isdigit() and occurrence.right.isdigit():
        return True
    if surface.isascii() and not surface.isalpha() and _ASSIGNED_RE.match(after):
        return True
    if not surface.isascii() or surface.isalpha() or len(surface) > 3 or not surface[:1].isalpha():
        return False
    if after.startswith(SUFFIXES):
        return False
    return not surface.islower() or _PARTICLE_APART_RE.match(after) is not None


def vowels_apart(occurrence: Occurrence) -> bool:
    """Tell whether an English word typed in Hangul has a silent ㅇ where its keys give none (어맨다 is no japs)."""
    pattern = occurrence.pattern
    return (
        pattern.how is How.TYPED
        and pattern.term.kind == "latin"
        and (occurrence.row.count("ㅇ") > pattern.surface.count("d"))
    )


def is_formula(occurrence: Occurrence) -> bool:
    """Tell whether single Latin letters with signs between them are the variables of a formula."""
    text, start, end = occurrence.view.text, occurrence.start, occurrence.end
    surface = text[start:end]
    unpaired = surface.count("(") != surface.count(")") or surface.count("[") != surface.count("]")
    if unpaired or any(sign in surface for sign in (" = ", " < ", " > ")):
        return True
    around = text[max(0, start - _AROUND) : start] + "x" + text[end : end + _AROUND]
    return _FORMULA_RE.search(around) is not None
