"""What a guild chose, and how it lies over the defaults: only what differs is kept."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import SettingsError
from bot.policy import LabelAction, Notice, Policy
from bot.settings import Operator
from bot.texts import tell
from masker.labels import Label
from masker.presets import Preset

Snowflake = Annotated[int, Field(gt=0, lt=1 << 63)]
ExemptIds = Annotated[frozenset[Snowflake], Field(max_length=500)]
Threshold = Annotated[float, Field(gt=0.0, le=1.0)]

_PER_LABEL = ("thresholds", "actions")


class GuildChoice(BaseModel):
    """Hold a guild's own values, under the names of `Policy`; None means: as the defaults say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: Preset | None = None
    thresholds: dict[Label, Threshold] = Field(default_factory=dict)
    actions: dict[Label, LabelAction] = Field(default_factory=dict)
    mentions: LabelAction | None = None
    operator: Operator | None = None
    notice: Notice | None = None
    observe: bool | None = None
    locale: Literal["ko", "en"] | None = None
    alert_channel_id: Snowflake | None = None
    exempt_role_ids: ExemptIds | None = None
    exempt_channel_ids: ExemptIds | None = None

    def policy(self, defaults: Policy) -> Policy:
        """Return the defaults with this choice laid over them; label by label for thresholds and actions."""
        chosen = {name: getattr(self, name) for name in self.model_fields_set if name not in _PER_LABEL}
        laid = replace(defaults, **{name: value for name, value in chosen.items() if value is not None})
        return replace(
            laid,
            thresholds={**defaults.thresholds, **self.thresholds},
            actions={**defaults.actions, **self.actions},
        )

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return this choice with `changes`; None takes a value, or one label's value, back to the default.

        Idempotent. Raises SettingsError naming the key, and the nearest one for a name that is unknown.
        """
        values = self.as_json()
        for name, value in changes.items():
            if name not in type(self).model_fields:
                near = difflib.get_close_matches(name, type(self).model_fields, n=1, cutoff=0.0)
                raise SettingsError(tell("settings.unknown_near", place="guild", nearest=near[0]))
            if value is None:
                values.pop(name, None)
            elif name in _PER_LABEL and isinstance(value, Mapping):
                merged = {**values.get(name, {}), **{str(label): one for label, one in value.items()}}
                values[name] = {label: one for label, one in merged.items() if one is not None}
            else:
                values[name] = value
        return self.from_json(values)

    def as_json(self) -> dict[str, Any]:
        """Return the chosen values alone, as JSON values in a fixed order."""
        values = self.model_dump(mode="json", exclude_defaults=True)
        return {name: sorted(value) if name.startswith("exempt_") else value for name, value in values.items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the choice that `as_json` gave. Raises SettingsError naming the key that does not fit."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as invalid:
            error = invalid.errors()[0]
            place = ".".join(str(part) for part in error["loc"])
            got = repr(error["input"])[:80]
            raise SettingsError(tell("settings.bad_value", place=place, got=got, expected=error["msg"])) from None
