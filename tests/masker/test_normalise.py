"""The laws of the aligned views."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from masker.normalise import JAMO_FOLD, LATIN_FOLD, Normalised, View, squeeze
from masker.normalise.jamo import join_syllable, split_syllable
from masker.normalise.view import cluster_starts
from tests.masker.strategies import texts


def views(text: str) -> list[View]:
    read = Normalised(text)
    return [
        read.jamo,
        read.split,
        read.initials,
        read.shapes,
        read.phonetic,
        read.sounds,
        read.sounding,
        read.typed,
        read.latin,
        read.unstarred,
    ]


@settings(max_examples=400, deadline=None)
@given(texts)
def test_every_unit_knows_a_code_point_of_the_text_in_order(text: str) -> None:
    for view in views(text):
        assert len(view.raw) == len(view.sources)
        assert list(view.sources) == sorted(view.sources)
        assert all(0 <= source < len(text) for source in view.sources)


@settings(max_examples=400, deadline=None)
@given(texts)
def test_the_ranges_of_a_view_cover_whole_clusters_and_the_clusters_give_the_text_back(text: str) -> None:
    starts = cluster_starts(text)
    assert "".join(text[a:b] for a, b in pairwise(starts)) == text
    for view in views(text):
        for at in range(len(view.raw)):
            start, end = view.range_of(at, at)
            assert start in starts
            assert end in starts
            assert start <= view.sources[at] < end


@settings(max_examples=400, deadline=None)
@given(texts)
def test_the_prefilter_reads_the_same_units_as_the_view(text: str) -> None:
    read = Normalised(text)
    assert read.jamo.units == squeeze(text.translate(JAMO_FOLD))
    assert read.latin.units == squeeze(read.latin.read.translate(LATIN_FOLD))


@settings(max_examples=400, deadline=None)
@given(texts)
def test_the_units_of_a_view_are_the_fold_of_their_sources(text: str) -> None:
    for view in views(text):
        assert len(view.read) == len(text)
        assert view.raw == "".join(view.fold[ord(char)] for char in view.read)
        for at, char in enumerate(view.read):
            first, past = view.units_in(at, at + 1)
            assert view.raw[first:past] == view.fold[ord(char)]


@settings(max_examples=400, deadline=None)
@given(texts)
def test_a_unit_opens_and_closes_its_cluster_where_its_neighbours_are_of_another(text: str) -> None:
    for view in views(text):
        homes = [view.clusters.around(source)[0] for source in view.sources]
        assert [view.home(unit) for unit in range(len(view.sources))] == homes
        edges = [True, *(left != right for left, right in pairwise(homes)), True]
        assert [bool(flag) for flag in view.opens] == edges[:-1][: len(homes)]
        assert [bool(flag) for flag in view.closes] == edges[1:][: len(homes)]


@settings(max_examples=400, deadline=None)
@given(texts)
def test_clusters_are_those_of_the_standard(text: str) -> None:
    assert cluster_starts(text) == [match.start() for match in regex.finditer(r"\X", text)] + [len(text)]


@settings(max_examples=400, deadline=None)
@given(texts)
def test_runs_cut_the_raw_row_where_units_change(text: str) -> None:
    for view in views(text):
        runs = list(view.runs)
        assert len(runs) == len(view.units) + 1
        for unit, start, end in zip(view.units, runs, runs[1:], strict=False):
            assert view.raw[start:end] == unit * (end - start)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("\u1109\u1175\u1107\u1161\u11af", "decomposed"),
        ("ㅅㅣㅂㅏㄹ", "compatibility jamo"),
        ("ﾵￜﾲￂﾩ", "half-width"),
        ("㉦ㅣ㉥ㅏ㉣", "circled"),
        ("시ㅂㅏㄹ", "half taken apart"),
        ("시 . 발", "gaps are no units"),
        ("시\u200b\u0301발", "the invisible is no unit"),
    ],
)
def test_every_form_of_a_word_has_the_units_of_the_plain_word(written: str, reason: str) -> None:
    assert Normalised(written).jamo.units == Normalised("시발").jamo.units, reason


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("ｆｕｃｋ", "full-width"),
        ("ⓕⓤⓒⓚ", "circled"),
        ("🅕🅤🅒🅚", "circled in negative"),
        ("🅵🆄🅲🅺", "squared"),
        ("⒡⒰⒞⒦", "in parentheses"),
        ("𝒇𝓾𝕔𝖐", "mathematical letters"),
        ("🇫🇺🇨🇰", "regional indicators"),
        ("ᶠᵘᶜᵏ", "modifier letters"),
        ("ғᴜᴄᴋ", "small capitals"),
        ("ᖴᑌᑕᛕ", "Canadian syllabics and runes"),
        ("ƒųçķ", "accents and hooks"),
        ("fυсκ", "Greek and Cyrillic"),
    ],
)
def test_every_guise_of_a_latin_word_has_the_units_of_the_plain_word(written: str, reason: str) -> None:
    assert Normalised(written).latin_units == "fuck", reason


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=20))
def test_composed_and_decomposed_text_have_the_same_units(text: str) -> None:
    assert Normalised(text).jamo.units == Normalised(unicodedata.normalize("NFD", text)).jamo.units


@given(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3))
def test_joining_a_split_syllable_gives_it_back(syllable: str) -> None:
    assert join_syllable(*split_syllable(syllable)) == syllable


@given(st.text(alphabet=st.one_of(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), st.sampled_from(" .,?~"))))
def test_plain_hangul_is_what_no_other_view_holds_anything_of(text: str) -> None:
    read = Normalised(text)
    assert read.plain
    gates = (read.has_split, read.has_asides, read.has_shapes, read.has_initials, read.has_sounds, read.has_typed)
    assert not any(gates)
    assert not read.latin_units
    assert not Normalised(text + "1").plain
