"""What Discord knows: whether the token is right, the intent granted, and what is permitted where."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
from pydantic import SecretStr

from bot.doctor import Finding, State
from bot.permissions import Need, channel_permissions, guild_permissions, invitation, missing
from bot.settings import Settings
from bot.texts import tell

MESSAGE_CONTENT_FLAGS = (1 << 18) | (1 << 19)
"""GATEWAY_MESSAGE_CONTENT, or its _LIMITED form for bots in under 100 guilds (Application Flags in Discord's docs)."""
_TEXT_CHANNELS = frozenset({0, 2, 5, 13, 15, 16})
"""Channel types that hold messages: text, voice, announcement, stage, forum, media."""
_TIMEOUT_S = 15.0
_TRIES = 4
_WAIT_LIMIT_S = 10.0
_NAMED_CHANNELS = 8


class ApiFailure(Exception):  # noqa: N818 - never leaves this module
    """Hold the status (0: no answer at all) of a request that did not succeed."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status


class Api:
    """Ask Discord's REST API as the bot."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: SecretStr) -> None:
        self._session = session
        self._base = base.rstrip("/")
        self._headers = {"Authorization": f"Bot {token.get_secret_value()}"}

    async def get(self, path: str) -> Any:
        """Return the JSON answer, waiting out short rate limits. Raises ApiFailure."""
        for _ in range(_TRIES):
            try:
                async with self._session.get(self._base + path, headers=self._headers) as response:
                    if response.status == 429:
                        wait_s = float(response.headers.get("Retry-After", 1.0))
                        await asyncio.sleep(min(wait_s, _WAIT_LIMIT_S))
                        continue
                    if response.status != 200:
                        raise ApiFailure(response.status, f"GET {path}: {response.status}")
                    return await response.json(content_type=None)
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                raise ApiFailure(0, f"{type(error).__name__}: {error}") from error
        raise ApiFailure(429, f"GET {path}: 429")


async def check_discord(settings: Settings, guild_limit: int) -> list[Finding]:
    """Check token, intent and permissions; of at most so many guilds, and say when there are more."""
    token = settings.discord.token
    if token is None:
        return [Finding("token", State.FAIL, tell("doctor.no_token"), tell("doctor.no_token_remedy"))]
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        api = Api(session, settings.discord.api_base, token)
        try:
            me = await api.get("/users/@me")
        except ApiFailure as failure:
            return [_no_entry(failure, settings)]
        findings = [Finding("token", State.OK, tell("doctor.token_ok", name=me["username"], id=me["id"]))]
        try:
            findings.append(_intent(await api.get("/applications/@me")))
            findings += await _guilds(api, str(me["id"]), guild_limit)
        except ApiFailure as failure:
            what = tell("doctor.discord_refused", what=failure)
            findings.append(Finding("discord", State.FAIL, what, tell("doctor.try_again")))
        return findings


def _no_entry(failure: ApiFailure, settings: Settings) -> Finding:
    if failure.status == 401:
        return Finding("token", State.FAIL, tell("doctor.token_wrong"), tell("doctor.token_wrong_remedy"))
    what = tell("doctor.unreachable", address=settings.discord.api_base, reason=failure)
    return Finding("discord", State.FAIL, what, tell("doctor.unreachable_remedy"))


def _intent(application: Mapping[str, Any]) -> Finding:
    if int(application.get("flags") or 0) & MESSAGE_CONTENT_FLAGS:
        return Finding("intent", State.OK, tell("doctor.intent_ok"))
    return Finding("intent", State.FAIL, tell("doctor.intent_missing"), tell("doctor.intent_remedy"))


async def _guilds(api: Api, me: str, limit: int) -> list[Finding]:
    guilds = await api.get("/users/@me/guilds?limit=200")
    if not guilds:
        return [
            Finding("guilds", State.WARN, tell("doctor.no_guilds"), tell("doctor.no_guilds_remedy", url=invitation(me)))
        ]
    findings = []
    for guild in guilds[:limit]:
        findings += await _permissions(api, str(guild["id"]), str(guild["name"]), me)
    if len(guilds) > limit:
        findings.append(
            Finding("guilds", State.WARN, tell("doctor.more_guilds", limit=limit), tell("doctor.more_remedy"))
        )
    return findings


async def _permissions(api: Api, guild_id: str, name: str, me: str) -> list[Finding]:
    guild = await api.get(f"/guilds/{guild_id}")
    role_ids = [str(role) for role in (await api.get(f"/guilds/{guild_id}/members/{me}"))["roles"]]
    base = guild_permissions(guild, role_ids, me)
    lacking = missing(base)
    if lacking:
        what = tell("doctor.guild_missing", guild=name, permissions=_explained(lacking))
        return [Finding("permissions", State.FAIL, what, tell("doctor.guild_remedy", url=invitation(me)))]
    blocked: dict[str, list[str]] = {}
    for channel in await api.get(f"/guilds/{guild_id}/channels"):
        if channel["type"] in _TEXT_CHANNELS:
            overwrites = channel.get("permission_overwrites", [])
            here = missing(channel_permissions(base, overwrites, role_ids, me, guild_id))
            if here:
                # A channel that cannot be seen lacks everything in effect; naming that one is enough.
                cause = [Need.VIEW_CHANNEL] if Need.VIEW_CHANNEL in here else here
                blocked.setdefault(_named(cause), []).append(f"#{channel['name']}")
    if not blocked:
        return [Finding("permissions", State.OK, tell("doctor.guild_ok", guild=name))]
    return [
        Finding(
            "permissions",
            State.WARN,
            tell("doctor.channels_missing", guild=name, permissions=names, channels=_some(channels)),
            tell("doctor.channels_remedy"),
        )
        for names, channels in blocked.items()
    ]


def _named(needs: list[Need]) -> str:
    return ", ".join(tell(f"permission.{str(need.name).lower()}") for need in needs)


def _explained(needs: list[Need]) -> str:
    names = [str(need.name).lower() for need in needs]
    return ", ".join(f"{tell(f'permission.{name}')} ({tell(f'permission.why_{name}')})" for name in names)


def _some(channels: list[str]) -> str:
    more = f" +{len(channels) - _NAMED_CHANNELS}" if len(channels) > _NAMED_CHANNELS else ""
    return ", ".join(channels[:_NAMED_CHANNELS]) + more
