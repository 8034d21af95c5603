"""`/setup automod`: keep Discord's own keyword rules filled with the worst terms, and take them back at a press."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from bot.policy import LabelAction, Policy
from bot.records import AuditKind
from bot.texts import text
from cogs._engine import Engine
from cogs._intake import place_of
from cogs._localised import said
from cogs._press import ItemClass, pressed
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs._replies import Interaction, locale_of, redraw, say
from cogs._watch import KeyedLocks
from cogs.automod_shown import REMOVE_ID, SET_ID, Intended, panel
from cogs.automod_words import RULES_MAX, derived, fillings
from cogs.settings._managed import guild_of, may_manage, tried
from masker.labels import Label

ROLES_MAX, CHANNELS_MAX = 20, 50
"""Exempt roles and channels of a rule. Source: Discord's API description, `KeywordUpsertRequest`."""
_MILD = frozenset({LabelAction.IGNORE, LabelAction.ALERT})
_SET = re.compile(re.escape(SET_ID), re.ASCII)
_REMOVE = re.compile(re.escape(REMOVE_ID), re.ASCII)
Rules = list[discord.AutoModRule]


class Refused(Exception):  # noqa: N818 - carries what to tell, is no error
    """The rules cannot be set; `key` is the text that says why and what to do."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class AutoModDesk:
    """Show, set and remove the rules that the bot made; those of others are never touched."""

    def __init__(self, client: discord.Client, engine: Engine) -> None:
        self._client = client
        self._engine = engine
        self._locks: KeyedLocks[int] = KeyedLocks()

    def items(self) -> list[ItemClass]:
        """Return the buttons of the panel."""
        return [pressed(_SET, self._set), pressed(_REMOVE, self._remove)]

    def command(self) -> app_commands.Command[Any, ..., None]:
        """Return the command, to be added to the group `/setup`."""

        @app_commands.command(name=said("automod.name"), description=said("automod.description"))
        async def automod(interaction: Interaction) -> None:
            await tried(interaction, self._show(interaction))

        return automod

    async def _show(self, interaction: Interaction) -> None:
        try:
            embed, view = await self._drawn(interaction)
        except Refused as refused:
            await say(interaction, text(refused.key, locale_of(interaction)))
            return
        await say(interaction, embed=embed, view=view)

    async def _set(self, interaction: Interaction, _: re.Match[str], __: Sequence[str]) -> None:
        if await may_manage(interaction):
            await tried(interaction, self._change(interaction, remove=False), updates=True)

    async def _remove(self, interaction: Interaction, _: re.Match[str], __: Sequence[str]) -> None:
        if await may_manage(interaction):
            await tried(interaction, self._change(interaction, remove=True), updates=True)

    async def _change(self, interaction: Interaction, *, remove: bool) -> None:
        try:
            guild = self._guild(interaction)
            async with self._locks.holding(guild.id):
                count = await (self._take_back(guild) if remove else self._fill(guild))
                detail = {"step": "removed" if remove else "set", "rules": count}
                audit = self._engine.storage.audit
                await audit.record(guild.id, interaction.user.id, AuditKind.AUTOMOD_SET, detail=detail)
            note = text("automod.removed" if remove else "automod.set", locale_of(interaction), rules=count)
            embed, view = await self._drawn(interaction, note)
        except Refused as refused:
            await say(interaction, text(refused.key, locale_of(interaction)))
            return
        await redraw(interaction, embed=embed, view=view)

    async def _drawn(self, interaction: Interaction, note: str = "") -> tuple[discord.Embed, discord.ui.View]:
        guild = self._guild(interaction)
        own, others = await self._rules(guild)
        intended = await self._intended(guild, RULES_MAX - len(others))
        return panel(intended, len(own), len(others), locale_of(interaction), note)

    async def _fill(self, guild: discord.Guild) -> int:
        """Make the bot's rules what they are to be: change those that stand, make what lacks, remove what is over."""
        own, others = await self._rules(guild)
        if len(others) >= RULES_MAX:
            raise Refused("automod.no_room")
        intended = await self._intended(guild, RULES_MAX - len(others))
        if not intended.fillings:
            raise Refused("automod.nothing")
        policy = await self._engine.storage.guilds.policy(guild.id)
        told = discord.AutoModRuleAction(custom_message=text("automod.blocked", policy.locale))
        with self._engine.breaker.of_guild(guild.id):
            for index, filling in enumerate(intended.fillings):
                given: dict[str, Any] = {
                    "name": text("automod.rule_name", policy.locale, number=index + 1),
                    "trigger": discord.AutoModTrigger(
                        keyword_filter=[keyword.written for keyword in filling.keywords],
                        allow_list=list(filling.allowed),
                    ),
                    "actions": [told],
                    "enabled": True,
                    "exempt_roles": [discord.Object(one) for one in intended.role_ids],
                    "exempt_channels": [discord.Object(one) for one in intended.channel_ids],
                }
                try:
                    if index < len(own):
                        await own[index].edit(**given)
                    else:
                        kind = discord.AutoModRuleEventType.message_send
                        await guild.create_automod_rule(event_type=kind, **given)
                except FAULTS as fault:
                    raise _why(fault) from fault
        await self._delete(own[len(intended.fillings) :])
        return len(intended.fillings)

    async def _take_back(self, guild: discord.Guild) -> int:
        own, _ = await self._rules(guild)
        await self._delete(own)
        return len(own)

    async def _delete(self, rules: Rules) -> None:
        for rule in rules:
            try:
                await rule.delete()
            except discord.NotFound:
                continue
            except FAULTS as fault:
                raise _why(fault) from fault

    async def _rules(self, guild: discord.Guild) -> tuple[Rules, Rules]:
        """Return the keyword rules that the bot made, and those of others. Raises Refused."""
        if not guild.me.guild_permissions.manage_guild:
            raise Refused("automod.no_permission")
        try:
            with self._engine.breaker.of_guild(guild.id):
                rules = await guild.fetch_automod_rules()
        except FAULTS as fault:
            raise _why(fault) from fault
        rules = [rule for rule in rules if rule.trigger.type is discord.AutoModRuleTriggerType.keyword]
        own = [rule for rule in rules if rule.creator_id == guild.me.id]
        return sorted(own, key=lambda rule: rule.id), [rule for rule in rules if rule.creator_id != guild.me.id]

    async def _intended(self, guild: discord.Guild, rules: int) -> Intended:
        """Return what the rules are to be by the guild's settings. Raises Refused, StorageError."""
        policy = await self._engine.storage.guilds.policy(guild.id)
        if policy.observe:
            raise Refused("automod.observing")
        labels = [label for label in Label if policy.action_for(label) not in _MILD]
        own_terms = (await self._engine.desk.censor.of(guild.id)).own
        keywords = await asyncio.to_thread(derived)
        filled = fillings(
            keywords, labels, lambda word: own_terms is not None and bool(own_terms.allowed_in(word)), max(rules, 0)
        )
        role_ids = sorted(one for one in policy.exempt_role_ids if guild.get_role(one) is not None)
        channel_ids = _left_alone(guild, policy, labels)
        if len(role_ids) > ROLES_MAX or len(channel_ids) > CHANNELS_MAX:
            raise Refused("automod.too_many_exempt")
        return Intended(filled, role_ids, channel_ids, len(policy.exempt_member_ids))

    def _guild(self, interaction: Interaction) -> discord.Guild:
        guild = self._client.get_guild(guild_of(interaction))
        if guild is None:
            raise Refused("automod.failed")
        return guild


def _left_alone(guild: discord.Guild, policy: Policy, labels: Sequence[Label]) -> list[int]:
    """Return the channels that are exempt, or where less is done about a label than blocking."""
    found = []
    for channel in guild.channels:
        if isinstance(channel, discord.CategoryChannel):
            continue
        places, _ = place_of(channel)
        here = policy.at(*places)
        milder = any(here.action_for(label) in _MILD for label in labels)
        if here.observe or milder or not policy.exempt_channel_ids.isdisjoint(places):
            found.append(channel.id)
    return sorted(found)


def _why(fault: Exception) -> Refused:
    refused = refused_by(fault, Refusal.OTHER)
    return Refused("automod.no_permission" if refused.status == 403 else "automod.failed")
