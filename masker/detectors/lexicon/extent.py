"""How far a found term reaches: the prefix, the suffixes and the ending that make one word with it."""

from __future__ import annotations

import re
from itertools import takewhile

from masker.detectors.lexicon.compiled import How
from masker.detectors.lexicon.following import Syllable, syllables_after
from masker.detectors.lexicon.gaps import is_hangul, visible_before
from masker.detectors.lexicon.korean import (
    CASE_PARTICLES,
    COPULA,
    ENDINGS,
    OPEN_STEMS,
    PREDICATES,
    PREFIXES,
    SPACED_SUFFIXES,
    SUFFIXES,
)
from masker.detectors.lexicon.latin_word import latin_word
from masker.detectors.lexicon.occurrence import Occurrence
from masker.detectors.lexicon.readings import rest_of_word
from masker.detectors.lexicon.stretch import drawn_out
from masker.normalise import JAMO_FOLD, squeeze
from masker.normalise.jamo import is_syllable, split_syllable
from masker.verdict import Span

_MAX_CHAIN = 4
_QUOTES = ("라고", "라는", "라며", "라면서", "라니", "라던")
_QUOTED_BY = frozenset("고는며면니던")
_COMMANDS = frozenset("져쳐저처")
_APART_RE = re.compile("[져쳐저처] +[주줘줄줬]")
_OF_NOUNS = frozenset(("는", "를", "나", "한테", "에게", "의", "와", "랑"))
"""Particles that follow a noun in a vowel: no ending of a verb is one of these but 는, which needs a stem."""
_STEMS = frozenset("까하져쳐저처가치지리")
_MAX_ENDING = 6
_SOMEONE_RE = re.compile("[가-힣]{0,2}[은는할한](?:놈|년|새끼|것)들?")
"""Whom a predicate describes in the same word (좆같은새끼가, 염병할놈이): particles after it stay outside."""


