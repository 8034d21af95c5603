"""Every button and select that outlives a restart, in one list: discord.py matches a press by the id's pattern."""

from __future__ import annotations

from cogs._engine import Engine
from cogs._forms import FormHandler
from cogs._notice import why_item
from cogs._press import ItemClass
from cogs.cases import Cases
from cogs.incidents.group import incident_items
from cogs.menu import menu_items
from cogs.reports.group import report_items
from cogs.review.items import review_forms, review_items
from cogs.settings.group import settings_items
from cogs.setup_items import SetupDesk
from cogs.terms.group import terms_items


def items_of(engine: Engine) -> list[ItemClass]:
    """Return the item classes to register with the client, each bound to what it needs of the engine."""
    return [
        why_item(engine.desk),
        *review_items(engine.desk),
        *menu_items(engine.desk),
        *terms_items(engine.desk),
        *settings_items(engine.storage),
        *engine.privacy.items(),
        *SetupDesk(engine.storage).items(),
        *incident_items(engine.desk),
        *Cases(engine.storage.cases).items(),
        *report_items(engine.desk),
    ]


def forms_of(engine: Engine) -> list[FormHandler]:
    """Return what takes submitted forms, each bound to what it needs of the engine."""
    return [*review_forms(engine.desk), *Cases(engine.storage.cases).forms(), *engine.privacy.forms()]
