"""Words with another, innocent sense: the young of animals, a year of the old calendar, a disease of old.

The sentence decides, as a reader does: each cue that it holds adds to or takes from the innocent sense (a decision
list in the manner of Yarowsky, 1994). The weights were set on the project's own sentences, with animals and without.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from masker.detectors.lexicon.codes import letters_named, placed_code
from masker.detectors.lexicon.compiled import How
from masker.detectors.lexicon.homonyms import (
    BARKING,
    CHILD,
    DEPARTURE,
    FIT,
    GOING_OUT,
    PECKING,
    QUARTER,
    SIXTY,
    TOFFEE,
    Homonym,
    cues,
)
from masker.detectors.lexicon.names import is_called
from masker.detectors.lexicon.occurrence import Occurrence, readable
from masker.detectors.lexicon.tongue import latin_sense

SENTENCE = 48
"""Code points on either side that belong to the sentence, where no mark ends it before."""
ENOUGH, FUSED = 2, 4
"""Points that make the sense innocent; what is written as one word with its animal needs more."""
_BREAKS_RE = re.compile(r"[.!?\n]+")

_ANIMALS = (
    "고양이 길고양이 냥이 강아지 댕댕이 멍멍이 진돗개 풍산개 삽살개 들개 사냥개 물개 유기견 유기묘 반려견 안내견 군견 "
    "호랑이 사자 표범 치타 재규어 스라소니 하이에나 늑대 여우 승냥이 너구리 오소리 족제비 수달 해달 담비 곰 "
    "북극곰 반달곰 판다 레서판다 코알라 캥거루 왈라비 주머니쥐 두더지 고슴도치 다람쥐 청설모 햄스터 기니피그 "
    "친칠라 토끼 생쥐 들쥐 박쥐 비버 돼지 멧돼지 소 젖소 한우 송아지 염소 산양 양 면양 망아지 조랑말 얼룩말 "
    "당나귀 노새 낙타 알파카 라마 사슴 노루 고라니 순록 영양 물소 들소 코뿔소 하마 기린 코끼리 매머드 원숭이 "
    "침팬지 고릴라 오랑우탄 여우원숭이 나무늘보 개미핥기 아르마딜로 미어캣 몽구스 페럿 고래 혹등고래 돌고래 "
    "범고래 물범 바다표범 바다사자 바다코끼리 듀공 상어 가오리 해마 구피 금붕어 열대어 잉어 붕어 메기 연어 송어 "
    "가자미 광어 넙치 우럭 도미 농어 고등어 명태 장어 뱀장어 미꾸라지 피라미 물고기 조개 전복 가리비 꼬막 "
    "홍합 바지락 소라 성게 멍게 해파리 달팽이 나비 사마귀 메뚜기 문어 오징어 낙지 가재 새우 "
    "꽃게 소라게 펭귄 오리 청둥오리 거위 백조 고니 두루미 황새 왜가리 닭 병아리 꿩 메추리 칠면조 공작 타조 "
    "비둘기 까치 까마귀 참새 제비 박새 뻐꾸기 꾀꼬리 딱따구리 부엉이 올빼미 독수리 솔개 갈매기 앵무새 카나리아 "
    "어미새 물새 철새 숭어 갈치 꽁치 조기 복어 쏘가리 가물치 민어 참치 삼치 정어리 멸치 불가사리 크릴 해삼 "
    "잠자리 귀뚜라미 여치 매미 무당벌레 풍뎅이 반딧불이 개미 꿀벌 말벌 모기 파리 벌레 애벌레 누에 망아지 원앙 "
    "종다리 할미새 물총새 두견새 직박구리 악어 거북 거북이 자라 도마뱀 이구아나 카멜레온 게코 "
    "뱀 구렁이 살모사 개구리 두꺼비 도롱뇽 "
    "거미 전갈 지네 짐승 동물 가축 맹수 포유류 야수 범 쥐 개 애완동물 암컷 수컷 공룡"
)
_ALONE = frozenset("곰소양닭뱀범쥐개")
"""Animals of one syllable: only as words of their own, and not after 이 or 저."""
_LONG = "|".join(sorted((word for word in _ANIMALS.split() if word not in _ALONE), key=len, reverse=True))
_SHORT = "".join(sorted(_ALONE))
_NAMED = f"(?:(?:{_LONG})|(?<![가-힣])[{_SHORT}])"
_PARTICLE = "(?:들)?(?:은|는|이|가|을|를|의|도|와|과|랑|한테|에게|한테서|에게서|에서|마다|처럼)?"

# What is read right before the word, in the whole sentence, and right after the word.
_YOUNG_BEFORE = cues(
    (rf"(?:{_NAMED})의? ?$", 3),
    (
        (
            r"(?:^|[^가-힣])(?:이|저|그|요|야|쌍|놈의|미친|이런|저런|그런|어떤|무슨|더러운|나쁜|못된|썩을|"
            r"같은|라는) ?$"
        ),
        -4,
    ),
    (r"(?:어미가|어미에게|알에서|둥지에서|굴에서|품에) [가-힣]+ $", 2),
)
# A clause right before it (담배 피우는 새끼) says it of a person, but for the clauses that are said of the young.
_CLAUSE_RE = re.compile(r"([가-힣]*[는은던운한린간준찬난튼온른진])\ $")
_OF_YOUNG = (
    *("나온", "깨어난", "깬", "태어난", "자란", "어린", "작은", "죽은", "다친", "버려진", "귀여운", "잃은", "배고픈"),
    *("갓난", "남은", "눈도 못 뜬"),
)
_SUBJECT_RE = re.compile(rf"(?:{_NAMED}){_PARTICLE} $")
_CLAUSE = -2
_YOUNG_AFTER = cues(
    (rf" ?(?:{_NAMED}){_PARTICLE}(?![가-힣])", 5),
    (
        (
            r"(?:를|들을|들|를 한꺼번에|를 많이|를 또|를 못)? ?(?:낳|품[은고어는었]|꼬[는아았기고던]|"
            r"배[고었서]|밴|뱄|쳐서|쳤|치는|부화|핥|분양|입양|돌보|기르|젖|먹이[고는려를며])"
        ),
        3,
    ),
    (r"(?:들)?(?:가|이|은|는|를|을)? ?(?:태어|부화|어미|젖을|알을|둥지)", 3),
    (r" ?(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열[가-힣]{0,2}|여러|몇|\d+) ?마리", 3),
    (r" (?:가지|촉|구|포기|화분|줄기|뿌리|감자|잎|구근|손가락|발가락|줄)(?![가-힣]{3})", 4),
    (r" (?:잃은|밴|키우는|돌보는|업은|품은|안은|낳은|거느린|[가-힣]+ 어미)", 4),
    (r"(?:친|쳐|쳤|치[기고는]|집|주머니|틀|줄|시계|벌레|꼴뚜기)(?![가-힣]{3})", 4),
    (r"(?:를|은|는) [가-힣]{2,5}(?:이?라고?) ?(?:한다|하는|부르|불|해|합니다|하지|함)", 3),
    (
        r"(?:미역|다시마|톳|굴|배추|상추|무|파|마늘|호박|오이|가지|옥수수|감자|고구마|당근|버섯|대나무|소나무)(?![가-힣]{3})",
        5,
    ),
    (r"리(?![가-힣])", 5),
    (r"(?:들)?(?:를|을|에게|와|과)(?![가-힣])", 1),
    (
        (
            r"(?:들아|아|야|냐|임|네|지|라[고니]|인[가데지]|놈|ㅋ|ㅎ|ㅗ|들 ?[ㄱ-ㅎ])|(?:들)? ?(?:진짜|누구|"
            r"뭐|왜)|(?:들)?[ .!?~]*$"
        ),
        -2,
    ),
)
_YOUNG_NEAR = cues(
    (rf"(?:{_NAMED}){_PARTICLE}(?![가-힣])", 2),
    (
        (
            r"어미[가는의도 ]|사육사|수의사|부화|둥지|포유류|번식|산란|방류|서식|분양|입양|새끼를 낳|임신한|"
            r"출산한|가마니|볏짚|짚으로|멍석|짚신|다육이|난초|알에서"
        ),
        2,
    ),
    (r"개집|닭장|외양간|마구간|새장|축사|우리 안", 2),
    (r"젖[을이]|먹이[를는가려]|주머니|동물|농장|무리|보호소|사냥|어항|축사|우리 집", 1),
    (
        (
            r"사람|인간|놈|사장|부장|팀장|선배|친구|너[는도를가 ]|니가|네가|ㅅㅂ|시발|씨발|존나|꺼져|닥쳐|"
            r"죽여|뒤져|학대|괴롭|벌받"
        ),
        -2,
    ),
)

_ERAS = "[갑을병정무기경신임계][자축인묘진사오미신유술해]"
_YEAR_AFTER = re.compile(r" ?년(?!(?:들|아|놈|새|ㅋ|ㅎ|아들|진짜|존))")
_YEAR_BORN = re.compile(r" ?년(?:생|도|경|조|월|의 해)|\([\d丙]")
_YEAR_NEAR = re.compile(
    rf"\d{{3,4}} ?년|간지|육십|갑자|60년|(?!병신){_ERAS}(?:년|환국|사화|양란|왜란|정변)|띠|임금|왕|"
    rf"실록|조선|고려|신라|연도"
    r"|족보|조부|나셨|즉위|승하|간행|삼월|초닷새|동짓달|섣달|새해|세기|"
    r"태어난|올해|내년|작년|재작년|지난해|다음 해|[가-힣] 해[는가였이]|음력|달력|책력|사주|만세력|丙申"
)
_YEAR_NOT = re.compile(r"(?:^|[^가-힣])(?:이|저|그|야|이런|저런|미친|씨발|시발|ㅅㅂ|개|니|너|이런|어떤) ?$")

_ILL_NOUN = re.compile(
    r"(?:을|은|의|에|과|이라[는고]|으로)(?! ?(?:떨|떤|하[네는고]|한다|해|쳐|지랄|싸|무슨|개뿔|얼어|ㅋ))"
)
_ILL_AFTER = re.compile(r"(?![하할했떨]| [하할했떨]|을 떨|이[네야지]|[ㅋㅎ]|$)")
_ILL_NEAR = re.compile(
    r"장티푸스|옛|조선|고려|약재|약초|의원|역병|돌림병|전염|이라[고는] (?:부|불|했|하)|환자|백성|"
    r"마을|흉년|기근|의학|열병|앓|창궐|퍼[지졌져]|유행|역사|처방|세기|민간"
)


def _young(occurrence: Occurrence, before: str, after: str) -> bool:
    surface = occurrence.surface
    points = sum(points for cue, points in _YOUNG_BEFORE if cue.search(before))
    clause = _CLAUSE_RE.search(before)
    if clause and not clause.group(1).endswith(_OF_YOUNG) and not _SUBJECT_RE.search(before):
        points += _CLAUSE
    points += sum(points for cue, points in _YOUNG_AFTER if cue.match(after))
    points += sum(points for cue, points in _YOUNG_NEAR if cue.search(before) or cue.search(after))
    return points >= (ENOUGH if surface in ("새끼", "새끼들") or " " in surface else FUSED)


def _year(occurrence: Occurrence, before: str, after: str) -> bool:
    if _YEAR_NOT.search(before):
        return False
    if not _YEAR_AFTER.match(after):
        return SIXTY.meant(before, after)
    return any(cue.search(part) for cue in (_YEAR_NEAR,) for part in (before, after)) or bool(_YEAR_BORN.match(after))


def _raving(occurrence: Occurrence, before: str, after: str) -> bool:
    if occurrence.surface.endswith("지랄"):
        return FIT.meant(before, after)
    if _ILL_NOUN.match(after):
        return True
    return bool(_ILL_AFTER.match(after)) and bool(_ILL_NEAR.search(before) or _ILL_NEAR.search(after))


Sense = Callable[[Occurrence, str, str], bool]


def _homonym(word: Homonym) -> Sense:
    return lambda _, before, after: word.meant(before, after)


_SENSES: dict[str, tuple[tuple[str, ...], Sense]] = {
    "young": (("새끼",), _young),
    "year": (("병신",), _year),
    "raving": (("염병", "지랄"), _raving),
    "departure": (("시발",), _homonym(DEPARTURE)),
    "quarter": (("한남",), _homonym(QUARTER)),
    "pecking": (("쪼다",), _homonym(PECKING)),
    "toffee": (("엿 먹으라", "엿 같은", "엿 먹어라", "엿이나 먹어", "엿같은"), _homonym(TOFFEE)),
    "barking": (("개소리",), _homonym(BARKING)),
    "child": (("개 자식",), _homonym(CHILD)),
    "going_out": (("꺼져", "꺼져버려", "꺼지라고"), _homonym(GOING_OUT)),
}
"""Each sense with how a term must end to have it, and what tells it."""


# A number of two digits or more, or one with a space before it, makes 년 a year (허접한 90년); 18 is read as a curse.
_COUNTED_YEARS_RE = re.compile(r"[^0-9]+(?:(?!18)[0-9]{2,4}| (?!18)[0-9]{1,4}) ?년")
_YEARLY_RE = re.compile("도별|도 (?:통계|예산|계획|결산|별)|간(?:[ 의에]|$)|수[ 가를]|산 ")
_FOLLOWING = 8


def _sentence(occurrence: Occurrence) -> tuple[str, str]:
    """Return the readable rest of the sentence on either side."""
    text = occurrence.view.text
    before = readable(text[max(0, occurrence.start - SENTENCE) : occurrence.start])
    after = readable(text[occurrence.end : occurrence.end + SENTENCE])
    return _BREAKS_RE.split(before)[-1], _BREAKS_RE.split(after)[0]


def innocent_sense(occurrence: Occurrence) -> str | None:
    """Return the innocent sense in which a plainly written term stands in its sentence, or None."""
    pattern = occurrence.pattern
    if letters_named(occurrence):
        return "letters"
    if pattern.term.kind == "initials":
        return None
    if pattern.latin or pattern.how is How.ROMANISED:
        before, after = _sentence(occurrence)
        return "code" if placed_code(occurrence, before, after) else latin_sense(occurrence, before, after)
    following = readable(occurrence.view.text[occurrence.end : occurrence.end + _FOLLOWING])
    if _COUNTED_YEARS_RE.match(occurrence.surface) or (
        occurrence.surface.endswith("년") and _YEARLY_RE.match(following)
    ):
        return "years"
    if is_called(occurrence.surface, occurrence.left, following):
        return "name"
    sense = pattern.term.sense
    if not sense or pattern.how is not How.EXACT or occurrence.inserted or occurrence.shaped:
        return None
    words, told = _SENSES[sense]
    surface = occurrence.surface
    if not surface.endswith(words) or len(surface) > len(pattern.surface) + 1:
        return None
    return sense if told(occurrence, *_sentence(occurrence)) else None
