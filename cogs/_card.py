"""The alert's card: what the moderators see of one incident, or of several by one author, and what was done. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import discord

from bot.incidents import Incident, IncidentEvent, OutcomeKind
from bot.texts import text
from cogs._enforce import FILES_DROPPED
from cogs._permissions import place_of
from cogs._plan import inert
from cogs._press import standing
from cogs._refusals import Refusal
from cogs.review import buttons
from cogs.review.deeds import Deed, DeedKind, deeds_of, latest
from cogs.review.standing import jump, link, original_stands, repost_ids

EMBED_LIMIT = 6_000
TEXT_LIMIT = 3_300
"""An embed's characters in all (source: Discord's developer docs, "Embed Limits"), and at most of them for the text."""
LIST_LIMIT = 800
DEEDS_LIMIT = 600
LINKS = 3

_COLOURS = {
    OutcomeKind.MASKED: discord.Colour.orange(),
    OutcomeKind.NOT_DELETED: discord.Colour.red(),
    OutcomeKind.NOT_REPOSTED: discord.Colour.red(),
    OutcomeKind.REPORTED: discord.Colour.blurple(),
}
_DETECTORS = frozenset({"lexicon", "classifier", "patterns", "links", "series", "terms"})


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one incident as a card shows it; `put_off` is why it is not finished yet."""

    incident: Incident
    deeds: tuple[Deed, ...] = ()
    put_off: Refusal | None = None
    files_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """Hold what is sent to a channel."""

    embed: discord.Embed
    view: discord.ui.View | None = None
    content: str | None = None


def entry_of(incident: Incident, events: Sequence[IncidentEvent], put_off: Refusal | None = None) -> Entry:
    """Return an incident as the database knows it."""
    dropped = any(event.step == FILES_DROPPED for event in events)
    return Entry(incident, deeds_of(events), put_off, dropped)


def card(entries: Sequence[Entry], locale: str) -> Post:
    """Return the alert about an author's incidents, oldest first; the newest is shown whole and has the buttons."""
    newest = entries[-1]
    embed = _head(newest, len(entries), locale)
    for name, value, inline in _fields(newest, locale):
        embed.add_field(name=text(f"alert.field_{name}", locale), value=value, inline=inline)
    if len(entries) > 1:
        embed.add_field(name=text("alert.field_all", locale), value=_listed(entries, locale), inline=False)
    done = [line for entry in entries for line in _deed_lines(entry, locale, named=len(entries) > 1)]
    if done:
        embed.add_field(name=text("alert.field_deeds", locale), value=_last_that_fit(done, DEEDS_LIMIT), inline=False)
    embed.set_footer(text=text("alert.footer", locale, id=newest.incident.id))
    over = max(0, len(embed) - EMBED_LIMIT)
    embed.description = cut(embed.description or "", len(embed.description or "") - over)
    return Post(embed, standing(*_items(entries, locale)))


def _items(entries: Sequence[Entry], locale: str) -> list[buttons.Item]:
    items = buttons.act_buttons(entries[-1].incident, locale)
    if len(entries) > 1:
        options = [
            (str(one.incident.id), text("alert.pick_option", locale, id=one.incident.id, labels=_labels(one, locale)))
            for one in reversed(entries)
        ]
        items.append(buttons.choice("garim:pick", text("alert.pick", locale), options, row=2))
    return items


def _head(entry: Entry, count: int, locale: str) -> discord.Embed:
    incident = entry.incident
    outcome = incident.outcome
    title = text(f"alert.{outcome}" if outcome else "alert.put_off", locale)
    if count > 1:
        title = text("alert.folded", locale, title=title, count=count)
    embed = discord.Embed(title=title, description=_shown(incident), timestamp=incident.opened_at)
    embed.colour = _COLOURS.get(outcome, discord.Colour.greyple()) if outcome else discord.Colour.red()
    if latest(entry.deeds, DeedKind.RESTORED):
        embed.colour = discord.Colour.green()
    return embed


def _shown(incident: Incident) -> str:
    """Return the masked text, inert: what an author wrote does nothing in the moderators' channel."""
    return cut(inert("\n".join(part.content for part in incident.draft.parts)), TEXT_LIMIT)


def cut(shown: str, limit: int) -> str:
    """Cut an inert text; no escape is left without what it escapes."""
    if len(shown) <= limit:
        return shown
    kept = shown[: limit - 1]
    escapes = len(kept) - len(kept.rstrip("\\"))
    return f"{kept[:-1] if escapes % 2 else kept}…"


