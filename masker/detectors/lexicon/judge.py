"""Judge an occurrence by its form: may it stand here? Each answer "no" carries its reason, each doubt its question."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from masker.detectors.lexicon.codes import FILE_RE, IN_CODE, is_code, is_formula, vowels_apart
from masker.detectors.lexicon.compiled import How
from masker.detectors.lexicon.gaps import is_hangul
from masker.detectors.lexicon.korean import OPEN_STEMS, PARTICLES, PREDICATES, PREFIXES, SUFFIXES, VOCATIVES
from masker.detectors.lexicon.listed import is_listed
from masker.detectors.lexicon.occurrence import Occurrence, readable, word_ends, word_starts
from masker.detectors.lexicon.readings import is_sworn
from masker.detectors.lexicon.respell import unit_rows
from masker.detectors.lexicon.stretch import without_stretch
from masker.normalise import squeeze
from masker.normalise.characters import LATIN_RE
from masker.normalise.shapes import CONSONANT_OUTLINES

CONTEXT = 12
MIN_APART = 4
"""Fewest letters set apart one by one that nobody but who spells a word out writes."""
"""Code points on either side that boundaries and exceptions look at: longer than any of their entries."""

BEGINS_INSIDE = "begins inside another word"
ENDS_INSIDE = "ends inside another word"
INSIDE_A_WORD = frozenset({BEGINS_INSIDE, ENDS_INSIDE})
GOES_ON = "goes on as another word"
RESPELT = "spelt otherwise than the term"
CODE = "a code or a formula"
ALIKE = "only sounds or looks like the term"
COUNTED = "counts something"
SPLIT = "two words with a space between"
LISTED = "stands in a list or a table"
CAUSED = "the verb 시키다"


@dataclass(frozen=True, slots=True)
class Question:
    """Say what morphology must find for a doubtful candidate to count.

    `need`: the least rise of log probability, in Kiwi's units, when the suspected word is read there; `need_known`: the
    same where every morpheme, as written, is in the dictionary. `itself`: as written it is the term already, so that
    only the words that hold it can excuse it. `alone`: one morpheme of its own does as well as a rise. The thresholds
    were measured on the project's tables and on the candidates in clean corpora, where ordinary words fall below -4
    and disguises rise above 3.
    """

    need: float
    itself: bool = False
    alone: bool = False
    need_known: float | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """Hold what form says: why the term may not stand here (None: it may), and the question that can overturn it."""

    reason: str | None = None
    question: Question | None = None


ALLOWED = Ruling()
LEAN, SURE, STRONG, CERTAIN = -4.0, 3.0, 8.0, 10.0
_QUOTES = ("고", "는", "며", "니", "면")
_JOINS = (*PARTICLES, *SUFFIXES, *PREDICATES)


_HANGUL_RE = re.compile("[가-힣ㄱ-ㅣ]")
_ROW_BEFORE_RE, _ROW_AFTER_RE = re.compile("(?<![ㄱ-ㅣ])[ㄱ-ㅊㅌㅍ] $"), re.compile(" [ㄱ-ㅊㅌㅍ](?![ㄱ-ㅣ])")
_NUMERAL_RE = re.compile("(?:^|[^가-힣])(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열(?:한|두)?|스무|몇|[0-9]+) ?$")
_COUNTERS = frozenset("시병개년놈")
_CONSONANTS = "".join(map(chr, range(ord("ㄱ"), ord("ㅎ") + 1)))
_CASE_RE = re.compile("(?:이?라고|이?라는|이란|처럼|한테|에게|보다|까지|이나|에서|[은는이가을를도의로와과])(?![가-힣])")
"""Particles of nouns, where the word ends with them."""
_PREDICATE_RE = re.compile(
    "하[네냐고는지자니다여며던]|한다|했|해(?![가-힣])|마(?:라|요|세요)?(?![가-힣])|같[은네이아]|이[네야냐]|좀"
)
"""What a turned verbal noun goes on as (랄지하네, 랄지마)."""
_MARKS_RE = re.compile(r"[*_~|`>#]+")
_CAUSED_RE = re.compile("[는고면지려자기다니라더던게]|려고|지[마도 ]|[신실]")


class Surroundings:
    """Hold the readable text on either side of an occurrence, worked out once."""

    def __init__(self, occurrence: Occurrence) -> None:
        text = occurrence.view.text
        start = occurrence.stammered
        self.before = readable(text[max(0, start - CONTEXT) : start])
        if len(self.before) < CONTEXT < start:  # something invisible took the room
            self.before = readable(text[max(0, start - 4 * CONTEXT) : start])[-CONTEXT:]
        end = occurrence.drawn
        self.after = readable(text[end : end + CONTEXT])
        if len(self.after) < CONTEXT < len(text) - end:
            self.after = readable(text[end : end + 4 * CONTEXT])[:CONTEXT]

    def window(self, surface: str, *, wide: bool) -> tuple[str, str, str]:
        """Return a candidate between the rest of its word on either side; `wide` adds the next word, where it is whole.

        All of it is one line without Markdown's marks: what a reader reads.
        """
        before, after = _MARKS_RE.sub(" ", self.before), _MARKS_RE.sub(" ", self.after)
        words, more = before.split(" "), after.split(" ")
        first, past = -1, 1
        if wide and len(words) > 1 and (len(words) > 2 or len(self.before) < CONTEXT):
            first = -2
        if wide and len(more) > 1 and (len(more) > 2 or len(self.after) < CONTEXT):
            past = 2
        surface = " ".join(_MARKS_RE.sub(" ", surface).split())
        return " ".join(words[first:]).lstrip(), surface, " ".join(more[:past]).rstrip()


def excused(occurrence: Occurrence, near: Surroundings) -> str | None:
    """Return the exception that makes this occurrence innocent, in the lexicon's notation, or None."""
    term = occurrence.pattern.term
    if not term.except_:
        return None
    surface = occurrence.surface
    for middle in dict.fromkeys((surface, surface.replace(" ", ""), occurrence.letters, "*")):
        if not term.may_be_excused(middle, near.before, near.after):
            continue
        for before, after in term.except_[middle]:
            follows = near.after == after[:-1] if after.endswith("$") else near.after.startswith(after)
            if follows and near.before.endswith(before):
                return f"{before}[{middle}]{after}"
    return None


