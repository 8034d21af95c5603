"""What the cogs ask of the masker: inspect a text, mask it, and mask the small texts that stand around it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.policy import Decision, LabelAction, Policy, decide
from cogs._watch import Remembered
from masker.aio import AsyncMasker
from masker.masking import MaskedText
from masker.verdict import Verdict

SMALL_TEXTS = 4_096
"""Names and the like whose verdicts are remembered."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold a text with its verdict and the decision drawn from it."""

    text: str = field(repr=False)
    verdict: Verdict
    decision: Decision


class Censor:
    """Inspect and mask by a guild's policy."""

    def __init__(self, masker: AsyncMasker, deadline_ms: int) -> None:
        self._masker = masker
        self._deadline_ms = deadline_ms
        self._small: Remembered[str, Verdict] = Remembered(SMALL_TEXTS)

    async def judge(self, text: str, policy: Policy) -> Judged:
        """Inspect a text and decide by the policy."""
        verdict = await self._masker.inspect(text, deadline_ms=self._deadline_ms)
        return Judged(text, verdict, decide(verdict, policy))

    def masked(self, judged: Judged, policy: Policy) -> MaskedText:
        """Mask what was flagged; the result is inspected again, and the masks widened where something still shows."""
        decision = judged.decision
        return self._masker.masker.mask_verified(
            judged.text, decision.findings, policy.effective_thresholds(), decision.operator
        )

    async def cover(self, text: str, policy: Policy) -> str:
        """Mask whatever is flagged in a small text that will stand beside a repost: a name, a quotation, a file's name.

        Whatever the guild does with a label in messages, here it is masked: this text is shown again by us.
        """
        verdict = self._small.get(text)
        if verdict is None:
            verdict = await self._masker.inspect(text, deadline_ms=self._deadline_ms)
            if verdict.complete:
                self._small.put(text, verdict)
        masking = Policy(preset=policy.preset, thresholds=policy.thresholds, operator="star")
        decision = decide(verdict, masking)
        if decision.action is LabelAction.IGNORE:
            return text
        return self.masked(Judged(text, verdict, decision), masking).text
