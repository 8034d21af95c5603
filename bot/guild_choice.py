"""What a guild chose, and how it lies over the defaults: only what differs is kept."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bot.errors import SettingsError
from bot.escalation import Escalation, EscalationAction, EscalationStep
from bot.policy import ChannelRule, LabelAction, Notice, Policy
from bot.settings import Operator
from bot.texts import tell
from masker.labels import Label
from masker.presets import Preset

Snowflake = Annotated[int, Field(gt=0, lt=1 << 63)]
ExemptIds = Annotated[frozenset[Snowflake], Field(max_length=500)]
Threshold = Annotated[float, Field(gt=0.0, le=1.0)]

_MERGED = ("thresholds", "actions", "channels")
"""Mappings that a change is merged into; any other value is put in its place."""
_MADE_UP = (*_MERGED, "escalation")
"""Fields whose value is another than the policy's."""


class ChannelChoice(BaseModel):
    """Hold what a guild chose for one channel, category or thread, under the names of `ChannelRule`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: Preset | None = None
    thresholds: dict[Label, Threshold] = Field(default_factory=dict)
    actions: dict[Label, LabelAction] = Field(default_factory=dict)
    mentions: LabelAction | None = None
    observe: bool | None = None
    operator: Operator | None = None

    def rule(self) -> ChannelRule:
        """Return this choice as the rule that it is."""
        return ChannelRule(**{name: getattr(self, name) for name in type(self).model_fields})


class StepChoice(BaseModel):
    """Hold one step of an escalation: at how many points what is done, a timeout for so many seconds (28 days at most).

    The longest timeout is Discord's: https://discord.com/developers/docs/resources/guild#modify-guild-member.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: Annotated[float, Field(gt=0.0, le=1_000.0)]
    action: EscalationAction
    seconds: Annotated[int, Field(ge=1, le=28 * 86_400)] | None = None

    @model_validator(mode="after")
    def _has_its_length(self) -> Self:
        if (self.action is EscalationAction.TIMEOUT) != (self.seconds is not None):
            raise ValueError("a timeout has seconds, and nothing else has")
        return self


class EscalationChoice(BaseModel):
    """Hold a guild's escalation, under the names of `Escalation`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: Annotated[tuple[StepChoice, ...], Field(max_length=10)] = ()
    half_life_h: Annotated[float, Field(ge=0.1, le=8_760.0)] = 24.0
    weights: dict[Label, Annotated[float, Field(ge=0.0, le=100.0)]] = Field(default_factory=dict)

    def escalation(self) -> Escalation:
        """Return this choice as the escalation that it is, its steps in order of their points."""
        steps = (EscalationStep(step.points, step.action, step.seconds) for step in self.steps)
        return Escalation(tuple(sorted(steps, key=lambda step: step.points)), self.half_life_h, self.weights)


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
    exempt_member_ids: ExemptIds | None = None
    channels: Annotated[dict[Snowflake, ChannelChoice], Field(max_length=200)] = Field(default_factory=dict)
    escalation: EscalationChoice | None = None
    retention_days: Annotated[int, Field(ge=1, le=3_650)] | None = None

    @field_validator("channels")
    @classmethod
    def _without_empty_rules(cls, channels: dict[int, ChannelChoice]) -> dict[int, ChannelChoice]:
        return {place_id: rule for place_id, rule in channels.items() if rule != ChannelChoice()}

    def policy(self, defaults: Policy) -> Policy:
        """Return the defaults with this choice laid over them; label by label for thresholds and actions."""
        chosen = {name: getattr(self, name) for name in self.model_fields_set if name not in _MADE_UP}
        laid = replace(defaults, **{name: value for name, value in chosen.items() if value is not None})
        return replace(
            laid,
            channels={place_id: choice.rule() for place_id, choice in self.channels.items()},
            escalation=self.escalation.escalation() if self.escalation is not None else defaults.escalation,
            thresholds={**defaults.thresholds, **self.thresholds},
            actions={**defaults.actions, **self.actions},
        )

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return this choice with `changes`; None takes a value, a label's value or a place's rule back to the default.

        A place's mapping is merged into its rule key by key, thresholds and actions label by label; an escalation
        replaces the whole of it. Idempotent. Raises SettingsError naming the key, and the nearest one for a name that
        is unknown.
        """
        values = self.as_json()
        for name, value in changes.items():
            if name not in type(self).model_fields:
                near = difflib.get_close_matches(name, type(self).model_fields, n=1, cutoff=0.0)
                raise SettingsError(tell("settings.unknown_near", place="guild", nearest=near[0]))
            if value is None:
                values.pop(name, None)
            elif name in _MERGED and isinstance(value, Mapping):
                values[name] = _merged(values.get(name, {}), value)
            else:
                values[name] = value
        return self.from_json(values)

    def as_json(self) -> dict[str, Any]:
        """Return the chosen values alone, as JSON values in a fixed order."""
        values = self.model_dump(mode="json", exclude_defaults=True)
        if rules := values.pop("channels", None):
            values["channels"] = {place_id: rules[place_id] for place_id in sorted(rules, key=int)}
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


def _merged(old: Mapping[str, Any], changes: Mapping[Any, Any]) -> dict[str, Any]:
    """Lay changes over JSON values, mappings into mappings; None takes a key out, and so does an emptied mapping."""
    merged = dict(old)
    for name, value in ((str(name), value) for name, value in changes.items()):
        if isinstance(value, Mapping):
            below = merged.get(name)
            merged[name] = _merged(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[name] = value
    return {name: value for name, value in merged.items() if value is not None and value != {}}
