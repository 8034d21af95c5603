"""What an app does with an interaction: its first answer, follow-ups, and changes to what it said."""

from __future__ import annotations

from typing import Any

from sandbox.drafts import apply_edit, read_draft
from sandbox.errors import ApiError, invalid_field, missing_permissions, unknown
from sandbox.http import Body
from sandbox.interactions.components import check_modal
from sandbox.interactions.model import (
    CallbackType,
    Interaction,
    InteractionType,
    already_answered,
    unknown_interaction,
    unknown_token,
)
from sandbox.interactions.payload import metadata_json
from sandbox.messages import Draft
from sandbox.models import Channel, Message, MessageFlag, MessageType
from sandbox.permissions import Permission
from sandbox.world import World

Json = dict[str, Any]

MAX_CHOICES = 25
ALLOWED: dict[InteractionType, frozenset[int]] = {
    InteractionType.COMMAND: frozenset({1, 4, 5, 9}),
    InteractionType.COMPONENT: frozenset({1, 4, 5, 6, 7, 9}),
    InteractionType.AUTOCOMPLETE: frozenset({8}),
    InteractionType.MODAL: frozenset({1, 4, 5}),
}
UPDATES = frozenset({6, 7})
"""A modal may update a message only when one of that message's components opened it."""
EVERYBODY: Json = {"parse": ["users", "roles", "everyone"], "replied_user": False}


def find_open(world: World, interaction_id: int, token: str) -> Interaction:
    """Return the interaction that awaits its first answer; raises 10062 or 40060."""
    found = world.interactions.get(interaction_id)
    if found is None or found.token != token:
        raise unknown_interaction()
    if found.answered:
        raise already_answered()
    if world.clock() - found.created_at_s > world.first_answer_s:
        raise unknown_interaction()
    return found


def find_by_token(world: World, application_id: int, token: str) -> Interaction:
    """Return the answered interaction that a token still opens; raises 10015, or 50027 past its fifteen minutes."""
    for found in reversed(world.interactions.values()):
        if found.token == token and found.application_id == application_id:
            if not found.answered:
                raise unknown_token()
            if world.clock() - found.created_at_s > world.interaction_token_s:
                raise ApiError(401, 50027, "Invalid Webhook Token")
            return found
    raise unknown_token()


def answer(world: World, interaction: Interaction, body: Body) -> Message | None:
    """Apply the first answer; returns the message it made or means, None for the other kinds."""
    kind = _callback_type(interaction, body.data.get("type"))
    inner = body.data.get("data")
    part = Body(inner if isinstance(inner, dict) else {}, body.files)
    message: Message | None = None
    if kind == CallbackType.AUTOCOMPLETE:
        interaction.choices = _choices(part.data)
    elif kind == CallbackType.MODAL:
        interaction.modal = check_modal(part.data)
    elif kind == CallbackType.UPDATE:
        message = _update(world, interaction, part)
    elif kind == CallbackType.DEFERRED_UPDATE:
        message = _source(interaction)
    elif kind == CallbackType.DEFERRED_MESSAGE:
        flags = MessageFlag.LOADING | (int(part.data.get("flags") or 0) & MessageFlag.EPHEMERAL)
        message = _post(world, interaction, Draft(flags=int(flags)))
    elif kind == CallbackType.MESSAGE:
        message = _post(world, interaction, _draft(world, interaction, part))
    interaction.callback = kind
    interaction.original_id = message.id if message is not None else None
    interaction.done.set()
    return message


def _callback_type(interaction: Interaction, value: Any) -> CallbackType:
    allowed = ALLOWED[interaction.type]
    if interaction.type == InteractionType.MODAL and interaction.source is not None:
        allowed |= UPDATES
    if not isinstance(value, int) or value not in allowed:
        listed = ", ".join(str(one) for one in sorted(allowed))
        raise invalid_field("type", code="BASE_TYPE_CHOICES", message=f"Value must be one of {{{listed}}}.")
    return CallbackType(value)


def _choices(data: Json) -> list[Json]:
    choices = data.get("choices") or []
    if not isinstance(choices, list) or len(choices) > MAX_CHOICES:
        message = f"Must be {MAX_CHOICES} or fewer in length."
        raise invalid_field("data", "choices", code="BASE_TYPE_MAX_LENGTH", message=message)
    for index, choice in enumerate(choices):
        name = choice.get("name") if isinstance(choice, dict) else None
        if not isinstance(name, str) or not 1 <= len(name) <= 100:
            message = "Must be between 1 and 100 in length."
            raise invalid_field("data", "choices", index, "name", code="BASE_TYPE_BAD_LENGTH", message=message)
        if choice.get("value") is None:
            message = "This field is required"
            raise invalid_field("data", "choices", index, "value", code="BASE_TYPE_REQUIRED", message=message)
    return choices


