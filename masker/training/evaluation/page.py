"""The figures as one page that needs nothing but itself: tables, and pictures inside the file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from masker.presets import Preset
from masker.training.evaluation.judged import ENTRANTS
from masker.training.evaluation.pictures import LABELS_KO, all_pictures

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.55 system-ui, "Noto Sans KR", "Malgun Gothic", "Apple SD Gothic Neo", sans-serif; color: #1c1f24;
  background: #fff; max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.2rem; margin-top: 2.2rem; } .lead { color: #505865; }
.numbers { display: flex; flex-wrap: wrap; gap: .75rem; padding: 0; list-style: none; }
.numbers li { border: 1px solid #d5dae1; border-radius: .5rem; padding: .6rem .9rem; min-width: 9rem; }
.numbers b { display: block; font-size: 1.35rem; }
.scroll { overflow-x: auto; margin: 1.4rem 0; } table { border-collapse: collapse; font-size: .92rem; }
caption { text-align: start; color: #505865; padding-bottom: .4rem; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #e2e6ec; text-align: end; white-space: nowrap; }
th:first-child { text-align: start; font-weight: 600; } thead th { border-bottom: 2px solid #aab3bf; }
figure { margin: 1rem 0; } img { max-width: 100%; height: auto; } figcaption { color: #505865; font-size: .92rem; }
"""

_CAPTIONS = {
    "recall": (
        "잡아낸 비율과 깨끗한 대화의 오탐",
        "What is caught at each share of clean chat that is flagged by mistake",
    ),
    "presets": ("기준값에 따른 놓침과 오탐", "Misses along the threshold; grey lines are the presets"),
    "reliability": (
        "점수의 보정",
        "What a score means: on the grey line, 0.8 means that four in five such rows offend",
    ),
    "sources": ("자료별 AUC", "AUC of the highest label, by source"),
    "labels": ("분류별", "AUC and F1 by label, on the rows whose source annotates it"),
    "confusion": (
        "분류의 혼동",
        "K-MHaS: of the rows that bear a class, what percentage was given which; a row given nothing is none",
    ),
    "disguises": ("변형된 말", "Still flagged when what was found is disguised, by class of disguise"),
    "groups": ("집단을 언급한 중립 문장", "Mean score of neutral sentences that name a group, highest first"),
}

Cells = Sequence[Any]


def page(figures: Mapping[str, Any], model: str) -> str:
    """Return the whole page as HTML. `figures` are those of `evaluate_fully`; `model` is its name and version."""
    pictures = {name: _figure(name, svg) for name, svg in all_pictures(figures).items()}
    sections = [
        _section("순위 매기기", "Ranking", [pictures.get("recall", ""), pictures.get("sources", "")]),
        _section("기준값의 값", "What the presets cost", [pictures.get("presets", ""), _presets(figures)]),
        _section("사전과 분류기", "Joining lexicon and classifier", [_combination(figures)]),
        _section(
            "분류",
            "Labels",
            [pictures.get("labels", ""), _labels(figures), pictures.get("confusion", ""), _kmhas(figures)],
        ),
        _section("보정", "Calibration", [pictures.get("reliability", ""), _calibration(figures)]),
        _section("가려지는 자리", "What is masked", [_places(figures), _residual(figures)]),
        _section("편향", "Bias", [pictures.get("groups", ""), _bias(figures)]),
        _section("변형", "Disguises", [pictures.get("disguises", ""), _disguises(figures)]),
    ]
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(model)}: evaluation</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{_STYLE}</style></head><body><main>",
            f"<h1>{escape(model)}</h1>",
            f'<p class="lead">분류기 평가 · Evaluation on {figures["rows"]:,} held-out rows</p>',
            _headline(figures),
            *sections,
            "</main></body></html>\n",
        ]
    )


def _headline(figures: Mapping[str, Any]) -> str:
    standard = figures["verdicts"]["at_preset"][Preset.STANDARD.value]["both"]
    chat = standard["by_source"].get("clean_utterances", {}).get("false_alarms")
    numbers = [
        ("AUC (자료 평균 · mean over sources)", _number(figures["yardstick"].get("auc"))),
        ("놓침 · missed at standard", _percent(standard.get("misses"))),
        ("오탐 · clean chat flagged", _percent(chat, 2)),
        ("보정 오차 · calibration error", _number(figures["calibration"].get("offence", {}).get("error"))),
        ("가장 나쁜 집단 · worst group", _percent(figures["bias"]["worst_group"][Preset.STANDARD.value])),
        ("가린 뒤 · left after masking", _percent(figures["residual"].get("rest_still_flagged", {}).get("both"))),
    ]
    return f'<ul class="numbers">{"".join(f"<li><b>{value}</b>{name}</li>" for name, value in numbers)}</ul>'


def _section(korean: str, english: str, parts: Iterable[str]) -> str:
    return f"<section><h2>{korean} · {english}</h2>{''.join(parts)}</section>"


def _figure(name: str, svg: str) -> str:
    korean, english = _CAPTIONS[name]
    data = b64encode(svg.encode()).decode()
    return (
        f'<figure><img alt="{escape(english)}" src="data:image/svg+xml;base64,{data}">'
        f"<figcaption>{korean}. {english}.</figcaption></figure>"
    )


