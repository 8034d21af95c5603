"""Korean in another script: read aloud (sibal, si발, シバル, 18) or typed on a keyboard left in Latin (tlqkf)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from masker.detectors.lexicon.compiled import How
from masker.detectors.lexicon.gaps import is_hangul, is_latin
from masker.detectors.lexicon.korean import ENDINGS, PARTICLES, PREFIXES, SUFFIXES, VOCATIVES
from masker.detectors.lexicon.occurrence import Occurrence
from masker.detectors.lexicon.respell import unit_rows
from masker.detectors.lexicon.schema import Severity
from masker.normalise import JAMO_FOLD, squeeze
from masker.normalise.jamo import is_syllable
from masker.normalise.phonetic import sounds_of
from masker.normalise.rewrite import PAD

HOW_READ = {"sounds": How.ROMANISED, "sounding": How.ROMANISED, "typed": How.TYPED}
"""How a hit in each of these views differs from its form, whatever spelling its key was made of."""
MIN_LATIN = 4
"""Fewest Latin letters of a word that is Korean as a whole."""
_MAX_REST = 24
_SILENT_RE = re.compile("ㅇ(?=[ㅏ-ㅣ])")
_TENSE_VOWEL_RE = re.compile("[ㅑㅕㅛㅠ]ㅇ")
_TENSE_RE = re.compile("[ㄲㄸㅃㅆㅉ]")

_VOWEL_RE = re.compile("[ㅏ-ㅣ]")
_COMMANDS = ("지마", "지말", "마라", "있네", "있어", "고있")
_ENDS = sorted(
    {
        squeeze(word.translate(JAMO_FOLD))
        for word in (*SUFFIXES, *VOCATIVES, *PARTICLES, *ENDINGS, *_COMMANDS)
        if len(word) < 4
    },
    key=len,
    reverse=True,
)
_ENDING_RE = re.compile("(?:" + "|".join(end for end in _ENDS if _VOWEL_RE.search(end)) + "){1,3}")


def to_reading_end(occurrence: Occurrence) -> Occurrence:
    """Return the occurrence with all the letters of its last reading (the g of ng, the eo of yeo)."""
    view, end = occurrence.view, occurrence.end
    while end < len(view.read) and view.read[end] == PAD != view.text[end]:
        end += 1
    return occurrence if end == occurrence.end else replace(occurrence, end=view.clusters.cover(end - 1, end)[1])


def may_be_read(occurrence: Occurrence) -> bool:
    """Tell whether a reader takes this for Korean: a whole word, its Korean ending aside, not part of another script's.

    A word of one script alone must be long enough, and bad enough, that no name or loanword is meant.
    """
    pattern, text = occurrence.pattern, occurrence.view.text
    if (
        pattern.term.kind != "korean"
        or pattern.how is How.CUT
        or (pattern.how is How.REORDERED and not _is_reversed(occurrence))
    ):
        return False
    if occurrence.spaced and not (_is_spelt_out(occurrence) or _is_parted(occurrence)):
        return False
    inside = [char for char in _plain(text[occurrence.start : occurrence.end]) if char.isalnum() or is_latin(char)]
    foreign = [char for char in inside if not is_hangul(char)]
    if not foreign or (len(foreign) == len(inside) and not _is_word(occurrence, foreign)):
        return False
    return _starts(occurrence) and _ends(occurrence)


def _is_spelt_out(occurrence: Occurrence) -> bool:
    """Tell whether each letter stands apart (t l q k f)."""
    return max(occurrence.pieces) == 1 and len(occurrence.pieces) >= MIN_LATIN


def _is_parted(occurrence: Occurrence) -> bool:
    """Tell whether a word of Latin letters among Hangul is parted between two syllables (si bal, ni aemi, tl qkf)."""
    view, pattern = occurrence.view, occurrence.pattern
    parts = view.text[occurrence.start : occurrence.end].split(" ")
    if len(parts) != 2 or len(pattern.surface) < 2 or pattern.how is How.PHONETIC or not all(map(_is_lower, parts)):
        return False
    whole = not occurrence.left.isalnum() and not occurrence.right.isascii() * occurrence.right.isalnum()
    first, past = view.units_in(occurrence.start, occurrence.start + len(parts[0]))
    written = view.raw[first:past]
    heads = {unit_rows(pattern.surface[:at])[0] for at in range(1, len(pattern.surface))}
    return whole and view.name != "sounding" and written in heads and any(map(is_hangul, view.text))


def _is_lower(part: str) -> bool:
    return part.isascii() and part.islower() and part.isalpha() and len(part) > 1


def _is_reversed(occurrence: Occurrence) -> bool:
    """Tell whether a lower-case Latin word among Hangul is the term letter by letter from its end (labis, fkqlt)."""
    pattern, text = occurrence.pattern, occurrence.view.text
    surface = text[occurrence.start : occurrence.end]
    whole = not occurrence.left.isalnum() and not occurrence.right.isalnum()
    return pattern.sure and whole and surface.isascii() and surface.islower() and any(map(is_hangul, text))


def _plain(text: str) -> str:
    """Return text with full-width and circled letters and digits as plain ones, Hangul composed."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _is_word(occurrence: Occurrence, letters: list[str]) -> bool:
    """Tell whether a word without a Hangul letter is the term rather than some name or number.

    By ear alone it must keep each vowel; a short word (saekki) must have a tense consonant.
    """
    pattern, text = occurrence.pattern, occurrence.view.text
    if pattern.term.severity is Severity.MILD or not all(map(is_syllable, pattern.surface)):
        return False
    if all(char.isdigit() for char in letters):
        return "".join(letters) == "18" and (
            is_hangul(text[occurrence.end : occurrence.end + 1] or " ") or is_sworn(occurrence)
        )
    if not is_latin(letters[0]) or "8" in letters:
        return True
    written = occurrence.view.raw[occurrence.first : occurrence.last + 1]
    if len(letters) > MIN_LATIN and _TENSE_RE.match(written) and _TENSE_VOWEL_RE.search(written):
        return True
    if len(letters) < MIN_LATIN or len(written) < MIN_LATIN + (not _TENSE_RE.search(written)):
        return False
    return occurrence.view.name != "sounding" or _vowels(pattern.key) == _vowels(sounds_of(pattern.surface))


