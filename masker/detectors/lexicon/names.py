"""Names of people and places that are spelt as a curse is: Jonna, Sibari, Fukui, Kapil Sibal; 염병호 and 엄창섭."""

from __future__ import annotations

import re

_WHO = "(?:친구|사람|이름|도시|섬|마을|가수|배우|감독|선수|작가|브랜드|작곡가|화가|항구|호텔|출신)"
_BEFORE_RE = re.compile(
    r"(?:[A-Z][a-zà-ÿ]+ |(?:가수|배우|감독|선수|작가|친구|도시|섬|마을|브랜드|모델|교수|박사|이름은|이름이) )$"
)
_AFTER_RE = re.compile(
    r"[a-z]{0,4}(?:(?:[ -][A-Z][a-zà-ÿ]+|,? [A-Z]\.)|'s\b|-(?:dong|ro|gu|si|daero|gil)\b|"
    rf" ?(?:이?라는 [가-힣 ]{{0,12}}{_WHO}|씨|님|선수|감독|교수|박사|공항|호텔|여행|해변|섬|도시|출신|"
    rf"[은는] [가-힣 ]{{0,14}}{_WHO}))"
)
_TITLED_BEFORE_RE = re.compile(r"\b(?:(?:Mr|Mrs|Ms|Dr|Prof)\.?|Sir|Lady|Senator|Minister|Captain) $")
_FORENAME_RE = re.compile(
    r"(?:^|[ ,(])(?!(?:Oh|Ah|Hey|Ya|Yah|Omg|Wow|What|Wtf|Fuck|Shit|Damn|Bro|Man|You|Ok|Lol|The|This|But|And|So)\b)"
    r"[A-Z][a-z]{2,} $"
)
_VERB_RE = re.compile(r" (?:is|was|won|has|had|made|will|and|from|said|says|scored|lives|plays|[a-z]{2,}ed)\b")
_RUNNING_RE = re.compile(r"[a-z,] $")
_HANGUL_RE = re.compile("[가-힣ㄱ-ㅣ]")
_TAIL_RE = re.compile("[A-Za-zà-ÿ]*")
_TITLE_RE = re.compile(r"[A-Z][a-z]+(?:-[a-z]+)?")
_MAIN = frozenset(
    (
        "sibal",
        "ssibal",
        "shibal",
        "gaesaekki",
        "saekki",
        "saeki",
        "byeongsin",
        "byungsin",
        "byungshin",
        "jiral",
        "michin",
    )
)
"""Romanisations that are the curse itself, unless somebody is plainly called so."""
_WORDS = frozenset(
    (
        *(
            "chiral",
            "chirality",
            "safari",
            "safaris",
            "genome",
            "genomes",
            "genomic",
            "genomics",
            "genum",
            "denom",
            "denoms",
        ),
        *(
            "emissive",
            "subarray",
            "subarrays",
            "subarr",
            "subarea",
            "subareas",
            "subval",
            "shivam",
            "doraise",
            "holonomic",
        ),
        *("holonomy", "jonny", "jonnie", "johnny", "johnnie", "joanna", "joanne", "senzing", "sivar", "jazzy", "picks"),
        *(
            "shibari",
            "janna",
            "garbo",
            "sival",
            "shittim",
            "bastarda",
            "nfts",
            "stuf",
            "sults",
            "goodie",
            "goodies",
            "shiite",
            "shiites",
            "savior",
            "saviour",
        ),
    )
)
"""Words and names that a curse is spelt like, read aloud in Korean, turned about or drawn out.

Found by reading the words of English chat, of programs and of package names.
"""
_NAMES = frozenset(
    {
        "bich",
        "kunt",
        "coon",
        "dyke",
        "dago",
        "gook",
        "paki",
        "spic",
        "mong",
        "hebe",
        "abo",
        "thot",
        "kike",
        "squaw",
        "lesbos",
    }
)
"""English terms that are names as well."""
_PERSON_RE = re.compile(r"\b(?:this|that|these|an?|the|you|u|stupid|dumb|crazy|bad|broke|lil) $", re.IGNORECASE)
_SYLLABLES = frozenset({"fuk", "phuk", "bich"})
"""Respellings that begin names of Japan, Thailand, Vietnam and Assam: what may go on one that is a curse is TAILS."""
_TAILS = frozenset(
    (
        *(
            "",
            "in",
            "ing",
            "ings",
            "er",
            "ers",
            "ed",
            "es",
            "s",
            "y",
            "u",
            "you",
            "off",
            "ya",
            "it",
            "wit",
            "boi",
            "boy",
        ),
        *(
            "face",
            "tard",
            "head",
            "up",
            "me",
            "yeah",
            "all",
            "this",
            "that",
            "kin",
            "n",
            "nin",
            "ass",
            "k",
            "c",
            "ker",
            "king",
        ),
    )
)


def is_name(surface: str, before: str, after: str, *, latin: bool) -> bool:
    """Tell whether a Latin spelling is a name in its sentence; `latin` says that the term itself is an English one."""
    lower, title = surface.lower(), _TITLE_RE.fullmatch(surface) is not None
    tail = _TAIL_RE.match(after)
    rest = tail.group() if tail else ""
    if lower + rest.lower() in _WORDS:
        return True
    if latin and lower in _SYLLABLES and rest.lower() not in _TAILS:
        return True
    if surface == "MF":  # a midfielder, a machine function
        return not _PERSON_RE.search(before)
    if not title:
        return False
    if not latin and lower in _MAIN:
        return bool(_TITLED_BEFORE_RE.search(before) or (_FORENAME_RE.search(before) and not _HANGUL_RE.search(after)))
    if latin and lower not in _NAMES:
        return False
    if _AFTER_RE.match(after) or _BEFORE_RE.search(before):
        return True
    abroad = not _HANGUL_RE.search(before + after)
    running = _RUNNING_RE.search(before) or (not before and _VERB_RE.match(after))
    return abroad and bool(running or (rest and not latin))


_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현함변염여추도소석"
    "선설마길연위표명기반왕금옥육인맹제모탁국어은편용예경봉사부가복태목형피두감음빈동온호범좌팽승간상시갈"
)
_CALLED = (
    "선수|과장|부장|팀장|대리|차장|사원|주임|실장|본부장|이사|상무|전무|대표|사장|회장|교수|박사|선생|감독|코치|작가|기자|의원|장관|"
    "총장|원장|소장|교장|배우|가수|화백|시인|변호사|판사|검사|의사|약사|목사|신부|스님|군|양|씨|님|형|누나|언니|오빠|쌤|옹"
)
_CALLED_RE = re.compile(rf"([가-힣]) ?(?:{_CALLED})(?![가-힣]{{3}})")


def is_called(surface: str, left: str, after: str) -> bool:
    """Tell whether a word of two syllables and the next one are a surname and a name before a title (염병호 과장)."""
    if len(surface) != 2 or surface[0] not in _SURNAMES or "가" <= left <= "힣":
        return False
    called = _CALLED_RE.match(after)
    return called is not None and called.group(1) not in "아야은는이가을를의도만들놈년씨님"