def _keyed(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(squeeze(word.translate(JAMO_FOLD)) for word in words)


_SUFFIX_KEYS, _SPACED_KEYS = _keyed(SUFFIXES), _keyed(SPACED_SUFFIXES)
_CALLING = frozenset("아야이ㅏㅑ")
_CALLED_RE = re.compile("[아ㅏ]+|이?[야ㅑ]+[아ㅏ]*")
_LONGEST_SUFFIX = max(map(len, SUFFIXES))


def extent(occurrence: Occurrence) -> Span:
    """Return the span to mask: whole grapheme clusters, the word with what belongs to it."""
    start, end = occurrence.start, occurrence.end
    term = occurrence.pattern.term
    if occurrence.pattern.latin:
        return Span(*latin_word(occurrence))
    if occurrence.pattern.how is How.TYPED and term.kind == "latin":
        return Span(start, _hangul_word_end(occurrence.view.text, end))
    cut = _without_more(occurrence)
    if cut < end:
        return Span(_with_prefix(occurrence, occurrence.stammered), cut)
    start = _with_prefix(occurrence, occurrence.stammered)
    if term.ending != "none":
        end = _with_ending(occurrence)
    if occurrence.pattern.how in (How.ROMANISED, How.TYPED):
        return Span(start, max(end, rest_of_word(occurrence)))
    return Span(start, end if occurrence.pattern.sure else max(end, drawn_out(occurrence.view.text, end)))


def _hangul_word_end(text: str, end: int) -> int:
    past = end
    while past < len(text) and "ㄱ" <= text[past] <= "힣":
        past += 1
    rest = text[end:past]
    return end if rest in CASE_PARTICLES or rest.startswith(COPULA) else past


def _with_prefix(occurrence: Occurrence, start: int) -> int:
    text = occurrence.view.text
    at = visible_before(text, start) + 1
    prefixes = (*PREFIXES, *occurrence.pattern.term.prefixes)
    if not text.endswith(prefixes, 0, at):
        return start
    for prefix in prefixes:
        if text.endswith(prefix, 0, at):
            before = visible_before(text, at - len(prefix))
            if before < 0 or not is_hangul(text[before]) or len(prefix) > 1:
                return at - len(prefix)
    return start


def _with_ending(occurrence: Occurrence) -> int:
    """Return where the word ends: after its suffixes, or with the ending of the verb or comparison that it forms."""
    ahead = syllables_after(occurrence)
    tail = occurrence.drawn
    at = sum(syllable.end <= tail for syllable in ahead)
    end = max(occurrence.end, tail)
    begun, taken = at, _suffixes(occurrence, ahead, at)
    if taken > at:
        at, end = taken, ahead[taken - 1].end
    rest = _one_word(occurrence, ahead[at:])
    letters = "".join(syllable.char for syllable in rest)
    particle = letters in CASE_PARTICLES or letters.startswith(COPULA)
    named = letters in _OF_NOUNS and occurrence.pattern.surface[-1] not in _STEMS
    quoted = letters.startswith(_QUOTES) and _is_command(occurrence.view.text[end - 1])
    verb = (
        occurrence.pattern.term.ending == "verb"
        and not ((taken > begun or _noun_like(occurrence)) and particle)
        and not named
        and not quoted
    )
    if verb or (letters and letters.startswith(PREDICATES)):
        return _ending(occurrence, rest, end)
    return end


def _without_more(occurrence: Occurrence) -> int:
    """Return where the word ends in a form that is told by what follows it: a quotation, an auxiliary set apart."""
    text, end = occurrence.view.text, occurrence.end
    before = visible_before(text, end - 1)
    quoted = text[end - 1] == "라" and text[end : end + 1] in _QUOTED_BY and _is_command(text[before])
    if quoted:
        return before + 1
    apart = _APART_RE.search(text, occurrence.start, end)
    return apart.start() + 1 if apart is not None and occurrence.pattern.term.ending == "verb" else end


def _is_command(char: str) -> bool:
    """Tell whether a syllable ends a command as it is said (꺼져, 닥쳐): 라고 after it only quotes."""
    return char in _COMMANDS


def _suffixes(occurrence: Occurrence, ahead: list[Syllable], at: int) -> int:
    """Follow the chain of suffixes, then a vocative; return the index past them."""
    for link in range(_MAX_CHAIN):
        taken = next(
            (size for size in range(_LONGEST_SUFFIX, 0, -1) if _is_suffix(occurrence, ahead, at, size, link)), 0
        )
        if not taken:
            break
        at += taken
    return at + _vocative(occurrence, ahead[at:])


def _vocative(occurrence: Occurrence, ahead: list[Syllable]) -> int:
    """Return how many syllables call somebody, drawn out or not (놈아, 새끼야아), where the word then ends."""
    size = 0
    while size < len(ahead) and ahead[size].char in _CALLING and not (size == 0 and _is_copula(occurrence, ahead)):
        if ahead[size].gap and (not occurrence.gapped or (ahead[size].gap == " " and not occurrence.spaced)):
            break
        size += 1
    closes = size == len(ahead) or ahead[size].gap or not is_syllable(ahead[size].char)
    called = "".join(part.char for part in ahead[:size])
    return size if closes and _CALLED_RE.fullmatch(called) else 0


def _is_copula(occurrence: Occurrence, ahead: list[Syllable]) -> bool:
    """Tell whether 이야 says what somebody is: it calls only after a vowel that it draws out (새끼이야)."""
    if ahead[0].char != "이" or ahead[1:2] == [] or ahead[1].char not in "야ㅑ":
        return False
    before = occurrence.view.text[visible_before(occurrence.view.text, ahead[0].end - 1)]
    return not is_syllable(before) or split_syllable(before)[2] != ""


def _is_suffix(occurrence: Occurrence, ahead: list[Syllable], at: int, size: int, link: int) -> bool:
    piece = ahead[at : at + size]
    if len(piece) < size:
        return False
    if not all(is_syllable(part.char) for part in piece):
        return False
    key = squeeze("".join(part.char for part in piece).translate(JAMO_FOLD))
    apart = occurrence.gapped and not occurrence.spaced and piece[0].gap == " "
    if occurrence.gapped and not apart:
        return key in _SUFFIX_KEYS
    if any(part.gap for part in piece[1:]):
        return False
    return key in (_SPACED_KEYS if piece[0].gap and link == 0 else _SUFFIX_KEYS if not piece[0].gap else ())


def _one_word(occurrence: Occurrence, ahead: list[Syllable]) -> list[Syllable]:
    """Return the syllables that go on the word: touching it, or set apart one by one as its own letters are."""
    letter_by_letter = occurrence.gapped and max(occurrence.pieces) == 1
    if occurrence.end - occurrence.start == 1 and ahead and ahead[0].gap not in ("", " "):
        return _from_one(ahead)
    word: list[Syllable] = []
    for index, syllable in enumerate(ahead):
        alone = index + 1 == len(ahead) or bool(ahead[index + 1].gap)
        if (syllable.gap == " " and not occurrence.spaced) or _opens_a_line(occurrence, ahead, index):
            break
        if not is_syllable(syllable.char) or (syllable.gap and not (letter_by_letter and alone)):
            break
        word.append(syllable)
    if not any(" " in syllable.gap for syllable in word):
        return word
    letters = "".join(syllable.char for syllable in word)
    if letters.startswith(PREDICATES):
        return word
    return word[: next((len(ending) for ending in ENDINGS if letters.startswith(ending)), 0)]


def _opens_a_line(occurrence: Occurrence, ahead: list[Syllable], index: int) -> bool:
    """Tell whether a syllable begins a line that goes on: no more of a word that stands down a column."""
    if index + 1 >= len(ahead) or ahead[index + 1].gap != " ":
        return False
    start = ahead[index - 1].end if index else occurrence.end
    return "\n" in occurrence.view.text[start : ahead[index].end]


def _from_one(ahead: list[Syllable]) -> list[Syllable]:
    """Return the comparison that a term of one syllable goes on as over a gap that is no space (좆/같네)."""
    gap = ahead[0].gap
    word = list(takewhile(lambda syllable: is_syllable(syllable.char) and syllable.gap in ("", gap), ahead))
    return word if word and word[0].char == "같" else []


def _ending(occurrence: Occurrence, rest: list[Syllable], end: int) -> int:
    """Return where a predicate ends: with its word, or with a short ending where the rest is too long to be one."""
    letters = "".join(syllable.char for syllable in rest)
    someone = _SOMEONE_RE.match(letters)
    if someone is not None and (
        letters[someone.end() :] in CASE_PARTICLES or letters.startswith(COPULA, someone.end())
    ):
        return rest[someone.end() - 1].end
    if len(rest) <= _MAX_ENDING:
        return rest[-1].end if rest else end
    size = next((len(ending) for ending in ENDINGS if letters.startswith(ending)), 0)
    return rest[size - 1].end if size else end


def _noun_like(occurrence: Occurrence) -> bool:
    """Tell whether the term can only be a noun by its last syllable: stems of verbs are open or few."""
    last = occurrence.pattern.surface[-1]
    return is_syllable(last) and split_syllable(last)[2] not in ("", "ㅆ") and last not in OPEN_STEMS
