"""REST without a library: codes, limits and permissions as Discord answers them."""

from __future__ import annotations

import io
import json
from typing import Any

import aiohttp
import pytest

from sandbox.ids import Snowflakes
from sandbox.models import Channel
from sandbox.permissions import Permission
from sandbox.seed import Demo
from sandbox.server import Sandbox

from .conftest import Caller


@pytest.fixture
def place(demo: Demo) -> Channel:
    return demo.channels["자유-대화"]


@pytest.fixture
async def hook(call: Caller, place: Channel) -> str:
    made = await call("POST", f"/channels/{place.id}/webhooks", {"name": "가림"})
    assert made.status == 200, made
    return f"/webhooks/{made.data['id']}/{made.data['token']}"


def leaf(errors: Any) -> tuple[str, str]:
    """Return the path and code of the first error of a tree."""
    path = []
    while "_errors" not in errors:
        key = next(iter(errors))
        path.append(key)
        errors = errors[key]
    return ".".join(path), errors["_errors"][0]["code"]


async def test_json_is_sent_without_a_charset(call: Caller) -> None:
    answer = await call("GET", "/users/@me")
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "why"),
    [
        ("GET", "/channels/1", 404, 10003, "no such channel"),
        ("GET", "/channels/abc", 400, 50035, "letters are no id"),
        ("GET", "/channels/{place}/messages/1", 404, 10008, "no such message"),
        ("DELETE", "/channels/{place}/messages/1", 404, 10008, "no such message to delete"),
        ("GET", "/guilds/1", 404, 10004, "no such guild"),
        ("GET", "/guilds/{guild}/members/1", 404, 10007, "no such member"),
        ("GET", "/users/1", 404, 10013, "no such user"),
        ("GET", "/webhooks/1", 404, 10015, "no such webhook"),
        ("GET", "/webhooks/1/abc", 404, 10015, "no such webhook, by token"),
        ("GET", "/guilds/{guild}/roles/1", 404, 10011, "no such role"),
        ("GET", "/guilds/{guild}/audit-logs", 403, 50013, "the bot may not read the audit log"),
        ("DELETE", "/channels/{place}", 403, 50013, "the bot may not manage channels"),
        ("GET", "/channels/{place}/messages?limit=101", 400, 50035, "at most a hundred"),
        ("PUT", "/channels/{place}/messages/1/reactions/abc/@me", 404, 10008, "the message is looked for first"),
        ("GET", "/no/such/route", 404, 0, "unknown route"),
        ("PATCH", "/gateway", 405, 0, "known route, unknown method"),
    ],
)
async def test_a_refusal_carries_discords_code(
    call: Caller, demo: Demo, place: Channel, method: str, path: str, status: int, code: int, why: str
) -> None:
    answer = await call(method, path.format(place=place.id, guild=demo.guild.id))
    assert (answer.status, answer.code) == (status, code), why
    assert demo.world.requests[-1].status == status


async def test_unknown_routes_are_counted_and_a_wrong_token_is_refused_everywhere(call: Caller, demo: Demo) -> None:
    await call("GET", "/no/such/route")
    assert demo.world.unknown_routes == {"GET /no/such/route": 1}
    for path in ("/users/@me", "/no/such/route"):
        answer = await call("GET", path, token="wrong")
        assert (answer.status, answer.data) == (401, {"message": "401: Unauthorized", "code": 0})
    assert (await call("GET", "/users/@me", token=None)).status == 401
    assert (await call("GET", "/gateway", token=None)).status == 200