def by_form(occurrence: Occurrence, near: Surroundings) -> Ruling:
    """Return what letters and boundaries say of a candidate."""
    pattern = occurrence.pattern
    term = pattern.term
    if pattern.latin:
        return Ruling(_latin_refused(occurrence))
    if occurrence.gapped and is_listed(occurrence):
        return Ruling(LISTED)
    if pattern.how in (How.PHONETIC, How.REORDERED):
        return _by_sound(occurrence, near)
    if pattern.how in (How.ROMANISED, How.TYPED):
        return Ruling(CODE if is_code(occurrence, near.after) or vowels_apart(occurrence) else None)
    if occurrence.spaced and occurrence.surface.endswith(" 시키") and _CAUSED_RE.match(near.after):
        return Ruling(CAUSED)
    if term.kind == "initials":
        return Ruling(_initials_refused(occurrence, near))
    if pattern.how is How.CUT and (occurrence.gapped or (occurrence.shaped and not _letters_written(occurrence))):
        return Ruling(RESPELT)
    stretched = occurrence.row != unit_rows(pattern.surface)[-1]
    if stretched and (occurrence.spaced or not (term.loose or _whole(occurrence))):
        return Ruling(RESPELT)
    if any(map(_stands_alone, pattern.surface)) and not _cut_as_written(occurrence):
        return Ruling("a whole syllable where the term has a letter")
    if stretched and not term.loose:
        drawn = squeeze(without_stretch(occurrence.letters)) == squeeze(pattern.surface)
        doubtful = word_starts(occurrence) and (drawn or len(pattern.surface) > 2)
        carried = occurrence.row.replace("ㅇ", "") == unit_rows(pattern.surface)[0].replace("ㅇ", "")
        return Ruling(RESPELT, Question(SURE if drawn or carried else STRONG) if doubtful else None)
    if _needs_other_words(occurrence, near):
        return Ruling("means this only next to certain words")
    starts = word_starts(occurrence) or _ends_with(near.before, (*PREFIXES, *term.prefixes))
    if near.before[-1:].isdigit() and (term.before == "word" or occurrence.gapped or occurrence.shaped):
        return Ruling(BEGINS_INSIDE)
    if occurrence.shaped and (_is_ascii_word(near.before[-1:]) or _is_ascii_word(near.after[:1])):
        return Ruling("inside a number or a Latin word")
    if occurrence.gapped or occurrence.shaped:
        return _by_gaps(occurrence, near, starts)
    if not starts:
        if not _whole(occurrence):
            return Ruling(BEGINS_INSIDE if term.before == "word" else None)
        if term.before == "word":
            return Ruling(BEGINS_INSIDE, Question(STRONG, alone=True))
        return Ruling(None, Question(SURE if stretched else LEAN, itself=not stretched, alone=not stretched))
    if not _may_follow(occurrence, near.after):
        return Ruling(GOES_ON, Question(STRONG))
    if stretched and _whole(occurrence):
        return Ruling(None, Question(SURE))
    if word_ends(occurrence) or near.after.startswith(_JOINS) or not _whole(occurrence):
        return ALLOWED
    return Ruling(None, Question(SURE, itself=pattern.how is How.EXACT))


