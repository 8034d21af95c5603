"""Mask spans of a text with an operator, safely inside Discord Markdown.

Laws, property-tested: what is outside every masked span is byte-identical; masking is order-free and idempotent; the
star operator keeps the number of grapheme clusters; no letter of a masked span survives, and nothing invisible beside
it does.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from masker.errors import SpanError
from masker.labels import Label
from masker.markdown import constructs, line_marks, pairing_marks
from masker.normalise import Clusters, is_ignorable
from masker.normalise.view import cluster_starts
from masker.verdict import Span, merge_spans

STAR = "●"
"""U+25CF: no Markdown, no letter, no emoji, and one column wide in Discord's fonts."""

LABEL_NAMES: Mapping[Label, str] = {
    Label.PROFANITY: "욕설", Label.INSULT: "모욕", Label.SEXUAL: "음란", Label.THREAT: "위협",
    Label.GENDER: "성별 비하", Label.SEXUALITY: "성소수자 비하", Label.RACE: "인종 비하", Label.ORIGIN: "출신 비하",
    Label.AGE: "연령 비하", Label.RELIGION: "종교 비하", Label.POLITICS: "정치 비하", Label.PHYSICAL: "외모 비하",
    Label.DISABILITY: "장애 비하",
}  # fmt: skip
UNLABELLED = "가림"
_WRITTEN = {form.format(name) for name in (*LABEL_NAMES.values(), UNLABELLED) for form in ("【{}】", "||【{}】||")}


@dataclass(frozen=True, slots=True)
class MaskedText:
    """Hold the masked text and where its masks stand in it, in order.

    `widened` says how far masks had to grow so that nothing shows through: "words", "lines", "all"; or "", not at all.
    """

    text: str
    spans: tuple[Span, ...]
    widened: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Hand an operator one stretch to hide: its grapheme clusters, its label's name, and if markup is unwelcome."""

    clusters: tuple[str, ...]
    name: str
    first: bool
    plain: bool


Operator = Callable[[Piece], str]


def star(piece: Piece) -> str:
    """Hide every grapheme cluster behind one star."""
    return STAR * len(piece.clusters)


def keep_first(piece: Piece) -> str:
    """Leave the first letter, bare of anything invisible, and hide the rest; a single letter is hidden."""
    head = unicodedata.normalize("NFC", piece.clusters[0])[:1]
    if not piece.first or len(piece.clusters) < 2 or not (head.isalpha() or head == STAR):
        return star(piece)
    return head + STAR * (len(piece.clusters) - 1)


def label(piece: Piece) -> str:
    """Write the label's name once in brackets that Discord does not read as a link."""
    already = "".join(piece.clusters)
    if already in _WRITTEN:
        return already
    return f"【{piece.name}】" if piece.first else ""


def spoiler_label(piece: Piece) -> str:
    """Write the label behind a spoiler, or bare where a spoiler would break the markup around it."""
    if piece.plain or not piece.first or "".join(piece.clusters) in _WRITTEN:
        return label(piece)
    return f"||{label(piece)}||"


OPERATORS: Mapping[str, Operator] = {
    "star": star,
    "keep_first": keep_first,
    "label": label,
    "spoiler_label": spoiler_label,
}


def mask(
    text: str, spans: Iterable[Span], operator: str = "star", labels: Mapping[Span, Label] | None = None
) -> MaskedText:
    """Return the text with every span hidden.

    A span grows to whole grapheme clusters, to the whole of a mention, custom emoji or link target that it touches, and
    over invisible neighbours. Line breaks, line marks, and marks that pair with one outside stay where they are: so
    the markup around a mask means what it meant. Labels name a mask by the first labelled span inside it.
    The result may be longer than the text for the label operators. Raises SpanError for a span outside the text,
    ValueError for an unknown operator.
    """
    if operator not in OPERATORS:
        raise ValueError(f"no operator named {operator!r}; known are {', '.join(OPERATORS)}")
    wanted = merge_spans(spans)
    if not wanted:
        return MaskedText(text, ())
    if wanted[-1].end > len(text):
        raise SpanError(
            f"the span [{wanted[-1].start}, {wanted[-1].end}) ends outside a text of {len(text)} code points"
        )
    clusters = Clusters(text)
    grown = _grown(text, wanted, clusters)
    out: list[str] = []
    done: list[Span] = []
    at = length = 0
    kept = _Kept(text, grown, clusters)
    for span in grown:
        out.append(text[at : span.start])
        length += span.start - at
        name = _name_of(span, labels or {})
        first = True
        for start, end, hide in kept.pieces(span):
            if hide:
                piece = Piece(_clusters_in(text, clusters, start, end), name, first, kept.plain(span))
                written = OPERATORS[operator](piece)
                first = False
            else:
                written = "".join(char for char in text[start:end] if not is_ignorable(char))
            out.append(written)
            if hide and written:
                done.append(Span(length, length + len(written)))
            length += len(written)
        at = span.end
    out.append(text[at:])
    return MaskedText("".join(out), merge_spans(done))


