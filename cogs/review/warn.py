"""Warning an incident's author, once per incident."""

from __future__ import annotations

from bot.records import SanctionKind
from cogs.review.deeds import Deed
from cogs.review.desk import Press, Told
from cogs.review.letters import send_warning
from cogs.review.sanction import Order, carried_out
from cogs.review.verdict import decide


async def warn(press: Press) -> Told:
    """Warn the author by a direct message; on record also where they take none."""
    await decide(press.desk, press.incident, press.actor_id, right=True)
    order = Order(SanctionKind.WARN, press.actor_id, f"warn:{press.incident.id}")
    told = await carried_out(press.desk, press.incident, order, lambda: send_warning(press.desk, press.incident))
    member = f"<@{press.incident.draft.author_id}>"
    if isinstance(told, Deed):
        return press.say(
            "review.already_warned", who=f"<@{told.actor_id}>", when=f"<t:{int(told.at.timestamp())}:R>", member=member
        )
    return press.say("review.warned" if told else "review.warned_silently", member=member)
