"""Respelling rules: the spellings that a Korean word is known to take, derived and never listed by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations, product

from masker.normalise.jamo import is_syllable, join_syllable, open_letter, open_syllable, split_syllable
from masker.normalise.sounds import KEYS

_TENSE = dict(zip("ㄱㄷㅂㅅㅈㄲㄸㅃㅆㅉ", "ㄲㄸㅃㅆㅉㄱㄷㅂㅅㅈ", strict=True))
_ASPIRATE = {"ㅂ": "ㅍ", "ㄱ": "ㅋ", "ㄷ": "ㅌ", "ㅈ": "ㅊ", "ㅃ": "ㅍ", "ㄲ": "ㅋ"}
_OPEN = {"ㅏ": "ㅓㅑ", "ㅓ": "ㅏ", "ㅗ": "ㅛ", "ㅛ": "ㅗ", "ㅕ": "ㅓ", "ㅐ": "ㅑ"}
_ROUND = {"ㅣ": "ㅟㅢ", "ㅐ": "ㅚㅞ", "ㅗ": "ㅜ", "ㅓ": "ㅝ", "ㅏ": "ㅘ"}
_NASAL = {"ㅇ": "ㄴ", "ㄴ": "ㅇ"}

RULES = ("tense", "aspirate", "open", "round", "nasal", "double")
MAX_SPELLINGS = 512
"""A form that would take more spellings than this is an error of the lexicon: it matches too much to be one word."""


def syllable_spellings(syllable: str, rules: frozenset[str]) -> list[str]:
    """Return one syllable's spellings under the rules, itself first."""
    lead, vowel, tail = split_syllable(syllable)
    leads, vowels, tails = [lead], [vowel], [tail]
    if "tense" in rules and lead in _TENSE:
        leads.append(_TENSE[lead])
    if "aspirate" in rules and lead in _ASPIRATE:
        leads.append(_ASPIRATE[lead])
    if "open" in rules:
        vowels.extend(_OPEN.get(vowel, ""))
    if "round" in rules:
        vowels.extend(_ROUND.get(vowel, ""))
    if "nasal" in rules:
        tails.extend(_NASAL.get(tail, ""))
    return [join_syllable(*letters) for letters in product(leads, vowels, tails)]


def spellings(form: str, rules: frozenset[str]) -> list[str]:
    """Return every spelling of a form; `[가나]` in a form stands for either syllable, `[가]?` also for none.

    Raises ValueError when the brackets do not close or there are more than MAX_SPELLINGS.
    """
    places: list[list[str]] = []
    for choice in _choices(form):
        place: list[str] = []
        for char in choice:
            place.extend(syllable_spellings(char, rules) if char and is_syllable(char) else [char])
        places.append(list(dict.fromkeys(place)))
    if "double" in rules:
        places = _with_doubled_tails(places)
    count = 1
    for place in places:
        count *= len(place)
    if count > MAX_SPELLINGS:
        raise ValueError(f"{count} spellings, at most {MAX_SPELLINGS} are allowed")
    return ["".join(parts) for parts in product(*places)]


def _with_doubled_tails(places: list[list[str]]) -> list[list[str]]:
    """Let an open syllable take a tail before a tensed one (새끼, 색끼, 샛기)."""
    doubled = [list(place) for place in places]
    for place, following in zip(doubled, places[1:], strict=False):
        leads = {split_syllable(char)[0] for char in following if char and is_syllable(char)}
        for char in list(place):
            if char and is_syllable(char) and split_syllable(char)[2] == "" and leads & set("ㄱㄲㅋ"):
                lead, vowel, _ = split_syllable(char)
                place.extend(join_syllable(lead, vowel, tail) for tail in "ㄱㅅ")
    return doubled


def _choices(form: str) -> Iterator[list[str]]:
    at = 0
    while at < len(form):
        if form[at] == "[":
            past = form.find("]", at)
            if past < 0:
                raise ValueError("a [ without its ]")
            optional = form[past + 1 : past + 2] == "?"
            yield [*form[at + 1 : past], *([""] if optional else [])]
            at = past + 1 + optional
        else:
            yield [form[at]]
            at += 1


