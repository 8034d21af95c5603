"""AutoMod's rules, with MANAGE_GUILD."""

from __future__ import annotations

from aiohttp import web

from sandbox.automod import KEYWORD, MAX_KEYWORD_RULES, Rule, read_rule
from sandbox.errors import ApiError, invalid_field
from sandbox.http import API, body_of, no_content, path_id, reason_of, reply
from sandbox.models import Guild
from sandbox.permissions import Permission
from sandbox.routes.guilds import open_guild

routes = web.RouteTableDef()
RULES = API + "/guilds/{guild_id}/auto-moderation/rules"
RULE = RULES + "/{rule_id}"
CREATED, UPDATED, DELETED = 140, 141, 142
"""Kinds of audit log entries. Source: Discord's developer docs, "Audit Log Events"."""


def find(request: web.Request, guild: Guild) -> Rule:
    """Return the rule in the path or answer 404; Discord's list of error codes has none for it."""
    rule = guild.automod_rules.get(path_id(request, "rule_id"))
    if rule is None:
        raise ApiError(404, 0, "404: Not Found")
    return rule


@routes.get(RULES)
async def list_rules(request: web.Request) -> web.StreamResponse:
    """Return a guild's rules."""
    _, _, guild = open_guild(request, Permission.MANAGE_GUILD)
    return reply(list(guild.automod_rules.values()))


@routes.get(RULE)
async def get_rule(request: web.Request) -> web.StreamResponse:
    """Return one rule."""
    _, _, guild = open_guild(request, Permission.MANAGE_GUILD)
    return reply(find(request, guild))


@routes.post(RULES)
async def create_rule(request: web.Request) -> web.StreamResponse:
    """Make a rule; a guild holds six that go by keywords."""
    world, bot_id, guild = open_guild(request, Permission.MANAGE_GUILD)
    rule = read_rule(world, guild, (await body_of(request)).data, {})
    if sum(one["trigger_type"] == KEYWORD for one in guild.automod_rules.values()) >= MAX_KEYWORD_RULES:
        message = f"You may only have {MAX_KEYWORD_RULES} rules of this type."
        raise invalid_field("trigger_type", code="AUTO_MODERATION_MAX_RULES_OF_TYPE_EXCEEDED", message=message)
    rule_id = world.ids.next()
    rule |= {"id": str(rule_id), "guild_id": str(guild.id), "creator_id": str(bot_id)}
    guild.automod_rules[rule_id] = rule
    world.audit(guild, CREATED, bot_id, rule_id, reason_of(request))
    world.tell_managers(guild, "AUTO_MODERATION_RULE_CREATE", rule)
    return reply(rule)


@routes.patch(RULE)
async def modify_rule(request: web.Request) -> web.StreamResponse:
    """Change what is named of a rule."""
    world, bot_id, guild = open_guild(request, Permission.MANAGE_GUILD)
    standing = find(request, guild)
    data = (await body_of(request)).data
    if data.get("trigger_type", standing["trigger_type"]) != standing["trigger_type"]:
        raise ApiError(400, 50035, "A rule's trigger cannot be changed")
    rule = read_rule(world, guild, data, standing)
    guild.automod_rules[int(rule["id"])] = rule
    world.audit(guild, UPDATED, bot_id, int(rule["id"]), reason_of(request))
    world.tell_managers(guild, "AUTO_MODERATION_RULE_UPDATE", rule)
    return reply(rule)


@routes.delete(RULE)
async def delete_rule(request: web.Request) -> web.StreamResponse:
    """Remove a rule."""
    world, bot_id, guild = open_guild(request, Permission.MANAGE_GUILD)
    rule = find(request, guild)
    del guild.automod_rules[int(rule["id"])]
    world.audit(guild, DELETED, bot_id, int(rule["id"]), reason_of(request))
    world.tell_managers(guild, "AUTO_MODERATION_RULE_DELETE", rule)
    return no_content()
