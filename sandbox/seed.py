"""Build worlds to start from: the demo guild, and as many small guilds as a test wants."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.models import Application, Channel, ChannelType, Guild, Overwrite, Role, User
from sandbox.permissions import Permission
from sandbox.world import World

BOT_PERMISSIONS = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.MANAGE_MESSAGES
    | Permission.MANAGE_WEBHOOKS
    | Permission.READ_MESSAGE_HISTORY
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.MODERATE_MEMBERS
)
"""What Garim asks for when it is invited."""

MODERATOR_PERMISSIONS = (
    Permission.MANAGE_MESSAGES
    | Permission.MANAGE_THREADS
    | Permission.MODERATE_MEMBERS
    | Permission.KICK_MEMBERS
    | Permission.MANAGE_NICKNAMES
    | Permission.VIEW_AUDIT_LOG
    | Permission.PIN_MESSAGES
)

PEOPLE = (
    ("haneul", "하늘", None),
    ("minseo", "김민서", "민서🌿"),
    ("jiho", "지호", None),
    ("seoyeon", "박서연", "서연 (운영)"),
    ("doyun", "도윤", None),
)
"""Username, display name and guild nickname of the people of the demo guild; the first owns it."""


@dataclass(slots=True)
class Demo:
    """Handles to what a seed has made."""

    world: World
    application: Application
    guild: Guild
    people: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """Return the bot's token."""
        return self.application.token


def invite_bot(world: World, guild: Guild, app: Application, permissions: int = int(BOT_PERMISSIONS)) -> Role:
    """Bring a bot into a guild under a managed role of its own."""
    role = world.create_role(guild, app.name, int(permissions))
    role.managed_by_bot = app.bot_id
    world.add_member(guild, world.users[app.bot_id], roles=[role])
    return role


def demo_world(
    *,
    token: str | None = None,
    bot_permissions: int = int(BOT_PERMISSIONS),
    bot_name: str = "가림",
    clock: Callable[[], float] = time.time,
) -> Demo:
    """Build the guild "가림 놀이터" with its people, roles and channels, and the bot in it."""
    world = World(clock=clock)
    people = {username: world.create_user(username, display_name=name) for username, name, _ in PEOPLE}
    owner = people["haneul"]
    app = world.create_application(bot_name, owner, token=token)
    guild = world.create_guild("가림 놀이터", owner)
    demo = Demo(world, app, guild, people)
    demo.roles["운영진"] = world.create_role(guild, "운영진", int(MODERATOR_PERMISSIONS), color=0x2ECC71, hoist=True)
    demo.roles["관리자"] = world.create_role(guild, "관리자", int(Permission.ADMINISTRATOR), color=0xE67E22, hoist=True)
    wanted = {"haneul": ["관리자"], "seoyeon": ["운영진"]}
    for username, _, nick in PEOPLE:
        roles = [demo.roles[name] for name in wanted.get(username, [])]
        world.add_member(guild, people[username], roles=roles, nick=nick)
    demo.roles["bot"] = invite_bot(world, guild, app, bot_permissions)
    _add_channels(demo)
    return demo


def _add_channels(demo: Demo) -> None:
    world, guild = demo.world, demo.guild
    talk = world.create_channel(guild, "이야기", ChannelType.CATEGORY)
    moderators = world.create_channel(guild, "운영", ChannelType.CATEGORY)
    sees = int(Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES)
    private = [
        Overwrite(guild.id, 0, deny=int(Permission.VIEW_CHANNEL)),
        Overwrite(demo.roles["운영진"].id, 0, allow=sees),
        Overwrite(demo.roles["bot"].id, 0, allow=sees | int(Permission.EMBED_LINKS)),
    ]
    demo.channels = {
        "자유-대화": world.create_channel(guild, "자유-대화", parent=talk, topic="아무 이야기나 편하게 나눠요"),
        "개발": world.create_channel(guild, "개발", parent=talk, topic="코드와 도구 이야기"),
        "질문": world.create_channel(guild, "질문", ChannelType.FORUM, parent=talk, topic="궁금한 것을 물어봐요"),
        "수다방": world.create_channel(guild, "수다방", ChannelType.VOICE, parent=talk),
        "관리자-알림": world.create_channel(
            guild, "관리자-알림", parent=moderators, topic="운영진만 보는 곳이에요", overwrites=private
        ),
    }
    guild.public_updates_channel_id = demo.channels["관리자-알림"].id


def add_guilds(demo: Demo, count: int, *, channels_each: int = 1) -> list[Guild]:
    """Add small guilds with the bot and everyone of the demo in them, for tests of shards and load."""
    world = demo.world
    made = []
    for number in range(count):
        guild = world.create_guild(f"작은 모임 {number + 1}", demo.people["haneul"])
        for user in demo.people.values():
            if user.id not in guild.members:
                world.add_member(guild, user)
        invite_bot(world, guild, demo.application)
        for index in range(channels_each):
            world.create_channel(guild, f"방-{index + 1}")
        made.append(guild)
    return made
