"""What a term would have hit: the originals of a server's last incidents read by it alone, and examples, masked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.incidents import Incident
from bot.policy import Decision, LabelAction, Policy
from bot.texts import text
from cogs._censor import Censor, Judged
from cogs._plan import inert
from masker.labels import Label
from masker.own_terms import OwnTerms
from masker.verdict import Finding, Span, Verdict, merge_spans

INCIDENTS_READ = 200
EXAMPLES = 3
EXAMPLE_LIMIT = 90
"""Characters of one example."""
EVERYDAY = (
    "안녕하세요, 오늘 점심 뭐 먹을까요?",
    "네 알겠습니다. 감사합니다!",
    "ㅋㅋㅋㅋ 그거 진짜 웃기네",
    "내일 회의는 3시에 시작해요",
    "https://example.com/2024/notice",
    "이번 주말에 게임 같이 하실 분 있나요",
    "Hello everyone, how are you today?",
    "ok thanks, see you tomorrow :)",
)
"""What people say every day: a term that hits these is too wide."""


@dataclass(frozen=True, slots=True)
class Look:
    """Hold what a look back found: incidents read, those hit, those of which nothing would be left to mask."""

    read: int = 0
    hit: int = 0
    whole: int = 0
    examples: tuple[str, ...] = ()
    everyday: str = ""


def look_back(incidents: Sequence[Incident], own: OwnTerms, censor: Censor, policy: Policy) -> Look:
    """Read the originals by these terms alone; `censor` and `policy` mask the examples. Too slow for the event loop.

    Terms that allow are counted by what the bot had found inside them, those that block by what they find.
    """
    read = hit = whole = 0
    examples: list[str] = []
    for incident in incidents:
        original = incident.draft.original
        if incident.erased or not original:
            continue
        read += 1
        known = list(_known(incident))
        left = _left(own, original, known) if own.allow else known
        found = own.detect(original).findings
        if not found and len(left) == len(known):
            continue
        hit += 1
        whole += not left and not found
        if len(examples) < EXAMPLES:
            examples.append(_example(original, [*left, *found], censor, policy))
    return Look(read, hit, whole, tuple(examples), next((talk for talk in EVERYDAY if own.detect(talk).findings), ""))


def told(look: Look, locale: str, *, allows: bool) -> list[str]:
    """Return the lines that tell of a look back."""
    lines = [text("terms.preview_none", locale)]
    if look.read and allows:
        lines = [text("terms.preview_allow", locale, read=look.read, hit=look.hit, whole=look.whole)]
    elif look.read:
        lines = [text("terms.preview_block", locale, read=look.read, hit=look.hit)]
    lines += [f"> {inert(example)}" for example in look.examples]
    if look.everyday and not allows:
        lines.append(text("terms.preview_everyday", locale, example=inert(look.everyday)))
    return lines


def _known(incident: Incident) -> Iterator[Finding]:
    """Yield what the bot found then, as far as it lies within the original."""
    for span in incident.draft.verdict.get("spans", ()):
        if 0 <= span["start"] < span["end"] <= len(incident.draft.original):
            yield Finding(
                Span(span["start"], span["end"]), Label(span["label"]), float(span["score"]), span["detector"]
            )


def _left(own: OwnTerms, original: str, known: Sequence[Finding]) -> list[Finding]:
    places = own.allowed_in(original)
    return [one for one in known if not any(at.start <= one.span.start and one.span.end <= at.end for at in places)]


def _example(original: str, findings: Sequence[Finding], censor: Censor, policy: Policy) -> str:
    """Return the words around the first mask, everything that was or would be found masked."""
    spans = merge_spans(one.span for one in findings)
    masked = censor.masked(Judged(original, Verdict(), Decision(LabelAction.MASK, tuple(findings), spans)), policy).text
    first = min((at for mark in ("●", "█") if (at := masked.find(mark)) >= 0), default=0)
    start = max(0, first - EXAMPLE_LIMIT // 3)
    shown = " ".join(masked[start : start + EXAMPLE_LIMIT].split())
    return ("…" if start else "") + shown + ("…" if start + EXAMPLE_LIMIT < len(masked) else "")
