"""Interactions between people and a real discord.py bot, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from sandbox.errors import ApiError
from sandbox.interactions.model import CallbackType, Interaction
from sandbox.models import Message, MessageFlag
from sandbox.openapi import Validator
from sandbox.seed import demo_world
from sandbox.server import Sandbox
from sandbox.uploads import Upload
from tests.sandbox.page_support import Stage, staged


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """A sandbox with its demo world and a connected bot."""
    async with staged() as running:
        yield running


async def until(stage: Stage, look: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until `look` says yes, looking again at every event of the world."""
    changed = asyncio.Event()
    stop = stage.demo.world.bus.subscribe(lambda _: changed.set())
    try:
        async with asyncio.timeout(seconds):
            while not look():
                await changed.wait()
                changed.clear()
    finally:
        stop()


def command_id(stage: Stage, name: str) -> int:
    """Return a registered command's id."""
    commands = stage.demo.world.commands_of(stage.demo.application.id, None)
    return next(command.id for command in commands if command.name == name)


def newest(stage: Stage) -> Message:
    """Return the channel's last message."""
    return list(stage.demo.world.history(stage.channel_id))[-1]


async def run(stage: Stage, name: str, who: str = "jiho", **options: object) -> Interaction:
    """Run a slash command and wait for its first answer."""
    world = stage.demo.world
    interaction = world.invoke_command(stage.person(who), stage.channel_id, command_id(stage, name), options=options)
    assert await world.first_answer(interaction)
    return interaction


async def test_a_slash_command_is_answered_in_the_channel_under_the_bots_name(stage: Stage) -> None:
    interaction = await run(stage, "인사", 과일="배", 횟수=2)
    assert interaction.callback == CallbackType.MESSAGE
    message = newest(stage)
    assert message.content == "배 좋아요! 배 좋아요!"
    assert message.author_id == stage.demo.application.bot_id
    assert (message.interaction_metadata or {})["name"] == "인사"
    assert message.type == 20
    seen = stage.bot.seen[-1]
    assert seen.user.id == stage.person("jiho")
    assert seen.app_permissions.manage_messages
    assert str(seen.locale) == "ko"


@pytest.mark.parametrize(
    ("options", "field", "why"),
    [
        ({}, "과일", "a required option is missing"),
        ({"과일": "배", "횟수": 9}, "횟수", "above max_value"),
        ({"과일": "배", "횟수": "둘"}, "횟수", "text where a number belongs"),
        ({"과일": 3}, "과일", "a number where text belongs"),
        ({"과일": "배", "없음": 1}, "없음", "no such option"),
    ],
)
async def test_what_a_client_would_not_let_through_is_refused(
    stage: Stage, options: dict[str, object], field: str, why: str
) -> None:
    with pytest.raises(ApiError) as caught:
        stage.demo.world.invoke_command(
            stage.person("jiho"), stage.channel_id, command_id(stage, "인사"), options=options
        )
    assert caught.value.code == 50035, why
    assert field in (caught.value.errors or {}), why


async def test_suggestions_come_while_an_option_is_typed(stage: Stage) -> None:
    world = stage.demo.world
    asked = world.invoke_autocomplete(
        stage.person("jiho"), stage.channel_id, command_id(stage, "인사"), "과일", options={"과일": "복"}
    )
    assert await world.first_answer(asked)
    assert asked.choices == [{"name": "복숭아", "value": "복숭아"}]


async def test_a_deferred_answer_thinks_first_and_is_filled_by_the_first_follow_up(stage: Stage) -> None:
    interaction = await run(stage, "느림")
    assert interaction.callback == CallbackType.DEFERRED_MESSAGE
    first = stage.demo.world.message(stage.channel_id, interaction.original_id)
    await until(stage, lambda: first.content == "다 생각했어요")
    assert not first.flags & MessageFlag.LOADING
    assert first.edited_at_s is None
    await until(stage, lambda: newest(stage).content == "하나 더 있어요")