def _fields(entry: Entry, locale: str) -> Iterator[tuple[str, str, bool]]:
    draft = entry.incident.draft
    yield "author", f"<@{draft.author_id}>", True
    yield "channel", f"<#{place_of(draft)}>", True
    labels = _scored(entry, locale)
    if labels:
        yield "labels", "\n".join(_fitting(labels, LIST_LIMIT)), True
    if original_stands(entry.incident):
        yield "original", _jumps(entry.incident, (draft.message_id,), locale), True
    elif repost_ids(entry.incident):
        yield "repost", _jumps(entry.incident, repost_ids(entry.incident), locale), True
    problem = _problem(entry, locale)
    if problem:
        yield "problem", problem, False
    lost = dict(draft.verdict.get("lost", {}))
    if entry.files_dropped:
        lost["attachments"] = lost.get("attachments", 0) + sum(len(part.files) for part in draft.parts)
    if lost:
        yield "lost", ", ".join(text(f"repost.lost_{kind}", locale, count=count) for kind, count in lost.items()), True
    if not draft.verdict.get("complete", True):
        yield "incomplete", text("alert.incomplete", locale), False


def _jumps(incident: Incident, message_ids: Sequence[int], locale: str) -> str:
    return " ".join(f"[{text('alert.jump', locale)}]({link(incident.draft, one)})" for one in message_ids[:LINKS])


def _scored(entry: Entry, locale: str) -> list[str]:
    """Return a line per flagged label, the surest first: its name, its score, and who found it."""
    verdict = entry.incident.draft.verdict
    lines = []
    for label, score in sorted(verdict.get("labels", {}).items(), key=lambda pair: -pair[1]):
        found_by = sorted({span["detector"] for span in verdict.get("spans", ()) if span["label"] == label})
        named = ", ".join(
            text(f"alert.detector_{name}", locale) if name in _DETECTORS else inert(str(name)) for name in found_by
        )
        lines.append(f"{text(f'label.{label}', locale)} {score:.2f}" + (f" · {named}" if named else ""))
    return lines


def _labels(entry: Entry, locale: str) -> str:
    return ", ".join(text(f"label.{label}", locale) for label in entry.incident.draft.verdict.get("labels", {}))


def _problem(entry: Entry, locale: str) -> str | None:
    refusal = entry.put_off or refusal_in(entry.incident.outcome_detail)
    if refusal is None:
        return None
    words = text(f"refusal.{refusal}", locale)
    return f"{text('alert.as_bot', locale)} {words}" if entry.incident.outcome is OutcomeKind.MASKED else words


def refusal_in(detail: str | None) -> Refusal | None:
    """Return the refusal with which an outcome's detail begins."""
    word = (detail or "").partition(" ")[0]
    return Refusal(word) if word in set(Refusal) else None


def _listed(entries: Sequence[Entry], locale: str) -> str:
    lines = []
    for entry in entries:
        address = jump(entry.incident)
        number = f"[#{entry.incident.id}]({address})" if address else f"#{entry.incident.id}"
        verdict = latest(entry.deeds, DeedKind.WRONG, DeedKind.RIGHT)
        marks = [f"<t:{int(entry.incident.opened_at.timestamp())}:T>", _labels(entry, locale)]
        marks += [text(f"alert.verdict_{verdict.kind}", locale)] if verdict else []
        lines.append(" · ".join((number, *filter(None, marks))))
    return _last_that_fit(lines, LIST_LIMIT)


def _deed_lines(entry: Entry, locale: str, *, named: bool) -> Iterator[str]:
    once: dict[tuple[DeedKind, int], Deed] = {}
    for deed in entry.deeds:
        # Somebody who looks at the original again is named once, with the first time.
        once.setdefault((deed.kind, deed.actor_id), deed)
    for deed in once.values():
        yield deed_line(deed, locale) + (f" (#{entry.incident.id})" if named else "")


def deed_line(deed: Deed, locale: str) -> str:
    """Return a deed in words: what, who, when."""
    what = text(f"review.did_{deed.kind}", locale, number=_counted(deed, locale))
    return f"{what} · <@{deed.actor_id}> · <t:{int(deed.at.timestamp())}:t>"


def _counted(deed: Deed, locale: str) -> str:
    if deed.number is None:
        return ""
    timed = deed.kind in (DeedKind.TIMED_OUT, DeedKind.TIMEOUT_LIFTED)
    return duration(int(deed.number), locale) if timed else f"{deed.number:.10g}"


def duration(seconds: int, locale: str) -> str:
    """Return a length of time in its largest whole unit."""
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= length and seconds % length == 0:
            return text(f"review.{unit}", locale, count=seconds // length)
    return text("review.seconds", locale, count=seconds)


def _fitting(lines: Iterable[str], limit: int) -> list[str]:
    """Return the first lines that fit."""
    kept: list[str] = []
    left = limit
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    return kept


def _last_that_fit(lines: Sequence[str], limit: int) -> str:
    return "\n".join(reversed(_fitting(reversed(lines), limit)))
