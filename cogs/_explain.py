"""Explaining a verdict: what is found and by whom, what is done about it in this place, and why the rest is let pass.

One embed, for `/check` and for the message menu alike; what people wrote is shown inert.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import discord
import regex

from bot.policy import Decision, LabelAction, Policy
from bot.texts import text
from cogs._censor import Judged
from cogs._intake import SkipReason, place_of
from cogs._plan import inert
from masker.labels import Label
from masker.verdict import Finding, Rejection, Span, Verdict

LINES = 10
"""Lines of one section."""
WORD_LIMIT = 40
"""Characters shown of one word."""
SHOWN_LIMIT = 200
"""Characters shown of the text as it would stand."""
DESCRIPTION_LIMIT = 4_000
"""An embed's description holds 4,096. Source: Discord's developer docs, "Embed Limits"."""
SCORE_FROM = 0.1
"""Sentence scores lower than this are not told."""

_DETECTORS = frozenset({"lexicon", "classifier", "patterns", "links", "series", "terms"})
_COLOURS = {
    LabelAction.IGNORE: discord.Colour.green(),
    LabelAction.ALERT: discord.Colour.gold(),
    LabelAction.MASK: discord.Colour.orange(),
    LabelAction.DELETE: discord.Colour.red(),
}
_UNSEEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+")
REASONS: Mapping[str, str] = {
    "begins inside another word": "begins",
    "ends inside another word": "ends",
    "goes on as another word": "goes_on",
    "spelt otherwise than the term": "respelt",
    "a code or a formula": "code",
    "only sounds or looks like the term": "alike",
    "counts something": "counted",
    "two words with a space between": "split",
    "stands in a list or a table": "listed",
    "the verb 시키다": "caused",
    "begins inside another row of letters": "row",
    "goes on as another row of letters": "row",
    "one of a row of single letters": "row",
    "not Korean that was typed in Latin": "typed",
    "letters of other words": "letters",
    "letters of two words": "letters",
    "no letter at all": "no_letter",
    "a whole syllable where the term has a letter": "syllable",
    "means this only next to certain words": "company",
    "inside a number or a Latin word": "number",
    "게 is a word of its own": "own_word",
    "quoted by 라고 or 라는": "quoted",
    "inside a word on the allowlist": "allowed",
    "reads as other words": "other_words",
    "sense name": "name",
    "sense code": "code",
    "sense language": "language",
}
"""The names of the texts that tell the masker's reasons for turning something down; others are told as a whole."""


@dataclass(frozen=True, slots=True)
class Here:
    """Hold what decides in a place: its policy, the places whose own rules are in it, whose words were never read.

    `skip` is why a message of this author's is not read here at all. `rules` are the guild's own terms by rule.
    """

    policy: Policy
    places: tuple[int, ...] = ()
    skip: SkipReason | None = None
    rules: Mapping[str, str] = field(default_factory=dict)


def here_of(policy: Policy, channel: object, skip: SkipReason | None, rules: Mapping[str, str]) -> Here:
    """Return what decides in a channel; `policy` is the guild's."""
    places, _ = place_of(channel)
    return Here(policy.at(*places), tuple(place for place in places if place in policy.channels), skip, rules)


def explained(judged: Judged, here: Here, locale: str, *, masked: str = "") -> discord.Embed:
    """Return in words what is found in a text, what is done about it here, and why the rest is let pass.

    `masked` is how the text would stand, shown when it would be masked.
    """
    verdict, decision = judged.verdict, judged.decision
    head = [text(f"check.preset_{here.policy.preset}", locale)]
    head += [text("check.places", locale, places=" ".join(f"<#{place}>" for place in here.places))] * bool(here.places)
    if here.skip is not None:
        head.append(text(f"check.skip_{here.skip}", locale))
    elif decision.observe and decision.action is not LabelAction.IGNORE:
        head.append(text("check.observing", locale))
    if masked and decision.action is LabelAction.MASK:
        head.append(text("check.masked", locale, masked=_seen(masked, SHOWN_LIMIT)))
    sections = [
        ("acted", [_acted(one, judged.text, here, locale) for one in decision.findings]),
        ("passed", list(_passed(judged, here, locale))),
        ("rejected", list(_rejected(verdict.rejections, judged.text, here, locale))),
        ("scores", list(_scores(verdict, here.policy, locale)) if verdict.model else []),
        ("incomplete", [text("check.stage_missing", locale)] * (not verdict.complete)),
    ]
    parts = ["\n".join(head)]
    parts += [_section(name, lines, locale) for name, lines in sections if lines]
    if not (verdict.findings or verdict.rejections):
        parts.append(text("check.nothing", locale))
    done = LabelAction.IGNORE if here.skip is not None else decision.action
    embed = discord.Embed(title=text(f"check.title_{done}", locale), description=_fitted(parts), colour=_COLOURS[done])
    if verdict.model:
        embed.set_footer(text=text("check.model", locale, model=_plain(verdict.model, WORD_LIMIT)))
    return embed


