"""The buttons and selects of a review: how they are named, made, and read again from a press."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import discord

from bot.incidents import Incident, Origin
from bot.texts import text
from cogs.review.standing import original_stands

CHOICE_LIMIT = 25
"""Options of a select. Source: Discord's developer docs, "String Select"."""
LABEL_LIMIT = 100


class Act(StrEnum):
    """Name what a moderator can press about an incident."""

    ORIGINAL = "original"
    WRONG = "wrong"
    RIGHT = "right"
    REMOVE = "remove"
    WARN = "warn"
    TIMEOUT = "timeout"
    CASE = "case"


class Answer(StrEnum):
    """Name a moderator's answer to a contest."""

    GRANT = "grant"
    REFUSE = "refuse"


_ID = r"(?P<incident>\d{1,18})"
ACT = re.compile(rf"garim:review:(?P<act>{'|'.join(Act)}):{_ID}", re.ASCII)
DURATION = re.compile(rf"garim:timeout:{_ID}", re.ASCII)
ALLOW = re.compile(rf"garim:allow:{_ID}", re.ASCII)
PICK = re.compile(r"garim:pick", re.ASCII)
CONTEST = re.compile(rf"garim:contest:{_ID}", re.ASCII)
ANSWER = re.compile(rf"garim:answer:(?P<answer>{'|'.join(Answer)}):{_ID}", re.ASCII)
CHECK = re.compile(r"garim:menu:check:(?P<channel>\d{1,20}):(?P<message>\d{1,20})", re.ASCII)
REPORT = re.compile(r"garim:menu:report:(?P<channel>\d{1,20}):(?P<message>\d{1,20})", re.ASCII)
CASE_FORM = re.compile(rf"garim:form:case:{_ID}", re.ASCII)
CONTEST_FORM = re.compile(rf"garim:form:contest:{_ID}", re.ASCII)
REFUSE_FORM = re.compile(rf"garim:form:refuse:{_ID}", re.ASCII)

_STYLES = {
    Act.WRONG: discord.ButtonStyle.success,
    Act.REMOVE: discord.ButtonStyle.danger,
    Act.TIMEOUT: discord.ButtonStyle.danger,
}
_ROWS = {Act.ORIGINAL: 0, Act.WRONG: 0, Act.RIGHT: 0}

Item = discord.ui.Item[Any]


def button(
    label: str, custom_id: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary, row: int | None = None
) -> discord.ui.Button[Any]:
    """Return a button; presses are matched by its id."""
    return discord.ui.Button(style=style, label=label, custom_id=custom_id, row=row)


def act_buttons(incident: Incident, locale: str, *, first_row: int = 0) -> list[Item]:
    """Return the moderators' buttons for an incident, on two rows from `first_row` on."""
    return [
        button(
            text(_name_of(act, incident), locale),
            f"garim:review:{act}:{incident.id}",
            _STYLES.get(act, discord.ButtonStyle.secondary),
            first_row + _ROWS.get(act, 1),
        )
        for act in Act
    ]


def _name_of(act: Act, incident: Incident) -> str:
    """Return the text of a button: what is done depends on what stands."""
    if incident.draft.origin == Origin.REPORT and act in (Act.WRONG, Act.RIGHT):
        return f"review.button_{act}_report"
    if act is Act.REMOVE and original_stands(incident):
        return "review.button_remove_original"
    return f"review.button_{act}"


def answer_buttons(incident_id: int, locale: str) -> list[Item]:
    """Return the moderators' buttons for a contest."""
    green, red = discord.ButtonStyle.success, discord.ButtonStyle.danger
    return [
        button(text("contest.button_grant", locale), f"garim:answer:{Answer.GRANT}:{incident_id}", green),
        button(text("contest.button_refuse", locale), f"garim:answer:{Answer.REFUSE}:{incident_id}", red),
        button(text("review.button_original", locale), f"garim:review:{Act.ORIGINAL}:{incident_id}"),
    ]


def contest_button(incident_id: int, locale: str) -> Item:
    """Return the author's button to contest an incident."""
    return button(text("contest.button", locale), f"garim:contest:{incident_id}", discord.ButtonStyle.primary)


def choice(
    custom_id: str, placeholder: str, options: Iterable[tuple[str, str]], *, row: int | None = None
) -> discord.ui.Select[Any]:
    """Return a select of (value, label) pairs; what is over Discord's limits is cut."""
    made = [discord.SelectOption(value=value, label=label[:LABEL_LIMIT]) for value, label in options]
    return discord.ui.Select(custom_id=custom_id, placeholder=placeholder, options=made[:CHOICE_LIMIT], row=row)
