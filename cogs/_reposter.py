"""Posting one part of a repost: by webhook under the author's name, or as the bot where webhooks are refused."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import cast

import aiohttp
import discord

from bot.errors import GarimError
from bot.incidents import IncidentDraft, RepostPart, SpooledFile
from bot.policy import Notice
from bot.settings import RepostSettings
from bot.texts import text
from cogs._button import why_button
from cogs._oneshot import OneShotSession
from cogs._permissions import may_send, permissions_in, place_of
from cogs._refusals import FAULTS, InDoubt, Refusal, Refused, refused_by
from cogs._split import MESSAGE_LIMIT, utf16_length
from cogs._webhooks import OwnWebhook, WebhookPool

logger = logging.getLogger(__name__)

WAIT_LIMIT_S = 60.0
"""Longest wait for a rate limit that is sat out; a longer one puts the incident off."""

_NOT_OURS = frozenset(
    {
        Refusal.MESSAGE_GONE,
        Refusal.WEBHOOK_GONE,
        Refusal.NOT_AUTHOR,
        Refusal.NO_MANAGE_WEBHOOKS,
        Refusal.TOO_MANY_WEBHOOKS,
        Refusal.NO_ACCESS,
    }
)
"""Refusals of an edit that say that this way of editing does not reach the message."""

ReadFile = Callable[[str], Awaitable[bytes]]
"""Give a spooled file's bytes by its key."""


@dataclass(frozen=True, slots=True)
class Reposted:
    """Say which message stands now; `as_bot` is why no webhook posted it, `files_dropped` that it has no files."""

    message_id: int
    as_bot: Refusal | None = None
    files_dropped: bool = False


@dataclass(frozen=True, slots=True)
class _Form:
    """Hold one way to post a part; what Discord refuses is left out of the next."""

    name: str = field(repr=False)
    avatar_url: str | None
    content: str = field(repr=False)
    files: tuple[SpooledFile, ...]