def _section(name: str, lines: Sequence[str], locale: str) -> str:
    kept = list(dict.fromkeys(lines))
    more = [text("check.more", locale, count=len(kept) - LINES)] if len(kept) > LINES else []
    return "\n".join([f"**{text(f'check.head_{name}', locale)}**", *kept[:LINES], *more])


def _fitted(parts: Iterable[str]) -> str:
    """Return whole parts as far as they fit; the last one that does not is cut at a line's end."""
    shown = "\n\n".join(parts)
    if len(shown) <= DESCRIPTION_LIMIT:
        return shown
    return shown[: shown.rfind("\n", 0, DESCRIPTION_LIMIT - 2)] + "\n…"


def _acted(finding: Finding, content: str, here: Here, locale: str) -> str:
    done = text(f"check.does_{here.policy.action_on(finding)}", locale)
    return f"{_line(finding, content, here, locale)} → {done}"


def _passed(judged: Judged, here: Here, locale: str) -> Iterator[str]:
    """Yield what was found and is let pass, and why."""
    acted: Decision = judged.decision
    thresholds = here.policy.effective_thresholds()
    for finding in judged.verdict.findings:
        if finding in acted.findings:
            continue
        if finding.score < thresholds[finding.label]:
            key = "check.under"
        elif here.policy.action_for(finding.label) is LabelAction.IGNORE:
            key = "check.label_ignored"
        else:
            key = "check.mention_ignored"
        yield f"{_line(finding, judged.text, here, locale)} → {text(key, locale)}"


def _line(finding: Finding, content: str, here: Here, locale: str) -> str:
    """Return what stands where, how surely, against which threshold, who said so, and by which rule."""
    threshold = here.policy.effective_thresholds()[finding.label]
    detector = finding.detector
    by = [text(f"alert.detector_{detector}", locale) if detector in _DETECTORS else _seen(detector, WORD_LIMIT)]
    rule = here.rules.get(finding.rule or "", finding.rule)
    by += [f"“{_seen(rule, WORD_LIMIT)}”"] if rule else []
    by += [text(f"check.basis_{finding.basis}", locale)] if detector != "classifier" else []
    by += [text("check.mention", locale)] if finding.mention else []
    sign = "≥" if finding.score >= threshold else "<"
    label = text(f"label.{finding.label}", locale)
    return f"- **{_word(content, finding.span)}** {label} {finding.score:.2f} {sign} {threshold:.2f} · {' · '.join(by)}"


def _rejected(rejections: Iterable[Rejection], content: str, here: Here, locale: str) -> Iterator[str]:
    """Yield what looked like an offence and is none, and why."""
    for one in rejections:
        label = text(f"label.{one.label}", locale)
        yield f"- **{_word(content, one.span)}** ({label}?) {reason_told(one.reason, locale)}"


def reason_told(reason: str, locale: str) -> str:
    """Return in words why something was turned down."""
    if reason.startswith("exception "):
        return text("check.reason_exception", locale, place=_seen(reason.removeprefix("exception "), WORD_LIMIT))
    name = REASONS.get(reason, "sense" if reason.startswith("sense ") else "other")
    return text(f"check.reason_{name}", locale)


def _scores(verdict: Verdict, policy: Policy, locale: str) -> Iterator[str]:
    """Yield the text's score on each label that has one worth telling, the highest first."""
    thresholds = policy.effective_thresholds()
    told: list[tuple[Label, float]] = [(label, score) for label, score in verdict.scores.items() if score >= SCORE_FROM]
    for label, score in sorted(told, key=lambda pair: -pair[1])[:5]:
        yield f"- {text(f'label.{label}', locale)} {score:.2f} / {thresholds[label]:.2f}"


def _word(content: str, span: Span) -> str:
    return _seen(content[span.start : span.end], WORD_LIMIT) or "·"


def _seen(words: str, limit: int) -> str:
    """Return words inert and with nothing unseen in them, cut."""
    return inert(_plain(words, limit))


def _plain(words: str, limit: int) -> str:
    """Return words with nothing unseen in them, cut; for places that know no markup."""
    plain = " ".join(_UNSEEN.sub(" ", words).split())
    return plain if len(plain) <= limit else f"{plain[: limit - 1]}…"
