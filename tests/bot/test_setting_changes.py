"""Taking a change back: exactly that change, and never what somebody else did since."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.guild_choice import GuildChoice
from bot.setting_changes import MovedOnError, reverted, taken_back
from tests.support.choices import choices


@settings(deadline=None)
@given(choices(), choices(), st.sampled_from(sorted(GuildChoice.model_fields)))
def test_a_change_taken_back_leaves_what_was_before(before: GuildChoice, other: GuildChoice, key: str) -> None:
    old, new = before.as_json().get(key), other.as_json().get(key)
    after = GuildChoice.from_json(
        {name: value for name, value in {**before.as_json(), key: new}.items() if value is not None}
    )
    assert taken_back(after, key, old, new) == before


def test_another_hands_changes_beside_it_stay() -> None:
    now = GuildChoice(thresholds={"age": 0.5, "race": 0.6}, exempt_role_ids=frozenset({1, 2, 3}))
    back = taken_back(now, "thresholds", None, {"age": 0.5})
    assert back.as_json() == {"thresholds": {"race": 0.6}, "exempt_role_ids": [1, 2, 3]}
    assert taken_back(now, "exempt_role_ids", [1], [1, 2]).exempt_role_ids == frozenset({1, 3})


@pytest.mark.parametrize(
    ("current", "old", "new", "why"),
    [
        ("strict", "standard", "lenient", "chosen again since"),
        ({"age": 0.7}, {"age": 0.1}, {"age": 0.5}, "the same label was changed since"),
        ([3], [], [1], "the added one was taken out since"),
        ([1, 2], [1, 2], [2], "the removed one was put back since"),
        (None, False, True, "taken back already"),
        ({"steps": [{"points": 1}]}, None, {"steps": [{"points": 2}]}, "steps have an order"),
    ],
)
def test_what_was_changed_since_is_refused(current: object, old: object, new: object, why: str) -> None:
    with pytest.raises(MovedOnError):
        reverted(current, old, new)
