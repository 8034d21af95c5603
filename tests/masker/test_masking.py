"""The laws of masking, and its safety inside Discord Markdown."""

from __future__ import annotations

import random

import pytest
import regex
from hypothesis import given, settings

from masker import OPERATORS, Label, Masker, Span, mask
from masker.errors import SpanError
from masker.markdown import constructs, pairing_marks
from masker.masking import LABEL_NAMES, STAR, covered
from masker.normalise import is_ignorable
from tests.masker.strategies import texts_with_spans

CLUSTER_RE = regex.compile(r"\X")
EVERY = settings(max_examples=500, deadline=None)


def outside(text: str, spans: tuple[Span, ...]) -> list[str]:
    edges = [0, *(edge for span in spans for edge in (span.start, span.end)), len(text)]
    return [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]


@EVERY
@given(texts_with_spans())
def test_what_is_outside_is_byte_identical(drawn: tuple[str, list[Span]]) -> None:
    text, spans = drawn
    for operator in OPERATORS:
        masked = mask(text, spans, operator).text
        at = 0
        for part in outside(text, covered(text, spans)):
            found = masked.find(part, at)
            assert found >= 0
            at = found + len(part)
        assert masked.startswith(outside(text, covered(text, spans))[0])
        assert masked.endswith(outside(text, covered(text, spans))[-1])


@EVERY
@given(texts_with_spans())
def test_star_keeps_the_number_of_grapheme_clusters(drawn: tuple[str, list[Span]]) -> None:
    text, spans = drawn
    assert len(CLUSTER_RE.findall(mask(text, spans).text)) == len(CLUSTER_RE.findall(text))


@EVERY
@given(texts_with_spans())
def test_masking_twice_changes_nothing(drawn: tuple[str, list[Span]]) -> None:
    text, spans = drawn
    for operator in OPERATORS:
        once = mask(text, spans, operator)
        again = mask(once.text, once.spans, operator)
        assert again == once


@EVERY
@given(texts_with_spans())
def test_the_order_of_spans_does_not_matter(drawn: tuple[str, list[Span]]) -> None:
    text, spans = drawn
    shuffled = random.Random(0).sample(spans, len(spans))
    assert mask(text, spans) == mask(text, shuffled) == mask(text, [*spans, *spans])


@EVERY
@given(texts_with_spans())
def test_no_letter_and_nothing_invisible_survives_in_a_mask(drawn: tuple[str, list[Span]]) -> None:
    text, spans = drawn
    masked = mask(text, spans)
    for span in masked.spans:
        assert set(masked.text[span.start : span.end]) == {STAR}
        clusters = CLUSTER_RE.findall(masked.text[: span.start])[-1:] + CLUSTER_RE.findall(masked.text[span.end :])[:1]
        assert not any(all(is_ignorable(char) for char in cluster) for cluster in clusters)


@EVERY
@given(texts_with_spans())
def test_the_marks_outside_still_stand_in_the_same_order(drawn: tuple[str, list[Span]]) -> None:
    text, spans = drawn
    where = covered(text, spans)
    before = [
        text[start:end]
        for start, end in pairing_marks(text)
        if not any(span.start < end and start < span.end for span in where)
    ]
    remaining = iter(_marks(mask(text, spans).text))
    assert all(any(found == wanted for found in remaining) for wanted in before)


def _marks(text: str) -> list[str]:
    return [text[start:end] for start, end in pairing_marks(text)]