def _by_sound(occurrence: Occurrence, near: Surroundings) -> Ruling:
    """Judge what only sounds like the term, or holds its syllables in another order: morphology alone can allow it."""
    if is_hangul(occurrence.left or " ") and _prefix_inside(near.before):
        return Ruling(BEGINS_INSIDE)
    if occurrence.pattern.sure and _only_meant(occurrence, near):
        return ALLOWED
    if occurrence.view.name == "asides" or _stands_alone(occurrence.pattern.spelt[0]):
        # Cells of a list change no places, and a row of letters turned about is never whole syllables (라빗).
        return Ruling(ALIKE)
    if (
        _needs_other_words(occurrence, near)
        or not _whole(occurrence)
        or (occurrence.gapped and not occurrence.inserted)
    ):
        return Ruling(ALIKE)
    if not (word_ends(occurrence) or near.after.startswith(_JOINS) or _carries(near.after)):
        return Ruling(ALIKE, Question(CERTAIN))
    if occurrence.pattern.how is How.REORDERED:
        return Ruling(ALIKE, Question(SURE - 1 if word_ends(occurrence) else STRONG))
    return Ruling(ALIKE, Question(-LEAN, need_known=CERTAIN))


def _prefix_inside(before: str) -> bool:
    """Tell whether what touches on the left is no prefix of curses but the end of another word (안개, 조개)."""
    longest = max((prefix for prefix in PREFIXES if before.endswith(prefix)), key=len, default="")
    return is_hangul(before[-len(longest) - 1 : -len(longest)] or " ") if longest else True


def _only_meant(occurrence: Occurrence, near: Surroundings) -> bool:
    """Tell whether a sure spelling is written exactly so, and no other word goes on from it.

    Signs may part its syllables, the same between all of them where they are such as end a sentence too.
    """
    ends = word_ends(occurrence) or _carries(near.after) or _CASE_RE.match(near.after) is not None
    forms_a_verb = occurrence.pattern.term.ending == "verb" or near.after.startswith("같")
    ends = ends or (forms_a_verb and _PREDICATE_RE.match(near.after) is not None)
    parted = occurrence.gapped and (occurrence.spaced or max(occurrence.pieces) > 1)
    letters = "".join(filter(is_hangul, occurrence.letters))
    starts = not occurrence.left or not is_hangul(occurrence.left)
    return starts and ends and not parted and letters == occurrence.pattern.spelt


def _by_gaps(occurrence: Occurrence, near: Surroundings, starts: bool) -> Ruling:
    """Judge letters with something between them: form allows what ordinary writing never does, doubts the rest."""
    term, surface = occurrence.pattern.term, occurrence.surface
    if surface.startswith("게 ") and not occurrence.pattern.surface.startswith("게"):
        return Ruling("게 is a word of its own")
    whole = _whole(occurrence)
    ends = _goes_on_as_itself(occurrence, near) or word_ends(occurrence) or _carries(near.after)
    if occurrence.surface.endswith(" 라") and near.after.startswith(_QUOTES):
        return Ruling("quoted by 라고 or 라는")
    letter_by_letter = max(occurrence.pieces) == 1 and all(map(_stands_alone, filter(is_hangul, occurrence.letters)))
    if occurrence.spaced and not term.spaced and not (letter_by_letter and len(occurrence.pieces) >= MIN_APART):
        joined = ends or near.after.startswith(_JOINS)
        return Ruling(SPLIT, Question(STRONG) if whole and starts and joined else None)
    if whole and not occurrence.inserted and _is_counted(near, surface):
        return Ruling(COUNTED)
    if not starts:
        return Ruling(BEGINS_INSIDE, Question(STRONG) if whole and occurrence.inserted else None)
    if not whole:
        spelt_out = all(map(_stands_alone, filter(is_hangul, occurrence.letters)))
        return ALLOWED if occurrence.inserted or ends or spelt_out else Ruling(ENDS_INSIDE)
    if max(occurrence.pieces) > 1 and len(occurrence.pieces) > 1 and not occurrence.inserted:
        return ALLOWED if ends else Ruling(ENDS_INSIDE)
    if occurrence.inserted and ends:
        return ALLOWED
    wide_gap = occurrence.spaced and len(occurrence.view.text[occurrence.start : occurrence.end].split(" ")) != 2
    return Ruling(None if ends or occurrence.inserted else ENDS_INSIDE, Question(SURE - wide_gap))


