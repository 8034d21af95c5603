"""The world's laws: what is logged, what stands and what is announced agree; rights add up as Discord's do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.blobs import Blob, BlobStore
from sandbox.errors import ApiError, invalid_form
from sandbox.ids import DISCORD_EPOCH_MS, Snowflakes, created_ms, parse_snowflake
from sandbox.models import Overwrite
from sandbox.permissions import ALL, Permission
from sandbox.pictures import identicon
from sandbox.seed import Demo, add_guilds, demo_world
from sandbox.uploads import Upload, clean_filename

ACTIONS = st.lists(
    st.tuples(st.sampled_from(["send", "edit", "delete", "react", "reply"]), st.integers(0, 30), st.integers(0, 4)),
    max_size=40,
)


@given(ACTIONS)
@settings(max_examples=60, deadline=None)
def test_the_log_the_channel_and_the_events_always_agree(actions: list[tuple[str, int, int]]) -> None:
    demo = demo_world()
    world, place = demo.world, demo.channels["자유-대화"]
    people = [user.id for user in demo.people.values()]
    events: list[tuple[str, int]] = []
    refusals: list[int] = []
    names = {"MESSAGE_CREATE": "created", "MESSAGE_UPDATE": "edited", "MESSAGE_DELETE": "deleted"}
    world.bus.subscribe(lambda e: events.append((names[e.name], int(e.data["id"]))) if e.name in names else None)
    for verb, pick, person in actions:
        ids = list(world.messages.get(place.id, {}))
        user = people[person]
        try:
            if verb == "send":
                world.member_send(user, place.id, f"글 {pick}")
            elif ids and verb == "edit":
                world.member_edit(user, place.id, ids[pick % len(ids)], "고침")
            elif ids and verb == "delete":
                world.member_delete(user, place.id, ids[pick % len(ids)])
            elif ids and verb == "react":
                world.member_react(user, place.id, ids[pick % len(ids)], "👍")
            elif ids:
                world.member_reply(user, place.id, ids[pick % len(ids)], "답")
        except ApiError as error:
            refusals.append(error.code)
    assert set(refusals) <= {50005, 50013}, "only rights may stand in the way"
    facts = [(fact.what, fact.message_id) for fact in world.log]
    assert facts == events
    created = [number for what, number in facts if what == "created"]
    deleted = {number for what, number in facts if what == "deleted"}
    assert created == sorted(set(created)), "ids only grow"
    assert set(world.messages.get(place.id, {})) == set(created) - deleted


@given(st.lists(st.floats(min_value=1.5e9, max_value=4e9), min_size=1, max_size=50))
def test_ids_grow_even_when_the_clock_goes_back(moments: list[float]) -> None:
    following = iter(moments)
    ids = Snowflakes(lambda: next(following))
    made = [ids.next() for _ in moments]
    assert made == sorted(set(made))
    assert created_ms(made[0]) == int(moments[0] * 1000)
    assert created_ms(0) == DISCORD_EPOCH_MS


@pytest.mark.parametrize(
    ("value", "number"),
    [("12", 12), (12, 12), ("", None), ("-1", None), ("1.0", None), ("١", None), (True, None), (None, None),
     ("9" * 20, None), (1 << 63, None)],
)  # fmt: skip
def test_an_id_is_digits_or_a_whole_number(value: Any, number: int | None) -> None:
    assert parse_snowflake(value) == number


BITS = st.integers(0, 1 << 20)


@given(base=BITS, role=st.tuples(BITS, BITS), own=st.tuples(BITS, BITS), everyone=st.tuples(BITS, BITS))
@settings(max_examples=60, deadline=None)
def test_overwrites_apply_everyone_then_roles_then_member(
    base: int, role: tuple[int, int], own: tuple[int, int], everyone: tuple[int, int]
) -> None:
    demo = _shared()
    world, guild, jiho = demo.world, demo.guild, demo.people["jiho"].id
    held = demo.roles["held"]
    guild.roles[guild.id].permissions = base & ~Permission.ADMINISTRATOR
    place = demo.channels["개발"]
    place.overwrites = {
        guild.id: Overwrite(guild.id, 0, *everyone),
        held.id: Overwrite(held.id, 0, *role),
        jiho: Overwrite(jiho, 1, *own),
    }
    expected = base & ~Permission.ADMINISTRATOR
    for allow, deny in (everyone, role, own):
        expected = (expected & ~deny) | allow
    found = world.permissions_in(jiho, place)
    if not expected & Permission.VIEW_CHANNEL:
        assert found == 0, "who sees nothing may do nothing"
    else:
        assert found & ~expected == 0, "implicit rules only take away"
        assert found & Permission.VIEW_CHANNEL
    assert world.permissions_in(demo.people["haneul"].id, place) == ALL, "the owner may do everything"


_KEPT: list[Demo] = []


def _shared() -> Demo:
    if not _KEPT:
        demo = demo_world()
        demo.roles["held"] = demo.world.create_role(demo.guild, "역할")
        demo.guild.members[demo.people["jiho"].id].roles = [demo.roles["held"].id]
        _KEPT.append(demo)
    return _KEPT[0]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 60)), max_size=40))
def test_the_file_store_never_holds_more_than_it_may(puts: list[tuple[str, int]]) -> None:
    store = BlobStore(capacity_bytes=100)
    for key, size in puts:
        store.put(key, Blob(b"x" * size, "text/plain", key))
        assert store.used_bytes <= 100
        assert store.get(key) is not None, "the newest stays"
    held = {key: store.get(key) for key in "abcdef"}
    assert store.used_bytes == sum(len(blob.data) for blob in held.values() if blob is not None)


@given(st.text(max_size=40))
def test_a_filename_never_becomes_a_path(name: str) -> None:
    clean = clean_filename(name)
    assert clean
    assert not set(clean) & set("/\\?#% ")
    assert not clean.startswith(".")


@given(st.text(max_size=20), st.integers(1, 600))
@settings(max_examples=30, deadline=None)
def test_an_identicon_is_a_png_whatever_the_seed(seed: str, side: int) -> None:
    picture = identicon(seed, side)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture == identicon(seed, side)
    assert len(picture) < 4096


def test_an_errors_tree_holds_every_path() -> None:
    error = invalid_form({("a", 0, "b"): ("X", "x"), ("a", 0): ("Y", "y"), ("c",): ("Z", "z")})
    assert error.errors is not None
    assert error.errors["a"]["0"]["b"]["_errors"] == [{"code": "X", "message": "x"}]
    assert error.errors["a"]["0"]["_errors"][0]["code"] == "Y"
    assert error.errors["c"]["_errors"][0]["code"] == "Z"


def test_guilds_made_together_spread_over_the_shards() -> None:
    demo = demo_world()
    made = add_guilds(demo, 8)
    assert len({(guild.id >> 22) % 8 for guild in made}) == 8


@pytest.mark.parametrize(
    ("act", "code", "why"),
    [
        (lambda d, u, c: d.world.member_send(u, c, "  "), 50006, "nothing to say"),
        (lambda d, u, c: d.world.member_send(u, c, "a" * 2001), 50035, "too long"),
        (lambda d, u, c: d.world.member_send(u, d.channels["관리자-알림"].id, "글"), 50001, "a channel unseen"),
        (lambda d, u, c: d.world.member_send(u, d.channels["질문"].id, "글"), 50008, "a forum holds threads only"),
        (lambda d, u, c: d.world.member_send(u, c, "글", reply_to=1), 10008, "a reply to nothing"),
        (lambda d, u, c: d.world.member_open_dm(u, u), 50033, "a conversation with oneself"),
        (lambda d, u, c: d.world.create_thread(u, c, " "), 50035, "a thread without a name"),
        (
            lambda d, u, c: d.world.member_send(u, c, uploads=[Upload("a", b"x" * (10 * 1024 * 1024 + 1))]),
            40005,
            "a file over the guild's limit",
        ),
    ],
)
def test_a_member_is_refused_as_their_client_would_be(act: Any, code: int, why: str) -> None:
    demo = demo_world()
    with pytest.raises(ApiError) as refused:
        act(demo, demo.people["jiho"].id, demo.channels["자유-대화"].id)
    assert refused.value.code == code, why
    assert demo.world.log == []


def test_slow_mode_holds_a_member_back_and_not_a_moderator() -> None:
    now = [1_800_000_000.0]
    demo = demo_world(clock=lambda: now[0])
    place = demo.channels["자유-대화"]
    place.slowmode_s = 10
    for name in ("jiho", "seoyeon"):
        demo.world.member_send(demo.people[name].id, place.id, "하나")
    demo.world.member_send(demo.people["seoyeon"].id, place.id, "둘")
    with pytest.raises(ApiError, match="slowmode"):
        demo.world.member_send(demo.people["jiho"].id, place.id, "둘")
    now[0] += 10
    demo.world.member_send(demo.people["jiho"].id, place.id, "둘")


def test_an_archived_thread_wakes_when_somebody_speaks_and_a_locked_one_does_not() -> None:
    demo = demo_world()
    world, jiho = demo.world, demo.people["jiho"].id
    thread = world.create_thread(jiho, demo.channels["개발"].id, "실")
    assert thread.thread is not None
    thread.thread.archived = True
    world.member_send(jiho, thread.id, "일어나요")
    assert not thread.thread.archived
    thread.thread.archived = thread.thread.locked = True
    with pytest.raises(ApiError, match="locked"):
        world.member_send(jiho, thread.id, "글")


def test_a_deleted_channel_takes_its_messages_threads_and_webhooks_along() -> None:
    demo = demo_world()
    world, jiho, place = demo.world, demo.people["jiho"].id, demo.channels["개발"]
    sent = world.member_send(jiho, place.id, "글")
    thread = world.create_thread(jiho, place.id, "실", message_id=sent.id)
    world.create_webhook(place, "가림", jiho)
    world.delete_channel(place)
    assert place.id not in world.channels
    assert thread.id not in world.channels
    assert not world.webhooks
    assert world.find_message(sent.id) is None
    assert world.facts("deleted")[0].message_id in {sent.id, thread.last_message_id}
