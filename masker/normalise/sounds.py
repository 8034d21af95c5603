"""Readings: what letters of other scripts and digits sound like in Korean (si발, 시bal, c8, 10새끼, シバル, 始發).

Latin follows the ways people romanise Korean (Revised, McCune-Reischauer and by ear); Kana are read by their Unicode
names; of Hanja only those are known that Korean curses can be spelt with.
"""

from __future__ import annotations

import re
import unicodedata

from masker.normalise.characters import latin_letter
from masker.normalise.fold import MAX_KEPT, Fold
from masker.normalise.jamo import LEADS, VOWELS, build_fold, join_syllable
from masker.normalise.rewrite import Rewriting


def _readings(pairs: str) -> dict[str, str]:
    """Return Latin letters with the Hangul letters that follow them."""
    return {re.sub("[ㄱ-ㅣ]", "", pair): re.sub("[a-z]", "", pair) for pair in pairs.split()}


_CONSONANTS = _readings(
    "kkㄲ ggㄲ ttㄸ ddㄸ ppㅃ bbㅃ ssㅆ sshㅆ shㅅ jjㅉ chㅊ tchㅉ ngㅇ ckㄱ phㅍ"
    " bㅂ cㅊ dㄷ fㅍ gㄱ hㅎ jㅈ kㅋ lㄹ llㄹ mㅁ nㄴ pㅍ qㅋ rㄹ sㅅ tㅌ vㅂ zㅈ"
)
_VOWELS = _readings(
    "aㅏ aeㅐ yaㅑ yaeㅒ eoㅓ eㅔ yeoㅕ yuhㅕ yeㅖ oㅗ waㅘ waeㅙ oeㅚ yoㅛ uㅜ ooㅜ"
    " woㅝ weoㅝ weㅞ wiㅟ yuㅠ yooㅠ euㅡ uiㅢ iㅣ eeㅣ yㅣ yungㅕㅇ youngㅕㅇ nyunㄴㅕㄴ nyonㄴㅕㄴ"
)
# A stop is heard as ㅅ before another consonant (jotgat).
_STOPS = {"tg": "ㅅㄱ", "tk": "ㅅㄱ", "tkk": "ㅅㄲ", "t같": "ㅅ같", "t까": "ㅅ까"}
_LEET = {
    consonant + digit: reading + vowel
    for consonant, reading in _CONSONANTS.items()
    if len(consonant) == 1
    for digit, vowel in zip("1430", "ㅣㅏㅔㅗ", strict=True)
}
# Digits and single letters read aloud; `c` is 씨 only before what makes it a curse.
_ALOUD = {
    "18": "십팔",
    "8": "팔",
    "10새": "십새",
    "10쌔": "십쌔",
    "10색": "십색",
    "10알": "십알",
    "c8": "씨팔",
    "c발": "씨발",
    "c팔": "씨팔",
    "c빨": "씨빨",
    "c벌": "씨벌",
    "ㅈot": "좆",
    **{
        head + gap + tail: "좆" + gap + tail
        for head in ("jot", "zot")
        for gap in ("", " ")
        for tail in "같됐됬되된될망밥까"
    },
}

_ROMAJI = dict(zip("KGSZTDNHBPMRJF", "ㅋㄱㅅㅈㄷㄷㄴㅎㅂㅍㅁㄹㅈㅎ", strict=True))
_ROMAJI_VOWELS = {"A": "ㅏ", "I": "ㅣ", "U": "ㅜ", "E": "ㅔ", "O": "ㅗ", "YA": "ㅑ", "YU": "ㅠ", "YO": "ㅛ", "WA": "ㅘ"}
_HANJA = (
    "시始視詩市時示施是屍侍試矢死 씨氏 십十拾 발發髮拔鉢勃発 팔八 병病兵甁丙竝 신身神新信辛臣 개開改介個蓋犬"
    " 새塞賽 지地知支紙智至之 랄辣剌 존存尊 나那奈 미美米未迷 친親 년年 족足族 창娼 녀女 보寶步"
    " 남男 충蟲虫 한韓 애哀 자子者"
)


def kana_reading(char: str) -> str:
    """Return the Korean syllable or letter that a Kana is read as, from its Unicode name, or ""."""
    name = unicodedata.name(char, "")
    for script in ("HALFWIDTH KATAKANA LETTER ", "KATAKANA LETTER ", "HIRAGANA LETTER "):
        if name.startswith(script):
            sound = name.removeprefix(script)
            break
    else:
        return ""
    if sound in ("N", "RU"):
        return {"N": "ㄴ", "RU": "ㄹ"}[sound]
    if sound.startswith("SMALL "):
        return ""
    if sound in _ROMAJI_VOWELS:
        return join_syllable("ㅇ", _ROMAJI_VOWELS[sound])
    lead, vowel = _ROMAJI.get(sound[:1]), _ROMAJI_VOWELS.get(sound[1:])
    return join_syllable(lead, vowel) if lead and vowel else ""


_KANA = [chr(code) for code in (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB), *range(0xFF66, 0xFF9E))]
_READINGS = {kana: reading for kana in _KANA if (reading := kana_reading(kana))}
_READINGS.update({hanja: group[0] for group in _HANJA.split() for hanja in group[1:]})
_VOICED = {
    kana + mark: _READINGS[voiced]
    for kana in _KANA
    for mark in "\uff9e\u3099"
    if (voiced := unicodedata.normalize("NFKC", kana + mark)) in _READINGS
}
# Conjoining letters: laughter and tears that stand in the text itself are gaps, what is read aloud is not.
_CONJOINING = {
    **{letter: chr(0x1100 + at) for at, letter in enumerate(LEADS)},
    **{letter: chr(0x1161 + at) for at, letter in enumerate(VOWELS)},
    "ㅇ": "\u11bc",
}
_LETTERS = {
    latin: "".join(_CONJOINING.get(letter, letter) for letter in reading)
    for latin, reading in {**_CONSONANTS, **_VOWELS, **_STOPS, **_LEET}.items()
}
_AS_READ = Rewriting({**_LETTERS, **_ALOUD, **_READINGS, **_VOICED})


