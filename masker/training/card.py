"""The model card: what the model is, what it was made from and on what terms, what it may be used for, and figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from masker.model.manifest import Manifest
from masker.presets import Preset
from masker.training.config import TrainConfig
from masker.training.evaluation.judged import ENTRANTS
from masker.training.mapping import UNSUPERVISED
from masker.training.sources import SOURCES

FEW_POSITIVES = 300

_HEAD = """# Model card: {name} {version}

{architecture} It has a sentence head (offensive at all, and {labels} labels) and a token head (offensive or not).

## Licence of the weights

The weights are released under **CC BY-SA 4.0**: K-MHaS, KODOLI, BEEP! and the clean utterances, on which they were
trained, are under that licence. The code that made them is Apache-2.0.{base}

## Intended use

To mask offensive words in Korean and mixed English chat, behind thresholds that a community sets and with people who
can see and undo each decision.

## Not to be used for

* Decisions about a person (employment, credit, prosecution, profiling), or scoring people by what they write.
* Removing speech without a record that people can review, or without a way to object.
* Surveillance of private conversations.
* Generating or collecting offensive text.
* Languages other than Korean and English.
"""

_SCORES = """
## What the scores mean

The highest label equals the text's offence score; no label exceeds it. The offence curve is a logistic fit on dev rows
weighted to be half offensive, moved down where needed so that 0.90 flags at most 0.1% of clean chat. A label has 0.5
where as many dev rows are said to bear it as do, of the source that shows it most; the tokens have it where their F1 on
dev rows is best.

A text's verdict joins the classifier with a lexicon: each finding stands by its own score, and what any finding puts
over the threshold is masked. The classifier's findings lie on the words whose tokens speak up most, or on the clause
where no word does; a neutral name of a group is never masked alone.
"""

_LIMITS = """
## Limits

* No source annotates {unsupervised}: those scores are always 0, and the lexicon alone speaks for them.
* Few positive rows, so weak scores: {few}.
* The training text is comments, forum posts and rewritten chat; slang newer than its sources is unknown to it.
* Innocent words that begin like a curse (시발역, 병신년) score like one: the lexicon's allowlist has to speak for them.
* Neutral sentences that name a group are flagged least often where the training rows speak of the group in many ways;
  groups over 1% at the standard preset: {biased}.
* `insult` is also the label of any offence that no other label explains.
* Korean token supervision is weak (word lists, differences of rewrites, pooled sentence labels); English is gold.
* Stars look like a starred curse to it: masked text scores higher than the same text with harmless words in their
  place, so its score of masked text says little.
