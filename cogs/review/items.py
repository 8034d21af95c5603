"""The items of a review: each press read from its id and handed to the deed it names."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from cogs._forms import FormHandler
from cogs._press import ItemClass, pressed
from cogs._replies import Interaction
from cogs.review import allow, buttons, case, contest, original, panel, remove, timeout, verdict, warn
from cogs.review.buttons import Act, Answer
from cogs.review.desk import (
    Desk,
    Press,
    Told,
    admitted,
    answer_now,
    by_moderator,
    check_moderator,
    guarded,
    taken,
)

_DEEDS: Mapping[Act, Callable[[Press], Awaitable[Told]]] = {
    Act.ORIGINAL: original.show_original,
    Act.WRONG: verdict.call_wrong,
    Act.RIGHT: verdict.call_right,
    Act.REMOVE: remove.remove,
    Act.WARN: warn.warn,
    Act.TIMEOUT: timeout.ask_length,
}


def review_items(desk: Desk) -> list[ItemClass]:
    """Return the items of alerts, contests and panels."""

    async def act(interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        incident_id, wanted = int(match["incident"]), Act(match["act"])
        if wanted is Act.CASE:
            await _opening(desk, interaction, incident_id, case.ask_note)
        else:
            await by_moderator(desk, interaction, incident_id, _DEEDS[wanted], time_out=wanted is Act.TIMEOUT)

    async def duration(interaction: Interaction, match: re.Match[str], values: Sequence[str]) -> None:
        seconds = int(values[0]) if values and values[0].isdecimal() else 0

        async def deed(press: Press) -> Told:
            return await timeout.time_out(press, seconds)

        await by_moderator(desk, interaction, int(match["incident"]), deed, time_out=True)

    async def allowed(interaction: Interaction, match: re.Match[str], values: Sequence[str]) -> None:
        index = int(values[0]) if values and values[0].isdecimal() else 0

        async def deed(press: Press) -> Told:
            return await allow.allow_word(press, index)

        await by_moderator(desk, interaction, int(match["incident"]), deed)

    async def picked(interaction: Interaction, _: re.Match[str], values: Sequence[str]) -> None:
        incident_id = int(values[0]) if values and values[0].isdecimal() else 0
        await by_moderator(desk, interaction, incident_id, panel.of_incident)

    async def contested(interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        await contest.ask_words(desk, interaction, int(match["incident"]))

    async def answered(interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if Answer(match["answer"]) is Answer.GRANT:
            await by_moderator(desk, interaction, int(match["incident"]), contest.grant)
        else:
            await contest.ask_refusal(desk, interaction, int(match["incident"]))

    return [
        pressed(buttons.ACT, act),
        pressed(buttons.DURATION, duration),
        pressed(buttons.ALLOW, allowed),
        pressed(buttons.PICK, picked),
        pressed(buttons.CONTEST, contested),
        pressed(buttons.ANSWER, answered),
    ]


def review_forms(desk: Desk) -> list[FormHandler]:
    """Return the handlers of the forms that these items open."""

    async def noted(interaction: Interaction, match: re.Match[str], words: Mapping[str, str]) -> None:
        async def deed(press: Press) -> Told:
            return await case.open_case(press, words)

        await by_moderator(desk, interaction, int(match["incident"]), deed)

    async def contested(interaction: Interaction, match: re.Match[str], words: Mapping[str, str]) -> None:
        async def deed(press: Press) -> Told:
            return await contest.contest(press, words)

        await taken(desk, interaction, int(match["incident"]), deed)

    async def refused(interaction: Interaction, match: re.Match[str], words: Mapping[str, str]) -> None:
        async def deed(press: Press) -> Told:
            return await contest.refuse(press, words)

        await by_moderator(desk, interaction, int(match["incident"]), deed)

    return [
        FormHandler(buttons.CASE_FORM, noted),
        FormHandler(buttons.CONTEST_FORM, contested),
        FormHandler(buttons.REFUSE_FORM, refused),
    ]


async def _opening(
    desk: Desk, interaction: Interaction, incident_id: int, opens: Callable[[Press], Awaitable[None]]
) -> None:
    """Take a press that opens a form: Discord takes a form only as the first answer."""

    async def checked() -> Told:
        press = await admitted(desk, interaction, incident_id)
        check_moderator(press)
        await opens(press)
        return Told()

    told = await guarded(interaction, checked())
    if told.words:
        await answer_now(interaction, told)