def _table(caption: str, heads: Cells, rows: Iterable[Cells]) -> str:
    body = "".join(
        f'<tr><th scope="row">{escape(str(name))}</th>{"".join(f"<td>{escape(str(cell))}</td>" for cell in cells)}</tr>'
        for name, *cells in rows
    )
    if not body:
        return ""
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in heads)
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _percent(value: float | None, digits: int = 1) -> str:
    return "" if value is None else f"{100 * value:.{digits}f}%"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _presets(figures: Mapping[str, Any]) -> str:
    rows = []
    for preset, entrants in figures["verdicts"]["at_preset"].items():
        for entrant in ENTRANTS:
            costs = entrants[entrant]
            chat = costs["by_source"].get("clean_utterances", {}).get("false_alarms")
            rows.append(
                (preset, entrant, _percent(costs.get("misses")), _percent(costs.get("false_alarms")), _percent(chat, 2))
            )
    heads = ("preset", "by", "missed", "clean rows flagged", "clean chat flagged")
    totals = _table("Over all sources", heads, rows)
    standard = figures["verdicts"]["at_preset"][Preset.STANDARD.value]["both"]["by_source"]
    by_source = [
        (name, _percent(costs.get("misses")), _percent(costs.get("false_alarms"), 2))
        for name, costs in standard.items()
    ]
    return totals + _table("Both, at the standard preset, by source", ("source", "missed", "clean flagged"), by_source)


def _combination(figures: Mapping[str, Any]) -> str:
    rows = [
        (
            name,
            preset,
            _percent(costs["misses"]),
            _percent(costs["chat_false_alarms"], 2),
            _percent(costs["other_false_alarms"]),
        )
        for name, presets in figures["combination"].items()
        for preset, costs in presets.items()
    ]
    heads = ("rule", "preset", "missed", "clean chat flagged", "other clean rows flagged")
    return _table("`seconded` is in use; the others are what else was measured", heads, rows)


def _labels(figures: Mapping[str, Any]) -> str:
    rows = [
        (
            f"{LABELS_KO[name]} {name}",
            label["positive"],
            *(_number(label[key]) for key in ("auc", "f1_at_0.5", "precision_at_0.5", "recall_at_0.5")),
            *(_number(label.get(f"recall_at_{share}_false_alarms")) for share in ("0.1%", "1.0%")),
        )
        for name, label in figures["labels"].items()
    ]
    heads = ("label", "rows", "AUC", "F1", "precision", "recall", "recall at 0.1%", "recall at 1%")
    return _table("Said from 0.5 on; recall at 0.1% and 1% of clean chat flagged by the label", heads, rows)


def _kmhas(figures: Mapping[str, Any]) -> str:
    found = figures["kmhas_with_none"]
    names = ("macro_f1", "micro_f1", "macro_without_race_f1")
    each = [(f"{LABELS_KO[name]} {name}", _number(value)) for name, value in found.get("f1", {}).items()]
    rows = [(name.replace("_", " "), _number(found[name])) for name in names if name in found] + each
    return _table('K-MHaS, nine classes with "none"', ("", "F1"), rows)


def _calibration(figures: Mapping[str, Any]) -> str:
    found = figures["calibration"]
    every = {**({"offence": found["offence"]} if "offence" in found else {}), **found["labels"]}
    rows = [(name, _number(each["error"]), _number(each["brier"])) for name, each in every.items()]
    return _table("Expected calibration error over ten bins", ("score", "error", "Brier"), rows)


def _places(figures: Mapping[str, Any]) -> str:
    rows = [
        (
            name,
            preset,
            f"{each['flagged']} of {each['rows']}",
            *(_percent(each.get(key)) for key in ("inside", "hit", "masked")),
            *(_number(each.get(key)) for key in ("char_f1", "word_f1")),
        )
        for preset, sets in figures["places"].items()
        for name, each in sets.items()
    ]
    heads = ("marks", "preset", "flagged", "masked inside", "rows hit", "median masked", "F1 chars", "F1 words")
    return _table("What is masked, beside what people marked", heads, rows)


def _residual(figures: Mapping[str, Any]) -> str:
    found = figures["residual"]
    names = {"still_flagged": "as masked", "rest_still_flagged": "with harmless words for stars"}
    scores = {"still_flagged": "score_after", "rest_still_flagged": "rest_score"}
    rows = [
        (name, *(_percent(found[key][entrant]) for entrant in ENTRANTS), _number(found[scores[key]]))
        for key, name in names.items()
        if key in found
    ]
    caption = f"{found['rows']:,} masked rows read again: flagged by, and mean score"
    if "score_before" in found:
        caption += f" (before: {_number(found['score_before'])})"
    return _table(caption, ("", *ENTRANTS, "mean score"), rows)


def _bias(figures: Mapping[str, Any]) -> str:
    bias = figures["bias"]
    made = {name: bias[name] for name in bias if isinstance(bias[name], Mapping) and "rows" in bias[name]}
    made.pop("worst_group", None)
    presets = [preset.value for preset in Preset]
    heads = ("", "rows", "mean score", *presets)
    tables = [
        _table(caption, heads, [_bias_row(name, each, presets) for name, each in rows.items()])
        for caption, rows in (
            (
                "Flagged, by where the sentences come from (frames: every name put into sentences written here)",
                made,
            ),
            ("Flagged, by group", bias["groups"]),
        )
    ]
    return "".join(tables)


def _bias_row(name: str, each: Mapping[str, Any], presets: Sequence[str]) -> Cells:
    return (
        name.replace("_", " "),
        each["rows"],
        _number(each["mean_score"]),
        *(_percent(each[preset]) for preset in presets),
    )


def _disguises(figures: Mapping[str, Any]) -> str:
    rows = [
        (kind.replace("_", " "), each["rows"], *(_percent(each[entrant]) for entrant in ENTRANTS))
        for kind, each in figures["robustness"]["kinds"].items()
    ]
    return _table("Rows still flagged at the standard preset", ("disguise", "rows", *ENTRANTS), rows)
