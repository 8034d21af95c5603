"""What starts interactions: a person runs a command, uses a component, submits a modal, types into an option."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.commands import Command
from sandbox.commands_rules import CHAT_INPUT, MESSAGE_MENU, USER_MENU
from sandbox.errors import ApiError, invalid_field, missing_access, missing_permissions, unknown
from sandbox.interactions.components import component_data, find_component, modal_data
from sandbox.interactions.ephemeral import EphemeralOps
from sandbox.interactions.model import FIRST_ANSWER_S, TOKEN_S, Interaction, InteractionType, make_token
from sandbox.interactions.options import build_options
from sandbox.interactions.payload import interaction_json
from sandbox.interactions.resolved import Resolved
from sandbox.models import MESSAGEABLE, Channel, Message
from sandbox.permissions import Permission
from sandbox.uploads import Upload

INTERACTIONS_KEPT = 5_000
MAX_FILES = 10


class InteractionOps(EphemeralOps):
    """The world's verbs for interactions.

    Every `invoke_*` checks what Discord's client and server would check, publishes INTERACTION_CREATE to the app's bot
    and returns at once; await `first_answer` for what comes of it. `first_answer_s` and `interaction_token_s` are the
    deadlines in seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock=clock)
        self.first_answer_s = FIRST_ANSWER_S
        self.interaction_token_s = TOKEN_S
        self.interactions: OrderedDict[int, Interaction] = OrderedDict()

    def invoke_command(
        self,
        user_id: int,
        channel_id: int,
        command_id: int,
        *,
        path: Sequence[str] = (),
        options: Mapping[str, Any] | None = None,
        target_id: int | None = None,
        files: Mapping[int, Upload] | None = None,
        locale: str | None = None,
    ) -> Interaction:
        """Run a slash command (`path` names sub-commands) or a context menu on `target_id`."""
        channel, command = self._usable(user_id, channel_id, command_id)
        resolved = Resolved(self, channel, user_id)
        data = self._command_head(command)
        if command.type == CHAT_INPUT:
            data["options"] = build_options(command.body, path, options or {}, resolved, files=files or {})
        else:
            data["target_id"] = str(self._target(user_id, command, channel, target_id, resolved))
        return self._begin(InteractionType.COMMAND, user_id, channel, command, resolved.into(data), locale)

    def invoke_autocomplete(
        self,
        user_id: int,
        channel_id: int,
        command_id: int,
        focused: str,
        *,
        path: Sequence[str] = (),
        options: Mapping[str, Any] | None = None,
        locale: str | None = None,
    ) -> Interaction:
        """Ask the app for suggestions for the option that is being typed."""
        channel, command = self._usable(user_id, channel_id, command_id)
        if command.type != CHAT_INPUT:
            raise invalid_field("command_id", code="NO_AUTOCOMPLETE", message="Menus have no options.")
        data = self._command_head(command)
        data["options"] = build_options(
            command.body, path, options or {}, Resolved(self, channel, user_id), files={}, focused=focused
        )
        return self._begin(InteractionType.AUTOCOMPLETE, user_id, channel, command, data, locale)

    def invoke_component(
        self,
        user_id: int,
        channel_id: int,
        message_id: int,
        custom_id: str,
        values: Sequence[Any] = (),
        *,
        locale: str | None = None,
    ) -> Interaction:
        """Press a button or choose in a select of a message that an application owns."""
        channel = self.channel(channel_id)
        self.require(user_id, channel)
        message = self.ephemerals.get(message_id)
        if message is None or message.ephemeral_to != user_id or message.channel_id != channel_id:
            message = self.message(channel_id, message_id)
        if message.application_id is None or message.application_id not in self.applications:
            raise unknown("application")
        resolved = Resolved(self, channel, user_id)
        component = find_component(message.components, custom_id)
        data = component_data(component, values, resolved)
        return self._begin(
            InteractionType.COMPONENT,
            user_id,
            channel,
            None,
            data,
            locale,
            source=message,
            app_id=message.application_id,
        )

    def submit_modal(
        self,
        user_id: int,
        interaction_id: int,
        components: Sequence[Any],
        *,
        files: Mapping[int, Upload] | None = None,
        locale: str | None = None,
    ) -> Interaction:
        """Submit the modal that an interaction was answered with; once only."""
        opened = self.interactions.get(interaction_id)
        if opened is None or opened.user_id != user_id or opened.modal is None or opened.modal_used:
            raise unknown("interaction")
        channel = self.channel(opened.channel_id)
        self.require(user_id, channel)
        if len(files or {}) > MAX_FILES:
            raise invalid_field(
                "files", code="BASE_TYPE_MAX_LENGTH", message=f"Must be {MAX_FILES} or fewer in length."
            )
        data = modal_data(opened.modal, components, Resolved(self, channel, user_id), files or {})
        opened.modal_used = True
        return self._begin(
            InteractionType.MODAL,
            user_id,
            channel,
            None,
            data,
            locale,
            source=opened.source,
            opened_by=opened,
            app_id=opened.application_id,
        )

    async def first_answer(self, interaction: Interaction) -> bool:
        """Wait for the app's first answer; False when the deadline passed without one."""
        try:
            await asyncio.wait_for(interaction.done.wait(), self.first_answer_s)
        except TimeoutError:
            return False
        return True

    def _usable(self, user_id: int, channel_id: int, command_id: int) -> tuple[Channel, Command]:
        channel = self.channel(channel_id)
        if not self.can_see(user_id, channel):
            raise missing_access()
        if channel.type not in MESSAGEABLE:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        command = self.commands.get(command_id)
        if command is None:
            raise ApiError(404, 10063, "Unknown application command")
        if not self.may_use(user_id, channel, command):
            raise missing_permissions()
        return channel, command

    @staticmethod
    def _command_head(command: Command) -> dict[str, Any]:
        data: dict[str, Any] = {"id": str(command.id), "name": command.name, "type": command.type}
        return data | ({"guild_id": str(command.guild_id)} if command.guild_id is not None else {})

    def _target(
        self, user_id: int, command: Command, channel: Channel, target_id: int | None, resolved: Resolved
    ) -> int:
        if target_id is None:
            raise invalid_field("target_id", code="BASE_TYPE_REQUIRED", message="This field is required")
        if command.type == USER_MENU:
            resolved.add_user(target_id)
        elif command.type == MESSAGE_MENU:
            self.require(user_id, channel, Permission.READ_MESSAGE_HISTORY)
            resolved.add_message(self.message(channel.id, target_id))
        return target_id

    def _begin(
        self,
        kind: InteractionType,
        user_id: int,
        channel: Channel,
        command: Command | None,
        data: dict[str, Any],
        locale: str | None,
        *,
        source: Message | None = None,
        opened_by: Interaction | None = None,
        app_id: int | None = None,
    ) -> Interaction:
        number = self.ids.next()
        interaction = Interaction(
            id=number,
            token=make_token(number),
            type=kind,
            application_id=command.application_id if command is not None else app_id or 0,
            user_id=user_id,
            channel_id=channel.id,
            guild_id=channel.guild_id,
            locale=locale or self.user(user_id).locale,
            created_at_s=self.clock(),
            data=data,
            command=command,
            source=source,
            opened_by=opened_by,
        )
        self.interactions[number] = interaction
        while len(self.interactions) > INTERACTIONS_KEPT:
            self.interactions.popitem(last=False)
        bot_id = self.applications[interaction.application_id].bot_id
        payload = interaction_json(self, interaction, channel)
        self.emit("INTERACTION_CREATE", payload, guild_id=channel.guild_id, only_user=bot_id)
        return interaction
