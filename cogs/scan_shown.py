"""How a scan looks to whoever asked for it: the progress bar, the report, and what acting came to. Pure."""

from __future__ import annotations

import discord

from bot.texts import text
from cogs._plan import inert
from cogs.scan_act import Acting
from cogs.scan_read import Example, Survey

BAR = 20
EXAMPLE_LIMIT = 120
"""Characters of one example's masked words, before they are escaped."""
LABELS_SHOWN = 13
FIELD_LIMIT = 1_024
"""Characters of an embed's field. Source: Discord's developer docs, "Embed Limits"."""
CANCEL_ID = "garim:scan:cancel"


def bar(share: float) -> str:
    """Return a bar of so much done, from 0 to 1."""
    full = max(0, min(BAR, int(share * BAR)))
    return f"`{'█' * full}{'░' * (BAR - full)}` {max(0.0, min(1.0, share)):.0%}"


def reading(survey: Survey, locale: str) -> discord.Embed:
    """Return how far a scan has come."""
    found = survey.found
    lines = [
        bar(survey.share()),
        text("scan.reading", locale, channel=f"<#{survey.channel.id}>", read=found.read, judged=found.judged),
    ]
    if found.flagged:
        lines.append(text("scan.so_far", locale, flagged=found.flagged))
    return _embed("scan.title", lines, locale, discord.Colour.blurple())


def report(survey: Survey, locale: str, *, observing: bool) -> discord.Embed:
    """Return what a scan found."""
    found = survey.found
    lines = [text("scan.read", locale, channel=f"<#{survey.channel.id}>", read=found.judged, days=_since(survey))]
    if survey.stopped:
        lines.append(text("scan.stopped", locale))
    if survey.cut_short:
        lines.append(text("scan.cut_short", locale))
    if survey.refused is not None:
        lines.append(text("scan.refused", locale))
    if found.flagged:
        lines.append(text("scan.flagged", locale, flagged=found.flagged, people=len(found.author_ids)))
    else:
        lines.append(text("scan.nothing", locale))
    if found.before:
        lines.append(text("scan.before", locale, count=found.before))
    if found.flagged:
        lines.append(text("scan.observing" if observing else "scan.untouched", locale))
    embed = _embed("scan.report_title", lines, locale, discord.Colour.orange() if found.flagged else None)
    if found.labels:
        counted = [
            f"{text(f'label.{label}', locale)}: {count}" for label, count in found.labels.most_common(LABELS_SHOWN)
        ]
        embed.add_field(name=text("scan.field_labels", locale), value="\n".join(counted), inline=False)
    if found.examples:
        shown = _fitted([_example(example, locale) for example in reversed(found.examples)])
        embed.add_field(name=text("scan.field_examples", locale), value=shown, inline=False)
    return embed


def acting(work: Acting, locale: str) -> discord.Embed:
    """Return how far acting has come."""
    lines = [bar(work.share()), text("scan.acting", locale, done=work.done.all(), total=work.total)]
    return _embed("scan.acting_title", lines, locale, discord.Colour.blurple())


def acted(work: Acting, locale: str) -> discord.Embed:
    """Return what acting came to."""
    done = work.done
    lines = [text("scan.acted", locale, count=done.acted)] if work.total else [text("scan.nothing_left", locale)]
    rest = {"gone": done.gone, "passed": done.passed, "put_off": done.put_off, "refused": done.refused}
    lines += [text(f"scan.acted_{name}", locale, count=count) for name, count in rest.items() if count]
    if work.total > done.all():
        lines.append(text("scan.acted_left", locale, count=work.total - done.all()))
    return _embed("scan.acted_title", lines, locale, discord.Colour.green())


def _since(survey: Survey) -> str:
    oldest = survey.found.oldest or survey.bound.since
    return f"<t:{int(oldest.timestamp())}:f>"


def _fitted(lines: list[str]) -> str:
    """Return as many whole lines as a field holds."""
    while len("\n".join(lines)) > FIELD_LIMIT:
        lines = lines[:-1]
    return "\n".join(lines)


def _example(example: Example, locale: str) -> str:
    words = " ".join(example.masked.split())
    short = words[:EXAMPLE_LIMIT] + ("…" if len(words) > EXAMPLE_LIMIT else "")
    labels = ", ".join(text(f"label.{label}", locale) for label in example.labels[:2])
    return f"[{text('scan.jump', locale)}]({example.url}) {labels} · {inert(short)}"


def _embed(title: str, lines: list[str], locale: str, colour: discord.Colour | None) -> discord.Embed:
    return discord.Embed(title=text(title, locale), description="\n".join(lines), colour=colour)
