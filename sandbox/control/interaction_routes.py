"""Control routes that start interactions; each answers when the app has, or at the deadline."""

from __future__ import annotations

from aiohttp import web

from sandbox.commands_rules import LOCALES
from sandbox.control.arguments import (
    dict_field,
    fields_of,
    id_field,
    list_field,
    optional_id_field,
    speaker,
    text_field,
)
from sandbox.control.guard import control
from sandbox.control.views import outcome_json
from sandbox.http import GATEWAY, reply, world_of
from sandbox.interactions.model import Interaction

routes = web.RouteTableDef()
API = "/sandbox/api/interactions"
MAX_NAME = 100


async def settle(request: web.Request, interaction: Interaction) -> web.Response:
    """Wait for the app's first answer and tell how it went."""
    world = world_of(request)
    bot_id = world.applications[interaction.application_id].bot_id
    if bot_id not in request.app[GATEWAY].connected_bots():
        return reply(outcome_json(interaction, "no_bot"))
    answered = await world.first_answer(interaction)
    return reply(outcome_json(interaction, "answered" if answered else "timeout"))


def _locale(data: dict[str, object]) -> str | None:
    locale = data.get("locale")
    return locale if isinstance(locale, str) and locale in LOCALES else None


@routes.post(API + "/command")
@control
async def command(request: web.Request) -> web.StreamResponse:
    """Run a command: `channel_id`, `command_id`, and `path`, `options` or `target_id`; files as multipart."""
    body, data = await fields_of(request)
    interaction = world_of(request).invoke_command(
        speaker(request),
        id_field(data, "channel_id"),
        id_field(data, "command_id"),
        path=[str(name) for name in list_field(data, "path")],
        options=dict_field(data, "options"),
        target_id=optional_id_field(data, "target_id"),
        files=body.files,
        locale=_locale(data),
    )
    return await settle(request, interaction)


@routes.post(API + "/autocomplete")
@control
async def autocomplete(request: web.Request) -> web.StreamResponse:
    """Ask for suggestions for the option `focused`; the rest as for a command."""
    _, data = await fields_of(request)
    interaction = world_of(request).invoke_autocomplete(
        speaker(request),
        id_field(data, "channel_id"),
        id_field(data, "command_id"),
        text_field(data, "focused", most=MAX_NAME),
        path=[str(name) for name in list_field(data, "path")],
        options=dict_field(data, "options"),
        locale=_locale(data),
    )
    return await settle(request, interaction)


@routes.post(API + "/component")
@control
async def component(request: web.Request) -> web.StreamResponse:
    """Use a component: `channel_id`, `message_id`, `custom_id`, and `values` for a select."""
    _, data = await fields_of(request)
    interaction = world_of(request).invoke_component(
        speaker(request),
        id_field(data, "channel_id"),
        id_field(data, "message_id"),
        text_field(data, "custom_id", most=MAX_NAME),
        list_field(data, "values"),
        locale=_locale(data),
    )
    return await settle(request, interaction)


@routes.post(API + "/modal")
@control
async def modal(request: web.Request) -> web.StreamResponse:
    """Submit the modal of `interaction_id` with `components`; files as multipart."""
    body, data = await fields_of(request)
    interaction = world_of(request).submit_modal(
        speaker(request),
        id_field(data, "interaction_id"),
        list_field(data, "components"),
        files=body.files,
        locale=_locale(data),
    )
    return await settle(request, interaction)