class _Lowered(dict[int, str]):
    """Map a letter in any guise to its plain lower-case Latin letter, everything else to itself: equal lengths."""

    def __missing__(self, asked: int) -> str:
        code_point = asked - 0xFEE0 if 0xFF10 <= asked <= 0xFF19 else asked  # a full-width digit
        code_point = asked - 0x242F if 0x2460 <= asked <= 0x2468 else code_point  # a circled one
        letter = "" if code_point < 0x80 else latin_letter(code_point)
        char = letter if len(letter) == 1 and letter.isalpha() else chr(code_point).lower()
        char = char if len(char) == 1 else chr(code_point)
        if len(self) >= MAX_KEPT:
            self.clear()
        self[asked] = char
        return char


_LOWERED = _Lowered()
# A stop that no vowel follows closes its syllable, and is then neither aspirated nor tense (dak, ssip).
_CLOSED = {"k": "g", "p": "b"}
_CLOSED_RE = re.compile("k(?![aeiouwyhk1430])|p(?![aeiouwyhp1430])")


# Signs that are letters between letters (s!bal, sib@l, $ibal).
_SIGNS = {"!": "i", "|": "i", "@": "a", "$": "s"}
_SIGN_RE = re.compile(r"(?<=[A-Za-z])[!|@](?=[A-Za-z])|\$(?=[A-Za-z]{2})")


def as_sounded(text: str) -> str:
    """Return the text with other scripts written as the Korean letters that they sound like, as long as before."""
    text = _SIGN_RE.sub(lambda sign: _SIGNS[sign[0]], text)
    return _AS_READ(_CLOSED_RE.sub(lambda stop: _CLOSED[stop[0]], text.translate(_LOWERED)))


_STYLED = "\u0370-\u052f\u249c-\u24e9\u0250-\u02af\u1d00-\u1d2b\ua730\ua731\U0001d400-\U0001d6a3\U0001f130-\U0001f189"
"""Latin letters in other guises: letters of other scripts of the same shape, circled, turned, mathematical, squared."""
FOREIGN_RE = re.compile(f"[A-Za-z18\uff11\u2460-\u2473\u3041-\u30fa\u4e00-\u9fff\uff21-\uff9d{_STYLED}]")
"""Whether any letter of another script, or digit that is read aloud, stands in a text at all."""
_FOREIGN = f"A-Za-z8\u3041-\u30fa\uff66-\uff9d\u4e00-\u9fff\uff21-\uff5a{_STYLED}"
SOUNDED_RE = re.compile(
    rf"[{_FOREIGN}][\u0300-\u036f\u200b-\u200d]?[ㄱ-ㅣ가-힣]|[ㄱ-ㅣ가-힣][{_FOREIGN}]|10[새알]|[A-Za-z\uff21-\uff5a\u24d0-\u24e9][8\uff18\u2467]"
    r"|\uff11\uff18|[A-Za-z][!|@][A-Za-z]{2}|[A-Za-z]{2}[!|@][A-Za-z]|\$[A-Za-z]{3}"
    rf"|(?:[A-Za-z0134\uff21-\uff5a{_STYLED}][ .,_*~-]?){{4}}"
    "|[\u3041-\u30fa\uff66-\uff9f]{2}|[\u4e00-\u9fff]{2}"
)
"""Whether anything may be read aloud as Korean: letters of other scripts beside Hangul, or a word of their own."""

# Where each letter lies on the standard two-set Korean keyboard (KS X 5002).
KEYS = dict(
    zip(
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
        "qwertyuiopasdfghjklzxcvbnmQWERTOP",
        strict=True,
    )
)
_WIDE = {
    **{ord(key): key for key in KEYS.values()},
    **{ord(key.upper()): key for key in KEYS.values() if key.islower()},
}


class TypedFold(Fold):
    """Read Latin letters, in any guise, as the Hangul letters on the same keys, and Hangul as it is (시qkf, tl발)."""

    def __init__(self) -> None:
        hangul = build_fold()
        super().__init__({code: units for code, units in hangul.items() if code > 0xFF})
        self._unit_of = {key: hangul[ord(letter)] or letter for letter, key in KEYS.items()}

    def __missing__(self, code_point: int) -> str:
        char = chr(code_point)
        key = char if char in self._unit_of else latin_letter(code_point)
        units = self._unit_of.get(key, "")
        if len(self) >= MAX_KEPT:
            self.clear()
        self[code_point] = units
        return units


TYPED_FOLD = TypedFold()
_CAPITALS_RE = re.compile("(?<![A-Za-z])[A-Z]{4,}(?![A-Za-z])")
_STROKE_RE = re.compile("(?<=[A-Za-z])1(?=[A-Za-z])")


def as_typed(text: str) -> str:
    """Return the text with a 1 between Latin letters as an l (t1qkf), and words all in capitals without them."""
    text = _CAPITALS_RE.sub(lambda word: word[0].lower(), text)
    return _STROKE_RE.sub("l", text)


_TYPED = "A-Za-z\uff21-\uff5a\U0001d400-\U0001d6a3"
TYPED_RE = re.compile(
    f"(?:[{_TYPED}][ .,_*~-]?){{4}}|[{_TYPED}]1[{_TYPED}]{{2}}|[가-힣ㄱ-ㅣ][{_TYPED}]{{2}}|[{_TYPED}]{{2}}[가-힣ㄱ-ㅣ]"
)
