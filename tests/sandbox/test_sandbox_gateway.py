"""The gateway: handshake, compression, resuming, shards, intents, close codes."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.events import Intent
from sandbox.gateway.hub import CloseCode
from sandbox.seed import Demo, add_guilds
from sandbox.server import Sandbox

from .conftest import Bot, BotStarter, Caller

GUILD_TALK = int(Intent.GUILDS | Intent.GUILD_MESSAGES | Intent.MESSAGE_CONTENT)


class Socket:
    """A gateway client with nothing in between."""

    def __init__(self, raw: aiohttp.ClientWebSocketResponse) -> None:
        self.raw = raw
        self._inflate = zlib.decompressobj()
        self.frames: list[bytes] = []

    async def send(self, op: int, data: Any) -> None:
        await self.raw.send_str(json.dumps({"op": op, "d": data}))

    async def next(self) -> dict[str, Any]:
        message = await self.raw.receive(timeout=10)
        if message.type is aiohttp.WSMsgType.BINARY:
            self.frames.append(message.data)
            return json.loads(self._inflate.decompress(message.data))
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return json.loads(message.data)

    async def until(self, name: str) -> dict[str, Any]:
        while True:
            payload = await self.next()
            if payload["t"] == name:
                return payload

    async def closed_with(self) -> int | None:
        async with asyncio.timeout(10):
            async for _ in self.raw:
                continue
        return self.raw.close_code

    async def identify(self, token: str, intents: int = GUILD_TALK, **more: Any) -> dict[str, Any]:
        assert (await self.next())["op"] == 10
        await self.send(2, {"token": token, "intents": intents, "properties": {}, **more})
        return await self.until("READY")


@pytest.fixture
async def open_socket(server: Sandbox) -> AsyncIterator[Any]:
    async with aiohttp.ClientSession() as session:
        opened = []

        async def connect(query: str = "?v=10&encoding=json") -> Socket:
            raw = await session.ws_connect(server.gateway + query)
            opened.append(raw)
            return Socket(raw)

        yield connect
        for raw in opened:
            await raw.close()


async def test_one_zlib_stream_runs_through_a_whole_connection(open_socket: Any, demo: Demo) -> None:
    socket = await open_socket("?v=10&encoding=json&compress=zlib-stream")
    ready = await socket.identify(demo.token)
    created = await socket.until("GUILD_CREATE")
    assert ready["s"] == 1
    assert created["d"]["name"] == "가림 놀이터"
    assert all(frame.endswith(b"\x00\x00\xff\xff") for frame in socket.frames)
    with pytest.raises(zlib.error):
        zlib.decompressobj().decompress(socket.frames[-1])


async def test_discord_py_without_zstd_asks_for_zlib_and_is_understood(
    start_bot: BotStarter, demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    class ZlibContext:
        COMPRESSION_TYPE = "zlib-stream"

        def __init__(self) -> None:
            self.stream = zlib.decompressobj()

        def decompress(self, data: bytes) -> str:
            return self.stream.decompress(data).decode()

    monkeypatch.setattr(discord.utils, "_ActiveDecompressionContext", ZlibContext)
    bot = await start_bot()
    demo.world.member_send(demo.people["jiho"].id, demo.channels["개발"].id, "압축된 말")
    assert (await bot.hear("message")).content == "압축된 말"


async def test_an_unknown_compression_is_refused_at_the_door(server: Sandbox) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(server.gateway + "?compress=lz4")
    assert refused.value.status == 400


async def test_heartbeats_are_acknowledged_and_a_silent_client_is_hung_up_on(
    open_socket: Any, server: Sandbox, demo: Demo
) -> None:
    server.hub.options.heartbeat_interval_ms = 100
    socket = await open_socket()
    await socket.identify(demo.token)
    await socket.send(1, 1)
    while (payload := await socket.next())["op"] != 11:
        assert payload["op"] == 0
    assert await socket.closed_with() == CloseCode.SESSION_TIMED_OUT


async def test_discord_py_resumes_after_a_lost_connection_and_misses_nothing(
    start_bot: BotStarter, demo: Demo, server: Sandbox
) -> None:
    bot = await start_bot()
    speaker, place = demo.people["minseo"].id, demo.channels["자유-대화"].id
    demo.world.member_send(speaker, place, "먼저")
    await bot.hear("message")
    assert server.hub.cut() == 1
    await asyncio.sleep(0.05)
    for number in range(20):
        demo.world.member_send(speaker, place, f"끊긴 사이 {number}")
    heard = [(await bot.hear("message")).content for _ in range(20)]
    assert heard == [f"끊긴 사이 {number}" for number in range(20)]
    assert (server.hub.identifies, server.hub.resumes) == (1, 1)


async def test_a_resume_replays_exactly_what_was_missed(open_socket: Any, demo: Demo) -> None:
    speaker, place = demo.people["minseo"].id, demo.channels["자유-대화"].id
    first = await open_socket()
    ready = await first.identify(demo.token)
    await first.until("GUILD_CREATE")
    demo.world.member_send(speaker, place, "하나")
    last = (await first.until("MESSAGE_CREATE"))["s"]
    first.raw._conn.transport.abort()
    await asyncio.sleep(0.05)
    demo.world.member_send(speaker, place, "둘")
    second = await open_socket()
    assert (await second.next())["op"] == 10
    await second.send(6, {"token": demo.token, "session_id": ready["d"]["session_id"], "seq": last})
    missed = await second.next()
    assert (missed["t"], missed["d"]["content"], missed["s"]) == ("MESSAGE_CREATE", "둘", last + 1)
    assert (await second.next())["t"] == "RESUMED"


@pytest.mark.parametrize(
    ("disturbance", "identifies", "why"),
    [
        ("reconnect", 1, "opcode 7 keeps the session"),
        ("resumable", 1, "opcode 9 with true keeps the session"),
        ("invalid", 2, "opcode 9 with false ends the session"),
        ("closed_4000", 1, "an unknown error keeps the session"),
    ],
)
async def test_discord_py_comes_back_after(
    start_bot: BotStarter, demo: Demo, server: Sandbox, disturbance: str, identifies: int, why: str
) -> None:
    bot = await start_bot()
    if disturbance == "reconnect":
        server.hub.ask_reconnect()
    elif disturbance == "closed_4000":
        await server.hub.close_all(CloseCode.UNKNOWN_ERROR)
    else:
        server.hub.invalidate(resumable=disturbance == "resumable")
    await bot.hear("resumed" if identifies == 1 else "shard_ready")
    demo.world.member_send(demo.people["jiho"].id, demo.channels["개발"].id, "다시 들려요?")
    assert (await bot.hear("message")).content == "다시 들려요?", why
    assert server.hub.identifies == identifies, why


async def test_an_unknown_session_is_told_to_identify_anew(open_socket: Any, demo: Demo) -> None:
    socket = await open_socket()
    await socket.next()
    await socket.send(6, {"token": demo.token, "session_id": "0" * 32, "seq": 3})
    assert await socket.next() == {"op": 9, "d": False, "s": None, "t": None}


async def test_every_guild_is_heard_on_its_own_shard_alone(start_bot: BotStarter, demo: Demo, server: Sandbox) -> None:
    add_guilds(demo, 7)
    server.hub.options.shards = 4
    bot = await start_bot()
    assert bot.shard_count == 4
    assert len(bot.guilds) == 8
    assert {guild.shard_id for guild in bot.guilds} == {0, 1, 2, 3}
    for guild in demo.world.guilds.values():
        place = next(c for c in demo.world.guild_channels(guild.id) if c.type == 0)
        demo.world.member_send(demo.people["haneul"].id, place.id, str(guild.id))
    heard = [await bot.hear("message") for _ in range(8)]
    await asyncio.sleep(0.1)
    assert bot.heard_so_far("message") == []
    assert {message.content for message in heard} == {str(guild) for guild in demo.world.guilds}


@pytest.mark.parametrize(
    ("change", "intents", "code", "why"),
    [
        ({"token": "wrong"}, 1, CloseCode.AUTHENTICATION_FAILED, "wrong token"),
        ({"intents": "all"}, 1, CloseCode.INVALID_INTENTS, "intents are a number"),
        ({"intents": 1 << 40}, 1, CloseCode.INVALID_INTENTS, "no such bit"),
        ({}, int(Intent.GUILD_PRESENCES), CloseCode.DISALLOWED_INTENTS, "presences are switched off"),
        ({"shard": [4, 4]}, 1, CloseCode.INVALID_SHARD, "shards count from zero"),
        ({"shard": "0"}, 1, CloseCode.INVALID_SHARD, "not a pair"),
    ],
)
async def test_an_identify_is_refused(
    open_socket: Any, demo: Demo, change: dict[str, Any], intents: int, code: int, why: str
) -> None:
    socket = await open_socket()
    await socket.next()
    await socket.send(2, {"token": demo.token, "intents": intents, "properties": {}, **change})
    assert await socket.closed_with() == code, why


@pytest.mark.parametrize(
    ("payload", "code", "why"),
    [
        ("{", CloseCode.DECODE_ERROR, "no JSON"),
        ("[]", CloseCode.DECODE_ERROR, "no opcode"),
        ('{"op": 99}', CloseCode.UNKNOWN_OPCODE, "no such opcode"),
        ('{"op": 8, "d": {}}', CloseCode.NOT_AUTHENTICATED, "a command before identify"),
        ('{"op": 2, "d": 5}', CloseCode.DECODE_ERROR, "identify without an object"),
        (" " * 5000, CloseCode.DECODE_ERROR, "larger than 4096 bytes"),
    ],
)
async def test_a_bad_payload_ends_the_connection(open_socket: Any, payload: str, code: int, why: str) -> None:
    socket = await open_socket()
    await socket.next()
    await socket.raw.send_str(payload)
    assert await socket.closed_with() == code, why


async def test_commands_are_limited_but_heartbeats_are_not(open_socket: Any, demo: Demo, server: Sandbox) -> None:
    server.hub.options.commands_per_minute = 5
    socket = await open_socket()
    await socket.identify(demo.token)
    for _ in range(10):
        await socket.send(1, None)
    for _ in range(6):
        await socket.send(3, {"status": "online"})
    assert await socket.closed_with() == CloseCode.RATE_LIMITED


async def test_a_wrong_token_and_a_missing_intent_end_discord_py_with_its_own_errors(
    server: Sandbox, demo: Demo, start_bot: BotStarter
) -> None:
    bot = Bot()
    with pytest.raises(discord.LoginFailure):
        await bot.start("no-such-token")
    await bot.close()
    demo.application.message_content = False
    bot = Bot()
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await bot.start(demo.token)
    await bot.close()


async def test_without_the_content_intent_words_are_withheld_but_for_own_mentioned_and_private_ones(
    open_socket: Any, demo: Demo, server: Sandbox, call: Caller
) -> None:
    world, jiho, place, bot_id = demo.world, demo.people["jiho"].id, demo.channels["개발"], demo.application.bot_id
    socket = await open_socket()
    await socket.identify(demo.token, int(Intent.GUILDS | Intent.GUILD_MESSAGES | Intent.DIRECT_MESSAGES))
    world.member_send(jiho, place.id, "숨겨질 말")
    assert (await socket.until("MESSAGE_CREATE"))["d"]["content"] == ""
    world.member_send(jiho, place.id, f"<@{bot_id}> 들리는 말")
    assert (await socket.until("MESSAGE_CREATE"))["d"]["content"].endswith("들리는 말")
    world.member_send(jiho, world.member_open_dm(jiho, bot_id).id, "둘만의 말")
    assert (await socket.until("MESSAGE_CREATE"))["d"]["content"] == "둘만의 말"
    demo.application.message_content = False
    listed = (await call("GET", f"/channels/{place.id}/messages")).data
    assert [item["content"] != "" for item in listed] == [True, False]


async def test_a_session_hears_only_what_its_intents_and_its_permissions_let_it(open_socket: Any, demo: Demo) -> None:
    world, owner = demo.world, demo.people["haneul"].id
    socket = await open_socket()
    await socket.identify(demo.token, GUILD_TALK)
    await socket.until("GUILD_CREATE")
    world.deny_in_channel(demo.channels["개발"].id, demo.application.bot_id, 1 << 10)
    assert (await socket.until("CHANNEL_UPDATE"))["d"]["name"] == "개발"
    world.member_send(owner, demo.channels["개발"].id, "안 보이는 곳")
    world.create_webhook(demo.channels["자유-대화"], "못 듣는 일", owner)
    world.member_type(owner, demo.channels["자유-대화"].id)
    world.update_member(demo.guild.members[owner])
    world.member_send(owner, demo.channels["자유-대화"].id, "보이는 곳")
    following = await socket.next()
    assert (following["t"], following["d"]["content"]) == ("MESSAGE_CREATE", "보이는 곳")
