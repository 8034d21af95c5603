"""Policy: what a guild wants done, and the pure decision drawn from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.escalation import Escalation
from masker.labels import Label
from masker.presets import Preset, Thresholds, thresholds_for
from masker.verdict import Finding, Span, Verdict, merge_spans


class LabelAction(StrEnum):
    """Name what is done with a message flagged under one label, from the mildest to the strongest."""

    IGNORE = "ignore"
    ALERT = "alert"
    MASK = "mask"
    DELETE = "delete"


_STRENGTH = {action: rank for rank, action in enumerate(LabelAction)}


class Notice(StrEnum):
    """Name how the author learns of it: not at all, by the button on the repost, or by the button and a DM."""

    NONE = "none"
    BUTTON = "button"
    DM = "dm"


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """Hold what a channel, category or thread does otherwise than what is above it; None: as above.

    Thresholds and actions are laid over label by label.
    """

    preset: Preset | None = None
    thresholds: Mapping[Label, float] = field(default_factory=dict)
    actions: Mapping[Label, LabelAction] = field(default_factory=dict)
    mentions: LabelAction | None = None
    observe: bool | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Hold one guild's thresholds and actions. Ids are Discord snowflakes.

    `mentions` is the most that is done about a word only quoted or talked about ('시발'이라는 말은 쓰지 맙시다).
    `observe` records what would have been done and touches nothing. `channels` holds rules by the id of a channel,
    category or thread. `retention_days` is how long members' words are kept; None: as long as the operator says.
    """

    preset: Preset = Preset.STANDARD
    thresholds: Mapping[Label, float] = field(default_factory=dict)
    actions: Mapping[Label, LabelAction] = field(default_factory=dict)
    mentions: LabelAction = LabelAction.MASK
    operator: str = "star"
    notice: Notice = Notice.BUTTON
    observe: bool = False
    locale: str = "ko"
    alert_channel_id: int | None = None
    exempt_role_ids: frozenset[int] = frozenset()
    exempt_channel_ids: frozenset[int] = frozenset()
    exempt_member_ids: frozenset[int] = frozenset()
    channels: Mapping[int, ChannelRule] = field(default_factory=dict)
    escalation: Escalation = field(default_factory=Escalation)
    retention_days: int | None = None

    def at(self, *place_ids: int) -> Policy:
        """Return the policy that holds in a place: the rules of its category, channel and thread, laid over in order.

        Without a rule it is the policy itself; of two rules the later wins, label by label.
        """
        laid = self
        for rule in (self.channels[place_id] for place_id in place_ids if place_id in self.channels):
            laid = replace(
                laid,
                preset=rule.preset or laid.preset,
                thresholds={**laid.thresholds, **rule.thresholds},
                actions={**laid.actions, **rule.actions},
                mentions=rule.mentions or laid.mentions,
                observe=laid.observe if rule.observe is None else rule.observe,
                operator=rule.operator or laid.operator,
            )
        return laid

    def effective_thresholds(self) -> Thresholds:
        """Return the preset's thresholds with this guild's own laid over them."""
        return thresholds_for(self.preset, self.thresholds)

    def action_for(self, label: Label) -> LabelAction:
        """Return the action for a label; masking where the guild said nothing."""
        return self.actions.get(label, LabelAction.MASK)

    def action_on(self, finding: Finding) -> LabelAction:
        """Return the action for a finding: its label's, or the milder one for mentions where it is one."""
        action = self.action_for(finding.label)
        return min(action, self.mentions, key=_STRENGTH.__getitem__) if finding.mention else action


@dataclass(frozen=True, slots=True)
class Decision:
    """Say what is to be done with one message, and on what grounds.

    `spans` are merged, in text order, and what `mask` takes; empty unless `action` is MASK.
    """

    action: LabelAction
    findings: tuple[Finding, ...] = ()
    spans: tuple[Span, ...] = ()
    operator: str = "star"
    notice: Notice = Notice.NONE
    observe: bool = False


def decide(verdict: Verdict, policy: Policy) -> Decision:
    """Draw the decision from a verdict: thresholds per label, then the strongest action that any finding asks for.

    Order-free in the findings and monotone: one more finding never makes the action milder nor a masked span smaller.
    """
    flagged = tuple(
        finding
        for finding in verdict.flagged(policy.effective_thresholds())
        if policy.action_on(finding) is not LabelAction.IGNORE
    )
    if not flagged:
        return Decision(LabelAction.IGNORE)
    action = max((policy.action_on(finding) for finding in flagged), key=_STRENGTH.__getitem__)
    spans = merge_spans(finding.span for finding in flagged) if action is LabelAction.MASK else ()
    return Decision(action, flagged, spans, policy.operator, policy.notice, policy.observe)