class Reposter:
    """Post parts of reposts. One call makes at most one message stand."""

    def __init__(
        self,
        client: discord.Client,
        session: aiohttp.ClientSession,
        webhooks: WebhookPool,
        read_file: ReadFile,
        settings: RepostSettings,
    ) -> None:
        self._client = client
        self._webhooks = webhooks
        self._read_file = read_file
        self._timeout_s = settings.request_timeout_ms / 1000
        once = OneShotSession(session, timeout_s=self._timeout_s, wait_limit_s=WAIT_LIMIT_S)
        self._session = cast(aiohttp.ClientSession, once)

    async def repost(self, draft: IncidentDraft, part: RepostPart) -> Reposted:
        """Post one part. Raises Refused when Discord will not have it, InDoubt when it may stand or not."""
        form = _Form(draft.author_name, draft.avatar_url, part.content, part.files)
        try:
            return await self._in_any_form(draft, part, form)
        except Refused as refused:
            if refused.refusal not in (Refusal.TOO_LARGE, Refusal.FILES_UNREADABLE) or not part.files:
                raise
        note = text("repost.files_lost", draft.locale, count=len(part.files))
        bare = replace(form, files=(), content=_joined(part.content, "\n", note) if part.content else note)
        return replace(await self._in_any_form(draft, part, bare), files_dropped=True)

    async def revise(self, draft: IncidentDraft, message_id: int, content: str) -> bool:
        """Put other words into one of our reposts and take its button away; its files stay.

        False when it is gone, or was posted by a webhook that is no longer ours to use. Raises Refused.
        """
        for edit in (self._revise_by_webhook, self._revise_as_bot):
            try:
                await edit(draft, message_id, content)
            except Refused as refused:
                if refused.refusal not in _NOT_OURS:
                    raise
            else:
                return True
        return False

    async def _revise_by_webhook(self, draft: IncidentDraft, message_id: int, content: str) -> None:
        known = await self._webhooks.get(draft.channel_id)
        webhook = discord.Webhook.partial(known.id, known.token, session=self._session, client=self._client)
        thread = discord.utils.MISSING if draft.thread_id is None else discord.Object(draft.thread_id)
        none = discord.AllowedMentions.none()
        try:
            await webhook.edit_message(message_id, content=content, view=None, allowed_mentions=none, thread=thread)
        except FAULTS as fault:
            raise refused_by(fault, Refusal.NO_MANAGE_WEBHOOKS) from fault
        except InDoubt as doubt:
            # An edit may be repeated, so a doubt is no more than a try that failed.
            raise Refused(Refusal.UNAVAILABLE) from doubt

    async def _revise_as_bot(self, draft: IncidentDraft, message_id: int, content: str) -> None:
        form = _Form(draft.author_name, None, content, ())
        channel = self._client.get_partial_messageable(place_of(draft), guild_id=draft.guild_id)
        none = discord.AllowedMentions.none()
        try:
            async with asyncio.timeout(self._timeout_s):
                message = channel.get_partial_message(message_id)
                await message.edit(content=_under_name(form), view=None, allowed_mentions=none)
        except FAULTS as fault:
            raise refused_by(fault, Refusal.NO_SEND_MESSAGES) from fault

    async def _in_any_form(self, draft: IncidentDraft, part: RepostPart, form: _Form) -> Reposted:
        try:
            return await self._by_webhook_or_bot(draft, part, form)
        except Refused as refused:
            if refused.refusal is not Refusal.FORM_REFUSED:
                raise
        # The name and the avatar are the only things in the form that we did not shape ourselves.
        plain = replace(form, name=text("repost.nameless", draft.locale), avatar_url=None)
        return await self._by_webhook_or_bot(draft, part, plain)

    async def _by_webhook_or_bot(self, draft: IncidentDraft, part: RepostPart, form: _Form) -> Reposted:
        try:
            return Reposted(await self._by_webhook(draft, part, form))
        except Refused as refused:
            if refused.refusal not in (Refusal.NO_MANAGE_WEBHOOKS, Refusal.TOO_MANY_WEBHOOKS, Refusal.NO_ACCESS):
                raise
            return Reposted(await self._as_bot(draft, part, form), as_bot=refused.refusal)

    async def _by_webhook(self, draft: IncidentDraft, part: RepostPart, form: _Form) -> int:
        for last_try in (False, True):
            known = self._webhooks.cached(draft.channel_id)
            if known is None:
                allowed = permissions_in(self._client, draft.guild_id, draft.channel_id)
                if allowed is not None and not allowed.manage_webhooks:
                    raise Refused(Refusal.NO_MANAGE_WEBHOOKS)
                known = await self._webhooks.get(draft.channel_id)
            try:
                return await self._execute(known, draft, part, form)
            except Refused as refused:
                # CHANNEL_GONE: for a webhook that was moved away, the thread is not where it looks.
                if last_try or refused.refusal not in (Refusal.WEBHOOK_GONE, Refusal.CHANNEL_GONE):
                    raise
                self._webhooks.forget(draft.channel_id, known.id)
        raise Refused(Refusal.WEBHOOK_GONE)

    async def _execute(self, known: OwnWebhook, draft: IncidentDraft, part: RepostPart, form: _Form) -> int:
        webhook = discord.Webhook.partial(known.id, known.token, session=self._session, client=self._client)
        thread = discord.utils.MISSING if draft.thread_id is None else discord.Object(draft.thread_id)
        try:
            sent = await webhook.send(
                form.content,
                username=form.name,
                avatar_url=form.avatar_url or discord.utils.MISSING,
                files=await self._files(form.files),
                allowed_mentions=discord.AllowedMentions.none(),
                view=_view(draft, part),
                thread=thread,
                wait=True,
            )
        except FAULTS as fault:
            raise refused_by(fault, Refusal.NO_ACCESS) from fault
        if sent.channel.id != place_of(draft):
            await self._withdraw(webhook, sent, known, draft.channel_id)
        return sent.id

    async def _withdraw(
        self, webhook: discord.Webhook, sent: discord.WebhookMessage, known: OwnWebhook, channel_id: int
    ) -> None:
        """Take back what a webhook that was moved posted in another channel; then it counts as gone."""
        self._webhooks.forget(channel_id, known.id)
        try:
            await webhook.delete_message(sent.id)
        except FAULTS as fault:
            raise refused_by(fault, Refusal.NO_ACCESS) from fault
        raise Refused(Refusal.WEBHOOK_GONE)

    async def _as_bot(self, draft: IncidentDraft, part: RepostPart, form: _Form) -> int:
        allowed = permissions_in(self._client, draft.guild_id, place_of(draft))
        if not may_send(allowed, in_thread=draft.thread_id is not None):
            raise Refused(Refusal.NO_SEND_MESSAGES)
        content = _under_name(form)
        channel = self._client.get_partial_messageable(place_of(draft), guild_id=draft.guild_id)
        none = discord.AllowedMentions.none()
        try:
            async with asyncio.timeout(self._timeout_s + WAIT_LIMIT_S):
                files = await self._files(form.files)
                # enforce_nonce makes Discord drop the copies that discord.py's own repeats would make.
                nonce = f"{draft.key}:{part.index}"
                view = _view(draft, part)
                sent = await channel.send(content, files=files, view=view, allowed_mentions=none, nonce=nonce)
        except FAULTS as fault:
            refused = refused_by(fault, Refusal.NO_SEND_MESSAGES)
            if refused.refusal is Refusal.UNAVAILABLE:
                raise InDoubt("no answer to a post made as the bot") from fault
            raise refused from fault
        return sent.id

    async def _files(self, files: tuple[SpooledFile, ...]) -> list[discord.File]:
        try:
            contents = [io.BytesIO(await self._read_file(file.spool_key)) for file in files]
        except GarimError as error:
            logger.error("spooled attachments could not be read: %s", error)
            raise Refused(Refusal.FILES_UNREADABLE) from error
        return [
            discord.File(content, filename=file.filename, spoiler=file.spoiler, description=file.description)
            for content, file in zip(contents, files, strict=True)
        ]


def _under_name(form: _Form) -> str:
    """Return the text of a post made as the bot: the author's name before it, where there is room."""
    name = f"**{discord.utils.escape_markdown(form.name)}**:"
    return _joined(name, " ", form.content, keep=form.content)


def _joined(head: str, between: str, tail: str, keep: str | None = None) -> str:
    """Join two texts where Discord takes both in one message; else return the one that must not be lost."""
    both = f"{head}{between}{tail}"
    return both if utf16_length(both) <= MESSAGE_LIMIT else keep or head


def _view(draft: IncidentDraft, part: RepostPart) -> discord.ui.View:
    """Return the view to post with; stopped, so that discord.py does not keep it (presses are matched by pattern)."""
    if draft.notice == Notice.NONE:
        missing: discord.ui.View = discord.utils.MISSING
        return missing
    view = discord.ui.View(timeout=None)
    view.add_item(why_button(draft.key, part.index, draft.locale))
    view.stop()
    return view
