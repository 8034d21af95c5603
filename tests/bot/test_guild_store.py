"""GuildStore: defaults, choices, cache and audit, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto import Keyring
from bot.errors import SettingsError
from bot.escalation import Escalation, EscalationAction, EscalationStep
from bot.guild_choice import GuildChoice
from bot.policy import ChannelRule, LabelAction, Notice, Policy
from bot.storage import Storage, open_storage
from masker.labels import Label
from masker.presets import Preset


async def test_a_guild_without_a_choice_has_the_defaults(sqlite_url: str, keyring: Keyring) -> None:
    defaults = Policy(preset=Preset.STRICT, notice=Notice.DM, observe=True)
    async with open_storage(sqlite_url, keyring, defaults=defaults) as storage:
        assert await storage.guilds.policy(1) == defaults
        policy = await storage.guilds.update(1, {"observe": False}, actor_id=9)
        assert (policy.preset, policy.observe) == (Preset.STRICT, False)


async def test_what_was_chosen_holds_at_once_and_after_a_restart(database_url: str, keyring: Keyring) -> None:
    changes: dict[str, Any] = {
        "preset": "lenient",
        "thresholds": {Label.GENDER: 0.8},
        "actions": {"threat": "delete"},
        "alert_channel_id": 1 << 60,
        "exempt_role_ids": {3, 2},
    }
    async with open_storage(database_url, keyring) as storage:
        await storage.guilds.policy(1)
        chosen = await storage.guilds.update(1, changes, actor_id=9)
        assert await storage.guilds.policy(1) == chosen
        assert await storage.guilds.policy(2) == Policy()
    async with open_storage(database_url, keyring) as storage:
        assert await storage.guilds.policy(1) == chosen
    assert chosen.preset is Preset.LENIENT
    assert chosen.effective_thresholds()[Label.GENDER] == 0.8
    assert chosen.action_for(Label.THREAT) is LabelAction.DELETE
    assert chosen.exempt_role_ids == {2, 3}


async def test_none_takes_a_value_back_to_the_default(storage: Storage) -> None:
    guilds = storage.guilds
    await guilds.update(1, {"notice": "dm", "thresholds": {"age": 0.5, "race": 0.6}}, actor_id=9)
    policy = await guilds.update(1, {"notice": None, "thresholds": {"age": None}}, actor_id=9)
    assert policy.notice is Notice.BUTTON
    assert dict(policy.thresholds) == {Label.RACE: 0.6}
    assert await guilds.update(1, {"thresholds": None}, actor_id=9) == Policy()
    assert (await guilds.choice(1)).as_json() == {}


async def test_every_changed_key_is_audited_and_an_unchanged_one_is_not(storage: Storage) -> None:
    await storage.guilds.update(1, {"notice": "dm", "observe": True}, actor_id=9)
    await storage.guilds.update(1, {"notice": "none", "observe": True}, actor_id=10)
    history = await storage.guilds.history(1)
    assert [(change.actor_id, change.key, change.old, change.new) for change in history] == [
        (10, "notice", "dm", "none"),
        (9, "observe", None, True),
        (9, "notice", None, "dm"),
    ]
    assert await storage.guilds.history(2) == []


async def test_an_edit_sees_what_stands_and_its_changes_can_be_looked_up(storage: Storage) -> None:
    guilds = storage.guilds
    toggled = [
        await guilds.apply(1, lambda choice: choice.changed({"observe": not choice.observe}), actor_id=9)
        for _ in range(2)
    ]
    assert [applied.policy.observe for applied in toggled] == [True, False]
    (first,), (second,) = [applied.changes for applied in toggled]
    assert (second.old, second.new) == (True, False)
    assert await guilds.change(1, first.id) == first
    assert await guilds.change(2, first.id) is None, "another guild's"
    assert await guilds.history(1, limit=1) == [second]
    assert await guilds.history(1, before_id=second.id) == [first]


async def test_edits_at_once_are_laid_one_over_the_other(storage: Storage) -> None:
    def adding(role_id: int) -> Any:
        return lambda choice: choice.changed({"exempt_role_ids": (choice.exempt_role_ids or frozenset()) | {role_id}})

    await storage.guilds.update(1, {"observe": True}, actor_id=9)
    await asyncio.gather(*(storage.guilds.apply(1, adding(role_id), actor_id=9) for role_id in range(1, 9)))
    assert (await storage.guilds.policy(1)).exempt_role_ids == set(range(1, 9))


REFUSED: list[tuple[Mapping[str, Any], str, str]] = [
    ({"notise": "dm"}, "notice", "misspelt key names the nearest"),
    ({"notice": "shout"}, "notice", "not a choice"),
    ({"thresholds": {"gender": 0}}, "thresholds.gender", "zero would flag everything"),
    ({"thresholds": {"gender": float("nan")}}, "thresholds.gender", "not a number"),
    ({"thresholds": {"gendr": 0.5}}, "thresholds.gendr", "unknown label"),
    ({"actions": {"gender": "ban"}}, "actions.gender", "unknown action"),
    ({"alert_channel_id": -1}, "alert_channel_id", "not a snowflake"),
    ({"exempt_role_ids": range(1, 600)}, "exempt_role_ids", "unbounded list"),
    ({"operator": "eval"}, "operator", "unknown operator"),
    ({"exempt_member_ids": ["everyone"]}, "exempt_member_ids", "not a snowflake"),
    ({"channels": {"7": {"presett": "strict"}}}, "channels.7.presett", "unknown key of a channel"),
    ({"channels": {"general": {"preset": "strict"}}}, "channels.general", "a channel is named by its id"),
    ({"channels": {7: {"thresholds": {"insult": 2}}}}, "channels.7.thresholds.insult", "out of bounds"),
    ({"channels": {number: {"observe": True} for number in range(1, 202)}}, "channels", "unbounded mapping"),
    ({"retention_days": 0}, "retention_days", "nothing could be restored"),
    ({"escalation": {"steps": [{"points": 3, "action": "timeout"}]}}, "escalation.steps.0", "a timeout of no length"),
    (
        {"escalation": {"steps": [{"points": 3, "action": "warn", "seconds": 5}]}},
        "escalation.steps.0",
        "a long warning",
    ),
    ({"escalation": {"half_life_h": 0}}, "escalation.half_life_h", "division by zero"),
]


@pytest.mark.parametrize(("changes", "word", "reason"), REFUSED, ids=[row[2] for row in REFUSED])
async def test_a_change_that_does_not_fit_changes_nothing(
    sqlite_url: str, keyring: Keyring, changes: Mapping[str, Any], word: str, reason: str
) -> None:
    async with open_storage(sqlite_url, keyring) as storage:
        before = await storage.guilds.update(1, {"observe": True}, actor_id=9)
        with pytest.raises(SettingsError, match=word):
            await storage.guilds.update(1, {"preset": "strict", **changes}, actor_id=9)
        assert await storage.guilds.policy(1) == before
        assert len(await storage.guilds.history(1)) == 1


async def test_changes_made_at_once_are_all_kept(storage: Storage) -> None:
    labels = list(Label)
    await storage.guilds.update(1, {"observe": True}, actor_id=9)
    await asyncio.gather(
        *(storage.guilds.update(1, {"thresholds": {label: 0.5}}, actor_id=9) for label in labels),
        *(storage.guilds.policy(1) for _ in range(20)),
    )
    assert set((await storage.guilds.policy(1)).thresholds) == set(labels)


async def test_a_removed_guild_is_back_at_the_defaults(storage: Storage) -> None:
    await storage.guilds.update(1, {"observe": True}, actor_id=9)
    await storage.guilds.remove(1)
    assert await storage.guilds.policy(1) == Policy()


async def test_a_channels_rule_is_changed_key_by_key_and_taken_back(storage: Storage) -> None:
    guilds = storage.guilds
    await guilds.update(1, {"channels": {7: {"preset": "strict", "thresholds": {"age": 0.5}}}}, actor_id=9)
    policy = await guilds.update(1, {"channels": {"7": {"observe": True, "thresholds": {"race": 0.6}}, 8: {}}}, 9)
    rule = ChannelRule(Preset.STRICT, {Label.AGE: 0.5, Label.RACE: 0.6}, observe=True)
    assert policy.channels == {7: rule}
    policy = await guilds.update(1, {"channels": {7: {"preset": None, "thresholds": {"age": None}}}}, actor_id=9)
    assert policy.channels == {7: ChannelRule(thresholds={Label.RACE: 0.6}, observe=True)}
    policy = await guilds.update(1, {"channels": {7: None}}, actor_id=9)
    assert policy == Policy()
    assert (await guilds.choice(1)).as_json() == {}


async def test_an_escalation_is_put_in_place_of_the_one_before(storage: Storage) -> None:
    steps = [{"points": 6, "action": "timeout", "seconds": 600}, {"points": 3, "action": "warn"}]
    chosen = {"steps": steps, "half_life_h": 12, "weights": {"threat": 5}}
    policy = await storage.guilds.update(1, {"escalation": chosen}, actor_id=9)
    warn, timeout = EscalationStep(3, EscalationAction.WARN), EscalationStep(6, EscalationAction.TIMEOUT, 600)
    assert policy.escalation == Escalation((warn, timeout), 12, {Label.THREAT: 5})
    policy = await storage.guilds.update(1, {"escalation": {"steps": [{"points": 3, "action": "alert"}]}}, actor_id=9)
    assert policy.escalation == Escalation((EscalationStep(3, EscalationAction.ALERT),))
    assert await storage.guilds.update(1, {"escalation": None}, actor_id=9) == Policy()


_snowflakes = st.integers(1, (1 << 63) - 1)
_rules = st.fixed_dictionaries(
    {},
    optional={
        "observe": st.booleans() | st.none(),
        "actions": st.dictionaries(st.sampled_from(Label), st.sampled_from(LabelAction) | st.none(), max_size=3),
    },
)
_changes = st.fixed_dictionaries(
    {},
    optional={
        "preset": st.sampled_from(Preset) | st.none(),
        "notice": st.sampled_from(Notice) | st.none(),
        "observe": st.booleans() | st.none(),
        "thresholds": st.dictionaries(st.sampled_from(Label), st.floats(0.01, 1.0) | st.none()) | st.none(),
        "retention_days": st.integers(1, 400) | st.none(),
        "channels": st.dictionaries(_snowflakes, _rules | st.none(), max_size=3) | st.none(),
        "escalation": st.fixed_dictionaries({"half_life_h": st.floats(1, 99)}) | st.none(),
        "exempt_role_ids": st.frozensets(_snowflakes, max_size=5) | st.none(),
    },
)


@given(_changes, _changes)
def test_a_choice_survives_json_and_a_change_is_idempotent(first: dict[str, Any], second: dict[str, Any]) -> None:
    choice = GuildChoice().changed(first).changed(second)
    assert GuildChoice.from_json(choice.as_json()) == choice
    assert choice.changed(second) == choice
    assert choice.policy(Policy()) == choice.policy(choice.policy(Policy()))
