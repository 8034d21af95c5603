"""Answer opcode 8, Request Guild Members, in chunks of a thousand."""

from __future__ import annotations

from typing import Any

from sandbox.events import Intent
from sandbox.gateway.session import Session
from sandbox.ids import parse_snowflake
from sandbox.models import Guild, Member
from sandbox.render import member_json
from sandbox.world import World

CHUNK = 1000
MAX_BY_QUERY = 100


def answer_members_request(world: World, session: Session, data: dict[str, Any]) -> None:
    """Send GUILD_MEMBERS_CHUNK events.

    The whole list takes the members intent; without it Discord leaves such a request unanswered, and so do we.
    """
    guild = world.guilds.get(parse_snowflake(data.get("guild_id")) or 0)
    if guild is None or session.app.bot_id not in guild.members:
        return
    wants_all = data.get("query") == "" and not data.get("limit") and not data.get("user_ids")
    if wants_all and not session.intents & Intent.GUILD_MEMBERS:
        return
    found, missing = _select(world, guild, data)
    chunks = [found[start : start + CHUNK] for start in range(0, len(found), CHUNK)] or [[]]
    for index, chunk in enumerate(chunks):
        answer: dict[str, Any] = {
            "guild_id": str(guild.id),
            "members": [member_json(world, member) for member in chunk],
            "chunk_index": index,
            "chunk_count": len(chunks),
            "not_found": [str(user) for user in missing],
        }
        if data.get("presences"):
            answer["presences"] = []
        if isinstance(data.get("nonce"), str):
            answer["nonce"] = data["nonce"][:32]
        session.dispatch("GUILD_MEMBERS_CHUNK", answer)


def _select(world: World, guild: Guild, data: dict[str, Any]) -> tuple[list[Member], list[int]]:
    wanted = data.get("user_ids")
    if wanted:
        ids = [parse_snowflake(item) or 0 for item in (wanted if isinstance(wanted, list) else [wanted])][:MAX_BY_QUERY]
        found = [guild.members[user] for user in ids if user in guild.members]
        return found, [user for user in ids if user not in guild.members]
    query = str(data.get("query") or "").lower()
    limit = data.get("limit") if isinstance(data.get("limit"), int) else 0
    found = [m for m in guild.members.values() if _named(world, m, query)]
    if query or limit:
        found = found[: min(limit or MAX_BY_QUERY, MAX_BY_QUERY)]
    return found, []


def _named(world: World, member: Member, query: str) -> bool:
    user = world.users[member.user_id]
    names = (user.username, user.global_name or "", member.nick or "")
    return any(name.lower().startswith(query) for name in names)
