"""Planning a repost: from a message and the decision on it to the draft of an incident. Nothing here asks Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import regex

from bot.incidents import IncidentDraft, RepostPart, SpooledFile
from bot.policy import Decision, LabelAction, Policy
from bot.texts import text
from cogs._censor import Censor, Judged
from cogs._names import safe_username
from cogs._split import split_text
from masker.verdict import Span

FILES_PER_MESSAGE = 10
"""Source: Discord's API description, `attachments` of Execute Webhook, maxItems."""

EXCERPT_CLUSTERS = 60
_CLUSTER = regex.compile(r"\X")
_MARKS = regex.compile(r"([\\`*_~|>#\[\]()<:@-])")
"""What Markdown, mentions and emoji begin with; escaped in a quotation, so that it is shown and does nothing."""


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Name the message that was replied to; author and content are None where Discord did not send them."""

    message_id: int
    url: str
    author_name: str | None = field(default=None, repr=False)
    content: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Lost:
    """Count what cannot be carried over into a repost."""

    attachments: int = 0
    stickers: int = 0
    polls: int = 0

    def as_dict(self) -> dict[str, int]:
        """Return the counts that are not zero."""
        counts = {"attachments": self.attachments, "stickers": self.stickers, "polls": self.polls}
        return {name: count for name, count in counts.items() if count}


@dataclass(frozen=True, slots=True)
class Source:
    """Hold what a repost needs of the original. `file_limit_bytes` is the guild's limit for one request's files."""

    guild_id: int
    channel_id: int
    thread_id: int | None
    message_id: int
    revision: int
    author_id: int
    display_name: str = field(repr=False)
    avatar_url: str | None
    reply: ReplyTo | None = None
    files: tuple[SpooledFile, ...] = ()
    lost: Lost = Lost()
    other_message_ids: tuple[int, ...] = ()
    file_limit_bytes: int = 10 * 1024 * 1024


async def plan(source: Source, judged: Judged, policy: Policy, censor: Censor) -> IncidentDraft:
    """Draw up the incident: what will be posted, under which name, and the record of why.

    Without masking (alert, delete only) the one part holds the masked text for the record and is never posted.
    """
    name = await censor.cover(source.display_name, policy)
    parts = await _parts(source, judged, policy, censor)
    return IncidentDraft(
        guild_id=source.guild_id,
        channel_id=source.channel_id,
        thread_id=source.thread_id,
        message_id=source.message_id,
        revision=source.revision,
        author_id=source.author_id,
        author_name=safe_username(name, text("repost.nameless", policy.locale)),
        avatar_url=source.avatar_url,
        original=judged.text,
        parts=parts,
        action=str(judged.decision.action),
        notice=str(judged.decision.notice),
        locale=policy.locale,
        verdict=verdict_record(judged, source.lost),
        reply_to_message_id=source.reply.message_id if source.reply else None,
        other_message_ids=source.other_message_ids,
        observe=judged.decision.observe,
    )


async def _parts(source: Source, judged: Judged, policy: Policy, censor: Censor) -> tuple[RepostPart, ...]:
    masked = censor.masked(judged, policy)
    if judged.decision.action is not LabelAction.MASK:
        return (RepostPart(0, masked.text),)
    lines = [line async for line in _header(source, policy, censor)]
    header = "".join(f"{line}\n" for line in lines)
    footer = _lost_line(source.lost, policy.locale)
    spans = [Span(span.start + len(header), span.end + len(header)) for span in masked.spans]
    contents = split_text(f"{header}{masked.text}{footer}", spans)
    return tuple(assemble(contents, source.files, source.file_limit_bytes))


def assemble(contents: Sequence[str], files: Sequence[SpooledFile], limit_bytes: int) -> Iterable[RepostPart]:
    """Put files to texts: on the last text, and on parts of their own where one message does not take them all.

    Law: every text and every file stands in exactly one part, in order, and no part holds more than Discord takes.
    """
    batches = list(_batches(files, limit_bytes))
    texts = list(contents)
    first_with_files = max(len(texts) - 1, 0)
    count = max(len(texts), first_with_files + len(batches))
    for index in range(count):
        at = index - first_with_files
        yield RepostPart(
            index,
            texts[index] if index < len(texts) else "",
            tuple(batches[at]) if 0 <= at < len(batches) else (),
        )


def _batches(files: Sequence[SpooledFile], limit_bytes: int) -> Iterable[list[SpooledFile]]:
    batch: list[SpooledFile] = []
    size = 0
    for file in files:
        if batch and (len(batch) == FILES_PER_MESSAGE or size + file.size_bytes > limit_bytes):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.size_bytes
    if batch:
        yield batch


async def _header(source: Source, policy: Policy, censor: Censor) -> AsyncIterator[str]:
    if source.reply is not None:
        excerpt = await _excerpt(source.reply, policy, censor)
        yield f"-# ↪ {source.reply.url}{excerpt}"
    if source.revision:
        yield f"-# {text('repost.edited', policy.locale)}"


async def _excerpt(reply: ReplyTo, policy: Policy, censor: Censor) -> str:
    """Quote what was replied to, masked and inert; nothing where it is unknown, or where a spoiler would be opened."""
    if not reply.content or "||" in reply.content:
        return ""
    covered = await censor.cover(reply.content, policy)
    clusters = _CLUSTER.findall(" ".join(covered.split()))
    short = "".join(clusters[:EXCERPT_CLUSTERS]) + ("…" if len(clusters) > EXCERPT_CLUSTERS else "")
    name = await censor.cover(reply.author_name, policy) if reply.author_name else ""
    return f" {inert(name)}: {inert(short)}" if name else f" {inert(short)}"


def inert(words: str) -> str:
    """Escape a text so that Discord shows it as it is: no markup, no mention, no emoji, and no link preview."""
    escaped = _MARKS.sub(r"\\\1", words)
    # A link is only recognised with its scheme whole; the zero-width space keeps it readable and dead.
    return regex.sub(r"(?i)\b(https?)(\\:)//", "\\1\u200b\\2//", escaped)


def _lost_line(lost: Lost, locale: str) -> str:
    names = [text(f"repost.lost_{kind}", locale, count=count) for kind, count in lost.as_dict().items()]
    return f"\n-# {text('repost.lost', locale, what=', '.join(names))}" if names else ""


def verdict_record(judged: Judged, lost: Lost) -> dict[str, Any]:
    """Return what is kept of a verdict: labels, scores, spans, detectors and rules; never text."""
    decision: Decision = judged.decision
    labels: dict[str, float] = {}
    for finding in decision.findings:
        labels[str(finding.label)] = max(finding.score, labels.get(str(finding.label), 0.0))
    return {
        "flagged": True,
        "complete": judged.verdict.complete,
        "incomplete_reasons": list(judged.verdict.incomplete_reasons),
        "model": judged.verdict.model,
        "labels": labels,
        "spans": [
            {
                "start": finding.span.start,
                "end": finding.span.end,
                "label": str(finding.label),
                "score": finding.score,
                "detector": finding.detector,
                "rule": finding.rule,
                "basis": str(finding.basis),
                "mention": finding.mention,
            }
            for finding in decision.findings
        ],
        "lost": lost.as_dict(),
    }