@pytest.mark.parametrize(
    ("denied", "method", "path", "code", "why"),
    [
        (Permission.VIEW_CHANNEL, "GET", "/messages", 50001, "an unseen channel is no access"),
        (Permission.VIEW_CHANNEL, "DELETE", "/messages/{message}", 50001, "nor is deleting in it"),
        (Permission.MANAGE_MESSAGES, "DELETE", "/messages/{message}", 50013, "deleting another's words"),
        (Permission.MANAGE_WEBHOOKS, "POST", "/webhooks", 50013, "making webhooks"),
        (Permission.MANAGE_WEBHOOKS, "GET", "/webhooks", 50013, "listing webhooks"),
        (Permission.SEND_MESSAGES, "POST", "/messages", 50013, "speaking"),
        (Permission.READ_MESSAGE_HISTORY, "GET", "/messages/{message}", 50013, "reading one message"),
        (Permission.ADD_REACTIONS, "PUT", "/messages/{message}/reactions/👍/@me", 50013, "a first reaction"),
    ],
)
async def test_a_missing_permission_is_told_apart_from_missing_access(
    call: Caller, demo: Demo, place: Channel, denied: Permission, method: str, path: str, code: int, why: str
) -> None:
    message = demo.world.member_send(demo.people["jiho"].id, place.id, "글")
    demo.world.deny_in_channel(place.id, demo.application.bot_id, denied)
    body = {"name": "가림", "content": "글"} if method == "POST" else None
    answer = await call(method, f"/channels/{place.id}{path.format(message=message.id)}", body)
    assert (answer.status, answer.code) == (403, code), why


async def test_without_read_history_a_list_is_empty_and_not_refused(call: Caller, demo: Demo, place: Channel) -> None:
    demo.world.member_send(demo.people["jiho"].id, place.id, "글")
    demo.world.deny_in_channel(place.id, demo.application.bot_id, Permission.READ_MESSAGE_HISTORY)
    answer = await call("GET", f"/channels/{place.id}/messages")
    assert (answer.status, answer.data) == (200, [])


