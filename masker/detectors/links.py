"""Percent-encoded words inside links: the reader of a link sees them decoded, so the lexicon reads them decoded too."""

from __future__ import annotations

from masker.detectors.lexicon import Detection, LexiconDetector
from masker.markdown import constructs, hidden_text
from masker.verdict import Finding, Span

NAME = "links"


def detect_in_links(text: str, lexicon: LexiconDetector) -> Detection:
    """Return a finding over the whole of each link whose decoded address holds a term."""
    if "%" not in text:
        return Detection()
    found: list[Finding] = []
    for construct in constructs(text):
        decoded = hidden_text(text, construct)
        if not decoded:
            continue
        span = Span(construct.start, construct.end)
        best: dict[tuple[str, str | None], Finding] = {}
        for inner in lexicon.detect(decoded).findings:
            best[inner.label, inner.rule] = Finding(span, inner.label, inner.score, NAME, inner.rule)
        found.extend(best.values())
    return Detection(tuple(found))
