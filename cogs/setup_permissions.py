"""Which permissions the bot lacks in a server, where, and what to do about each; read from the cache."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import discord

from bot.permissions import Need, invitation, missing
from bot.policy import Policy
from bot.texts import text
from cogs._plan import inert

PLACES_SHOWN = 5
_FOR_ALERTS = (Need.VIEW_CHANNEL, Need.SEND_MESSAGES, Need.EMBED_LINKS)


def permission_lines(guild: discord.Guild, policy: Policy, application_id: int, locale: str) -> list[str]:
    """Return what is missing, each with its reason and remedy; one line that all is well where nothing is."""
    everywhere = missing(guild.me.guild_permissions.value)
    role = inert(role_name(guild))
    lines: list[str] = []
    if everywhere:
        lines.append(text("setup.permissions_missing", locale, role=role, url=invitation(application_id)))
        lines += explained(everywhere, locale)
    lines += _alert_lines(guild, policy, locale)
    lines += _place_lines(guild, policy, everywhere, role, locale)
    return lines or [text("setup.permissions_ok", locale)]


def explained(needs: Sequence[Need], locale: str) -> list[str]:
    """Return each permission with what it is for."""
    return [text("setup.permission_line", locale, name=_name(need, locale), why=_why(need, locale)) for need in needs]


def named(needs: Sequence[Need], locale: str) -> str:
    """Return permissions by name."""
    return ", ".join(_name(need, locale) for need in needs)


def no_alerts_in(channel: discord.TextChannel, locale: str) -> str:
    """Say what the bot lacks to post alerts in a channel, and the remedy; "" where it lacks nothing."""
    lacks = _lacking_for_alerts(channel, channel.guild.me)
    if not lacks:
        return ""
    permissions, role = named(lacks, locale), inert(role_name(channel.guild))
    return text("setup.alerts_missing", locale, channel=channel.mention, permissions=permissions, role=role)


def role_name(guild: discord.Guild) -> str:
    """Return the name of the bot's own role, or the bot's where it has none."""
    role = guild.self_role
    return role.name if role is not None else guild.me.display_name


def _alert_lines(guild: discord.Guild, policy: Policy, locale: str) -> Iterator[str]:
    if policy.alert_channel_id is None:
        return
    channel = guild.get_channel(policy.alert_channel_id)
    if not isinstance(channel, discord.TextChannel):
        yield text("setup.alerts_gone", locale)
    elif words := no_alerts_in(channel, locale):
        yield words


def _place_lines(
    guild: discord.Guild, policy: Policy, everywhere: Sequence[Need], role: str, locale: str
) -> Iterator[str]:
    """Yield the channels that an overwrite closes, those that are exempt left out, by what is missing there."""
    closed: dict[tuple[Need, ...], list[str]] = {}
    places: list[discord.abc.GuildChannel] = [*guild.text_channels, *guild.forums, *guild.voice_channels]
    for channel in places:
        if {channel.id, channel.category_id} & policy.exempt_channel_ids or channel.id == policy.alert_channel_id:
            continue
        lacks = _causes(need for need in missing(channel.permissions_for(guild.me).value) if need not in everywhere)
        if lacks:
            closed.setdefault(lacks, []).append(channel.mention)
    for needs, mentions in closed.items():
        more = [f"+{len(mentions) - PLACES_SHOWN}"] if len(mentions) > PLACES_SHOWN else []
        channels = " ".join([*mentions[:PLACES_SHOWN], *more])
        yield text("setup.places_missing", locale, channels=channels, permissions=named(needs, locale), role=role)


def _lacking_for_alerts(channel: discord.TextChannel, me: discord.Member) -> tuple[Need, ...]:
    granted = channel.permissions_for(me).value
    return _causes(need for need in _FOR_ALERTS if not granted & need)


def _causes(lacks: Iterable[Need]) -> tuple[Need, ...]:
    """Return what is missing without what goes with it: who cannot see or write in a channel can do little else there.

    Source: Discord's developer docs, "Implicit Permissions".
    """
    found = tuple(lacks)
    if Need.VIEW_CHANNEL in found:
        return (Need.VIEW_CHANNEL,)
    implied = (Need.EMBED_LINKS, Need.ATTACH_FILES) if Need.SEND_MESSAGES in found else ()
    return tuple(need for need in found if need not in implied)


def _name(need: Need, locale: str) -> str:
    return text(f"permission.{str(need.name).lower()}", locale)


def _why(need: Need, locale: str) -> str:
    return text(f"permission.why_{str(need.name).lower()}", locale)
