"""Settings in words: how a value is shown on the panel, in an answer, in the record and before an import."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bot.texts import text

IDS_SHOWN = 30
"""As many mentions as fit into an embed's field (1,024 characters) with room to spare."""
RULES_SHOWN, RULE_LIMIT = 12, 70

_EXEMPT = {"exempt_role_ids": "<@&{}>", "exempt_channel_ids": "<#{}>", "exempt_member_ids": "<@{}>"}
_PER_LABEL = ("thresholds", "actions")


def named(key: str, locale: str) -> str:
    """Return a setting's name."""
    return text(f"panel.field_{key}", locale)


def described(key: str, value: Any, locale: str) -> str:
    """Return a setting's value, as JSON or as the policy has it, in words; None is the default."""
    if value is None:
        return text("panel.value_default", locale)
    if key in _EXEMPT:
        return listed(_EXEMPT[key], value) or text("panel.value_none", locale)
    match key:
        case "preset" | "notice" | "operator":
            return text(f"panel.{key}_{value}", locale)
        case "mentions":
            return text(f"panel.action_{value}", locale)
        case "observe":
            return text("panel.value_on" if value else "panel.value_off", locale)
        case "locale":
            return text(f"panel.language_{value}", locale)
        case "alert_channel_id":
            return f"<#{value}>"
        case "retention_days":
            return text("panel.value_days", locale, days=value)
        case "thresholds":
            return ", ".join(f"{_label(label, locale)} {score:.2f}" for label, score in value.items())
        case "actions":
            return ", ".join(f"{_label(label, locale)}: {_action(action, locale)}" for label, action in value.items())
        case "escalation":
            return escalated(value, locale)
        case _:
            return ruled(value, locale)


def listed(form: str, ids: Collection[int | str]) -> str:
    """Return ids as mentions: as many as `IDS_SHOWN`, and how many more there are."""
    shown = sorted(int(one) for one in ids)[:IDS_SHOWN]
    more = f" +{len(ids) - len(shown)}" if len(ids) > len(shown) else ""
    return " ".join(form.format(one) for one in shown) + more


def ruled(rules: Mapping[Any, Mapping[str, Any]], locale: str) -> str:
    """Return the rules of channels and categories, a line each: as many as `RULES_SHOWN`, and how many more."""
    lines = [f"<#{place_id}> {rule_words(rule, locale)}" for place_id, rule in list(rules.items())[:RULES_SHOWN]]
    return "\n".join([*lines, *([f"+{len(rules) - RULES_SHOWN}"] if len(rules) > RULES_SHOWN else [])])


def rule_words(rule: Mapping[str, Any] | None, locale: str) -> str:
    """Return one place's rule in words, at most `RULE_LIMIT` characters of it."""
    said = [_in_rule(key, value, locale) for key, value in (rule or {}).items() if value is not None and value != {}]
    words = " · ".join(said) or text("panel.value_as_above", locale)
    return words if len(words) <= RULE_LIMIT else f"{words[: RULE_LIMIT - 1]}…"


def _in_rule(key: str, value: Any, locale: str) -> str:
    if key == "observe":
        return text("panel.rule_observe" if value else "panel.rule_act", locale)
    words = described(key, value, locale)
    return words if key in ("preset", *_PER_LABEL) else f"{named(key, locale)}: {words}"


def escalated(escalation: Mapping[str, Any], locale: str) -> str:
    """Return an escalation's steps, its half-life and its own weights in words."""
    steps = sorted(escalation.get("steps", ()), key=lambda step: float(step["points"]))
    if not steps:
        return text("panel.value_none", locale)
    lines = [step_words(step, locale) for step in steps]
    lines.append(text("panel.escalation_half", locale, hours=f"{escalation.get('half_life_h', 24.0):g}"))
    if weights := escalation.get("weights"):
        lines.append(", ".join(f"{_label(label, locale)} ×{weight:g}" for label, weight in weights.items()))
    return "\n".join(lines)


def step_words(step: Mapping[str, Any], locale: str) -> str:
    """Return one step of an escalation in words."""
    points = f"{step['points']:g}"
    if (seconds := step.get("seconds")) is not None:
        return text("panel.step_timeout", locale, points=points, minutes=f"{seconds / 60:g}")
    return text(f"panel.step_{step['action']}", locale, points=points)


def told(key: str, old: Any, new: Any, locale: str) -> list[str]:
    """Return the lines that tell how one setting went from `old` to `new` (JSON values): what differs, and no more."""
    name = named(key, locale)
    if key in _EXEMPT:
        return [f"**{name}** {_toggled(key, old, new, locale)}"]
    if key in _PER_LABEL:
        return [
            f"**{name}** {_label(label, locale)}: {_one(key, before, locale)} → {_one(key, after, locale)}"
            for label, before, after in _differing(old, new)
        ]
    if key == "channels":
        return [
            f"**{name}** <#{place_id}>: {rule_words(before, locale)} → {rule_words(after, locale)}"
            for place_id, before, after in _differing(old, new)
        ]
    if key == "escalation":
        return [f"**{name}**\n{described(key, new, locale)}"]
    return [f"**{name}** {described(key, old, locale)} → {described(key, new, locale)}"]


def _toggled(key: str, old: Any, new: Any, locale: str) -> str:
    before, after = set(old or ()), set(new or ())
    changed = [("+", after - before), ("−", before - after)]
    marks = " ".join(f"{sign} {listed(_EXEMPT[key], ids)}" for sign, ids in changed if ids)
    return marks or described(key, new, locale)


def _differing(old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield each name of two mappings (None: nothing) under which they differ, with both values."""
    before, after = dict(old or {}), dict(new or {})
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)


def _one(key: str, value: Any, locale: str) -> str:
    if value is None:
        return text("panel.value_default", locale)
    return f"{value:.2f}" if key == "thresholds" else _action(value, locale)


def _label(label: str, locale: str) -> str:
    return text(f"label.{label}", locale)


def _action(action: str, locale: str) -> str:
    return text(f"panel.action_{action}", locale)
