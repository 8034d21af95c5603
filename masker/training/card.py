"""The model card: what the model is, what it was made from and on what terms, what it may be used for, and figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from masker.model.manifest import Manifest
from masker.training.config import TrainConfig
from masker.training.evaluate import as_lines
from masker.training.mapping import UNSUPERVISED
from masker.training.sources import SOURCES

FEW_POSITIVES = 300

_HEAD = """# Model card: {name} {version}

An ELECTRA encoder ({layers} layers, {hidden} wide) with a wide path of hashed token n-grams, a sentence head
(offensive at all, and {labels} labels) and a token head (offensive or not). It was trained from scratch; no weights
of others went into it. The tokeniser merges jamo pairs over the compatibility-decomposed text ({vocabulary} entries).

## Licence of the weights

The weights are released under **CC BY-SA 4.0**: K-MHaS, KODOLI, BEEP! and the clean utterances, on which they were
trained, are under that licence. The code that made them is Apache-2.0.

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
weighted to be half offensive, moved down where needed so that 0.90 flags at most 0.1% of clean chat. Each label and
the tokens have 0.5 where their F1 on dev rows is best.
"""

_LIMITS = """
## Limits

* No source annotates {unsupervised}: those scores are always 0, and the lexicon alone speaks for them.
* Few positive rows, so weak scores: {few}.
* The training text is comments, forum posts and rewritten chat; slang newer than its sources is unknown to it.
* Innocent words that begin like a curse (시발역, 병신년) score like one: the lexicon's allowlist has to speak for them.
* `insult` is also the label of any offence that no other label explains.
* Korean token supervision is weak (word lists, differences of rewrites, pooled sentence labels); English is gold.
* Spans come from single words: an implicit attack without a bad word may be scored but not located.
* Annotators disagree on what offends; the figures below inherit that.
"""


def model_card(manifest: Manifest, config: TrainConfig, figures: Mapping[str, Any], counts: Mapping[str, Any]) -> str:
    """Return the card as Markdown."""
    network = config.network
    head = _HEAD.format(
        name=manifest.name,
        version=manifest.version,
        layers=network.layers,
        hidden=network.hidden,
        labels=len(manifest.labels),
        vocabulary=f"{network.vocabulary_size:,}",
    )
    rows = [
        f"| [{source.title}]({source.home}) | {source.licence} | {counts.get('read', {}).get(source.key, '')} |"
        for source in SOURCES
    ]
    positives = counts.get("labels", {})
    few = [f"{name} ({known[0]})" for name, known in positives.items() if 0 < known[0] < FEW_POSITIVES]
    limits = _LIMITS.format(
        unsupervised=" and ".join(f"`{label.value}`" for label in UNSUPERVISED), few=", ".join(few) or "none"
    )
    split = "Texts are deduplicated across sources and split 90/5/5 by a hash of the text (rewrites with their source)."
    return "\n".join(
        [
            head,
            "## Training data\n\n| source | licence | rows |\n|---|---|---|",
            *rows,
            f"\n{split}",
            _SCORES,
            limits,
            "## Figures on the held-out test split\n\nOf the int8 graph; a text's offence is `max(labels)`.\n\n```",
            *as_lines(figures),
            "```\n",
        ]
    )
