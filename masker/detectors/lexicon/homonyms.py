"""Innocent words that are written as a term is, told by the points that their sentence gives them.

The place where a train begins (始發), a quarter of Seoul, a bird that pecks, toffee for an examination, the child of a
node: each has its cues right before, right after and anywhere in the sentence, with the points each adds or takes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Cue = tuple[re.Pattern[str], int]


def cues(*rows: tuple[str, int]) -> tuple[Cue, ...]:
    """Return the cues of a table of patterns and points."""
    return tuple((re.compile(pattern), points) for pattern, points in rows)


@dataclass(frozen=True, slots=True)
class Homonym:
    """Hold the cues of one innocent word: what ends before it, begins after it, stands near; `enough` points excuse."""

    enough: int
    before: tuple[Cue, ...] = ()
    after: tuple[Cue, ...] = ()
    near: tuple[Cue, ...] = ()

    def meant(self, before: str, after: str) -> bool:
        """Tell whether the rest of the sentence, on either side, says that the innocent word is meant."""
        points = sum(points for cue, points in self.before if cue.search(before))
        points += sum(points for cue, points in self.after if cue.match(after))
        points += sum(points for cue, points in self.near if cue.search(before) or cue.search(after))
        return points >= self.enough


_CITIES = (
    "서울|부산|대전|대구|광주|인천|울산|세종|용산|수서|청량리|강릉|목포|여수|포항|전주|천안|수원|마산|진주|춘천|"
    "경주|익산|오송|평택|의정부|행신|동해|안동|제천|김포|제주"
)
_TRAIN = "열차|전동차|전철|급행|완행|무궁화호?|새마을호?|통근|KTX|SRT|ITX|고속철|시외버스|고속버스|첫차|막차|리무진"
_ANGRY = r"존나|진짜|ㅋㅋ|ㅠ|왜|짜증|개[같새]|새끼|놓[쳤쳐]|늦|안 와|미친|뭐|또 |ㅡㅡ|이게|아니"

_BEFORE_TRAINS = (
    r"(?:[가-힣]{2,}(?<!오늘)(?<!어제)(?<!지금)(?<!내일)(?<!아니)(?<!무슨)|(?:^|[^가-힣])(?:첫|이 역|당역|본 역)) $"
)
DEPARTURE = Homonym(
    enough=8,
    before=cues(
        (rf"(?:(?:{_CITIES})(?:역|발|행)?|[가-힣]+(?:역|터미널|공항|선)|기점) $", 4),
        (r"의 $", 4),
        (r"[가-힣]에서 $", 4),
        (_BEFORE_TRAINS, 2),
        (r"(?:자동차|승용차|택시|지프차?) $", 3),
    ),
    after=cues(
        (r"·종착", 8),
        (r"(?:하는|하여|하며|한|할) (?:[가-힣]{1,4}선|[가-힣]+행)(?![가-힣])", 6),
        (r"하[는여며고] ", 2),
        (r" [가-힣]{1,4}선(?![가-힣])", 6),
        (r"을 (?:따지|찾|거슬러|알리)", 2),
        (rf" (?:{_TRAIN}|시각|시간표|정거장|정류[장소])", 6),
        (r"(?:점|역|지)?(?:은|이었|이다|이며|이자|으로|이라|이란|이고|입니다)(?!고)", 2),
        (r"(?:이|으로) (?:되[어었는고며]|돼|됐|된|삼)", 8),
        (r" ?(?:자동차|택시|차)(?![가-힣]{2,} ?(?:존|왜|ㅋ))", 4),
    ),
    near=cues(
        (r"종착|종점|기점|배차 간격|시간표|운행|시종착", 2),
        (r"출발|예매|환승|정차|승강장|노선|\d시|시에", 1),
        (r"19\d\d|국산|최초|박물관|전시|국제차량|광복|전쟁|지프|드럼통|시초|역사|만든|제작|생산|조립|복원", 4),
        (_ANGRY, -3),
    ),
)
"""始發: where a line begins, what a quarrel springs from, and the name of Korea's first car."""

