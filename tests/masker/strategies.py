"""Texts that try to break things: every class of disguise, markup and stray Unicode, mixed at random."""

from __future__ import annotations

from hypothesis import strategies as st

from masker import Span

WORDS = (
    "시발", "개새끼", "병신", "ㅅㅂ", "ㅄ", "ㅅ", "ㅣ", "ㅂ", "발", "씨", "놈아", "fuck", "f", "u", "c", "k", "sh1t",
    "tlqkf", "18", "8", "1", "안녕", "다시 발급", "시발점", "고양이 새끼", "class", "ㅋㅋ",
    "ㅠㅠ", "ﾵ", "ￜ", "𝓯", "ⓕ", "ѕ", "㉦",
    "\u1109", "\u1175", "\u1107", "\u1161", "\u11af",
)  # fmt: skip
GAPS = (
    " ", "  ", "\n", "\r\n", "\t", ".", "!", "^^", "😀", "👨\u200d👩\u200d👧", "🇰🇷", "❤\ufe0f", "\u200b", "\u200d",
    "\u2060", "\ufeff", "\u0301", "\u0336", "\ufe0f", "\U000e0041", "\u202e", "\u3164", "%",
)  # fmt: skip
MARKUP = (
    "*", "**", "_", "__", "~~", "||", "`", "```", "\\", "> ", "- ", "# ", "1. ", "[", "](", ")", "<", ">", "https://a.b/시발",
    "https://a.b/%EC%8B%9C%EB%B0%9C", "<@123456789012345678>", "<:시발:123456789012345678>", "<t:1700000000:R>",
)  # fmt: skip
FRAGMENTS = (*WORDS, *GAPS, *MARKUP)

any_text = st.text(max_size=80)
hostile_text = st.lists(st.sampled_from(FRAGMENTS) | st.characters(), max_size=24).map("".join)
texts = any_text | hostile_text


@st.composite
def texts_with_spans(draw: st.DrawFn, source: st.SearchStrategy[str] = texts) -> tuple[str, list[Span]]:
    """Draw a text and up to four spans inside it, overlapping or not, in any order."""
    text = draw(source.filter(bool))
    spans = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text) - 1))
        spans.append(Span(start, draw(st.integers(start + 1, min(len(text), start + 12)))))
    return text, spans
