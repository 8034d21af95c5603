"""Where a term may stand: what each view brings to the judge, and how it says that the text differs from the form."""

from __future__ import annotations

import pytest

from masker.detectors.lexicon import embedded_lexicon
from masker.detectors.lexicon.candidates import Candidates
from masker.detectors.lexicon.compiled import How
from masker.normalise import Normalised


def found(text: str) -> dict[str, How]:
    """Return the candidates of a text: what is written there, and how the nearest pattern differs from its form."""
    nearest: dict[str, How] = {}
    for occurrence in Candidates(Normalised(text), embedded_lexicon()):
        written = text[occurrence.start : occurrence.end]
        nearest[written] = min(nearest.get(written, How.TYPED), occurrence.pattern.how, key=list(How).index)
    return nearest


@pytest.mark.parametrize(
    ("text", "written", "how", "reason"),
    [
        ("진짜 시발", "시발", How.EXACT, "as the lexicon has it"),
        ("쒸뷀 뭐야", "쒸뷀", How.PHONETIC, "tensed, rounded, and another vowel"),
        ("야 병씬아", "병씬", How.PHONETIC, "tensed"),
        ("닥춰라 좀", "닥춰라", How.PHONETIC, "rounded"),
        ("시밸 또야", "시밸", How.PHONETIC, "another vowel"),
        ("지롤 말고", "지롤", How.PHONETIC, "one vowel blurred"),
        ("발시 뭐야", "발시", How.REORDERED, "two syllables turned about"),
        ("끼새개 드디어", "끼새개", How.REORDERED, "three syllables reversed"),
        ("개끼새 저거", "개끼새", How.REORDERED, "two of three changed about"),
    ],
)
def test_a_disguise_is_a_candidate_that_says_how_it_differs(text: str, written: str, how: How, reason: str) -> None:
    assert found(text).get(written) is how, reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("오늘 날씨가 좋네요", "nothing sounds alike"),
        ("변기 신호", "white space parts words"),
        ("하는 습관을 고치다", "inside another word"),
        ("출발 시간표", "another order across a space"),
        ("그 장기를 배우다", "not the vowels of any term"),
    ],
)
def test_ordinary_words_cost_no_judgement(text: str, reason: str) -> None:
    assert not [how for how in found(text).values() if how in (How.PHONETIC, How.REORDERED)], reason
