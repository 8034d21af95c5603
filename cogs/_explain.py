"""Explaining a verdict: which spans were found, by whom and how surely, and what the thresholds make of them."""

from __future__ import annotations

from bot.policy import LabelAction, Policy, decide
from bot.texts import text
from cogs._plan import inert
from masker.verdict import Verdict

LINES = 15


def explained(content: str, verdict: Verdict, policy: Policy, locale: str) -> str:
    """Return in words what the bot finds in a text, and what it would do."""
    decision = decide(verdict, policy)
    thresholds = policy.effective_thresholds()
    lines = []
    for finding in sorted(verdict.findings, key=lambda one: (one.span, one.label))[:LINES]:
        word = inert(content[finding.span.start : finding.span.end][:50])
        label = text(f"label.{finding.label}", locale)
        key = "check.found" if finding in decision.findings else "check.passed"
        threshold = f"{thresholds[finding.label]:.2f}"
        lines.append(text(key, locale, word=word, label=label, score=f"{finding.score:.2f}", threshold=threshold))
    head = "check.clean" if decision.action is LabelAction.IGNORE else "check.flagged"
    return "\n".join([text(head, locale), *lines])