_QUARTERS = (
    "서울|용산구?|이태원|옥수|강남|반포|압구정|성수|신사|금호|약수|버티고개|보광|동빙고|서빙고|성동구?|중구|대전|"
    "유엔빌리지|남산|명동|충무로|청담|잠원|응봉"
)
_BUILDINGS = (
    "병원|의원|약국|교회|성당|사찰|학교|대학|캠퍼스|센터|아파트|하이츠|파크|타워|빌딩|스퀘어|오피스텔|빌라|주택|단지|힐스?|"
    "카페|식당|맛집|빵집|파스타집|고깃집|국밥집|술집|밥집|꽃집|라멘|시장|공원|주차장|도서관|갤러리|미술관|박물관|체육관|"
    "극장|호텔|서점|편집숍|편집샵|대교|나들목|정맥|동상|충렬사|충무로|거리|사거리|골목|언덕길?|정류장|버스|노선|유수지|테니스장|"
    "수영장|고가|소재|일대|부근|인근|근처|출구|지하차도|투어|웨딩홀?|스튜디오|쇼룸|매장|지점|본점|팝업|와인바|공방|전시|"
    "부동산|재개발|재건축|뉴타운|구역|정비구역|정비촉진구역|분양"
)
_SHOPS = "(?:나인원|블루스퀘어|현대카드|올리브영|리움|스타벅스|맥심플랜트|디뮤지엄|더|리움 보고) $"
_OF_PLACES = (
    "용산|이태원|옥수|순천향|강남|반포|압구정|신사동|금호|약수|버티고개|정류장|버스|지하철|경의중앙|환승|정차|노선|"
    "재개발|재건축|분양|전세|월세|구역|다리|산행|종주|답사|코스|예약|도로|정체|대학|선다|내려|갈아타"
)
_OF_MEN = (
    "여자|남자|페미|한녀|군대|찌질|냄새|역겹|혐오|극혐|특징|못생|재기|좆|소추|유충|종특|평균|전형|새끼|놈|답없|"
    "감성|키 작|꼴|ㅋㅋ|죽어|패는|역시"
)
QUARTER = Homonym(
    enough=6,
    before=cues((rf"(?:{_QUARTERS})(?:동|역)?(?:,|와|과|하고)? $", 4), (r"[가-힣]{2,}[구동역] $", 3), (_SHOPS, 6)),
    after=cues(
        (rf"(?: 더)? ?(?:제?\d+ ?)?(?:[가-힣A-Za-z0-9]{{0,8}}?)(?:{_BUILDINGS})(?![가-힣]{{3}})", 6),
        (r"(?: 더)?(?: [가-힣]{2,4})? (?:부동산|아파트|병원|도서관|동상|주민센터|정류장|대학교|캠퍼스|재개발)", 6),
        (rf"(?:,|와|과)? (?:{_QUARTERS})(?:동|역)?(?:[ ,]|에|으로|까지|$)", 4),
        (r" 사이(?![가-힣]{2})", 3),
        (r"으로 (?:출발|이사|넘어|와|갈)", 6),
        (r"(?: ?(?:들|충(?![렬무주전정청])|새끼|놈|년|새[기퀴]|ㅅㄲ)|이[고네냐다야지]|임|스러|같|의? ?특|답)", -9),
    ),
    near=cues(
        (_OF_PLACES, 2),
        (_OF_MEN, -6),
    ),
)
"""Hannam: a quarter of Seoul, a university, and a range of hills."""

_OFF = (
    "불|빛|전원|화면|폰|컴|컴퓨터|모니터|서버|게임|앱|조명|램프|촛불|보일러|난방|에어컨|선풍기|시동|엔진|배터리|이어폰|블루투스|와이파이|신호|"
    r"카메라|스피커|마이크|노트북|티비|TV|RGB|LED|알람|알림|센서|가스|거품|땅|배|볼|쿠션|매트리스|소파|침대|얼음|구멍"
)
GOING_OUT = Homonym(
    enough=2,
    before=cues(
        (r"(?:^|[^가-힣])(?![네내니]가 )(?!너희가 )[^ ]+[이가은는도만] (?:[가-힣]{1,3} )?$", 1),
        (r"(?:놈|년|새끼|니|네|너희|것들|애들|넌|너|너는|넌 좀|니들)[이가은는도]? (?:[가-힣]{1,3} )?$", -4),
        (r"(?:^|[^가-힣])(?:야|너|넌|걍) ", -4),
    ),
    after=cues((r"(?:서|고|도|요|있|버렸|버려서|가지고|갖고)(?![가-힣]?새)", 1)),
    near=cues((rf"(?:^|[^가-힣])(?:{_OFF})(?:이|가|은|는|도|만)? ", 1), (r"ㅋㅋ|새끼|놈|ㅅㅂ|시발", -2)),
)
"""꺼지다: lights and machines go out, floors sink."""