async def test_an_ephemeral_answer_is_for_one_person_and_in_no_history(stage: Stage) -> None:
    interaction = await run(stage, "느림", private=True)
    world, channel = stage.demo.world, stage.demo.channels["자유-대화"]
    await until(stage, lambda: len(world.ephemerals_of(stage.person("jiho"), channel)) == 2)
    assert world.ephemerals_of(stage.person("minseo"), channel) == []
    assert list(world.history(channel.id)) == []
    assert world.facts() == []
    with pytest.raises(ApiError):
        world.ephemeral(interaction.original_id or 0, stage.person("minseo"))


async def test_a_modal_opens_and_its_submit_is_answered_once(stage: Stage) -> None:
    world, jiho = stage.demo.world, stage.person("jiho")
    opened = await run(stage, "설문")
    assert opened.modal is not None
    assert opened.modal["title"] == "설문"
    inputs = [part["components"][0] for part in opened.modal["components"]]
    filled = [{"type": 4, "custom_id": inputs[0]["custom_id"], "value": "바람"}]
    submitted = world.submit_modal(jiho, opened.id, filled)
    assert await world.first_answer(submitted)
    told = world.ephemerals_of(jiho, stage.demo.channels["자유-대화"])
    assert [message.content for message in told] == ["반가워요, 바람"]
    with pytest.raises(ApiError) as caught:
        world.submit_modal(jiho, opened.id, filled)
    assert caught.value.code == 10062


async def test_a_modals_limits_are_kept(stage: Stage) -> None:
    opened = await run(stage, "설문")
    custom_id = (opened.modal or {})["components"][0]["components"][0]["custom_id"]
    for value in ("", "열한글자가넘는긴별명이에요"):
        with pytest.raises(ApiError) as caught:
            stage.demo.world.submit_modal(
                stage.person("jiho"), opened.id, [{"type": 4, "custom_id": custom_id, "value": value}]
            )
        assert caught.value.code == 50035


async def press(stage: Stage, message: Message, custom_id: str, *values: str, who: str = "jiho") -> Interaction:
    """Use a component and wait for the first answer."""
    world = stage.demo.world
    used = world.invoke_component(stage.person(who), stage.channel_id, message.id, custom_id, values)
    assert await world.first_answer(used)
    return used


async def test_buttons_answer_privately_or_change_their_message(stage: Stage) -> None:
    await run(stage, "패널")
    panel, world = newest(stage), stage.demo.world
    await press(stage, panel, "test:why", who="minseo")
    told = world.ephemerals_of(stage.person("minseo"), stage.demo.channels["자유-대화"])
    assert [message.content for message in told] == ["당신에게만 알려 드려요"]
    used = await press(stage, panel, "test:count")
    assert used.callback == CallbackType.UPDATE
    assert world.message(stage.channel_id, panel.id).content == "1번 눌렀어요"


async def test_selects_carry_their_values_and_resolved_people(stage: Stage) -> None:
    await run(stage, "패널")
    panel = newest(stage)
    await press(stage, panel, "test:fruit", "포도")
    assert newest(stage).content == "골랐어요: 포도"
    await press(stage, panel, "test:user", str(stage.person("minseo")), str(stage.person("haneul")))
    assert newest(stage).content == "사람: 민서🌿, 하늘"
    for values in (["수박"], [], ["배", "포도"]):
        with pytest.raises(ApiError):
            stage.demo.world.invoke_component(stage.person("jiho"), stage.channel_id, panel.id, "test:fruit", values)


async def test_context_menus_get_their_target(stage: Stage) -> None:
    world, jiho, channel = stage.demo.world, stage.person("jiho"), stage.demo.channels["자유-대화"]
    target = world.member_send(stage.person("minseo"), channel.id, "다섯 글자")
    for name, target_id in (("글자 세기", target.id), ("소개", stage.person("minseo"))):
        used = world.invoke_command(jiho, channel.id, command_id(stage, name), target_id=target_id)
        assert await world.first_answer(used)
    assert [message.content for message in world.ephemerals_of(jiho, channel)] == ["5자예요", "민서🌿 님이에요"]