def _is_counted(near: Surroundings, surface: str) -> bool:
    """Tell whether a numeral stands before a counter (세 병 ㅋㅋ 신난다), or the last syllable is one (병 쉰 개)."""
    return (surface[0] in _COUNTERS and _NUMERAL_RE.search(near.before) is not None) or surface.endswith(" 쉰")


def _needs_other_words(occurrence: Occurrence, near: Surroundings) -> bool:
    term = occurrence.pattern.term
    if not (term.needs_before or term.needs_after) or (occurrence.surface == "18" and is_sworn(occurrence)):
        return False
    return not (
        _follows_word(near.before.rstrip(), term.needs_before)
        or near.after.lstrip().startswith(term.needs_after or "\x00")
    )


def _carries(after: str) -> bool:
    """Tell whether a curse's suffix or vocative follows."""
    return after.startswith((*SUFFIXES, "아 ", "야 ")) or after in VOCATIVES


def _whole(occurrence: Occurrence) -> bool:
    """Tell whether the candidate is written in whole syllables: only those can be read as other words."""
    return all("가" <= char <= "힣" for char in occurrence.letters if is_hangul(char)) and not occurrence.shaped


def _goes_on_as_itself(occurrence: Occurrence, near: Surroundings) -> bool:
    """Tell whether a term of several words merely takes a particle or an ending (엿이나 먹어라, 인간 쓰레기임)."""
    if max(occurrence.pieces) == 1:
        return False
    return occurrence.pattern.surface[-1] in OPEN_STEMS or near.after.startswith(PARTICLES)


def _stands_alone(char: str) -> bool:
    return "ㄱ" <= char <= "ㅣ"


def _letters_written(occurrence: Occurrence) -> bool:
    """Tell whether the letters that a cut term has alone stand in the text itself, not as what looks like them."""
    alone = filter(_stands_alone, occurrence.pattern.surface)
    return all(letter in occurrence.letters for letter in alone)


def _cut_as_written(occurrence: Occurrence) -> bool:
    """Tell whether letters stand alone where the term has them so (시ㅂ is no 십), or all do."""
    written = occurrence.letters.translate(CONSONANT_OUTLINES) if occurrence.shaped else occurrence.letters
    letters = "".join(filter(is_hangul, written))
    return occurrence.pattern.surface in (letters, written) or all(map(_stands_alone, letters))


def _ends_with(text: str, endings: tuple[str, ...]) -> bool:
    return bool(endings) and text.endswith(endings)


def _follows_word(text: str, words: tuple[str, ...]) -> bool:
    """Tell whether the text ends with one of the words, standing on its own."""
    return any(text.endswith(word) and not is_hangul(text[-len(word) - 1 : -len(word)] or " ") for word in words)


