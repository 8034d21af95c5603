"""Threads, channels, roles and members over REST, and the events that tell of them."""

from __future__ import annotations

import io
import json
from typing import Any

import aiohttp
import pytest

from sandbox.permissions import Permission
from sandbox.seed import Demo

from .conftest import Caller


@pytest.fixture
def heard(demo: Demo) -> list[tuple[str, dict[str, Any]]]:
    events: list[tuple[str, dict[str, Any]]] = []
    demo.world.bus.subscribe(lambda event: events.append((event.name, event.data)))
    return events


def grant(demo: Demo, *more: Permission) -> None:
    bits = demo.roles["bot"].permissions
    for bit in more:
        bits |= bit
    demo.world.set_bot_permissions(demo.guild.id, demo.application.bot_id, bits)


async def test_a_thread_lives_is_archived_listed_and_reopened(
    call: Caller, demo: Demo, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    place = demo.channels["개발"]
    sent = demo.world.member_send(demo.people["jiho"].id, place.id, "글")
    path = f"/channels/{place.id}/messages/{sent.id}/threads"
    made = await call("POST", path, {"name": "실", "auto_archive_duration": 60})
    assert (made.status, made.data["id"], made.data["thread_metadata"]["auto_archive_duration"]) == (
        201,
        str(sent.id),
        60,
    )
    assert "THREAD_CREATE" in [name for name, _ in heard]
    assert (await call("POST", path, {"name": "또"})).code == 160004
    wrong = await call("POST", f"/channels/{place.id}/threads", {"name": "실", "auto_archive_duration": 61, "type": 11})
    assert wrong.code == 50035
    active = await call("GET", f"/guilds/{demo.guild.id}/threads/active")
    assert [item["id"] for item in active.data["threads"]] == [str(sent.id)]
    assert active.data["members"][0]["user_id"] == str(demo.application.bot_id)
    assert (await call("PATCH", f"/channels/{sent.id}", {"archived": True})).data["thread_metadata"]["archived"]
    listed = await call("GET", f"/channels/{place.id}/threads/archived/public")
    assert [item["id"] for item in listed.data["threads"]] == [str(sent.id)]
    assert (await call("PUT", f"/channels/{sent.id}/thread-members/@me")).code == 50083
    assert (await call("PATCH", f"/channels/{sent.id}", {"name": "새 이름"})).code == 50083
    assert (await call("PATCH", f"/channels/{sent.id}", {"archived": False})).status == 200
    joined = await call("PUT", f"/channels/{sent.id}/thread-members/{demo.people['doyun'].id}")
    assert joined.status == 204
    found = await call("GET", f"/channels/{sent.id}/thread-members/{demo.people['doyun'].id}?with_member=true")
    assert found.data["member"]["user"]["username"] == "doyun"
    assert (await call("DELETE", f"/channels/{sent.id}")).code == 50013, "deleting takes MANAGE_THREADS"
    grant(demo, Permission.MANAGE_THREADS)
    assert (await call("DELETE", f"/channels/{sent.id}")).status == 200
    assert heard[-1][0] == "THREAD_DELETE"


async def test_a_private_thread_is_seen_by_its_members_alone(call: Caller, demo: Demo) -> None:
    grant(demo, Permission.CREATE_PRIVATE_THREADS)
    place, doyun = demo.channels["개발"], demo.people["doyun"].id
    made = await call("POST", f"/channels/{place.id}/threads", {"name": "비밀", "type": 12})
    thread = demo.world.channel(int(made.data["id"]))
    assert not demo.world.can_see(doyun, thread)
    await call("PUT", f"/channels/{thread.id}/thread-members/{doyun}")
    assert demo.world.can_see(doyun, thread)


async def test_a_forum_takes_posts_from_the_bot_and_from_webhooks(call: Caller, demo: Demo) -> None:
    forum = demo.channels["질문"]
    made = await call("POST", f"/channels/{forum.id}/threads", {"name": "질문", "message": {"content": "있어요"}})
    assert (made.status, made.data["message"]["id"]) == (201, made.data["id"])
    assert (await call("POST", f"/channels/{forum.id}/messages", {"content": "글"})).code == 50008
    hook = (await call("POST", f"/channels/{forum.id}/webhooks", {"name": "가림"})).data
    path = f"/webhooks/{hook['id']}/{hook['token']}"
    assert (await call("POST", path, {"content": "글"}, token=None)).code == 220001
    posted = await call("POST", path + "?wait=true", {"content": "글", "thread_name": "새 글"}, token=None)
    assert posted.data["channel_id"] == posted.data["id"]
    inside = await call("POST", f"{path}?wait=true&thread_id={made.data['id']}", {"content": "답"}, token=None)
    assert inside.data["channel_id"] == made.data["id"]


async def test_reactions_are_listed_and_removed_by_those_who_may(call: Caller, demo: Demo) -> None:
    grant(demo, Permission.ADD_REACTIONS)
    place, jiho = demo.channels["개발"], demo.people["jiho"].id
    sent = demo.world.member_send(jiho, place.id, "글")
    path = f"/channels/{place.id}/messages/{sent.id}/reactions"
    demo.world.member_react(jiho, place.id, sent.id, "👍")
    assert (await call("PUT", f"{path}/👍/@me")).status == 204
    assert (await call("PUT", f"{path}/abc/@me")).code == 10014
    assert (await call("PUT", f"{path}/name:5/@me")).code == 10014
    assert {user["id"] for user in (await call("GET", f"{path}/👍")).data} == {str(jiho), str(demo.application.bot_id)}
    shown = (await call("GET", f"/channels/{place.id}/messages/{sent.id}")).data["reactions"]
    assert [(item["emoji"]["name"], item["count"], item["me"]) for item in shown] == [("👍", 2, True)]
    assert (await call("DELETE", f"{path}/👍/{jiho}")).status == 204
    assert (await call("DELETE", f"{path}/👍")).status == 204
    assert sent.reactions == []
    demo.world.deny_in_channel(place.id, demo.application.bot_id, Permission.MANAGE_MESSAGES)
    assert (await call("DELETE", path)).code == 50013


async def test_roles_can_be_managed_only_below_ones_own_and_within_ones_own_rights(call: Caller, demo: Demo) -> None:
    path = f"/guilds/{demo.guild.id}/roles"
    assert (await call("POST", path, {"name": "역할"})).code == 50013
    grant(demo, Permission.MANAGE_ROLES)
    made = await call("POST", path, {"name": "역할", "permissions": str(1 << 10)})
    assert made.status == 200
    assert (await call("POST", path, {"permissions": "8"})).code == 50013, "nobody hands out more than they have"
    member = f"/guilds/{demo.guild.id}/members/{demo.people['jiho'].id}/roles/"
    assert (await call("PUT", member + made.data["id"])).status == 204
    assert int(made.data["id"]) in demo.guild.members[demo.people["jiho"].id].roles
    own = demo.roles["bot"].id
    assert (await call("PUT", member + str(own))).code == 50013, "one's own role is not below oneself"
    assert (await call("PATCH", f"{path}/{made.data['id']}", {"name": "새 이름"})).data["name"] == "새 이름"
    assert (await call("DELETE", f"{path}/{made.data['id']}")).status == 204
    assert demo.guild.members[demo.people["jiho"].id].roles == []


async def test_overwrites_take_effect_and_are_told(
    call: Caller, demo: Demo, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    place, jiho = demo.channels["개발"], demo.people["jiho"].id
    path = f"/channels/{place.id}/permissions/{demo.guild.id}"
    body = {"type": 0, "allow": "0", "deny": str(int(Permission.SEND_MESSAGES))}
    assert (await call("PUT", path, body)).code == 50013
    grant(demo, Permission.MANAGE_ROLES)
    assert (await call("PUT", path, body)).status == 204
    assert heard[-1][0] in ("CHANNEL_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE")
    assert not demo.world.permissions_in(jiho, place) & Permission.SEND_MESSAGES
    assert (await call("DELETE", path)).status == 204
    assert (await call("DELETE", path)).code == 10009


async def test_kicks_and_bans_ask_for_rights_and_rank(call: Caller, demo: Demo) -> None:
    path = f"/guilds/{demo.guild.id}"
    jiho, owner = demo.people["jiho"].id, demo.people["haneul"].id
    assert (await call("DELETE", f"{path}/members/{jiho}")).code == 50013
    grant(demo, Permission.KICK_MEMBERS, Permission.BAN_MEMBERS)
    assert (await call("PUT", f"{path}/bans/{owner}")).code == 50013
    reason = {"X-Audit-Log-Reason": "%EB%8F%84%EB%B0%B0"}
    assert (await call("PUT", f"{path}/bans/{jiho}", headers=reason)).status == 204
    assert (await call("GET", f"{path}/bans/{jiho}")).data["reason"] == "도배"
    assert jiho not in demo.guild.members
    assert demo.guild.audit_log[-1].reason == "도배"
    assert (await call("DELETE", f"{path}/bans/{jiho}")).status == 204
    assert (await call("DELETE", f"{path}/bans/{jiho}")).code == 10026


async def test_an_edit_keeps_drops_and_adds_files(call: Caller, demo: Demo) -> None:
    place = demo.channels["개발"]

    def form(meta: dict[str, Any], **files: bytes) -> aiohttp.FormData:
        data = aiohttp.FormData(quote_fields=False)
        data.add_field("payload_json", json.dumps(meta))
        for number, (name, content) in enumerate(files.items()):
            data.add_field(f"files[{number}]", io.BytesIO(content), filename=name)
        return data

    path = f"/channels/{place.id}/messages"
    sent = await call("POST", path, data=form({"content": "글"}, a=b"1", b=b"2"))
    assert [item["filename"] for item in sent.data["attachments"]] == ["a", "b"]
    keep = {"attachments": [{"id": sent.data["attachments"][1]["id"]}, {"id": 0, "filename": "c"}]}
    edited = await call("PATCH", f"{path}/{sent.data['id']}", data=form(keep, c=b"3"))
    assert [item["filename"] for item in edited.data["attachments"]] == ["b", "c"]
    assert edited.data["content"] == "글"
    assert edited.data["edited_timestamp"] is not None
    emptied = await call("PATCH", f"{path}/{sent.data['id']}", {"content": None, "attachments": []})
    assert emptied.code == 50006


async def test_only_the_embeds_of_others_messages_can_be_touched(call: Caller, demo: Demo) -> None:
    place = demo.channels["개발"]
    sent = demo.world.member_send(demo.people["jiho"].id, place.id, "https://example.com")
    demo.world.unfurl(sent, {"type": "link", "url": "https://example.com"})
    path = f"/channels/{place.id}/messages/{sent.id}"
    assert (await call("PATCH", path, {"content": "남의 글"})).code == 50005
    assert (await call("PATCH", path, {"flags": 4})).data["flags"] == 4
    assert sent.edited_at_s is None, "neither a preview nor hiding it is an edit"


async def test_pins_are_listed_newest_first_with_the_permission_for_it(call: Caller, demo: Demo) -> None:
    place = demo.channels["개발"]
    first, second = (demo.world.member_send(demo.people["jiho"].id, place.id, str(n)) for n in range(2))
    path = f"/channels/{place.id}/messages/pins"
    assert (await call("PUT", f"{path}/{first.id}")).code == 50013
    grant(demo, Permission.PIN_MESSAGES)
    for message in (first, second):
        assert (await call("PUT", f"{path}/{message.id}")).status == 204
    listed = (await call("GET", path)).data
    assert [item["message"]["content"] for item in listed["items"]] == ["1", "0"]
    assert (await call("DELETE", f"{path}/{first.id}")).status == 204
    assert [m["content"] for m in (await call("GET", f"/channels/{place.id}/pins")).data] == ["1"]
