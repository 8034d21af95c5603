"""What the cogs ask of the masker: inspect a text, mask it, and mask the small texts that stand around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TypeVar

from bot.policy import Decision, LabelAction, Policy, decide
from cogs._watch import Remembered
from masker.aio import AsyncMasker
from masker.masking import MaskedText
from masker.own_terms import OwnTerms
from masker.verdict import Finding, Span, Verdict

SERIES = "series"
"""The detector's name of findings that stand over several messages."""
SMALL_TEXTS = 4_096
"""Names and the like whose verdicts are remembered."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold a text with its verdict and the decision drawn from it."""

    text: str = field(repr=False)
    verdict: Verdict
    decision: Decision


@dataclass(frozen=True, slots=True)
class JudgedSeries:
    """Hold several messages judged as one text, a line each, and the places that they had in the series."""

    judged: Judged
    indexes: tuple[int, ...]

    def among(self, series: Sequence[T]) -> tuple[T, ...]:
        """Return those of the series that were judged."""
        return tuple(series[at] for at in self.indexes)


class Censor:
    """Inspect and mask by a guild's policy, and by its own terms once asked for `of` that guild.

    `guilds` gives the censor of a guild that has terms of its own, None for one that has not.
    """

    def __init__(
        self,
        masker: AsyncMasker,
        deadline_ms: int,
        guilds: Callable[[int], Awaitable[Censor | None]] | None = None,
        *,
        small_texts: int = SMALL_TEXTS,
    ) -> None:
        self._masker = masker
        self._deadline_ms = deadline_ms
        self._guilds = guilds
        self._small: Remembered[str, Verdict] = Remembered(small_texts)

    async def of(self, guild_id: int) -> Censor:
        """Return the censor to judge a guild's messages by. Raises StorageUnavailable."""
        own = await self._guilds(guild_id) if self._guilds is not None else None
        return self if own is None else own

    @property
    def own(self) -> OwnTerms | None:
        """Return the guild's own terms that this censor goes by, if any."""
        return self._masker.masker.own

    async def judge(self, text: str, policy: Policy) -> Judged:
        """Inspect a text and decide by the policy."""
        verdict = await self._masker.inspect(text, deadline_ms=self._deadline_ms)
        return Judged(text, verdict, decide(verdict, policy))

    def judge_series(self, texts: Sequence[str], policy: Policy) -> JudgedSeries | None:
        """Read an author's short messages together, oldest first; None when they spell nothing that policy minds."""
        spelt = self._masker.masker.inspect_series(texts)
        indexes = tuple(sorted({at for finding in spelt for at, _ in finding.spans}))
        starts = dict(zip(indexes, accumulate((len(texts[at]) + 1 for at in indexes), initial=0), strict=False))
        findings = tuple(
            Finding(Span(starts[at] + span.start, starts[at] + span.end), word.label, word.score, SERIES, word.rule)
            for word in spelt
            for at, span in word.spans
        )
        decision = decide(Verdict(findings=findings), policy)
        if decision.action is LabelAction.IGNORE:
            return None
        verdict = Verdict(findings=findings, scores={finding.label: finding.score for finding in findings})
        return JudgedSeries(Judged("\n".join(texts[at] for at in indexes), verdict, decision), indexes)

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