def _clusters_in(text: str, clusters: Clusters, start: int, end: int) -> tuple[str, ...]:
    lowest = bisect_left(clusters.starts, start)
    starts = clusters.starts[lowest : bisect_left(clusters.starts, end)] or [start]
    return tuple(text[a:b] for a, b in zip(starts, [*starts[1:], end], strict=True))


def _name_of(span: Span, labels: Mapping[Span, Label]) -> str:
    inside = sorted(labelled for labelled in labels if labelled.overlaps(span))
    return LABEL_NAMES[labels[inside[0]]] if inside else UNLABELLED


def covered(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the stretches of the original that `mask` would hide for these spans; the rest stays byte-identical."""
    return _grown(text, merge_spans(spans), Clusters(text))


def _grown(text: str, spans: Iterable[Span], clusters: Clusters) -> tuple[Span, ...]:
    """Widen each span to whole clusters and constructs, and over the invisible around it, until nothing changes."""
    whole = constructs(text)
    starts = [construct.start for construct in whole]
    grown = []
    for span in spans:
        start, end = span.start, span.end
        while True:
            before = (start, end)
            start, end = clusters.cover(start, end)
            first = max(0, bisect_right(starts, start) - 2)
            for index in range(first, len(whole)):
                construct = whole[index]
                if construct.start >= end:
                    break
                if construct.whole and construct.end > start:
                    start, end = min(start, construct.start), max(end, construct.end)
            start, end = _over_invisible(text, clusters, start, end)
            if (start, end) == before:
                break
        grown.append(Span(start, end))
    return merge_spans(grown)


def _over_invisible(text: str, clusters: Clusters, start: int, end: int) -> tuple[int, int]:
    """Widen over clusters that show nothing, and over what would join a star to one cluster (a stray skin tone)."""
    while start > 0:
        before = clusters.around(start - 1)[0]
        if not _hides(text[before:start]):
            break
        start = before
    while end < len(text):
        after = clusters.around(end)[1]
        if not _hides(text[end:after]) and len(cluster_starts(STAR + text[end])) > 2:
            break
        end = after
    return start, end


def _hides(cluster: str) -> bool:
    """Tell whether a grapheme cluster shows nothing, or carries tag characters on anything but a flag."""
    tagged = any("\U000e0000" <= char <= "\U000e0fff" for char in cluster)
    return (tagged and cluster[0] != "\U0001f3f4") or all(is_ignorable(char) for char in cluster)


_BREAK_RE = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+")


class _Kept:
    """Know which stretches inside a span must stay: line breaks, line marks, and marks with a partner outside."""

    def __init__(self, text: str, spans: Sequence[Span], clusters: Clusters) -> None:
        self._text = text
        self._clusters = clusters
        self._spans = spans
        self._links = [place for place in constructs(text) if not place.whole]
        self._starts = [span.start for span in spans]
        marks = pairing_marks(text)
        self._outside = {text[start] for start, end in marks if not self._inside(start, end)}
        stay = [(start, end) for start, end in marks if text[start] in self._outside]
        stay += [mark for mark in line_marks(text) if not self._numbered(*mark)]
        stay += [match.span() for match in _BREAK_RE.finditer(text)]
        self._stay = list(merge_spans(Span(start, end) for start, end in stay))
        self._stay_ends = [span.end for span in self._stay]

    def _inside(self, start: int, end: int) -> bool:
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and self._spans[at].end >= end

    def _numbered(self, start: int, end: int) -> bool:
        """Tell whether a span begins in this line mark and hides its number (`\\d{6}` on `123456. 안녕`)."""
        at = bisect_left(self._starts, start)
        begins = at < len(self._starts) and self._starts[at] < end
        return begins and any(char.isdigit() for char in self._text[self._starts[at] : min(end, self._spans[at].end)])

    def plain(self, span: Span) -> bool:
        """Tell whether a spoiler cannot be written here: in a link, beside marks, with spoilers or code elsewhere."""
        if any(link.start <= span.start < link.end for link in self._links):
            return True
        around = self._text[max(0, span.start - 1) : span.start] + self._text[span.end : span.end + 1]
        return bool(self._outside & {"|", "`"}) or any(char in "|`\\" for char in around)

    def pieces(self, span: Span) -> list[tuple[int, int, bool]]:
        """Return the span cut into stretches `(start, end, hide)`, each of whole grapheme clusters."""
        cut: list[tuple[int, int, bool]] = []
        at = span.start
        for index in range(bisect_right(self._stay_ends, span.start), len(self._stay)):
            if self._stay[index].start >= span.end:
                break
            start = max(at, self._clusters.around(max(self._stay[index].start, span.start))[0])
            end = self._clusters.around(min(self._stay[index].end, span.end) - 1)[1]
            if start > at:
                cut.append((at, start, True))
            if end > max(at, start):
                cut.append((start, end, False))
                at = end
        if at < span.end:
            cut.append((at, span.end, True))
        return cut
