"""Texts that try to break things: every class of disguise, markup and stray Unicode, mixed at random."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

from bot.bench.corpus import chat_lines
from bot.bench.text_cases import PUBLISHED, read_set
from masker import Span
from masker.detectors.lexicon import embedded_lexicon

WORDS = (
    "시발", "개새끼", "병신", "ㅅㅂ", "ㅄ", "ㅅ", "ㅣ", "ㅂ", "발", "씨", "놈아", "fuck", "f", "u", "c", "k", "sh1t",
    "tlqkf", "18", "8", "1", "안녕", "다시 발급", "시발점", "고양이 새끼", "class", "ㅋㅋ",
    "무지개떡", "무지개", "quokka", "discord.gg/abc", "900101-1234567",
    "ㅠㅠ", "쒸뷀", "si", "gae새끼", "シバル", "ﾊ", "ﾞ", "氏", "려차", "끼새개",
    "ﾵ", "ￜ", "𝓯", "ⓕ", "ѕ", "㉦",
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

SEPARATORS = (*GAPS, *MARKUP, ",", "-", "_", "1", "ㅋㅋ", "♡", "\u2028", "\u200f", "\u2066", "\u2069", "\u20dd", "🏻")

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


@st.composite
def _disguised_terms(draw: st.DrawFn) -> str:
    """Draw a term of the lexicon, each letter spelt in some way, perhaps something between two of them."""
    form = draw(st.sampled_from(_FORMS))
    between = draw(st.sampled_from(("", "", *SEPARATORS)))
    letters = [draw(st.sampled_from(_spellings(letter))) for letter in form]
    return between.join(letters)


def _spellings(letter: str) -> tuple[str, ...]:
    """Return ways to write one letter: as it is, doubled, decomposed, in other cases and widths."""
    decomposed = unicodedata.normalize("NFD", letter)
    spilled = "".join(_COMPATIBLE.get(jamo, jamo) for jamo in decomposed)
    wide = chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter
    return (letter, letter, letter * 2, decomposed, spilled, spilled[:1], letter.upper(), wide, letter + "\u0336")


def _compatible() -> dict[str, str]:
    """Return the compatibility letter of each conjoining jamo, by the names that Unicode gives them."""
    found = {}
    for code in range(0x1100, 0x1200):
        name = unicodedata.name(chr(code), "").split()
        try:
            found[chr(code)] = unicodedata.lookup(f"HANGUL LETTER {name[-1]}") if name else ""
        except KeyError:
            continue
    return {jamo: letter for jamo, letter in found.items() if letter}


_COMPATIBLE = _compatible()
_FORMS = sorted({form.replace("[", "").replace("]", "") for term in embedded_lexicon().terms for form in term.form})
_PUBLISHED = read_set(PUBLISHED)
_SENTENCES = [case.text for case in (*_PUBLISHED.disguised, *_PUBLISHED.innocent)] + chat_lines(200)


@st.composite
def _torn_sentences(draw: st.DrawFn) -> str:
    """Draw a published sentence with something put into it, a stretch taken out, or two grown together."""
    text = draw(st.sampled_from(_SENTENCES))
    other = draw(st.sampled_from(_SENTENCES) | _disguised_terms() | st.sampled_from(SEPARATORS) | st.just(""))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 8)))
    return text[:start] + other + text[end:]


_characters = st.characters(exclude_categories=["Cs"])
_pieces = st.sampled_from(FRAGMENTS) | st.sampled_from(SEPARATORS) | _disguised_terms() | _characters
fuzz_texts = any_text | st.lists(_pieces, max_size=30).map("".join) | _torn_sentences()
"""Arbitrary Unicode without surrogates; disguised terms among gaps, marks, links and mentions; sentences torn apart."""


@st.composite
def long_texts(draw: st.DrawFn, most: int = 4_000) -> str:
    """Draw a text of up to `most` code points that repeats a few pieces: what a hostile author sends."""
    unit = "".join(draw(st.lists(_pieces, min_size=1, max_size=6))) or " "
    return (unit * (most // len(unit) + 1))[: draw(st.integers(most // 4, most))]
