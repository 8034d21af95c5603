"""The groups `/incidents` and `/member`: lists with filters, one incident, and what there is about one member."""

from __future__ import annotations

from datetime import datetime

import discord
from discord import app_commands

from bot.incidents import Origin, OutcomeKind
from bot.reports.periods import read_time, zone_of
from bot.texts import text
from cogs._localised import choices, said
from cogs._moderated import Moderated
from cogs._press import ItemClass
from cogs._replies import Interaction, locale_of, say
from cogs.incidents._lists import Lists
from cogs.incidents._lookup import WORDS_LIMIT, Lookup, Verdict, named_in, plain
from cogs.incidents._member import History
from cogs.review.desk import Desk
from cogs.settings._options import LABELS, PlaceId

OUTCOMES = choices("incidents.outcome_", OutcomeKind)
ORIGINS = choices("incidents.origin_", Origin)
VERDICTS = choices("incidents.verdict_", Verdict)
TIME_LIMIT = 40

_NAMES = {
    "member": said("incidents.option_member_name"),
    "channel": said("incidents.option_channel_name"),
    "label": said("incidents.option_label_name"),
    "outcome": said("incidents.option_outcome_name"),
    "origin": said("incidents.option_origin_name"),
    "verdict": said("incidents.option_verdict_name"),
    "since": said("incidents.option_since_name"),
    "until": said("incidents.option_until_name"),
}
_DESCRIPTIONS = {
    "member": said("incidents.option_member"),
    "channel": said("incidents.option_channel"),
    "label": said("incidents.option_label"),
    "outcome": said("incidents.option_outcome"),
    "origin": said("incidents.option_origin"),
    "verdict": said("incidents.option_verdict"),
    "since": said("incidents.option_since"),
    "until": said("incidents.option_until"),
}
_CHOICES = {"label": LABELS, "outcome": OUTCOMES, "origin": ORIGINS, "verdict": VERDICTS}

Words = app_commands.Range[str, 1, WORDS_LIMIT]
Time = app_commands.Range[str, 1, TIME_LIMIT]


class IncidentsGroup(Moderated, name=said("incidents.group_name"), description=said("incidents.group")):
    """Show what was recorded in one server."""

    def __init__(self, desk: Desk) -> None:
        self._lists = Lists(desk)
        self._desk = desk
        super().__init__()

    @app_commands.command(name=said("incidents.list_name"), description=said("incidents.list"))
    @app_commands.rename(**_NAMES)
    @app_commands.describe(**_DESCRIPTIONS)
    @app_commands.choices(**_CHOICES)
    async def list(
        self,
        interaction: Interaction,
        member: discord.User | None = None,
        channel: PlaceId | None = None,
        label: str | None = None,
        outcome: str | None = None,
        origin: str | None = None,
        verdict: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
    ) -> None:
        """Show the newest incidents that the filters choose."""
        try:
            times = read_range(self._desk, interaction, since, until)
        except ValueError:
            await say(interaction, text("incidents.bad_time", locale_of(interaction)))
            return
        lookup = Lookup(member.id if member else None, channel, label, outcome, origin, verdict, *times)
        await self._lists.show(interaction, lookup)

    @app_commands.command(name=said("incidents.search_name"), description=said("incidents.search"))
    @app_commands.rename(words=said("incidents.option_words_name"), member=_NAMES["member"], label=_NAMES["label"])
    @app_commands.describe(words=said("incidents.option_words"), member=_DESCRIPTIONS["member"])
    @app_commands.describe(label=_DESCRIPTIONS["label"])
    @app_commands.choices(label=LABELS)
    async def search(
        self, interaction: Interaction, words: Words, member: discord.User | None = None, label: str | None = None
    ) -> None:
        """Find incidents by a message's link, by number, or by words of the masked text."""
        named, sought = named_in(words), plain(words)
        if named is not None:
            await self._lists.open_named(interaction, named)
        elif not sought:
            await say(interaction, text("incidents.no_words", locale_of(interaction)))
        else:
            await self._lists.show(interaction, Lookup(member.id if member else None, label=label), sought)

    @app_commands.command(name=said("incidents.show_name"), description=said("incidents.show"))
    @app_commands.rename(number=said("incidents.option_number_name"))
    @app_commands.describe(number=said("incidents.option_number"))
    async def show(self, interaction: Interaction, number: app_commands.Range[int, 1, 2**53 - 1]) -> None:
        """Show one incident whole."""
        await self._lists.open(interaction, number)


class MemberGroup(Moderated, name=said("member.group_name"), description=said("member.group")):
    """Show what there is about one member."""

    def __init__(self, desk: Desk) -> None:
        self._history = History(desk)
        super().__init__()

    @app_commands.command(name=said("member.history_name"), description=said("member.history"))
    @app_commands.rename(member=_NAMES["member"])
    @app_commands.describe(member=said("member.option_member"))
    async def history(self, interaction: Interaction, member: discord.User) -> None:
        """Show a member's incidents, sanctions, points and cases."""
        await self._history.show(interaction, member.id)


def read_range(
    desk: Desk, interaction: Interaction, since: str | None, until: str | None
) -> tuple[datetime | None, datetime | None]:
    """Return the times that somebody wrote. Raises ValueError."""
    zone, now = zone_of(locale_of(interaction)), desk.now()
    return (
        read_time(since, now, zone) if since else None,
        read_time(until, now, zone, whole_day=True) if until else None,
    )


def incident_items(desk: Desk) -> list[ItemClass]:
    """Return the buttons and selects that belong to the commands' answers."""
    return Lists(desk).items()
