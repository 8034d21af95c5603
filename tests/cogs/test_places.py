"""Rules of a place, and trusted people, on the path of a message."""

from __future__ import annotations

from bot.incidents import OutcomeKind
from tests.support.running import CURSE, Running, channel_id, closed, gone, repost_of, say


async def test_a_channels_own_rule_holds_there_and_nowhere_else(running: Running) -> None:
    place = channel_id(running, "개발")
    changes = {"channels": {place: {"observe": True}}}
    await running.storage.guilds.update(running.demo.guild.id, changes, actor_id=1)
    observed = say(running, CURSE, place=place)
    await closed(running, observed)
    await repost_of(running, say(running, CURSE))
    (incident,) = await running.incidents(observed.id)
    assert incident.outcome is OutcomeKind.OBSERVED
    assert not gone(running, observed)


async def test_a_categorys_rule_holds_in_its_channels_until_one_has_its_own(running: Running) -> None:
    plain, ruled = channel_id(running, "개발"), channel_id(running)
    world = running.demo.world
    category = world.channels[plain].parent_id
    assert category is not None
    assert world.channels[ruled].parent_id == category
    changes = {
        "channels": {
            category: {"actions": {"profanity": "delete"}},
            ruled: {"actions": {"profanity": "ignore"}},
        }
    }
    await running.storage.guilds.update(running.demo.guild.id, changes, actor_id=1)
    ignored, deleted = say(running, CURSE, place=ruled), say(running, CURSE, place=plain)
    await closed(running, deleted)
    (incident,) = await running.incidents(deleted.id)
    assert incident.outcome is OutcomeKind.DELETED_ONLY
    assert await running.incidents(ignored.id) == []


async def test_an_exempt_member_is_left_alone(running: Running) -> None:
    trusted = running.demo.people["minseo"].id
    await running.storage.guilds.update(running.demo.guild.id, {"exempt_member_ids": [trusted]}, actor_id=1)
    message = say(running, CURSE, "minseo")
    await repost_of(running, say(running, CURSE, "seoyeon"))
    assert not gone(running, message)