def reorderings(word: str) -> list[str]:
    """Return a word of two to four syllables in the other orders that people write it in.

    Of two or three syllables any order; of four the reverse, and its halves changed about.
    """
    if not 2 <= len(word) <= 4 or not all(map(is_syllable, word)):
        return []
    orders = [word[::-1], word[2:] + word[:2]] if len(word) == 4 else ["".join(order) for order in permutations(word)]
    return [order for order in dict.fromkeys(orders) if order != word]


def initial_row(word: str) -> str:
    """Return the leading consonants of a word of syllables, or "" when it holds anything else."""
    return "".join(split_syllable(char)[0] for char in word) if word and all(map(is_syllable, word)) else ""


_INFLECTED = frozenset("라아야네다고")
"""Last syllables of inflected forms: cut before them, a word is its stem with a particle (시ㅂ라고)."""


def half_cut(word: str) -> list[str]:
    """Return a word of three syllables with some of them, of four with either half, cut to the first consonants.

    ㅎㄴ충, 미ㅊ놈, 또ㄹㅇ, 병신ㅅㄲ.
    """
    row = initial_row(word)
    if word[-1:] in _INFLECTED:
        return []
    if len(row) == 4:
        return [row[:2] + word[2:], word[:2] + row[2:]]
    return ["".join(parts) for parts in product(*zip(word, row, strict=True))][1:-1] if len(row) == 3 else []


_MOVED = ("놈", "년", "새끼", "놈아", "년아", "새끼야", "럼", "아", "네", "하네", "이네", "은", "다", "들")
"""What a curse noun takes with it when its syllables are turned about."""
ORDINARY = frozenset(
    {
        "이라도",
        "이라고",
        "기색이",
        "팔십",
        "팔시",
        "신병",
        "남한",
        "미니",
        "등신",
        "나존",
        "자애",
        "자보",
        "자지",
        "지자",
        "방시",
        "방씨",
        "밤시",
        "밤씨",
    }
)
"""Words that a term becomes when it is read backwards: those need their sentence to be told."""


_POINTING = frozenset("이그저내네니제한두세")
"""What begins two words and not one of three syllables (저 머리)."""


def turned_about(word: str) -> list[str]:
    """Return what nobody writes but to hide a curse of two syllables: backwards, and with a suffix turned about.

    발시, 놈발시, 시놈발, 발시새끼, 끼새신병; and the reversed row of its letters (ㄹㅏㅂㅣㅅ).
    """
    back = word[::-1]
    if len(word) not in (2, 3) or not all(map(is_syllable, word)):
        return []
    if len(word) == 3:
        orders = ["".join(order) for order in permutations(word)]
        ends = [(word + suffix)[::-1] for suffix in ("야", "아", "들", "네")]
        found = [back, *(order for order in orders if order[0] not in _POINTING), *ends]
        return [order for order in dict.fromkeys(found) if order not in ORDINARY and order != word]
    found = [] if back in ORDINARY else [back, back + "네"]
    for suffix in _MOVED if back != "팔십" else ():
        found.append((word + suffix)[::-1])
        if suffix[0] in "놈새" or (suffix[0] == "년" and back not in ORDINARY):
            found += [back + suffix, word[0] + suffix + word[1]]
            found += [suffix[::-1] + word] if len(suffix) > 1 else []
    found += ["".join(order) for order in permutations(word + "새끼")]
    found += [back * 2] if back not in ORDINARY else []
    letters = unit_rows(word)[-1][::-1]
    return [
        spelt for spelt in dict.fromkeys((*found, letters)) if word not in spelt or spelt in (back * 2, back + word)
    ]


# Letters that turned upside down are other letters; the rest have forms of their own (ʞɔnɟ).
_TURNED = str.maketrans("unbqpdmw", "nuqbdpwm")


