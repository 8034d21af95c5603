"""The name a repost stands under."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs._names import NAME_LIMIT, safe_username
from cogs._split import utf16_length


@pytest.mark.parametrize(
    ("name", "expected", "why"),
    [
        ("하늘", "하늘", "an ordinary name stays as it is"),
        ("민서🌿", "민서🌿", "emoji are part of names"),
        ("Clyde", "C\u200alyde", "Discord refuses the reserved word; a hair space is not seen"),
        ("xDiScOrDx", "xD\u200aiScOrDx", "anywhere in the name, in any case"),
        ("  하늘  ", "하늘", "blanks around a name are refused"),
        ("\u200b\u2060", "?", "nothing of it would be seen"),
        ("", "?", "an empty name is refused"),
        ("\u202e하늘", "하늘", "direction marks would turn round what stands beside the name"),
        ("가" * 100, "가" * 80, "80 at most"),
    ],
)
def test_names_become_what_discord_takes(name: str, expected: str, why: str) -> None:
    assert safe_username(name, "?") == expected, why


@given(st.text(max_size=200))
def test_whatever_the_name_the_result_is_taken(name: str) -> None:
    safe = safe_username(name, "이름")
    assert 1 <= utf16_length(safe) <= NAME_LIMIT
    assert safe == safe.strip()
    assert "clyde" not in safe.lower()
    assert "discord" not in safe.lower()


@given(st.text(max_size=60))
def test_a_safe_name_stays_as_it_is(name: str) -> None:
    once = safe_username(name, "이름")
    assert safe_username(once, "이름") == once
