"""Pictures of the figures, each one SVG element: letters are drawn as paths, so that a page needs no font."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from masker.presets import BASE_THRESHOLD

HANGUL_FONTS = (
    *("NanumGothic", "NanumBarunGothic", "Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic", "Apple SD Gothic Neo"),
    *("AppleGothic", "UnDotum", "Baekmuk Gulim"),
)
"""Fonts with Hangul by the names that Linux, Windows and macOS give them, best first; none is carried here."""
COLOURS = ("#3b6ea5", "#c8553d", "#3f7d58", "#8a6d9f")
SHOWN_FROM = 0.02
"""Smaller shares of a confusion stay without a number."""
LABELS_KO: Mapping[str, str] = {
    "profanity": "욕설",
    "insult": "모욕",
    "sexual": "음란",
    "threat": "위협",
    "gender": "성별",
    "sexuality": "성소수자",
    "race": "인종",
    "origin": "출신",
    "age": "연령",
    "religion": "종교",
    "politics": "정치",
    "physical": "외모",
    "disability": "장애",
    "none": "없음",
}

Draw = Callable[[Axes], None]


def hangul_font() -> str | None:
    """Return the first font of this machine that has Hangul, or None."""
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((name for name in HANGUL_FONTS if name in installed), None)


def named(label: str) -> str:
    """Return a label with its Korean name where this machine can draw it."""
    korean = LABELS_KO.get(label)
    return f"{korean} {label}" if korean and hangul_font() else label


def picture(draw: Draw, *, width: float = 6.4, height: float = 3.6) -> str:
    """Return what `draw` puts on one pair of axes as an SVG element; sizes in inches."""
    family = [font for font in (hangul_font(), "DejaVu Sans") if font]
    settings: Any = {
        "font.family": family,
        "svg.fonttype": "path",
        "axes.unicode_minus": False,
        "svg.hashsalt": "garim",
    }
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    with mpl.rc_context(settings):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots()
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25, linewidth=0.6)
        axes.set_axisbelow(True)
        draw(axes)
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None})
    text = written.getvalue()
    return text[text.index("<svg") :]


def recall_curve(figures: Mapping[str, Any]) -> str:
    """Draw how much is caught at each share of false alarms on clean chat."""
    curve = figures["clean_chat"]["recall_curve"]

    def draw(axes: Axes) -> None:
        shares = [100 * float(share) for share in curve]
        axes.plot(shares, list(curve.values()), color=COLOURS[0], marker="o", markersize=3)
        axes.set_xscale("log")
        axes.set_xticks([0.1, 1, 10], ["0.1%", "1%", "10%"])
        axes.set(xlabel="clean chat flagged", ylabel="offensive rows caught", ylim=(0, 1.02))

    return picture(draw)


def preset_curve(figures: Mapping[str, Any]) -> str:
    """Draw misses along the threshold for lexicon, classifier and both, with the presets marked."""
    curves = figures["verdicts"]["curve"]

    def draw(axes: Axes) -> None:
        for colour, (entrant, points) in zip(COLOURS, curves.items(), strict=False):
            bars = [point["bar"] for point in points]
            axes.plot(bars, [point["misses"] for point in points], color=colour, label=f"missed by {entrant}")
        for preset, bar in BASE_THRESHOLD.items():
            axes.axvline(bar, color="grey", linewidth=0.8)
            axes.text(bar, 1.01, preset.value, ha="center", fontsize=8)
        axes.set(xlabel="threshold", ylabel="offensive rows missed", ylim=(0, 1.0))
        right = axes.twinx()
        right.spines[["top"]].set_visible(False)
        alarms = [100 * (point["chat_false_alarms"] or 0.0) for point in curves["both"]]
        right.plot([point["bar"] for point in curves["both"]], alarms, color="black", linestyle=":")
        right.set(ylabel="clean chat flagged by both, % (dotted)", ylim=(0, None))
        axes.legend(fontsize=8, loc="upper center")

    return picture(draw)


def reliability(figures: Mapping[str, Any]) -> str:
    """Draw said against true for the offence score, dots as large as the rows they stand for."""
    curve = figures["calibration"]["offence"]["curve"]

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
        said, true = [point["said"] for point in curve], [point["true"] for point in curve]
        axes.plot(said, true, color=COLOURS[0])
        axes.scatter(said, true, s=[12 + 500 * point["weight"] for point in curve], color=COLOURS[0], alpha=0.6)
        axes.set(xlabel="score", ylabel="share that is offensive", xlim=(0, 1), ylim=(0, 1))

    return picture(draw, width=4.2, height=4.0)


def bars(values: Mapping[str, Sequence[float]], series: Sequence[str], *, low: float = 0.0, high: float = 1.0) -> str:
    """Draw horizontal bars: per name one bar of each series, names from the top."""

    def draw(axes: Axes) -> None:
        thick = 0.8 / len(series)
        for number, (name, colour) in enumerate(zip(series, COLOURS, strict=False)):
            places = [row + number * thick for row in range(len(values))]
            axes.barh(places, [value[number] for value in values.values()], height=thick, color=colour, label=name)
        middle = 0.4 - thick / 2
        axes.set_yticks([row + middle for row in range(len(values))], [named(name) for name in values], fontsize=8)
        axes.invert_yaxis()
        axes.set_xlim(low, high)
        axes.grid(visible=False, axis="y")
        if len(series) > 1:
            axes.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(series))

    return picture(draw, height=0.9 + 0.12 * (len(series) + 1) * len(values))


def confusion_picture(names: Sequence[str], shares: Sequence[Sequence[float]]) -> str:
    """Draw a square per pair of classes: true ones downwards, what was said across, darker the more often."""

    def draw(axes: Axes) -> None:
        axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
        for row, values in enumerate(shares):
            for column, value in enumerate(values):
                if value >= SHOWN_FROM:
                    colour = "white" if value > 0.5 else "black"
                    axes.text(column, row, f"{100 * value:.0f}", ha="center", va="center", fontsize=7, color=colour)
        axes.set_xticks(range(len(names)), [named(name) for name in names], fontsize=7, rotation=40, ha="right")
        axes.set_yticks(range(len(names)), [named(name) for name in names], fontsize=7)
        axes.grid(visible=False)
        axes.set(xlabel="said", ylabel="true")

    return picture(draw, width=5.6, height=4.8)


def all_pictures(figures: Mapping[str, Any]) -> dict[str, str]:
    """Return every picture that the figures have the numbers for, by name."""
    found: dict[str, str] = {}
    if figures["clean_chat"]:
        found["recall"] = recall_curve(figures)
    if figures["verdicts"]["curve"]["both"][0]["misses"] is not None:
        found["presets"] = preset_curve(figures)
    if "offence" in figures["calibration"]:
        found["reliability"] = reliability(figures)
    if figures["auc_by_source"]:
        found["sources"] = bars({name: [value] for name, value in figures["auc_by_source"].items()}, ["AUC"], low=0.5)
    if figures["labels"]:
        labels = {name: [label["auc"], label["f1_at_0.5"]] for name, label in figures["labels"].items()}
        found["labels"] = bars(labels, ["AUC", "F1 at 0.5"])
    if kmhas := figures["kmhas_with_none"]:
        found["confusion"] = confusion_picture(list(kmhas["f1"]), kmhas["confusion"])
    if figures["robustness"]["kinds"]:
        kinds = {
            name: [kind["lexicon"], kind["classifier"], kind["both"]]
            for name, kind in figures["robustness"]["kinds"].items()
        }
        found["disguises"] = bars(kinds, ["lexicon", "classifier", "both"])
    groups = sorted(figures["bias"]["groups"].items(), key=lambda item: -item[1]["mean_score"])
    found["groups"] = bars(
        {name if hangul_font() else str(number): [group["mean_score"]] for number, (name, group) in enumerate(groups)},
        ["mean score of neutral sentences"],
        high=1.1 * max(group["mean_score"] for _, group in groups) or 1.0,
    )
    return found