BARKING = Homonym(
    enough=2,
    before=cues((r"(?:짖는|옆집|윗집|앞집|아랫집) $", 2), (r"(?:무슨|뭔|그런|이런|웬|별) $", -4)),
    after=cues(
        (
            r"(?:가|를|에|도)? ?(?:시끄|들[려리어]|듣[고다]|잠|깨|컨셉|효과음|때문에 민원|장난감|크게|나서|녹음)",
            2,
        )
    ),
    near=cues(
        (r"짖|층간|강아지|멍멍|이웃집|밤마다|새벽|산책|반려견|옆집", 2),
        (r"하지|하고|하네|작작|집어치|ㅋㅋ|마라|지껄|싸고|짓거|싫", -3),
    ),
)
"""개소리: the barking of a dog."""

PECKING = Homonym(
    enough=2,
    before=cues((r"[을를] $", 2), (r"(?:부리|정|망치|끌)(?:으로|로) ?$", 2)),
    near=cues(
        (r"병아리|딱따구리|부리|모이|석공|비석|참새|닭|까마귀|비둘기|앵무새|화석", 2),
        (r"이 $|저 $|새끼|ㅋㅋ|같은", -1),
    ),
)
"""쪼다: to peck, to chisel."""

TOFFEE = Homonym(
    enough=2,
    near=cues(
        (r"수능|수험|시험|합격|붙으|붙[는어]|고3|재수생|면접|찰떡|선물|할머니|할아버지|나눠|나누어|상자|봉지", 2),
        (r"호박|울릉도|가락|사탕|토피|캐러멜|카라멜|간식|전통|찹쌀|엿장수|깨엿|설탕|조청|식감|질감|달콤", 2),
        (r"존나|새끼|ㅅㅂ|시발|꺼져|놈|년|ㅗ", -2),
    ),
)
"""엿: the toffee that one gives before an examination."""

CHILD = Homonym(
    enough=2,
    before=cues((r"(?:여러|몇|[두세네]|다섯|여섯|\d+) ?$", 2)),
    near=cues(
        (
            r"노드|트리|클래스|요소|프로세스|컴포넌트|테이블|상속|객체|루트|엘리먼트|스레드|디렉터리|도메인|레코드|태그|행을|위젯|브랜치",
            2,
        ),
    ),
)
"""자식: the child of a node, a class or a process, after the counter 개."""

FIT = Homonym(
    enough=2,
    before=cues((r"(?<!개)(?<!ㅈ)(?<!생)[가-힣]$", 1), (r"(?:^|[^가-힣])(?:개|쌩|생|왕|핵|뭔|웬|별|존나)$", -2)),
    after=cues((r" ?(?:것도|것까지|것은|게 |건 |거 |데가|만한|수 있|수는|까[ ,.?!]|까$)", 1)),
)
"""-지랄: the copula after a noun in 지 (편지랄 것도 없다)."""

_STEMS, _BRANCHES = "갑을병정무기경신임계", "자축인묘진사오미신유술해"
_SAID_OTHERWISE = frozenset(
    ("임신", "기사", "신사", "정해", "무술", "정사", "기미", "경신", "무신", "경인", "병신", "무인")
)
"""Years that are everyday words as well (임신, pregnancy): no cue."""
_CYCLE = "|".join(
    name
    for at in range(60)
    if (name := _STEMS[at % len(_STEMS)] + _BRANCHES[at % len(_BRANCHES)]) not in _SAID_OTHERWISE
)
SIXTY = Homonym(
    enough=2,
    before=cues(
        (r"(?:^|[^가-힣])(?:이|저|그|야|이런|저런|미친|씨발|시발|ㅅㅂ|니|너|넌|어떤|완전|진짜|존나|저런|그런) ?$", -4),
    ),
    after=cues(
        (r"(?:들|아[ ,!.?]?|야|새끼|놈|년[들아놈]| ?새끼|같|ㅋ|ㅎ|인[가데줄]|이[냐야네]|짓|임| 같)", -4),
        (r"\(丙", 6),
        (r"(?:처분|사화|옥사|환국|일주|합이|합은|생 |년생|보는|보라|일에|월에|월 |시에)", 2),
    ),
    near=cues(
        (rf"(?:^|[^가-힣])(?:{_CYCLE})(?:[년월일시해]|[ ,은는이의과와을도]|$)", 2),
        (r"간지(?![나러])|육십|천간|사주|명리|일주|오행|팔자|만세력|책력|족보|숙종|실록|정유", 2),
    ),
)
"""丙申: the thirty-third of the sixty names of years, months and days."""