async def test_default_member_permissions_decide_who_is_offered_a_command(stage: Stage) -> None:
    world, channel = stage.demo.world, stage.demo.channels["자유-대화"]
    offered = {c.name for c in world.usable_commands(stage.person("jiho"), channel)}
    assert "인사" in offered
    assert "관리" not in offered
    assert "관리" in {c.name for c in world.usable_commands(stage.person("haneul"), channel)}
    with pytest.raises(ApiError) as caught:
        world.invoke_command(stage.person("jiho"), channel.id, command_id(stage, "관리"), options={})
    assert caught.value.code == 50013
    await run(stage, "관리", "haneul", member=str(stage.person("minseo")))
    assert world.ephemerals_of(stage.person("haneul"), channel)[-1].content == "민서🌿 확인"


async def test_an_app_that_says_nothing_fails_at_the_deadline(stage: Stage) -> None:
    world = stage.demo.world
    world.first_answer_s = 0.1
    used = world.invoke_command(stage.person("jiho"), stage.channel_id, command_id(stage, "침묵"))
    assert not await world.first_answer(used)


class Clock:
    """A clock that a test moves, in seconds."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


async def test_callback_codes_are_discords_own() -> None:
    """40060 for a second answer, 10062 past 3 s or for a wrong token, 10015 before the answer, 50027 past 15 min."""
    clock = Clock()
    demo = demo_world(clock=clock)
    world, app = demo.world, demo.application
    command, _ = world.upsert_command(app, None, {"name": "hello", "description": "Says hello"})
    person, channel = demo.people["jiho"].id, demo.channels["자유-대화"].id
    async with Sandbox(world) as server, aiohttp.ClientSession() as client:

        async def code(method: str, path: str, body: object = None) -> tuple[int, int]:
            async with client.request(method, server.api_base + path, json=body) as response:
                data = await response.json() if response.status != 204 else {}
                return response.status, int(data.get("code", 0)) if isinstance(data, dict) else 0

        first = world.invoke_command(person, channel, command.id)
        callback = f"/interactions/{first.id}/{first.token}/callback"
        hook = f"/webhooks/{app.id}/{first.token}"
        said = {"type": 4, "data": {"content": "hello"}}
        assert await code("POST", f"/interactions/{first.id}/wrong/callback", said) == (404, 10062)
        assert await code("POST", hook, {"content": "too early"}) == (404, 10015)
        assert await code("POST", callback, {"type": 7, "data": {}}) == (400, 50035)
        assert await code("POST", callback, {"type": 4, "data": {}}) == (400, 50006)
        assert await code("POST", callback, said) == (204, 0)
        assert await code("POST", callback, said) == (400, 40060)
        assert await code("GET", hook + "/messages/@original") == (200, 0)
        assert await code("PATCH", hook + "/messages/@original", {"content": "changed"}) == (200, 0)
        assert await code("DELETE", hook + "/messages/@original") == (204, 0)
        assert await code("GET", hook + "/messages/@original") == (404, 10008)
        assert await code("GET", hook + f"/messages/{world.ids.next()}") == (404, 10008)
        clock.now += world.interaction_token_s + 1
        assert await code("POST", hook, {"content": "too late"}) == (401, 50027)
        late = world.invoke_command(person, channel, command.id)
        clock.now += world.first_answer_s + 0.1
        assert await code("POST", f"/interactions/{late.id}/{late.token}/callback", said) == (404, 10062)
        assert world.unknown_routes == {}


async def test_an_answer_carries_files_and_tells_what_it_made_when_asked() -> None:
    demo = demo_world()
    world = demo.world
    command, _ = world.upsert_command(
        demo.application,
        demo.guild.id,
        {"name": "send", "description": "Sends", "options": [{"type": 11, "name": "file", "description": "A file"}]},
    )
    used = world.invoke_command(
        demo.people["jiho"].id,
        demo.channels["개발"].id,
        command.id,
        options={"file": {"file": 0}},
        files={0: Upload("글.txt", b"abc", "text/plain")},
    )
    assert next(iter(used.data["resolved"]["attachments"].values()))["size"] == 3
    async with Sandbox(world) as server, aiohttp.ClientSession() as client:
        form = aiohttp.FormData()
        form.add_field("payload_json", '{"type":4,"data":{"content":"here","flags":64}}')
        form.add_field("files[0]", b"\x89PNG\r\n\x1a\n", filename="a.png", content_type="image/png")
        address = f"{server.api_base}/interactions/{used.id}/{used.token}/callback"
        async with client.post(address, data=form, params={"with_response": "1"}) as response:
            data = await response.json()
        assert data["interaction"]["response_message_ephemeral"] is True
        message = data["resource"]["message"]
        assert message["flags"] == 64
        async with client.get(message["attachments"][0]["url"]) as response:
            assert await response.read() == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("who", "channel", "fine", "why"),
    [
        ("jiho", "개발", True, "a text channel that everybody sees"),
        ("jiho", "수다방", False, "not of the wanted type"),
        ("jiho", "관리자-알림", False, "hidden from the person"),
        ("seoyeon", "관리자-알림", True, "seen by moderators"),
    ],
)
async def test_a_channel_option_takes_what_the_person_sees_and_the_type_allows(
    who: str, channel: str, fine: bool, why: str
) -> None:
    demo = demo_world()
    option = {"type": 7, "name": "where", "description": "A text channel", "channel_types": [0], "required": True}
    body = {"name": "pick", "description": "Picks", "options": [option]}
    command, _ = demo.world.upsert_command(demo.application, None, body)
    person, here = demo.people[who].id, demo.channels["자유-대화"].id
    options = {"where": str(demo.channels[channel].id)}
    if fine:
        used = demo.world.invoke_command(person, here, command.id, options=options)
        assert options["where"] in used.data["resolved"]["channels"], why
    else:
        with pytest.raises(ApiError) as caught:
            demo.world.invoke_command(person, here, command.id, options=options)
        assert caught.value.code == 50035, why


async def test_what_passes_fits_discords_api_description(shared_folder: Path) -> None:
    """Requests of discord.py are checked by the server; our answers are checked here."""
    description = shared_folder / "discord-openapi.json"
    validator = Validator.load(description)
    async with staged(description) as stage, aiohttp.ClientSession() as client:
        world, app = stage.demo.world, stage.demo.application
        await run(stage, "패널")
        panel = newest(stage)
        await press(stage, panel, "test:count")
        await press(stage, panel, "test:why")
        await run(stage, "설문")
        slow = await run(stage, "느림", private=True)
        jiho, channel = stage.person("jiho"), stage.demo.channels["자유-대화"]
        await until(stage, lambda: len(world.ephemerals_of(jiho, channel)) == 3)
        assert list(world.violations) == []
        assert world.unknown_routes == {}
        hook = "/webhooks/{webhook_id}/{webhook_token}/messages/"
        for template, address in (
            ("/applications/{application_id}/commands", f"/applications/{app.id}/commands"),
            (hook + "@original", f"/webhooks/{app.id}/{slow.token}/messages/@original"),
            (hook + "{message_id}", f"/webhooks/{app.id}/{slow.token}/messages/{slow.original_id}"),
        ):
            headers = {"Authorization": f"Bot {app.token}"}
            async with client.get(stage.server.api_base + address, headers=headers) as response:
                assert validator.check_response("GET", template, response.status, await response.json()) == []