* Annotators disagree on what offends; the figures below inherit that.
"""

Cells = Sequence[Any]


def model_card(manifest: Manifest, config: TrainConfig, figures: Mapping[str, Any], counts: Mapping[str, Any]) -> str:
    """Return the card as Markdown. `figures` are those of `evaluate_fully`, `counts` those of the data."""
    origin = config.network.base_origin
    head = _HEAD.format(
        name=manifest.name,
        version=manifest.version,
        labels=len(manifest.labels),
        architecture=_architecture(config),
        base=f" The encoder's first weights come from {origin}." if origin else "",
    )
    positives = counts.get("labels", {})
    few = [f"{name} ({known[0]})" for name, known in positives.items() if 0 < known[0] < FEW_POSITIVES]
    limits = _LIMITS.format(
        unsupervised=" and ".join(f"`{label.value}`" for label in UNSUPERVISED),
        few=", ".join(few) or "none",
        biased=", ".join(figures["bias"]["groups_over_the_bar"]) or "none",
    )
    rows = [
        (f"[{source.title}]({source.home})", source.licence, counts.get("read", {}).get(source.key, ""))
        for source in SOURCES
    ]
    split = "Texts are deduplicated across sources and split 90/5/5 by a hash of the text (rewrites with their source)."
    return "\n".join(
        [
            head,
            "## Training data\n",
            _table(("source", "licence", "rows"), rows),
            f"\n{split}",
            _SCORES,
            limits,
            "## Figures on the held-out test split\n",
            f"{figures['rows']:,} rows; a text's offence is `max(labels)`. More stands in `evaluation.json`.\n",
            *_figures(figures),
        ]
    )


def _architecture(config: TrainConfig) -> str:
    network = config.network
    parts = [f"{'An ELECTRA' if network.kind == 'electra' else 'A BERT'} encoder ({network.layers} layers"]
    origin = network.base_origin or f"`{network.base}`"
    parts.append(f", started from {origin})" if network.base else f", {network.hidden} wide)")
    if not network.base:
        parts.append(f" over a tokeniser of {network.vocabulary_size:,} entries, trained from scratch")
    if network.ngram_buckets:
        parts.append(", with a wide path of hashed token n-grams")
    if config.linear.bits:
        parts.append(f", blended with a linear model of hashed jamo n-grams (2^{config.linear.bits} buckets)")
    return "".join([*parts, "."])


def _figures(figures: Mapping[str, Any]) -> Iterable[str]:
    yield f"AUC over all rows: {figures['auc']}.\n"
    yield _table(("source", "AUC"), figures["auc_by_source"].items())
    yield from _clean_chat(figures)
    yield "\n### Labels\n"
    keys = ("positive", "auc", "f1_at_0.5", "precision_at_0.5", "recall_at_0.5")
    yield _table(
        ("label", "rows", "AUC", "F1", "precision", "recall"),
        [(name, *(label[key] for key in keys)) for name, label in figures["labels"].items()],
    )
    if kmhas := figures["kmhas_with_none"]:
        yield (
            f'\nK-MHaS with "none" as ninth class: macro F1 {kmhas["macro_f1"]}, micro {kmhas["micro_f1"]}, '
            f"macro without race {kmhas['macro_without_race_f1']}."
        )
    yield "\n### Verdicts: lexicon, classifier, both\n"
    yield _table(
        ("preset", "by", "missed", "clean rows flagged"),
        [
            (preset, entrant, costs[entrant].get("misses", ""), costs[entrant].get("false_alarms", ""))
            for preset, costs in figures["verdicts"]["at_preset"].items()
            for entrant in ENTRANTS
        ],
    )
    yield from _around(figures)


def _clean_chat(figures: Mapping[str, Any]) -> Iterable[str]:
    chat = figures["clean_chat"]
    if not chat:
        return
    flagged = ", ".join(f"{preset} {share:.3%}" for preset, share in chat["flagged_at_preset"].items())
    yield f"\nClean chat flagged by the classifier, of {chat['rows']:,} utterances: {flagged}.\n"
    recall = chat["recall_at_false_alarms"]
    names = list(next(iter(recall.values())))
    yield _table(
        ("source", *(f"caught at {share} clean chat flagged" for share in recall)),
        [(name, *(shares[name] for shares in recall.values())) for name in names],
    )


def _around(figures: Mapping[str, Any]) -> Iterable[str]:
    """Yield calibration, places, residue, bias and disguises."""
    standard = Preset.STANDARD.value
    if offence := figures["calibration"].get("offence"):
        yield f"\nExpected calibration error of the offence: {offence['error']}; Brier score {offence['brier']}."
    if figures["gold_span_char_f1"] is not None:
        yield f"\nCharacter F1 of the tokens on English gold spans: {figures['gold_span_char_f1']}."
    yield "\n### What is masked at the standard preset, beside marked spans\n"
    keys = ("flagged", "inside", "hit", "masked", "char_f1")
    yield _table(
        ("marks", "rows", "flagged", "masked inside", "rows hit", "median masked", "F1"),
        [
            (name, each["rows"], *(each.get(key, "") for key in keys))
            for name, each in figures["places"][standard].items()
        ],
    )
    if residual := figures["residual"].get("rest_still_flagged"):
        yield f"\nOf masked rows, {residual['both']:.1%} are flagged again with harmless words in the stars' place."
    worst = figures["bias"]["worst_group"]
    yield (
        f"\nNeutral sentences naming a group: worst group {worst['group']}, "
        f"{worst[standard]:.2%} of {worst['rows']} flagged at the standard preset."
    )
    yield "\n### Still flagged in disguise, at the standard preset\n"
    yield _table(
        ("disguise", *ENTRANTS),
        [(kind, *(each[entrant] for entrant in ENTRANTS)) for kind, each in figures["robustness"]["kinds"].items()],
    )


def _table(heads: Cells, rows: Iterable[Cells]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