@pytest.mark.parametrize(
    ("text", "hide", "star", "reason"),
    [
        ("시발 진짜", ["시발"], "●● 진짜", "plain"),
        ("**시발** 진짜", ["시발"], "**●●** 진짜", "bold stays bold"),
        ("시**발** 진짜", ["시**발"], "●**●** 진짜", "a mark whose partner is outside stays"),
        ("시**발**놈 진짜", ["시**발**놈"], "●●●●●●● 진짜", "marks that pair inside are hidden"),
        ("||시||발 ||비밀||", ["시||발"], "||●||● ||비밀||", "a spoiler elsewhere keeps its pairing"),
        ("`시발` x", ["시발"], "`●●` x", "inline code"),
        ("```py\n시발\n```", ["시발"], "```py\n●●\n```", "code block"),
        ("시\n발", ["시\n발"], "●\n●", "a line break stays"),
        ("시\n> 발 뒤", ["시\n> 발"], "●\n> ● 뒤", "a quote mark stays"),
        ("123456. 안녕", ["123456"], "●●●●●●. 안녕", "a number that makes a list is hidden all the same"),
        ("시\n- 발", ["시\n- 발"], "●\n- ●", "a list mark stays"),
        ("<:시발:123> 앗", ["시발"], "●●●●●●●●● 앗", "a custom emoji is hidden as a whole"),
        ("<@123> 시발", ["시발"], "<@123> ●●", "a mention beside a mask is left alone"),
        ("시<@123>발", ["시<@123>발"], "●" * 8, "a mention inside a mask is hidden with it"),
        ("<t:1700000000:R> 시발", ["시발"], "<t:1700000000:R> ●●", "a timestamp beside a mask is left alone"),
        ("</시발:123> x", ["시발"], "●" * 9 + " x", "a slash mention is hidden as a whole"),
        ("https://a.b/시발/c x", ["시발"], "https://a.b/●●/c x", "a word in a bare link"),
        ("<https://a.b/시발> x", ["시발"], "<https://a.b/●●> x", "a word in an angled link"),
        ("[시발](https://a.b) x", ["시발"], "[●●](https://a.b) x", "link text"),
        ("[봐](https://a.b/시발) x", ["시발"], "[봐](https://a.b/●●) x", "a word in a link's target"),
        ("**https://a.b/시발** x", ["시발"], "**https://a.b/●●** x", "marks after a link are not part of it"),
        ("시\u200b발\u200b 진짜", ["시\u200b발"], "●●●● 진짜", "an invisible neighbour is swallowed"),
        ("\U000e0041시발", ["시발"], "●●●", "a tag character before a mask is swallowed"),
        (
            "\u1109\u1175\u1107\u1161\u11af x",
            ["\u1109\u1175\u1107\u1161\u11af"],
            "●● x",
            "one star a syllable, decomposed",
        ),
        ("❤️시발", ["시발"], "❤️●●", "an emoji before a mask stays"),
        ("가\U000e0041시발", ["시발"], "●●●", "tag characters on a letter before a mask are swallowed"),
        ("각" + "\u0301" + "시발", ["시발"], "각\u0301●●", "a combining mark of another cluster stays"),
    ],
)
def test_a_mask_is_safe_in_markdown(text: str, hide: list[str], star: str, reason: str) -> None:
    spans = [Span(text.index(part), text.index(part) + len(part)) for part in hide]
    assert mask(text, spans).text == star, reason


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("star", "야 ●●●● 뭐"),
        ("keep_first", "야 시●●● 뭐"),
        ("label", "야 【욕설】 뭐"),
        ("spoiler_label", "야 ||【욕설】|| 뭐"),
    ],
)
def test_each_operator_does_what_its_name_says(operator: str, expected: str) -> None:
    span = Span(2, 6)
    assert mask("야 시발놈아 뭐", [span], operator, {span: Label.PROFANITY}).text == expected


def test_keep_first_keeps_the_bare_letter_without_what_hides_in_its_cluster() -> None:
    text = "시\U000e0042\U000e0043발"
    assert mask(text, [Span(0, len(text))], "keep_first").text == "시●"


def test_a_label_is_never_written_as_a_spoiler_where_that_would_break_one() -> None:
    text = "||앞 시발 뒤||"
    span = Span(4, 6)
    assert mask(text, [span], "spoiler_label", {span: Label.PROFANITY}).text == "||앞 【욕설】 뒤||"


def test_every_label_has_a_name_that_the_lexicon_leaves_alone() -> None:
    masker = Masker()
    assert set(LABEL_NAMES) == set(Label)
    assert all(not masker.inspect(f"【{name}】").findings for name in LABEL_NAMES.values())


def test_a_span_outside_the_text_and_an_unknown_operator_are_refused() -> None:
    with pytest.raises(SpanError, match="ends outside a text of 2 code points"):
        mask("시발", [Span(0, 3)])
    with pytest.raises(ValueError, match="known are star, keep_first, label, spoiler_label"):
        mask("시발", [Span(0, 2)], "blur")


def test_constructs_are_found_in_order() -> None:
    text = "<@1> <@!2> <@&3> <#4> <:a:5> <a:b:6> <t:7> <t:8:R> </x y:9> <id:guide> <https://a.b> https://c.d/e. [f](g)"
    assert [construct.kind for construct in constructs(text)] == ["tag"] * 10 + ["angled", "url", "target"]
