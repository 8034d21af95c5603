"""Files of a guild's terms: what is written is read again, what does not fit is named with its line."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.term_files import FILE_LIMIT_BYTES, TermFileForm, as_meant, harmless, read, tidy, written
from bot.terms import GuildTerm, TermKind
from masker.labels import Label

_entries = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)


@st.composite
def _terms(draw: st.DrawFn) -> GuildTerm:
    kind = draw(st.sampled_from(TermKind))
    entry = tidy(kind, draw(_entries.filter(lambda entry: tidy(TermKind.ALLOW, entry) != "")))
    return GuildTerm(kind, entry, None if kind is TermKind.ALLOW else draw(st.sampled_from(Label)))


@given(st.lists(_terms(), min_size=1, max_size=8, unique_by=lambda term: (term.kind, term.entry)))
def test_what_is_written_is_read_again(terms: list[GuildTerm]) -> None:
    for form in TermFileForm:
        result = read(written(terms, form))
        assert result.problems == ()
        assert [term for term, _ in result.terms] == terms


@given(_entries)
def test_no_cell_begins_like_a_formula_and_each_is_read_as_meant(entry: str) -> None:
    assert harmless(entry)[0] not in "=+-@\t\r\n＝＋－＠"
    assert as_meant(harmless(entry)) == entry


def test_a_spreadsheet_finds_no_formula_in_what_is_exported() -> None:
    raw = written([GuildTerm(TermKind.PATTERN, "=HYPERLINK(1)", Label.INSULT)], TermFileForm.CSV)
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows == [["kind", "entry", "label"], ["pattern", "'=HYPERLINK(1)", "insult"]]


BLOCK, ALLOW, PATTERN = TermKind.BLOCK, TermKind.ALLOW, TermKind.PATTERN


@pytest.mark.parametrize(
    ("raw", "expected", "reason"),
    [
        (
            "꼬부기\n\n# 메모\n!시발택시\n/밤양갱[0-9]/\n",
            [(BLOCK, "꼬부기"), (ALLOW, "시발택시"), (PATTERN, "밤양갱[0-9]")],
            "lines",
        ),
        (
            "kind;entry\r\nallow;시발택시\r\n",
            [(ALLOW, "시발택시")],
            "semicolons, as Excel writes them in some countries",
        ),
        ("종류,단어,갈래\n금지,꼬부기,성별 혐오\n", [(BLOCK, "꼬부기")], "named in Korean"),
        (
            '["꼬부기", {"entry": "시발택시", "kind": "allow"}]',
            [(BLOCK, "꼬부기"), (ALLOW, "시발택시")],
            "a bare JSON list",
        ),
        ("entry\n  꼬부기   왕자 \n", [(BLOCK, "꼬부기 왕자")], "white space"),
        ("꼬부기\n꼬부기\n", [(BLOCK, "꼬부기")], "the same twice is one"),
        ('entry,kind\n"a\nb",pattern\n', [(PATTERN, "a\nb")], "a line break inside a cell"),
    ],
)
def test_every_form_that_people_write_is_read(raw: str, expected: list[tuple[TermKind, str]], reason: str) -> None:
    result = read(raw.encode())
    assert result.problems == (), reason
    assert [(term.kind, term.entry) for term, _ in result.terms] == expected, reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_the_encodings_that_korean_spreadsheets_save_in_are_read(encoding: str) -> None:
    (found,) = read("kind,entry\nblock,꼬부기\n".encode(encoding), Label.GENDER).terms
    assert found == (GuildTerm(BLOCK, "꼬부기", Label.GENDER), 2)


@pytest.mark.parametrize(
    ("raw", "said", "line"),
    [
        (b"kind,entry\nblock,ok\nblok,no\n", "terms.file_kind", 3),
        (b'kind,entry,label\nblock,"a\nb",insult\nblock,no,rude\n', "terms.file_label", 4),
        (b"\n\nkind,entry\nblock,a,b,c\n", "terms.file_columns", 4),
        (b'kind,entry\nblock,"never closed\n', "terms.file_csv", 2),
        ("꼬부기\n".encode() + b"a" * 201, "terms.file_length", 2),
        (b"ok\nx\0y\n", "terms.file_character", 2),
        (b'{"terms": [\n{"entry": "ok"},\n{"entry": 7}\n]}', "terms.file_no_entry", 3),
        (b'[\n"ok",\n{"entry": "no", "label": "rude"}]', "terms.file_label", 3),
        (b'["ok",\n}', "terms.file_json", 2),
        (b'{"words": []}', "terms.file_no_terms", None),
        (b"[" * 100_000, "terms.file_json", None),
        (b"# nothing\n", "terms.file_empty", None),
        (b"\xff\xff\xfe", "terms.file_letters", None),
        (b"a" * (FILE_LIMIT_BYTES + 1), "terms.file_too_large", None),
        ("\n".join(f"w{at}" for at in range(1_001)).encode(), "terms.full", None),
        ("\n".join(f"/w{at}/" for at in range(101)).encode(), "terms.full", None),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(raw: bytes, said: str, line: int | None) -> None:
    problems = read(raw).problems
    assert (problems[-1].reason, problems[-1].line) == (said, line)


@given(
    st.binary(max_size=200)
    | st.text(max_size=80).map(lambda words: ("entry,kind\n" + words).encode("utf-8", "replace"))
)
def test_no_file_breaks_the_reader(raw: bytes) -> None:
    result = read(raw)
    assert result.terms or result.problems


def test_a_thousand_words_fit_into_a_file() -> None:
    terms = [GuildTerm(ALLOW, f"{'𐍈' * 195}{at:04}") for at in range(1_000)]
    for form in TermFileForm:
        assert len(read(written(terms, form)).terms) == 1_000
    assert json.loads(written(terms, TermFileForm.JSON))["format"] == 1
