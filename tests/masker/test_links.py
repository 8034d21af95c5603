"""Words that stand percent-encoded in links are found, and pointed at exactly."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker import Masker, Span
from masker.detectors.lexicon import LexiconDetector
from masker.detectors.links import detect_in_links

LEXICON = LexiconDetector()
CURSE = quote("시발")


def spans(text: str) -> set[Span]:
    return {finding.span for finding in detect_in_links(text, LEXICON).findings}


@pytest.mark.parametrize(
    ("before", "encoded", "after", "why"),
    [
        ("https://a.example/search?q=", CURSE, "", "a query"),
        ("https://a.example/wiki/", CURSE, "/page.png", "a path, with more after it"),
        ("<https://a.example/#", CURSE.lower(), ">", "a fragment in an angled link, in small digits"),
        ("[봐](https://a.example/", CURSE, ")", "the target of a masked link"),
        ("https://a.example/?u=", quote(CURSE), "&v=1", "encoded twice"),
        ("https://a.example/%EC%8B/", CURSE, "", "after a sequence that breaks off"),
        ("https://a.example/%EC%95%84%20", CURSE, "%20%EC%95%BC", "between other encoded words"),
    ],
)
def test_an_encoded_word_is_found_and_masked_alone(before: str, encoded: str, after: str, why: str) -> None:
    text = f"이거 봐 {before}{encoded}{after} 뭐야"
    start = len("이거 봐 ") + len(before)
    assert spans(text) == {Span(start, start + len(encoded))}, why
    assert Masker().mask(text).text == f"이거 봐 {before}{'●' * len(encoded)}{after} 뭐야", why


@pytest.mark.parametrize("text", [f"100% {CURSE}", "https://a.example/100%", "https://a.example/%E0%A4", "<@123> %EC"])
def test_what_is_no_encoded_link_is_left_alone(text: str) -> None:
    assert not spans(text)


@given(st.text(max_size=40), st.text(alphabet="%0123456789abcdefEC시발/ ", max_size=60))
def test_any_link_can_be_read(before: str, path: str) -> None:
    text = f"{before} https://a.example/{path}"
    for span in spans(text):
        assert 0 <= span.start < span.end <= len(text)