def _source(interaction: Interaction) -> Message:
    if interaction.source is None:
        raise unknown("message")
    return interaction.source


def _update(world: World, interaction: Interaction, body: Body) -> Message:
    source = _source(interaction)
    if find_message(world, source.channel_id, source.id) is None:
        raise unknown("message")
    return _edit(world, interaction, source, body)


def _draft(world: World, interaction: Interaction, body: Body) -> Draft:
    draft = read_draft(world, world.channel(interaction.channel_id), body)
    draft.flags |= int(body.data.get("flags") or 0) & MessageFlag.EPHEMERAL
    return draft


def _post(world: World, interaction: Interaction, draft: Draft, *, reply_to: Message | None = None) -> Message:
    """Place an answer: as the bot, naming the interaction; ephemeral ones reach their one reader only."""
    app = world.applications[interaction.application_id]
    channel = world.channel(interaction.channel_id)
    draft.webhook_id = draft.application_id = app.id
    draft.interaction_metadata = metadata_json(world, interaction)
    draft.allowed_mentions = draft.allowed_mentions if draft.allowed_mentions is not None else EVERYBODY
    if interaction.command is not None:
        draft.type = MessageType.CHAT_INPUT if interaction.command.type == 1 else MessageType.CONTEXT_MENU
    anchor = reply_to or interaction.source
    if anchor is not None and anchor.ephemeral_to is None and find_message(world, channel.id, anchor.id) is not None:
        draft.reply_to = anchor
    _silence_everyone(world, app.bot_id, channel, draft)
    if draft.flags & MessageFlag.EPHEMERAL:
        draft.ephemeral_to = interaction.user_id
        message = world.place_ephemeral(world.build_message(channel, app.bot_id, draft))
    else:
        message = world.post(channel, app.bot_id, draft)
    interaction.messages.append(message.id)
    return message


def _silence_everyone(world: World, bot_id: int, channel: Channel, draft: Draft) -> None:
    """Take `everyone` from the allowed mentions where the bot may not mention everybody."""
    if world.permissions_in(bot_id, channel) & Permission.MENTION_EVERYONE:
        return
    allowed = dict(draft.allowed_mentions or EVERYBODY)
    allowed["parse"] = [kind for kind in allowed.get("parse") or () if kind != "everyone"]
    draft.allowed_mentions = allowed


def find_message(world: World, channel_id: int, message_id: int | None) -> Message | None:
    """Return a message that still stands, in the channel or before one reader."""
    if message_id is None:
        return None
    return world.ephemerals.get(message_id) or world.messages.get(channel_id, {}).get(message_id)


def own_message(world: World, interaction: Interaction, message_id: int | None) -> Message:
    """Return `@original` (None) or one of the interaction's follow-ups; raises 10008."""
    wanted = interaction.original_id if message_id is None else message_id
    if message_id is not None and message_id not in interaction.messages and message_id != interaction.original_id:
        raise unknown("message")
    if message_id is None and interaction.callback in (CallbackType.MODAL, CallbackType.AUTOCOMPLETE):
        raise unknown_token()
    found = find_message(world, interaction.channel_id, wanted)
    if found is None:
        raise unknown("message")
    return found


def follow_up(world: World, interaction: Interaction, body: Body) -> Message:
    """Send a follow-up; the first one after a deferred answer takes the place of "thinking"."""
    if interaction.callback == CallbackType.DEFERRED_MESSAGE:
        original = find_message(world, interaction.channel_id, interaction.original_id)
        if original is not None and original.flags & MessageFlag.LOADING:
            return _edit(world, interaction, original, body)
    draft = _draft(world, interaction, body)
    original = find_message(world, interaction.channel_id, interaction.original_id)
    return _post(world, interaction, draft, reply_to=original)


def edit_own(world: World, interaction: Interaction, message: Message, body: Body) -> Message:
    """Edit what an interaction said."""
    return _edit(world, interaction, message, body)


def _edit(world: World, interaction: Interaction, message: Message, body: Body) -> Message:
    loading = bool(message.flags & MessageFlag.LOADING)
    bot_id = world.applications[interaction.application_id].bot_id
    before = message.flags
    message.flags &= ~MessageFlag.LOADING
    try:
        apply_edit(world, message, body, actor_id=bot_id)
    except ApiError:
        message.flags = before
        raise
    if loading:
        message.edited_at_s = None
        world.emit_message("MESSAGE_UPDATE", message)
    if message.ephemeral_to is not None:
        world.tell_app("MESSAGE_UPDATE", message)
    return message


def delete_own(world: World, interaction: Interaction, message: Message) -> None:
    """Delete what an interaction said."""
    bot_id = world.applications[interaction.application_id].bot_id
    if message.author_id != bot_id and message.webhook_id is None:
        raise missing_permissions()
    if message.ephemeral_to is not None:
        world.drop_ephemeral(message)
    else:
        world.delete(message, actor_id=bot_id)