def _is_ascii_word(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _may_follow(occurrence: Occurrence, after: str) -> bool:
    rule = occurrence.pattern.term.after
    if rule == "any" or word_ends(occurrence):
        return True
    return rule == "noun" and unicodedata.normalize("NFC", after).startswith((*PARTICLES, *SUFFIXES))


def _initials_refused(occurrence: Occurrence, near: Surroundings) -> str | None:
    before, after = _without_more_of(occurrence.letters, near)
    before, after = _CHAT_BEFORE_RE.sub("", before), _CHAT_AFTER_RE.sub("", after)
    left, right = before[-1:], after[:1]
    if ("ㄱ" <= left <= "ㅎ" and left not in "ㅋㅎ" and left != occurrence.letters[:1]) or (
        "ㅏ" <= left <= "ㅣ" and left not in "ㅠㅜ"
    ):
        return "begins inside another row of letters"
    if ("ㄱ" <= right <= "ㅎ" and right not in "ㅋㅎ") or ("ㅏ" <= right <= "ㅣ" and right not in "ㅠㅜ"):
        return "goes on as another row of letters"
    if occurrence.spaced and (is_hangul(left) or is_hangul(right)):
        return SPLIT
    if occurrence.spaced and (_ROW_BEFORE_RE.search(near.before) or _ROW_AFTER_RE.match(near.after)):
        return "one of a row of single letters"
    return None


def _without_more_of(letters: str, near: Surroundings) -> tuple[str, str]:
    """Return what stands around a row that is itself written over and over (ㅅㅂㅅㅂㅅㅂ), without its copies."""
    unit = letters[: (letters + letters).find(letters, 1)]
    before, after = near.before, near.after
    if unit == letters or len(unit) < 2:
        return before, after
    while before.endswith(unit):
        before = before[: -len(unit)]
    while after.startswith(unit):
        after = after[len(unit) :]
    # A copy that is cut off (ㅅㅂㅅㅂㅅ), by who writes it or by the bound of what is looked at, is one more.
    left, right = before.rstrip(_CONSONANTS), after.lstrip(_CONSONANTS)
    return (
        left if unit.endswith(before[len(left) :]) else before,
        right if unit.startswith(after[: len(after) - len(right)]) else after,
    )


# What chat writes in initials right beside another row: really, mad, agreed, shivers (ㄹㅇㅂㅅ, ㅂㅅㄷㄷ).
_CHAT = "ㄹㅇ|ㅁㅊ|ㄱㄹ|ㅇㅈ|ㅈㄴ|ㅇㄴ|ㄴㅁ|ㄷㄷ|ㄴㄴ"
_CHAT_BEFORE_RE = re.compile(f"(?<![ㄱ-ㅣ])(?:{_CHAT})+$")
_CHAT_AFTER_RE = re.compile(f"^(?:{_CHAT}|ㅇㅇ)+(?![ㄱ-ㅊㅌㅍㅏ-ㅣ])")


# What is left of a word cut in two that is no word itself: consonants alone (fu ck, bi tch).
_SPLIT_RE = re.compile("[a-z]{2} (?:ck|tch|nt)")


def _latin_refused(occurrence: Occurrence) -> str | None:
    term = occurrence.pattern.term
    text = occurrence.view.text
    surface = occurrence.surface
    if term.typed and (surface != occurrence.pattern.surface or not _HANGUL_RE.search(text)):
        return "not Korean that was typed in Latin"
    if not surface.isalpha() and surface.isascii():
        if occurrence.left.isdigit() and any(map(str.isdigit, surface)):
            return BEGINS_INSIDE
        if FILE_RE.match(text, occurrence.end):
            return CODE
    if len(surface) < 4 and (occurrence.right.isdigit() or IN_CODE & {occurrence.left, occurrence.right}):
        return ENDS_INSIDE
    if not word_starts(occurrence) and not (
        term.prefixes
        and text[max(0, occurrence.start - 2 * CONTEXT) : occurrence.start].lower().endswith(term.prefixes)
    ):
        return BEGINS_INSIDE
    words = tuple(len(word) for word in occurrence.pattern.surface.split())
    if len(words) > 1:
        if occurrence.gapped and occurrence.pieces != words:
            return "letters of other words"
        if not occurrence.gapped and occurrence.letters.isascii() and len(occurrence.letters) != sum(words):
            return RESPELT
    elif occurrence.gapped and max(occurrence.pieces) > 1 and (occurrence.spaced or len(occurrence.pieces) == 2):
        return None if _SPLIT_RE.fullmatch(surface) and word_ends(occurrence) else "letters of two words"
    elif occurrence.gapped and max(occurrence.pieces) == 1 and is_formula(occurrence):
        return CODE
    if not word_ends(occurrence) and not (term.after == "any" and not occurrence.spaced):
        return ENDS_INSIDE
    if not LATIN_RE.search(text, occurrence.start, occurrence.end):
        return "no letter at all"
    return None
