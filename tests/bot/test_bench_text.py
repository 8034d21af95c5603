"""`garim bench text`: its sets are sound, its counts are right, its errors name line and field."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bench import text_rivals
from bot.bench.text_cases import CLASSES, PUBLISHED, Case, SetUnusable, parse_marked, read_set
from bot.bench.text_corpora import Corpora, CorpusUnusable
from bot.bench.text_ledger import HARMLESS, SWEARS, UNREAD, digest, read_ledger
from bot.bench.text_score import Outcome, Reading, by_class, garim, judged, marked, share, tally, up_to_a_particle
from bot.bench.text_speed import hostile_texts, slope, timed
from masker import Masker, Preset, Span, thresholds_for
from tests.support.command import garim as command

STANDARD = thresholds_for(Preset.STANDARD)
OWN_SET = ("bench", "text", "--set", "own.tsv", "--without-model", "--messages", "100")


def write(folder: Path, name: str, *lines: str) -> Path:
    file = folder / name
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def case(written: str, kind: str = "plain") -> Case:
    text, gold = parse_marked(written)
    return Case(text, gold, kind, "a reason", "here:1")


def test_the_published_sets_hold_enough_of_every_class_and_nothing_twice() -> None:
    published = read_set(PUBLISHED)
    kinds = Counter(one.kind for one in published.disguised)
    assert len(published.disguised) >= 600
    assert len(published.innocent) >= 600
    assert set(kinds) == set(CLASSES)
    assert min(kinds.values()) >= 30
    texts = Counter(one.text for one in (*published.disguised, *published.innocent))
    assert [text for text, times in texts.items() if times > 1] == []


def test_no_published_span_begins_or_ends_with_white_space_or_is_the_whole_of_a_long_sentence() -> None:
    for one in read_set(PUBLISHED).disguised:
        for span in one.gold:
            word = one.text[span.start : span.end]
            assert word == word.strip(), one.place
            assert len(word) <= 60, one.place


@pytest.mark.parametrize(
    ("written", "text", "spans", "reason"),
    [
        ("야 ⟦시발⟧은", "야 시발은", [(2, 4)], "one span"),
        ("⟦ㅅㅂ⟧ 저 ⟦새끼⟧", "ㅅㅂ 저 새끼", [(0, 2), (5, 7)], "two spans"),
        (r"⟦시\u200b발⟧", "시\u200b발", [(0, 3)], "an escape is one code point"),
        (r"\U0001f600⟦시\n발⟧", "\U0001f600시\n발", [(1, 4)], "long escapes and line breaks"),
        (r"⟦f\*ck⟧ \o/", r"f\*ck \o/", [(0, 5)], "other backslashes stay"),
        ("다시 발급", "다시 발급", [], "harmless"),
    ],
)
def test_marks_and_escapes_are_undone(written: str, text: str, spans: list[tuple[int, int]], reason: str) -> None:
    assert parse_marked(written) == (text, tuple(Span(*span) for span in spans)), reason


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("x.tsv", "시발\tplain", "x.tsv:2: row: needs 3 fields with a tab between"),
        ("x.tsv", "⟦시발\tplain\tr", "x.tsv:2: text: a ⟦ is never closed"),
        ("x.tsv", "시발⟧\tplain\tr", "x.tsv:2: text: ⟧ at position 2 has no partner"),
        ("x.tsv", "⟦⟦시발⟧⟧\tplain\tr", "x.tsv:2: text: ⟦ at position 1 has no partner"),
        ("x.tsv", "⟦⟧ 뭐\tplain\tr", "x.tsv:2: text: the marks at position 1 enclose nothing"),
        ("x.tsv", "⟦시발⟧\t \tr", "x.tsv:2: class or trap: is empty"),
        ("x.tsv", "⟦시발⟧\tplain\t ", "x.tsv:2: reason: is empty"),
        ("x.tsv", "⟦\\ud83d⟧\tplain\tr", r"x.tsv:2: text: \ud83d is no character"),
        ("x.tsv", "가" * 4_001 + "\tplain\tr", "x.tsv:2: text: has 4,001 code points; the limit is 4,000"),
        ("disguised_2.tsv", "시발\tplain\tr", "disguised_2.tsv:2: text: has no ⟦ ⟧ around what must be hidden"),
        ("innocent_2.tsv", "⟦시발⟧\tplain\tr", "innocent_2.tsv:2: text: a harmless row holds no ⟦ ⟧"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_line_and_field(
    tmp_path: Path, name: str, line: str, message: str
) -> None:
    file = write(tmp_path, name, "", line)
    with pytest.raises(SetUnusable) as raised:
        read_set(file)
    assert message in str(raised.value)


def test_a_set_that_holds_nothing_or_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetUnusable, match=r"no \.tsv file under"):
        read_set(tmp_path)
    file = write(tmp_path, "x.tsv")
    with pytest.raises(SetUnusable, match="holds no row"):
        read_set(file)
    file.write_bytes("시발".encode("cp949"))
    with pytest.raises(SetUnusable, match="byte 0 is not UTF-8"):
        read_set(file)


@given(st.text(), st.text(min_size=1), st.text())
def test_printing_marks_and_reading_them_gives_the_same_back(before: str, word: str, after: str) -> None:
    parts = [part.translate({0x27E6: None, 0x27E7: None, 0x5C: None}) for part in (before, word, after)]
    text, spans = "".join(parts), (Span(len(parts[0]), len(parts[0]) + len(parts[1])),) if parts[1] else ()
    assert parse_marked(marked(text, spans)) == (text, spans)


def test_counts_are_those_of_a_hand_made_example() -> None:
    outcomes = [
        Outcome(case("야 ⟦시발⟧은"), Reading(True, (Span(2, 4),))),
        Outcome(case("⟦병신⟧이랑 ⟦새끼⟧"), Reading(True, (Span(0, 4),))),
        Outcome(case("⟦발시⟧ 뭐", "reordered"), Reading(False)),
        Outcome(case("⟦발시⟧ 뭐 그래", "reordered"), Reading(True, (Span(4, 6),))),
        Outcome(case("저 ⟦개새끼⟧"), Reading(True, (Span(3, 5),))),
    ]
    every = tally(outcomes)
    assert (every.rows, every.flagged, every.gold, every.found) == (5, 4, 6, 3)
    assert (every.exact, every.near, every.stray) == (1, 2, 1)
    assert [outcome.missed for outcome in outcomes] == [False, True, True, True, False]
    assert {kind: one.rows for kind, one in by_class(outcomes).items()} == {"plain": 3, "reordered": 2}


def test_marks_that_touch_count_as_one_mask() -> None:
    outcome = Outcome(case("⟦시발⟧⟦병신⟧"), Reading(True, (Span(0, 4),)))
    assert (len(outcome.gold), outcome.exact()) == (1, 1)


@pytest.mark.parametrize(
    ("span", "near", "reason"),
    [
        ((2, 4), True, "the same"),
        ((2, 5), True, "with the particle"),
        ((2, 6), False, "over the next word's space"),
        ((2, 3), False, "shorter"),
        ((1, 4), False, "begins early"),
    ],
)
def test_up_to_a_particle_means_the_same_start_and_an_end_in_the_same_eojeol(
    span: tuple[int, int], near: bool, reason: str
) -> None:
    assert up_to_a_particle("야 시발은 뭐", Span(2, 4), Span(*span)) is near, reason


def test_a_share_of_nothing_is_nothing() -> None:
    assert (share(1, 4), share(0, 0)) == (25.0, 0.0)


def test_garim_is_judged_by_what_it_flags_at_the_thresholds() -> None:
    outcomes = judged(garim("garim", Masker(), STANDARD), [case("야 ⟦시발⟧은"), case("다시 발급해 주세요")])
    assert [outcome.reading.flagged for outcome in outcomes] == [True, False]
    assert (tally(outcomes).exact, outcomes[0].reading.rules) == (1, ("sibal",))


def test_rivals_are_the_installed_packages_and_leave_the_streams_alone() -> None:
    streams = sys.stdout, sys.stderr
    korcen, english = text_rivals.installed_rivals()
    assert (sys.stdout, sys.stderr) == streams
    assert (korcen.flags("시발"), korcen.flags("안녕하세요")) == (True, False)
    assert (english.flags("what the fuck is this"), english.flags("hello there")) == (True, False)


@pytest.mark.parametrize("name", ["korcen", "better_profanity"])
def test_a_missing_rival_names_the_extra_that_brings_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(text_rivals.RivalMissing, match=rf"{name} is not installed.*install garim\[dev\].*--alone"):
        text_rivals.installed_rivals()


def test_word_list_rules_look_anywhere_or_for_whole_words() -> None:
    anywhere = text_rivals.anywhere("x", ["시발", " ", "FUCK"])
    assert [anywhere.flags(text) for text in ("다시발급", "다시 발급", "motherfucker")] == [True, False, True]
    whole = text_rivals.whole_words("x", ["ass", "a.s", ""])
    assert [whole.flags(text) for text in ("class", "you ASS!", "aXs", "a.s")] == [False, True, False, True]


def test_word_lists_and_clean_text_come_from_the_shared_folder(shared_folder: Path) -> None:
    corpora = Corpora.shared()
    assert corpora == Corpora(shared_folder / "data")
    substring, whole = text_rivals.listed_rivals(corpora)
    assert substring.flags("이 시발")
    assert whole.flags("you bastard")
    spoken, reviews = corpora.clean(50)
    assert (len(spoken.texts), len(reviews.texts)) == (50, 50)
    assert corpora.clean(50)[1].texts == reviews.texts


def test_a_shared_folder_that_lacks_the_data_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GARIM_SHARED", str(tmp_path))
    with pytest.raises(CorpusUnusable, match="is no folder; name the one that holds data/"):
        Corpora.shared()
    (tmp_path / "data").mkdir()
    with pytest.raises(CorpusUnusable, match="is missing"):
        text_rivals.listed_rivals(Corpora(tmp_path / "data"))
    monkeypatch.delenv("GARIM_SHARED")
    assert Corpora.shared() is None


def test_the_ledger_says_what_its_reader_said_and_nothing_of_other_lines(tmp_path: Path) -> None:
    file = write(tmp_path, "read.tsv", f"{digest('아 시발 재미없다')}\tswears", f"{digest('시발역')}\tharmless")
    ledger = read_ledger(file)
    assert [ledger.verdict(text) for text in ("아 시발 재미없다", "시발역", "다른 줄")] == [SWEARS, HARMLESS, UNREAD]
    assert [ledger.swears(text) for text in ("아 시발 재미없다", "시발역", "다른 줄")] == [True, False, False]


def test_the_shipped_ledger_reads_and_a_bad_line_is_named(tmp_path: Path) -> None:
    assert set(read_ledger().said.values()) <= {SWEARS, HARMLESS}
    with pytest.raises(ValueError, match=r"read\.tsv:1: needs a new digest"):
        read_ledger(write(tmp_path, "read.tsv", "abc\tswears"))


def test_hostile_texts_have_their_length_and_come_again() -> None:
    cases = [case("⟦시1발⟧ 뭐", "inserted"), case("⟦fuck⟧ it", "english")]
    first, second = hostile_texts(cases, 300, 2)
    assert (len(first), len(second)) == (300, 300)
    assert first != second
    assert "시1발" in first
    assert "fuck" in first
    assert hostile_texts(cases, 300, 2) == [first, second]
    with pytest.raises(ValueError, match="made of marked cases"):
        hostile_texts([case("안녕")], 300, 1)


@given(st.floats(0.3, 3.0), st.floats(1e-6, 1e-3))
def test_the_exponent_of_a_power_law_is_found(exponent: float, factor: float) -> None:
    lengths = (500, 1_000, 2_000, 4_000)
    assert slope(lengths, [factor * length**exponent for length in lengths]) == pytest.approx(exponent, abs=1e-3)


def test_every_filter_is_timed_on_every_text() -> None:
    entrants = [text_rivals.anywhere("a", ["시발"]), text_rivals.whole_words("b", ["ass"])]
    taken = timed(entrants, ["안녕"] * 120)
    assert {name: len(seconds) for name, seconds in taken.items()} == {"a": 120, "b": 120}
    assert all(second > 0 for seconds in taken.values() for second in seconds)


def test_the_command_reads_a_set_of_ones_own_and_lists_what_went_wrong(tmp_path: Path) -> None:
    write(tmp_path, "own.tsv", "야 ⟦시발⟧ 뭐\tplain\tr", "⟦무지개떡⟧ 먹어\tmine\tno curse", "다시 발급\t시발\tr")
    ran = command(*OWN_SET, "--alone", "--misses", "--json", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    figures = {figure["name"]: figure["value"] for figure in said["figures"]}
    assert figures["recall, all classes: Garim, lexicon"] == 50
    assert figures["recall, mine: Garim, lexicon"] == 0
    assert figures["spans, exact, of those found: Garim, lexicon"] == 100
    assert figures["false alarms, innocents flagged: Garim, lexicon"] == 0
    assert [(miss["what"], miss["wanted"]) for miss in said["misses"]] == [("missed", "⟦무지개떡⟧ 먹어")]
    assert said["conditions"]["notes"] == [
        "word lists and clean text are left out: set GARIM_SHARED to the folder that holds data/"
    ]


def test_the_command_compares_with_korcen_by_name(tmp_path: Path) -> None:
    write(tmp_path, "own.tsv", "야 ⟦시발⟧ 뭐\tplain\tr", "다시 발급\t시발\tr")
    ran = command(*OWN_SET, "--json", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    figures = {figure["name"]: figure for figure in json.loads(ran.stdout)["figures"]}
    ours = figures["speed, chat: Garim, lexicon"]
    assert ours["baseline"] == "speed, chat: korcen"
    assert ours["ratio"] == pytest.approx(ours["value"] / figures["speed, chat: korcen"]["value"], abs=0.01)


def test_the_table_names_the_baseline_and_a_bad_set_is_one_line(tmp_path: Path) -> None:
    write(tmp_path, "own.tsv", "야 ⟦시발⟧ 뭐\tplain\tr")
    ran = command(*OWN_SET, folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "korcen is the baseline" in ran.stdout
    assert "set GARIM_SHARED" in ran.stdout
    write(tmp_path, "bad.tsv", "야 ⟦시발 뭐\tplain\tr")
    refused = command("bench", "text", "--set", "bad.tsv", folder=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.strip().endswith("bad.tsv:1: text: a ⟦ is never closed")


def test_clean_lines_that_are_flagged_are_listed_with_their_rule(tmp_path: Path, shared_folder: Path) -> None:
    write(tmp_path, "own.tsv", "야 ⟦시발⟧ 뭐\tplain\tr")
    ran = command(
        *(*OWN_SET, "--alone", "--clean", "3000", "--flagged", "--json"),
        folder=tmp_path,
        settings={"GARIM_SHARED": str(shared_folder)},
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    figures = {figure["name"]: figure["value"] for figure in said["figures"]}
    listed = [line for line in said["flagged"] if line["corpus"] == "film reviews"]
    assert len(listed) == round(figures["false alarms, film reviews flagged: Garim, lexicon"] * 30)
    assert all("⟦" in line["text"] and line["rules"] for line in listed)