def misspellings(word: str) -> list[str]:
    """Return a Latin word of four letters or more backwards, upside down, and with two neighbours changed about."""
    if len(word) < 4:
        return []
    swapped = [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 1)]
    orders = (word[::-1], word[::-1].translate(_TURNED), word.translate(_TURNED), *swapped)
    return [order for order in dict.fromkeys(orders) if order != word]


_ALIKE = (("u", "v"), ("l", "i"))
"""Latin letters that are written for one another: v for u (slvt), 1 for l, which leet reads as i (s1ut)."""


def misdrawn(word: str) -> list[str]:
    """Return a Latin word of four letters or more with a letter as another one of its shape."""
    drawn = [word.replace(letter, other) for letter, other in _ALIKE] if len(word) >= 4 else []
    return [spelt for spelt in dict.fromkeys(drawn) if spelt != word]


_LATIN_VOWELS = frozenset("aeiouy")
MIN_CENSORED = 4
"""Letters of a word of which only a vowel is told by the rest, where it is no curse (di*k is a disk)."""


def censored(word: str, any_letter: bool = False) -> list[str]:
    """Return the word, and its half-censored spellings: each vowel, all vowels, or all inner letters as `*`.

    `any_letter` or a word of five letters and more: any one inner letter too, and any two neighbours.
    """
    rows = [word]
    inner = word[1:-1]
    if len(word) >= 4 and "*" not in word:
        vowels = [at for at, letter in enumerate(word) if letter in _LATIN_VOWELS and 0 < at < len(word) - 1]
        for hidden in product((False, True), repeat=min(len(vowels), 3)):
            row = list(word)
            for at, hide in zip(vowels, hidden, strict=False):
                row[at] = "*" if hide else row[at]
            rows.append("".join(row))
        if any_letter or len(word) > MIN_CENSORED:
            rows += [word[:at] + "*" + word[at + 1 :] for at in range(1, len(word) - 1)]
        if len(word) > MIN_CENSORED:
            rows += [word[:at] + "**" + word[at + 2 :] for at in range(1, len(word) - 2)]
        rows.append(word[0] + "*" * len(inner) + word[-1] if len(word) <= 5 else word)
        rows.append(word[:2] + "*" * (len(word) - 3) + word[-1])
    return list(dict.fromkeys(rows))


_LETTERS = {key: letter for letter, key in KEYS.items() if key.islower()}
_SILENT_RE = re.compile("ㅇ(?=[ㅏ-ㅣ])")


def typed_on_hangul(word: str) -> list[str]:
    """Return the rows of jamo units of a Latin word typed on a keyboard left in Hangul, each silent ㅇ in and out."""
    letters = "".join(_LETTERS.get(char, "\x00") for char in word)
    if "\x00" in letters:
        return []
    written = "".join(map(open_letter, letters))
    return list(dict.fromkeys((written, _SILENT_RE.sub("", written))))


_GLIDES = {"ㅑ": "ㅏ", "ㅕ": "ㅓ", "ㅛ": "ㅗ", "ㅠ": "ㅜ"}
"""Vowels that go on as another when they are drawn out (쌰아앙)."""


def drawn_rows(word: str) -> list[str]:
    """Return the row of units of a word with the glide of its first closed syllable drawn out, if it has one."""
    for at, char in enumerate(word):
        if is_syllable(char):
            lead, vowel, tail = split_syllable(char)
            if vowel in _GLIDES and tail:
                opened = ("" if lead == "ㅇ" else lead) + vowel + _GLIDES[vowel] + open_letter(tail)
                return [unit_rows(word[:at])[0] + opened + unit_rows(word[at + 1 :])[0]]
    return []


@lru_cache(maxsize=4096)
def unit_rows(word: str) -> tuple[str, ...]:
    """Return a word's rows of jamo units: with silent ㅇ left out, and with it written."""
    plain = "".join(open_syllable(char) if is_syllable(char) else char for char in word)
    written = "".join(open_syllable(char, silent="ㅇ") if is_syllable(char) else char for char in word)
    return tuple(dict.fromkeys((plain, written)))
