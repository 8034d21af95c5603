"""AutoMod's keyword rules: what a guild has set, which messages they stop, and who is told.

https://docs.discord.com/developers/resources/auto-moderation; rules of other triggers are refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox.errors import ApiError, invalid_field, unknown
from sandbox.guilds import GuildOps
from sandbox.ids import parse_snowflake
from sandbox.messages import Draft
from sandbox.models import Channel, Guild, MessageType
from sandbox.permissions import Permission
from sandbox.state import WorldState

KEYWORD, MESSAGE_SEND = 1, 1
BLOCK_MESSAGE, SEND_ALERT, TIME_OUT = 1, 2, 3
MAX_KEYWORD_RULES, MAX_KEYWORDS, MAX_ALLOWED, MAX_KEYWORD_LENGTH = 6, 1_000, 100, 60
MAX_NAME, MAX_ACTIONS, MAX_EXEMPT_ROLES, MAX_EXEMPT_CHANNELS, MAX_CUSTOM = 100, 5, 20, 50, 300
BLOCKED = 200_000
Rule = dict[str, Any]


def read_rule(world: WorldState, guild: Guild, data: Mapping[str, Any], standing: Mapping[str, Any]) -> Rule:
    """Return the rule that a body makes of a standing one (empty: a new one); raises 50035 naming the field."""
    rule: Rule = {"enabled": False, "exempt_roles": [], "exempt_channels": [], "actions": [], **standing}
    for key in ("name", "event_type", "trigger_type", "actions", "enabled", "exempt_roles", "exempt_channels"):
        if data.get(key) is not None:
            rule[key] = data[key]
    if data.get("trigger_metadata") is not None or "trigger_metadata" not in rule:
        given = data.get("trigger_metadata") or {}
        rule["trigger_metadata"] = {
            key: list(given.get(key) or ()) for key in ("keyword_filter", "regex_patterns", "allow_list")
        }
    for key, known in (("trigger_type", KEYWORD), ("event_type", MESSAGE_SEND)):
        if rule.get(key) != known:
            raise invalid_field(key, code="SANDBOX_UNSUPPORTED", message="The sandbox keeps keyword rules alone.")
    name = str(rule.get("name") or "").strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise invalid_field("name", code="BASE_TYPE_BAD_LENGTH", message=f"Must be between 1 and {MAX_NAME} in length.")
    _check_metadata(rule["trigger_metadata"])
    rule["actions"] = [_read_action(world, guild, action) for action in rule["actions"]]
    if not 1 <= len(rule["actions"]) <= MAX_ACTIONS:
        raise invalid_field(
            "actions", code="BASE_TYPE_BAD_LENGTH", message=f"Must be between 1 and {MAX_ACTIONS} in length."
        )
    for key, most in (("exempt_roles", MAX_EXEMPT_ROLES), ("exempt_channels", MAX_EXEMPT_CHANNELS)):
        _check_length(rule[key], most, key)
    return rule | {"name": name}


def _check_metadata(metadata: Mapping[str, list[str]]) -> None:
    for key, most in (("keyword_filter", MAX_KEYWORDS), ("allow_list", MAX_ALLOWED)):
        _check_length(metadata[key], most, "trigger_metadata", key)
        for number, word in enumerate(metadata[key]):
            if not 1 <= len(word) <= MAX_KEYWORD_LENGTH:
                message = f"Must be between 1 and {MAX_KEYWORD_LENGTH} in length."
                raise invalid_field("trigger_metadata", key, number, code="BASE_TYPE_BAD_LENGTH", message=message)
    if metadata["regex_patterns"]:
        message = "The sandbox does not match Rust's patterns."
        raise invalid_field("trigger_metadata", "regex_patterns", code="SANDBOX_UNSUPPORTED", message=message)
    if not metadata["keyword_filter"]:
        raise invalid_field("trigger_metadata", code="BASE_TYPE_REQUIRED", message="This field is required")


def _check_length(values: object, most: int, *path: str | int) -> None:
    if not isinstance(values, list) or len(values) > most:
        raise invalid_field(*path, code="BASE_TYPE_MAX_LENGTH", message=f"Must be {most} or fewer in length.")


def _read_action(world: WorldState, guild: Guild, action: Mapping[str, Any]) -> dict[str, Any]:
    kind, given = action.get("type"), action.get("metadata") or {}
    if kind == BLOCK_MESSAGE:
        words = given.get("custom_message")
        if words and len(words) > MAX_CUSTOM:
            message = f"Must be {MAX_CUSTOM} or fewer in length."
            raise invalid_field("actions", "custom_message", code="BASE_TYPE_MAX_LENGTH", message=message)
        return {"type": kind, "metadata": {"custom_message": words} if words else {}}
    if kind == SEND_ALERT:
        channel = world.channel(parse_snowflake(given.get("channel_id")))
        if channel.guild_id != guild.id:
            raise unknown("channel")
        return {"type": kind, "metadata": {"channel_id": str(channel.id)}}
    raise invalid_field("actions", code="SANDBOX_UNSUPPORTED", message="The sandbox blocks and alerts, no more.")


def matched(rule: Mapping[str, Any], content: str) -> tuple[str, str] | None:
    """Return the first keyword that a text matches, and the words that it matched; None when the text may stand."""
    metadata = rule["trigger_metadata"]
    allowed = [found.span() for word in metadata["allow_list"] for found in _pattern(word).finditer(content)]
    for keyword in metadata["keyword_filter"]:
        for found in _pattern(keyword).finditer(content):
            if not any(start <= found.start() and found.end() <= end for start, end in allowed):
                return keyword, found.group()
    return None


def _pattern(keyword: str) -> re.Pattern[str]:
    """Return what a keyword matches: whole words, or with `*` at an end any letters there; case does not matter."""
    before = "" if keyword.startswith("*") else r"(?<!\w)"
    after = "" if keyword.endswith("*") else r"(?!\w)"
    return re.compile(before + re.escape(keyword.strip("*")) + after, re.IGNORECASE)


class AutoMod(GuildOps):
    """The world's verbs for AutoMod."""

    def automod_check(self, user_id: int, channel: Channel, content: str) -> None:
        """Stop a member's words that a rule does not let through: tell who is to be told, and raise 200000."""
        guild = self.guilds.get(channel.guild_id or 0)
        if guild is None or self.guild_permissions(user_id, guild) & Permission.MANAGE_GUILD:
            return
        for rule in guild.automod_rules.values():
            if not rule["enabled"] or _exempt(self, rule, user_id, channel):
                continue
            found = matched(rule, content)
            if found is not None:
                self._stop(guild, rule, user_id, channel, content, found)

    def _stop(
        self, guild: Guild, rule: Rule, user_id: int, channel: Channel, content: str, found: tuple[str, str]
    ) -> None:
        blocks = any(action["type"] == BLOCK_MESSAGE for action in rule["actions"])
        for action in rule["actions"]:
            data = {
                "guild_id": str(guild.id),
                "action": action,
                "rule_id": rule["id"],
                "rule_trigger_type": rule["trigger_type"],
                "user_id": str(user_id),
                "channel_id": str(channel.id),
                "content": content,
                "matched_keyword": found[0],
                "matched_content": found[1],
            }
            if action["type"] == SEND_ALERT:
                data["alert_system_message_id"] = str(self._alert(rule, action, user_id, channel, content, found))
            self.tell_managers(guild, "AUTO_MODERATION_ACTION_EXECUTION", data)
        if blocks:
            raise ApiError(400, BLOCKED, "Message was blocked by automatic moderation")

    def _alert(
        self, rule: Rule, action: Rule, user_id: int, channel: Channel, content: str, found: tuple[str, str]
    ) -> int:
        """Post AutoMod's system message (type 24), and return its id."""
        named = {
            "rule_name": rule["name"],
            "channel_id": str(channel.id),
            "decision_id": str(self.ids.next()),
            "keyword": found[0],
            "keyword_matched_content": found[1],
        }
        fields = [{"name": name, "value": value, "inline": False} for name, value in named.items()]
        embed = {"type": "auto_moderation_message", "description": content, "fields": fields}
        place = self.channel(int(action["metadata"]["channel_id"]))
        return self.post(place, user_id, Draft(embeds=[embed], type=MessageType.AUTO_MODERATION_ACTION)).id

    def tell_managers(self, guild: Guild, event: str, data: Mapping[str, Any]) -> None:
        """Tell the bots that may manage the guild, and nobody else."""
        for app in self.applications.values():
            if self.guild_permissions(app.bot_id, guild) & Permission.MANAGE_GUILD:
                self.emit(event, dict(data), guild_id=guild.id, only_user=app.bot_id)


def _exempt(world: WorldState, rule: Rule, user_id: int, channel: Channel) -> bool:
    roles = world.member(channel.guild_id or 0, user_id).roles
    if any(str(role) in rule["exempt_roles"] for role in roles):
        return True
    place = channel.parent_id if channel.is_thread else channel.id
    return str(place) in rule["exempt_channels"]
