"""Words that the lexicon excuses are not asked of the classifier, and nothing else changes for it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from masker import Masker, Preset, thresholds_for
from masker.standin import with_stand_ins
from tests.masker.strategies import texts

STANDARD = thresholds_for(Preset.STANDARD)


@pytest.fixture(scope="module")
def masker() -> Masker:
    return Masker.load()


@settings(max_examples=300, deadline=None)
@given(texts)
def test_a_stand_in_keeps_every_position_and_every_character_outside_the_excused_words(text: str) -> None:
    rejections = Masker().read(text).detection.rejections
    read = with_stand_ins(text, rejections)
    assert len(read) == len(text)
    if not any(rejection.innocent for rejection in rejections):
        assert read == text
    excused = {at for one in rejections if one.innocent for at in range(one.span.start, one.span.end)}
    for at, (before, after) in enumerate(zip(text, read, strict=True)):
        assert before == after or before.isalnum() or at in excused


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("시발역에서 타면 앉아 가요", "a place name that an exception knows"),
        ("그게 논란의 시발점이었어", "a word of its own that an exception knows"),
        ("병신년에 태어났어요", "a year's name"),
        ("새끼발가락 찧었어", "a part of the body"),
        ("판다 새끼 귀엽다", "an animal's young: the exception looks at the word before"),
        ("basement assessment", "English words that hold a curse inside"),
        ("pussycat dolls", "an English word that begins with one"),
        ("The Scunthorpe branch opens at nine on weekdays.", "a long English word, and its stand-in is one too"),
        ("을미사변 다음 해가 병신년이다", "a year that a second, unfitting reading also reaches"),
    ],
)
def test_the_shipped_classifier_does_not_outvote_what_the_lexicon_excuses(
    masker: Masker, text: str, reason: str
) -> None:
    assert masker.inspect(text).flagged(STANDARD) == (), reason


def test_what_stands_beside_an_excused_word_still_counts(masker: Masker) -> None:
    assert masker.mask("시발역에서 만나 이 병신아").text.startswith("시발역에서 만나 이 ●")
