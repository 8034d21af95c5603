"""Application commands as the world keeps them: registered per scope, and who may use which where."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.commands_rules import CHAT_INPUT, LIMIT_BY_TYPE, check_command
from sandbox.errors import ApiError, field_error, invalid_field
from sandbox.members import MemberActions
from sandbox.models import Application, Channel
from sandbox.permissions import ALL, Permission

GUILD_CONTEXT: Final = 0
BOT_DM_CONTEXT: Final = 1
DUPLICATE: Final = field_error("APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
KEPT: Final = (
    "name_localizations",
    "description_localizations",
    "options",
    "default_member_permissions",
    "contexts",
    "integration_types",
    "nsfw",
    "handler",
)


@dataclass(slots=True)
class Command:
    """A registered command: `guild_id` is None for a global one; `body` holds the fields that its owner set."""

    id: int
    application_id: int
    guild_id: int | None
    type: int
    version: int
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """Return the name that is unique together with the type."""
        return str(self.body["name"])

    @property
    def required_bits(self) -> int | None:
        """Return the permissions a member needs by default; None lets everybody, 0 only administrators."""
        bits = self.body.get("default_member_permissions")
        return int(bits) if bits is not None else None

    @property
    def in_dms(self) -> bool:
        """Tell whether the command is offered in a direct conversation with its bot."""
        if self.guild_id is not None:
            return False
        contexts = self.body.get("contexts")
        return bool(self.body.get("dm_permission", True)) if contexts is None else BOT_DM_CONTEXT in contexts

    @property
    def in_guilds(self) -> bool:
        """Tell whether the command is offered in guilds."""
        contexts = self.body.get("contexts")
        return contexts is None or GUILD_CONTEXT in contexts


def command_json(command: Command, *, localised: bool = True) -> dict[str, Any]:
    """Write a command as Discord answers it; without `localised` the localisation maps are left out, as in lists."""
    body = command.body
    bits = command.required_bits
    data: dict[str, Any] = {
        "id": str(command.id),
        "application_id": str(command.application_id),
        "version": str(command.version),
        "type": command.type,
        "name": command.name,
        "description": body.get("description") or "",
        "default_member_permissions": str(bits) if bits is not None else None,
        "dm_permission": command.in_dms,
        "nsfw": bool(body.get("nsfw", False)),
        "contexts": body.get("contexts"),
        "integration_types": body.get("integration_types") or [0],
    }
    if localised:
        data["name_localizations"] = body.get("name_localizations")
        data["description_localizations"] = body.get("description_localizations")
    if command.guild_id is not None:
        data["guild_id"] = str(command.guild_id)
    if body.get("options"):
        data["options"] = body["options"] if localised else [_without_maps(option) for option in body["options"]]
    return data


def _without_maps(node: Mapping[str, Any]) -> dict[str, Any]:
    data = {key: value for key, value in node.items() if not key.endswith("_localizations")}
    for key in ("options", "choices"):
        if key in data:
            data[key] = [_without_maps(child) for child in data[key]]
    return data


class CommandOps(MemberActions):
    """The world's verbs for commands; each change is told to the page by SANDBOX_COMMANDS, which no bot hears."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock=clock)
        self.commands: dict[int, Command] = {}

    def commands_of(self, application_id: int, guild_id: int | None) -> list[Command]:
        """Return an application's commands of one scope (a guild, or None for the global ones), oldest first."""
        return [c for c in self.commands.values() if c.application_id == application_id and c.guild_id == guild_id]

    def command(self, application_id: int, guild_id: int | None, command_id: int) -> Command:
        """Return one command of a scope or raise 10063."""
        found = self.commands.get(command_id)
        if found is None or (found.application_id, found.guild_id) != (application_id, guild_id):
            raise ApiError(404, 10063, "Unknown application command")
        return found

    def upsert_command(self, app: Application, guild_id: int | None, body: Any) -> tuple[Command, bool]:
        """Create a command, or replace the one of the same name and type; returns it and whether it is new.

        Raises 50035 for a body that breaks a rule and 30032 above the limit for its type.
        """
        checked = _checked(body)
        kind = checked.get("type") or CHAT_INPUT
        same = [c for c in self.commands_of(app.id, guild_id) if (c.type, c.name) == (kind, checked["name"])]
        if not same:
            count = sum(1 for c in self.commands_of(app.id, guild_id) if c.type == kind)
            if count >= LIMIT_BY_TYPE[kind]:
                raise _too_many(kind)
        command = self._keep(app, guild_id, checked, same[0] if same else None)
        self._announce_commands(guild_id)
        return command, not same

    def overwrite_commands(self, app: Application, guild_id: int | None, bodies: Any) -> list[Command]:
        """Make a scope hold exactly these commands; those that stay by name and type keep their ids."""
        if not isinstance(bodies, list):
            raise invalid_field(code="LIST_TYPE_CONVERT", message="Only iterables may be used in a ListType")
        checked = _checked_all(bodies)
        for kind, limit in LIMIT_BY_TYPE.items():
            if sum(1 for body in checked if (body.get("type") or CHAT_INPUT) == kind) > limit:
                raise _too_many(kind)
        before = {(c.type, c.name): c for c in self.commands_of(app.id, guild_id)}
        kept = [self._keep(app, guild_id, body, before.get(_key(body))) for body in checked]
        ids = {command.id for command in kept}
        for command in before.values():
            if command.id not in ids:
                del self.commands[command.id]
        self._announce_commands(guild_id)
        return kept

    def edit_command(self, command: Command, changes: Any) -> Command:
        """Lay changes over a command; raises 50035 when the whole then breaks a rule or takes another's name."""
        if not isinstance(changes, dict):
            raise invalid_field(code="DICT_TYPE_CONVERT", message="Only dictionaries may be used in a DictType")
        merged = _checked({**command.body, **changes, "type": command.type})
        for other in self.commands_of(command.application_id, command.guild_id):
            if other is not command and (other.type, other.name) == (command.type, merged["name"]):
                raise ApiError(400, 50035, "Invalid Form Body", {"name": DUPLICATE})
        command.body = merged
        command.version = self.ids.next()
        self._announce_commands(command.guild_id)
        return command

    def delete_command(self, command: Command) -> None:
        """Remove a command."""
        del self.commands[command.id]
        self._announce_commands(command.guild_id)

    def usable_commands(self, user_id: int, channel: Channel) -> list[Command]:
        """Return the commands that a person is offered in a channel: permissions, contexts and scopes considered.

        A guild command hides the global one of the same application, type and name, as in Discord's client.
        """
        offered = [c for c in self.commands.values() if self.may_use(user_id, channel, c)]
        own = {(c.application_id, c.type, c.name) for c in offered if c.guild_id is not None}
        return [c for c in offered if c.guild_id is not None or (c.application_id, c.type, c.name) not in own]

    def may_use(self, user_id: int, channel: Channel, command: Command) -> bool:
        """Tell whether a person may run a command in a channel (`default_member_permissions` enforced)."""
        app = self.applications[command.application_id]
        if channel.guild_id is None:
            return command.in_dms and app.bot_id in channel.recipients and user_id in channel.recipients
        if not command.in_guilds or command.guild_id not in (None, channel.guild_id):
            return False
        guild = self.guild(channel.guild_id)
        bits = self.permissions_in(user_id, channel)
        wanted = command.required_bits
        if app.bot_id not in guild.members or not bits & Permission.USE_APPLICATION_COMMANDS:
            return False
        if wanted == 0:
            return bits == ALL
        return wanted is None or bits & wanted == wanted

    def _keep(self, app: Application, guild_id: int | None, body: dict[str, Any], old: Command | None) -> Command:
        if old is not None and old.body == body:
            return old
        version = self.ids.next()
        command_id = old.id if old is not None else version
        command = Command(command_id, app.id, guild_id, body.get("type") or CHAT_INPUT, version, body)
        self.commands[command_id] = command
        return command

    def _announce_commands(self, guild_id: int | None) -> None:
        self.emit("SANDBOX_COMMANDS", {"guild_id": str(guild_id) if guild_id else None}, guild_id=guild_id)


def _checked(body: Any) -> dict[str, Any]:
    tree = check_command(body)
    if tree is not None:
        raise ApiError(400, 50035, "Invalid Form Body", tree)
    fields = ("type", "name", "description", "dm_permission", *KEPT)
    return {key: body[key] for key in fields if body.get(key) is not None}


def _checked_all(bodies: Iterable[Any]) -> list[dict[str, Any]]:
    errors: dict[str, Any] = {}
    checked: list[dict[str, Any]] = []
    seen: set[tuple[int, str]] = set()
    for index, body in enumerate(bodies):
        tree = check_command(body)
        if tree is not None:
            errors[str(index)] = tree
            continue
        key = _key(body)
        if key in seen:
            errors[str(index)] = {"name": DUPLICATE}
        seen.add(key)
        checked.append(_checked(body))
    if errors:
        raise ApiError(400, 50035, "Invalid Form Body", errors)
    return checked


def _key(body: Mapping[str, Any]) -> tuple[int, str]:
    return body.get("type") or CHAT_INPUT, body["name"]


def _too_many(kind: int) -> ApiError:
    return ApiError(400, 30032, f"Maximum number of application commands reached ({LIMIT_BY_TYPE[kind]})")