# A number that is said with a sigh and counts nothing: 아 18 진짜, 에이 18 안 해.
_SIGH_RE = re.compile(r"(?:^|[\s,.!~])(?:아|하|에이|아오|아이|에잇|어휴|으|이런)[~!.,]* $")
_SWORN_RE = re.compile("$| ?[ㅋㅎㅠ!~.]+(?:$| )| (?:진짜|또|왜|존나|뭐|뭔|이게|이걸|안 |못 |오늘|그냥|망|짜증|개|다 )")


def is_sworn(occurrence: Occurrence) -> bool:
    """Tell whether 18 stands after a sigh and counts nothing."""
    text = occurrence.view.text
    sighed = _SIGH_RE.search(text, max(0, occurrence.start - 8), occurrence.start)
    return sighed is not None and _SWORN_RE.match(text, occurrence.end) is not None


def _vowels(row: str) -> str:
    return "".join(unit for unit in row if unit >= "ㅏ")


def _starts(occurrence: Occurrence) -> bool:
    left, first = occurrence.left, occurrence.view.text[occurrence.start]
    if not left:
        return True
    if is_hangul(left):
        return is_hangul(first) is False or occurrence.view.text.endswith(PREFIXES, 0, occurrence.start)
    return not left.isalnum() or (is_hangul(first) and not left.isdigit())


def _ends(occurrence: Occurrence) -> bool:
    right, last = occurrence.right, occurrence.view.text[occurrence.end - 1]
    if not right or not right.isalnum() or is_hangul(right):
        return True
    if is_hangul(last):
        return not right.isdigit()
    if not is_latin(right):
        return False
    return rest_of_word(occurrence) > occurrence.end


def rest_of_word(occurrence: Occurrence) -> int:
    """Return where a Latin word ends whose rest is a Korean ending or suffix, or the occurrence's own end."""
    view, at = occurrence.view, occurrence.end
    while at < len(view.text) and is_latin(view.text[at]) and at - occurrence.end < _MAX_REST:
        at += 1
    first, past = view.units_in(occurrence.end, at)
    rest = squeeze(_SILENT_RE.sub("", view.raw[first:past]))
    again = rest == occurrence.pattern.key or rest == squeeze(view.raw[occurrence.first : occurrence.last + 1])
    return at if rest and (again or _ENDING_RE.fullmatch(rest)) else occurrence.end