@pytest.mark.parametrize(
    ("body", "status", "path", "why"),
    [
        ({"content": "a" * 2000}, 200, None, "as long as allowed"),
        ({"content": "a" * 2001}, 400, ("content", "BASE_TYPE_MAX_LENGTH"), "a character too long"),
        ({"content": "글", "username": "하늘" * 40}, 200, None, "a name of 80"),
        ({"content": "글", "username": "하" * 81}, 400, ("username", "BASE_TYPE_BAD_LENGTH"), "a name of 81"),
        ({"content": "글", "username": " "}, 400, ("username", "BASE_TYPE_BAD_LENGTH"), "an empty name"),
        ({"content": "글", "username": "xClydex"}, 400, ("username", "USERNAME_INVALID_CONTAINS"), "a forbidden word"),
        ({"content": "글", "username": "DISCORD"}, 400, ("username", "USERNAME_INVALID_CONTAINS"), "in any case"),
        ({"content": "글", "embeds": [{}] * 11}, 400, ("embeds", "BASE_TYPE_MAX_LENGTH"), "ten embeds at most"),
        (
            {"embeds": [{"title": "a" * 257}]},
            400,
            ("embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
            "a title of 257",
        ),
        (
            {"content": "글", "components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "a"}]}]},
            400,
            ("components.0.components.0.custom_id", "BASE_TYPE_BAD_LENGTH"),
            "a button without an id",
        ),
        (
            {"content": "글", "components": [{"type": 2, "style": 1, "label": "a", "custom_id": "b"}]},
            400,
            ("components.0.type", "UNION_TYPE_CHOICES"),
            "a button outside a row",
        ),
        (
            {"content": "글", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            400,
            ("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"),
            "two ways at once",
        ),
    ],
)
async def test_a_webhook_post_is_checked(
    call: Caller, hook: str, body: dict[str, Any], status: int, path: tuple[str, str] | None, why: str
) -> None:
    answer = await call("POST", hook + "?wait=1", body, token=None)
    assert answer.status == status, (why, answer)
    if path is not None:
        assert answer.code == 50035
        assert leaf(answer.data["errors"]) == path, why


async def test_an_empty_message_bad_json_and_a_bad_type_are_told_apart(
    call: Caller, hook: str, server: Sandbox
) -> None:
    assert (await call("POST", hook, {"content": "  "}, token=None)).code == 50006
    headers = {"Content-Type": "application/json"}
    assert (await call("POST", hook, data="{", headers=headers, token=None)).code == 50109
    assert (await call("POST", hook, [], token=None)).code == 50035


async def test_webhooks_end_at_fifteen_and_a_wrong_token_is_50027(call: Caller, hook: str, place: Channel) -> None:
    answers = [await call("POST", f"/channels/{place.id}/webhooks", {"name": f"이름 {n}"}) for n in range(15)]
    assert [answer.status for answer in answers] == [200] * 14 + [400]
    assert answers[-1].code == 30007
    wrong = await call("POST", hook.rsplit("/", 1)[0] + "/wrong", {"content": "글"}, token=None)
    assert (wrong.status, wrong.code) == (401, 50027)
    gone = await call("DELETE", hook, token=None)
    after = await call("POST", hook, {"content": "글"}, token=None)
    assert (gone.status, after.status, after.code) == (204, 404, 10015)


async def test_wait_decides_whether_the_message_is_answered(
    call: Caller, hook: str, demo: Demo, place: Channel
) -> None:
    silent = await call("POST", hook, {"content": "하나"}, token=None)
    spoken = await call("POST", hook + "?wait=true", {"content": "둘"}, token=None)
    assert (silent.status, silent.data) == (204, b"")
    assert (spoken.status, spoken.data["content"]) == (200, "둘")
    assert [m.content for m in demo.world.history(place.id)] == ["하나", "둘"]


async def test_a_webhook_reaches_the_threads_of_its_channel_and_no_others(
    call: Caller, hook: str, demo: Demo, place: Channel
) -> None:
    mine = demo.world.create_thread(demo.people["jiho"].id, place.id, "우리 실")
    other = demo.world.create_thread(demo.people["jiho"].id, demo.channels["개발"].id, "남의 실")
    inside = await call("POST", f"{hook}?wait=true&thread_id={mine.id}", {"content": "글"}, token=None)
    assert inside.data["channel_id"] == str(mine.id)
    outside = await call("POST", f"{hook}?thread_id={other.id}", {"content": "글"}, token=None)
    assert (outside.status, outside.code) == (404, 10003)
    path = f"{hook}/messages/{inside.data['id']}"
    assert (await call("GET", path, token=None)).code == 10008, "a thread's message needs its thread_id"
    assert (await call("DELETE", f"{path}?thread_id={mine.id}", token=None)).status == 204


async def test_allowed_mentions_decide_who_is_pinged(call: Caller, hook: str, demo: Demo) -> None:
    text = f"@everyone <@{demo.people['jiho'].id}> <@&{demo.roles['운영진'].id}>"
    quiet = await call("POST", hook + "?wait=1", {"content": text, "allowed_mentions": {"parse": []}}, token=None)
    loud = await call("POST", hook + "?wait=1", {"content": text}, token=None)
    found = [demo.world.find_message(int(item.data["id"])) for item in (quiet, loud)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].pinged == []
    assert not found[0].mention_everyone
    assert set(found[1].pinged) >= {demo.people["jiho"].id, demo.people["seoyeon"].id, demo.people["doyun"].id}
    assert loud.data["mention_everyone"] is True


async def test_files_travel_with_their_descriptions_and_too_large_ones_are_refused(
    call: Caller, hook: str, demo: Demo, server: Sandbox
) -> None:
    demo.guild.filesize_limit_bytes = 1000

    def form(size: int) -> aiohttp.FormData:
        data = aiohttp.FormData(quote_fields=False)
        meta = {"content": "", "attachments": [{"id": 0, "filename": "이름.txt", "description": "설명"}]}
        data.add_field("payload_json", json.dumps(meta))
        data.add_field("files[0]", io.BytesIO(b"x" * size), filename="raw.bin")
        return data

    sent = await call("POST", hook + "?wait=true", data=form(1000), token=None)
    assert sent.status == 200, sent
    item = sent.data["attachments"][0]
    assert (item["filename"], item["description"], item["size"]) == ("이름.txt", "설명", 1000)
    async with call.session.get(item["url"]) as fetched:
        assert await fetched.read() == b"x" * 1000
        assert fetched.headers["Content-Disposition"].startswith("attachment")
    refused = await call("POST", hook, data=form(1001), token=None)
    assert (refused.status, refused.code) == (413, 40005)
    await call("DELETE", f"{hook}/messages/{sent.data['id']}", token=None)
    async with call.session.get(item["url"]) as fetched:
        assert fetched.status == 404


async def test_a_repeated_nonce_is_answered_with_the_message_that_stands(
    call: Caller, demo: Demo, place: Channel
) -> None:
    body = {"content": "한 번만", "nonce": "n1", "enforce_nonce": True}
    first, second = [await call("POST", f"/channels/{place.id}/messages", body) for _ in range(2)]
    assert first.data["id"] == second.data["id"]
    assert len(demo.world.facts("created")) == 1


async def test_bulk_deletion_has_its_bounds_and_one_event(call: Caller, demo: Demo, place: Channel) -> None:
    ids = [str(demo.world.member_send(demo.people["jiho"].id, place.id, str(n)).id) for n in range(3)]
    path = f"/channels/{place.id}/messages/bulk-delete"
    assert (await call("POST", path, {"messages": ids[:1]})).code == 50016
    old = Snowflakes(lambda: demo.world.clock() - 15 * 86400).next()
    assert (await call("POST", path, {"messages": [ids[0], str(old)]})).code == 50034
    heard: list[str] = []
    demo.world.bus.subscribe(lambda event: heard.append(event.name))
    assert (await call("POST", path, {"messages": [*ids, "1" * 18]})).code == 50034, "an id of 2015 is old as well"
    assert (await call("POST", path, {"messages": ids})).status == 204
    assert heard == ["MESSAGE_DELETE_BULK"]


async def test_replies_to_what_is_gone_fail_unless_told_not_to(call: Caller, place: Channel) -> None:
    path = f"/channels/{place.id}/messages"
    body = {"content": "답", "message_reference": {"message_id": "1"}}
    answer = await call("POST", path, body)
    assert leaf(answer.data["errors"]) == ("message_reference", "REPLIES_UNKNOWN_MESSAGE")
    body["message_reference"] = {"message_id": "1", "fail_if_not_exists": False}
    assert (await call("POST", path, body)).status == 200


async def test_a_member_with_closed_conversations_is_50007(call: Caller, demo: Demo) -> None:
    jiho = demo.people["jiho"]
    opened = await call("POST", "/users/@me/channels", {"recipient_id": jiho.id})
    assert opened.data["recipients"][0]["id"] == str(jiho.id)
    jiho.dms_open = False
    answer = await call("POST", f"/channels/{opened.data['id']}/messages", {"content": "글"})
    assert (answer.status, answer.code) == (403, 50007)


async def test_the_bot_cannot_time_out_those_above_it(call: Caller, demo: Demo) -> None:
    until = {"communication_disabled_until": "2099-01-01T00:00:00+00:00"}
    path = f"/guilds/{demo.guild.id}/members/"
    assert (await call("PATCH", path + str(demo.people["haneul"].id), until)).code == 50013, "the owner"
    too_long = await call("PATCH", path + str(demo.people["jiho"].id), until)
    assert leaf(too_long.data["errors"])[0] == "communication_disabled_until", "beyond 28 days"


async def test_a_timed_out_member_cannot_speak(demo: Demo, place: Channel) -> None:
    jiho = demo.people["jiho"]
    demo.world.time_out(demo.guild.members[jiho.id], demo.world.clock() + 60)
    with pytest.raises(Exception, match="50013"):
        demo.world.member_send(jiho.id, place.id, "글")
    demo.world.time_out(demo.guild.members[jiho.id], demo.world.clock() - 1)
    assert demo.world.member_send(jiho.id, place.id, "글").content == "글"


async def test_history_pages_before_after_and_around(call: Caller, demo: Demo, place: Channel) -> None:
    ids = [demo.world.member_send(demo.people["jiho"].id, place.id, str(n)).id for n in range(10)]

    async def page(query: str) -> list[int]:
        return [int(item["content"]) for item in (await call("GET", f"/channels/{place.id}/messages{query}")).data]

    assert await page("?limit=3") == [9, 8, 7]
    assert await page(f"?limit=2&before={ids[5]}") == [4, 3]
    assert await page(f"?limit=2&after={ids[5]}") == [7, 6]
    assert await page(f"?limit=3&around={ids[5]}") == [6, 5, 4]


async def test_avatars_are_pictures_that_stay_the_same(call: Caller, demo: Demo, server: Sandbox) -> None:
    user = demo.people["jiho"]
    pictures = []
    for path in (f"/avatars/{user.id}/{user.avatar}.png?size=64", f"/avatars/1/{user.avatar}.png?size=64"):
        async with call.session.get(server.cdn + path) as answer:
            assert answer.content_type == "image/png"
            pictures.append(await answer.read())
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(b"\x89PNG")
