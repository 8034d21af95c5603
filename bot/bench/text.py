"""`garim bench text`: what Garim finds in disguised and in harmless sentences, and how fast, beside other filters."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.bench.corpus import chat_lines
from bot.bench.figures import percentile
from bot.bench.text_cases import PUBLISHED, CaseSet, read_set
from bot.bench.text_corpora import Corpora, Corpus
from bot.bench.text_ledger import HARMLESS, UNREAD, Ledger, read_ledger
from bot.bench.text_report import Judged, Row, TextReport
from bot.bench.text_rivals import KORCEN, installed_rivals, listed_rivals, versions
from bot.bench.text_score import Contestant, Tally, by_class, garim, judged, share, tally
from bot.bench.text_speed import HOSTILE_LENGTH, LENGTHS, Timings, growth, hostile, timed
from bot.settings import MaskerSettings
from masker import Masker, Thresholds, thresholds_for
from masker.detectors.lexicon import Lexicon, embedded_lexicon
from masker.detectors.lexicon.extended import MAX_ENTRIES, extended
from masker.model.loading import load_classifier

LEXICON, WHOLE = "Garim, lexicon", "Garim, with model"
ADMIN_TERMS = MAX_ENTRIES
NO_SHARED = "word lists and clean text are left out: set GARIM_SHARED to the folder that holds data/"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class TextOptions:
    """Say what to measure: another set, how much clean text (None: all), how many messages, what to leave out."""

    cases: Path | None = None
    clean_limit: int | None = None
    messages: int = 4_000
    model: bool = True
    alone: bool = False


def run_text(settings: MaskerSettings, options: TextOptions, progress: Progress) -> TextReport:
    """Measure everything in this process, one thread. Raises GarimError for what cannot be read, and ModelError."""
    cases = read_set(options.cases or PUBLISHED)
    shared = Corpora.shared()
    thresholds = thresholds_for(settings.preset)
    ours = _ours(settings, thresholds, options.model)
    rivals = [] if options.alone else [*installed_rivals(), *(listed_rivals(shared) if shared else ())]
    corpora = shared.clean(options.clean_limit) if shared and options.clean_limit != 0 else []
    contestants = [*ours, *rivals]
    said = _judge(contestants, cases, corpora, progress)
    rows = [*_accuracy(said, [one.name for one in ours], read_ledger())]
    rows += _speed(contestants, cases, chat_texts(corpora, options.messages), thresholds, progress)
    return TextReport(
        contestants=tuple(one.name for one in contestants),
        baseline=None if options.alone else KORCEN,
        rows=tuple(rows),
        conditions={
            "disguised": len(cases.disguised),
            "innocent": len(cases.innocent),
            "set": options.cases.name if options.cases else "published",
            "preset": str(settings.preset),
            "model": settings.model if options.model else "none",
            "clock": "processor time, one thread",
            **({} if options.alone else versions()),
        },
        notes=() if shared else (NO_SHARED,),
        said=said,
    )


def _ours(settings: MaskerSettings, thresholds: Thresholds, model: bool) -> list[Contestant]:
    ours = [garim(LEXICON, Masker(), thresholds)]
    if model:
        ours.append(garim(WHOLE, Masker(classifier=load_classifier(settings.model, threads=1)), thresholds))
    return ours


def _step(progress: Progress, what: str, total: int) -> Callable[[int], None]:
    return lambda done: progress(what, done, total)


def _judge(contestants: Sequence[Contestant], cases: CaseSet, corpora: Sequence[Corpus], progress: Progress) -> Judged:
    disguised, innocent, clean = {}, {}, {}
    for one in contestants:
        disguised[one.name] = judged(one, cases.disguised, _step(progress, one.name, len(cases.disguised)))
        innocent[one.name] = judged(one, cases.innocent, _step(progress, one.name, len(cases.innocent)))
        clean[one.name] = [
            (corpus, one.readings(corpus.texts, _step(progress, one.name, len(corpus.texts)))) for corpus in corpora
        ]
    return Judged(disguised, innocent, clean)


def _accuracy(said: Judged, ours: Sequence[str], ledger: Ledger) -> list[Row]:
    classes = {name: by_class(outcomes) for name, outcomes in said.disguised.items()}
    found = {name: tally(outcomes) for name, outcomes in said.disguised.items()}
    traps = {name: tally(outcomes) for name, outcomes in said.innocent.items()}
    kinds = next(iter(classes.values()), {})
    rows = [
        Row("recall", kind, "%", {name: _flagged(groups[kind]) for name, groups in classes.items()}) for kind in kinds
    ]
    if kinds:
        spans = {name: found[name] for name in ours}
        rows += [
            Row("recall", "all classes", "%", {name: _flagged(one) for name, one in found.items()}),
            Row("spans", "found", "%", {name: share(one.found, one.gold) for name, one in spans.items()}),
            Row(
                "spans",
                "exact, of those found",
                "%",
                {name: share(one.exact, one.found) for name, one in spans.items()},
            ),
            Row(
                "spans",
                "exact up to a particle",
                "%",
                {name: share(one.near, one.found) for name, one in spans.items()},
            ),
            Row("spans", "beside every marked word", "spans", {name: one.stray for name, one in spans.items()}),
        ]
    if any(one.rows for one in traps.values()):
        rows.append(Row("false alarms", "innocents flagged", "%", {name: _flagged(one) for name, one in traps.items()}))
    return rows + _clean_rows(said, ours, ledger)


def _clean_rows(said: Judged, ours: Sequence[str], ledger: Ledger) -> list[Row]:
    """Return how much clean text each flags; of Garim's, how much the ledger's reader found harmless or did not see."""
    rows: list[Row] = []
    for number, (corpus, _) in enumerate(next(iter(said.clean.values()), ())):
        flags = {
            name: [text for text, reading in zip(corpus.texts, runs[number][1], strict=True) if reading.flagged]
            for name, runs in said.clean.items()
        }
        whole = len(corpus.texts)

        def rate(verdict: str, flags: dict[str, list[str]] = flags, whole: int = whole) -> dict[str, float]:
            return {name: share(sum(ledger.verdict(text) == verdict for text in flags[name]), whole) for name in ours}

        every = {name: share(len(texts), whole) for name, texts in flags.items()}
        rows += [
            Row("false alarms", f"{corpus.name} flagged", "%", every),
            Row("false alarms", f"{corpus.name}, read and harmless", "%", rate(HARMLESS)),
            Row("false alarms", f"{corpus.name}, not read yet", "%", rate(UNREAD)),
        ]
    return rows


def _flagged(one: Tally) -> float:
    return share(one.flagged, one.rows)


def _speed(
    contestants: Sequence[Contestant],
    cases: CaseSet,
    chat: Sequence[str],
    thresholds: Thresholds,
    progress: Progress,
) -> list[Row]:
    sets = [case.text for case in (*cases.disguised, *cases.innocent)]
    rows: list[Row] = []
    for what, texts in (("chat", chat), ("the set", sets)):
        rows += _timing_rows(what, timed(contestants, texts, _step(progress, f"timing {what}", len(texts))))
    if not cases.disguised:
        return rows
    added = garim(LEXICON, Masker(lexicon_with_admin_terms()), thresholds)
    plain, laden = hostile(contestants, cases.disguised), hostile([added], cases.disguised)
    size = f"{HOSTILE_LENGTH:,} hostile characters"
    exponents = growth(contestants, cases.disguised, _step(progress, "growing inputs", len(LENGTHS)))
    return [
        *rows,
        Row("hostile", size, "ms", {name: 1_000 * statistics.median(one) for name, one in plain.items()}),
        Row("hostile", f"{size}, slowest", "ms", {name: 1_000 * max(one) for name, one in plain.items()}),
        Row(
            "hostile",
            f"{size}, {ADMIN_TERMS:,} admin terms",
            "ms",
            {LEXICON: 1_000 * statistics.median(laden[LEXICON])},
        ),
        Row("hostile", "growth with length (1: linear)", "exponent", exponents),
    ]


def chat_texts(corpora: Sequence[Corpus], count: int) -> list[str]:
    """Return ordinary messages: as many of each corpus, spread over the whole of it, or made-up ones without any."""
    each = -(-count // max(1, len(corpora)))
    spread = [corpus.texts[:: max(1, len(corpus.texts) // each)][:each] for corpus in corpora]
    return [text for texts in spread for text in texts] or chat_lines(count)


def _timing_rows(what: str, timings: Timings) -> list[Row]:
    return [
        Row("speed", what, "messages/s", {name: len(one) / sum(one) for name, one in timings.items()}),
        *(
            Row("speed", f"{what}, {mark}", "µs", {name: 1e6 * percentile(one, at) for name, one in timings.items()})
            for mark, at in (("p50", 0.5), ("p99", 0.99))
        ),
    ]


def lexicon_with_admin_terms(count: int = ADMIN_TERMS) -> Lexicon:
    """Return the shipped lexicon with as many made-up two-syllable words as an admin may add."""
    words = (chr(0xAC00 + (at * 7_919) % 11_172) + chr(0xAC00 + (at * 104_729) % 11_172) for at in range(count))
    return extended(embedded_lexicon(), block=tuple(words))
