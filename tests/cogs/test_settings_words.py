"""Settings in words: whatever can be chosen can be shown, within Discord's limits, in both languages."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.guild_choice import GuildChoice
from bot.policy import Policy
from bot.settings import Operator
from bot.texts import LOCALES
from cogs.settings._managed import WORDS_LIMIT, shortened
from cogs.settings._panel import FIELD_LIMIT, operator_examples, panel
from cogs.settings._words import described, told
from tests.support.choices import choices, largest_choice

EMBED_LIMIT = 6_000
"""Source: Discord's developer docs, "Embed Limits", all characters."""


@settings(deadline=None)
@given(choices(), st.sampled_from(LOCALES))
def test_whatever_is_chosen_can_be_shown(choice: GuildChoice, locale: str) -> None:
    embed = panel(choice.policy(Policy()), locale)
    assert len(embed) <= EMBED_LIMIT
    assert all(0 < len(field.value or "") <= FIELD_LIMIT for field in embed.fields)
    assert all(described(key, value, locale) for key, value in choice.as_json().items())


@settings(deadline=None)
@given(choices(), choices(), st.sampled_from(LOCALES))
def test_a_difference_is_told_exactly_where_there_is_one(old: GuildChoice, new: GuildChoice, locale: str) -> None:
    before, after = old.as_json(), new.as_json()
    for key in GuildChoice.model_fields:
        lines = told(key, before.get(key), after.get(key), locale)
        if before.get(key) != after.get(key):
            assert lines
            assert all(line.startswith("**") for line in lines)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_largest_choice_fits_on_the_panel_and_into_a_message(locale: str) -> None:
    choice = largest_choice()
    embed = panel(choice.policy(Policy()), locale)
    assert len(embed) <= EMBED_LIMIT
    assert all(len(field.value or "") <= FIELD_LIMIT for field in embed.fields)
    lines = [line for key, value in choice.as_json().items() for line in told(key, None, value, locale)]
    kept = shortened(lines)
    assert len("\n".join(kept)) <= WORDS_LIMIT + len(kept) + 10
    assert kept[-1].startswith("+")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("chosen", get_args(Operator))
def test_every_operator_is_shown_by_what_it_does(chosen: str, locale: str) -> None:
    lines = operator_examples(chosen, locale).splitlines()
    assert len(lines) == len(get_args(Operator))
    assert sum(line.startswith("▶") for line in lines) == 1
    assert len({line.partition(": ")[2] for line in lines}) == len(lines), "each looks like no other"
