"""The alert's card and the record behind it: within Discord's limits whatever is in them, and inert."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.incidents import Incident, IncidentDraft, IncidentEvent, IncidentState, Origin, OutcomeKind, RepostPart
from bot.policy import LabelAction, Notice
from cogs._card import Entry, card, duration, refusal_in
from cogs._refusals import Refusal
from cogs.review.deeds import Deed, DeedKind, deeds_of, latest
from masker.labels import Label

AT = datetime(2026, 1, 1, tzinfo=UTC)
EMBED_LIMIT = 6_000
"""Source: Discord's developer docs, "Embed Limits"."""


def incident(words: str = "말", labels: dict[str, float] | None = None, **more: object) -> Incident:
    """Return an incident that ended; `more` are fields of the incident."""
    found = labels or {}
    draft = IncidentDraft(
        guild_id=1 << 60,
        channel_id=1 << 61,
        thread_id=None,
        message_id=1 << 62,
        revision=0,
        author_id=1 << 60,
        author_name="이름",
        avatar_url=None,
        original=words,
        parts=tuple(RepostPart(index, words, message_id=(1 << 62) + index) for index in range(5)),
        action=LabelAction.MASK,
        notice=Notice.BUTTON,
        locale="ko",
        verdict={
            "labels": found,
            "complete": False,
            "lost": {"attachments": 9, "stickers": 3, "polls": 1},
            "spans": [
                {"start": 0, "end": 1, "label": label, "score": score, "detector": name}
                for label, score in found.items()
                for name in ("lexicon", "classifier", "patterns", "links", "series")
            ],
        },
    )
    values = {"outcome": OutcomeKind.MASKED, "outcome_detail": str(Refusal.NO_READ_HISTORY), **more}
    return Incident(1 << 40, draft, IncidentState.CLOSED, AT, **values)  # type: ignore[arg-type]


DEEDS = st.lists(
    st.builds(
        Deed,
        st.sampled_from(DeedKind),
        st.integers(1, (1 << 63) - 1),
        st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        st.one_of(st.none(), st.integers(1, 10**9), st.floats(0.5, 10**4)),
    ),
    max_size=40,
)
LABELS = st.dictionaries(st.sampled_from([str(label) for label in Label]), st.floats(0, 1), max_size=len(Label))
WORDS = st.one_of(
    st.text(max_size=300), st.sampled_from(["*_~|`" * 400, "가" * 2_000, "\\" * 2_000, "@everyone " * 200])
)


@settings(max_examples=60, deadline=None)
@given(words=WORDS, labels=LABELS, deeds=DEEDS, count=st.integers(1, 25), locale=st.sampled_from(["ko", "en"]))
def test_a_card_stays_within_discords_limits(
    words: str, labels: dict[str, float], deeds: list[Deed], count: int, locale: str
) -> None:
    made = card([Entry(incident(words, labels), tuple(deeds))] * count, locale)
    embed = made.embed.to_dict()
    assert len(made.embed) <= EMBED_LIMIT
    assert len(embed.get("description", "")) <= 4_096
    assert all(1 <= len(field["value"]) <= 1_024 for field in embed["fields"])
    assert made.view is not None
    for row in made.view.to_components():
        assert len(row["components"]) <= 5
        for item in row["components"]:
            assert len(item.get("options", ())) <= 25
            assert all(len(option["label"]) <= 100 for option in item.get("options", ()))


@pytest.mark.parametrize("kind", DeedKind)
@pytest.mark.parametrize("locale", ["ko", "en"])
def test_every_deed_has_words(kind: DeedKind, locale: str) -> None:
    made = card([Entry(incident(), (Deed(kind, 7, AT, 600),))], locale)
    done = next(field.value for field in made.embed.fields if "<@7>" in (field.value or ""))
    assert f"<t:{int(AT.timestamp())}:t>" in (done or "")


@pytest.mark.parametrize("outcome", [*OutcomeKind, None])
@pytest.mark.parametrize("origin", Origin)
def test_every_outcome_has_a_card(outcome: OutcomeKind | None, origin: Origin) -> None:
    ended = incident(outcome=outcome)
    assert card([Entry(replace(ended, draft=replace(ended.draft, origin=origin)))], "ko").embed.title


@given(st.lists(st.tuples(st.sampled_from(DeedKind), st.integers(1, 1 << 62), st.one_of(st.none(), st.integers(1)))))
def test_deeds_are_read_back_as_they_were_written(given_deeds: list[tuple[DeedKind, int, int | None]]) -> None:
    events = [
        IncidentEvent(f"deed.{kind}", AT, f"{actor} {number}" if number else str(actor))
        for kind, actor, number in given_deeds
        if number is None or number < 1 << 50
    ]
    read = deeds_of([IncidentEvent("opened", AT), *events, IncidentEvent("closed", AT, "masked")])
    kept = [one for one in given_deeds if one[2] is None or one[2] < 1 << 50]
    assert [(deed.kind, deed.actor_id, deed.number) for deed in read] == kept


def test_the_latest_deed_of_a_kind_counts() -> None:
    deeds = [
        Deed(DeedKind.WARNED, 1, AT),
        Deed(DeedKind.WARNED, 2, AT + timedelta(hours=1)),
        Deed(DeedKind.RIGHT, 3, AT),
    ]
    found = latest(deeds, DeedKind.WARNED)
    assert found is not None
    assert found.actor_id == 2
    assert latest(deeds, DeedKind.CASE) is None


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(60, "1분"), (600, "10분"), (3_600, "1시간"), (86_400, "1일"), (604_800, "7일"), (90, "90초"), (5_400, "90분")],
)
def test_a_length_is_said_in_its_largest_whole_unit(seconds: int, expected: str) -> None:
    assert duration(seconds, "ko") == expected


@pytest.mark.parametrize(
    ("detail", "expected", "reason"),
    [
        (None, None, "nothing stood in the way"),
        ("no_manage_messages status=403 code=50013", Refusal.NO_MANAGE_MESSAGES, "Discord's numbers follow"),
        ("its words were erased", None, "other details name no refusal"),
    ],
)
def test_the_refusal_is_read_from_the_outcomes_detail(
    detail: str | None, expected: Refusal | None, reason: str
) -> None:
    assert refusal_in(detail) == expected, reason
