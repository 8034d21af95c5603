"""Planning a repost: names, quotations, parts and files, without Discord."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents import SpooledFile
from bot.policy import LabelAction, Policy
from cogs._censor import Censor
from cogs._plan import FILES_PER_MESSAGE, Lost, ReplyTo, Source, assemble, inert, plan
from cogs._split import MESSAGE_LIMIT, utf16_length
from masker import Masker
from masker.aio import AsyncMasker
from masker.labels import Label

LINK = "https://discord.com/channels/1/2/9"
SOURCE = Source(
    guild_id=1,
    channel_id=2,
    thread_id=None,
    message_id=3,
    revision=0,
    author_id=4,
    display_name="하늘",
    avatar_url=None,
)
files = st.builds(SpooledFile, spool_key=st.uuids().map(str), filename=st.just("a"), size_bytes=st.integers(1, 100))


@given(st.lists(st.text(min_size=1), max_size=4), st.lists(files, max_size=25), st.integers(100, 300))
def test_every_text_and_every_file_stands_in_one_part_in_order(
    texts: list[str], wanted: list[SpooledFile], limit: int
) -> None:
    parts = list(assemble(texts, wanted, limit))
    assert [part.index for part in parts] == list(range(len(parts)))
    assert [part.content for part in parts if part.content] == texts
    assert [file for part in parts for file in part.files] == wanted
    for part in parts:
        assert part.content or part.files
        assert len(part.files) <= FILES_PER_MESSAGE
        assert sum(file.size_bytes for file in part.files) <= limit or len(part.files) == 1


async def planned(source: Source, content: str, policy: Policy | None = None) -> list[str]:
    """Plan a repost with the lexicon alone and return its texts."""
    policy = policy or Policy()
    censor = Censor(AsyncMasker(Masker()), 1_000)
    judged = await censor.judge(content, policy)
    draft = await plan(source, judged, policy, censor)
    return [part.content for part in draft.parts]


@pytest.mark.parametrize(
    ("reply", "header", "why"),
    [
        (ReplyTo(9, LINK), f"-# ↪ {LINK}", "what it said is not known"),
        (ReplyTo(9, LINK, "지호", "안녕"), f"-# ↪ {LINK} 지호: 안녕", "who and what"),
        (ReplyTo(9, LINK, "지호", "시발 뭐야"), f"-# ↪ {LINK} 지호: ●● 뭐야", "a quotation is masked too"),
        (ReplyTo(9, LINK, "시발", "안녕"), f"-# ↪ {LINK} ●●: 안녕", "and so is the name"),
        (ReplyTo(9, LINK, "지호", "||비밀||"), f"-# ↪ {LINK}", "a spoiler is not opened by quoting it"),
        (ReplyTo(9, LINK, "지호", "가\n나"), f"-# ↪ {LINK} 지호: 가 나", "one line, or the small print ends"),
        (ReplyTo(9, LINK, "지호", "<@5>"), rf"-# ↪ {LINK} 지호: \<\@5\>", "nobody is named twice"),
    ],
)
async def test_a_reply_is_headed_by_what_it_answers(reply: ReplyTo, header: str, why: str) -> None:
    (text,) = await planned(replace(SOURCE, reply=reply), "시발")
    assert text == f"{header}\n●●", why


async def test_a_long_quotation_is_cut_between_characters() -> None:
    reply = ReplyTo(9, LINK, "지호", "👨‍👩‍👧‍👦" * 200)
    (text,) = await planned(replace(SOURCE, reply=reply), "시발")
    assert text.splitlines()[0] == f"-# ↪ {LINK} 지호: {'👨‍👩‍👧‍👦' * 60}…"


async def test_what_cannot_be_carried_over_is_said() -> None:
    (text,) = await planned(replace(SOURCE, lost=Lost(attachments=2, stickers=1, polls=1)), "시발")
    assert text == "●●\n-# 옮기지 못했어요: 첨부 파일 2개, 스티커 1개, 투표"


async def test_an_operator_that_makes_a_text_longer_than_a_message_loses_nothing() -> None:
    texts = await planned(SOURCE, "시발 " * 600, Policy(operator="label"))
    assert len(texts) > 1
    assert all(utf16_length(text) <= MESSAGE_LIMIT for text in texts)
    assert sum(text.count("【욕설】") for text in texts) == 600


async def test_the_record_holds_labels_and_places_and_no_words() -> None:
    policy = Policy()
    censor = Censor(AsyncMasker(Masker()), 1_000)
    draft = await plan(SOURCE, await censor.judge("야 시발", policy), policy, censor)
    assert "시발" not in str(draft.verdict)
    assert draft.verdict["labels"]["profanity"] >= 0.9
    (span,) = draft.verdict["spans"]
    assert (span["start"], span["end"], span["detector"]) == (2, 4, "lexicon")


async def test_a_name_is_masked_whatever_the_guild_does_with_its_label_in_messages() -> None:
    policy = Policy(actions={Label.PROFANITY: LabelAction.IGNORE})
    censor = Censor(AsyncMasker(Masker()), 1_000)
    assert await censor.cover("시발", policy) == "●●"


@given(st.text())
def test_an_inert_text_names_nobody_and_links_nowhere(words: str) -> None:
    still = inert(words)
    for bare in ("<@", "@everyone", "http://", "https://", "||", "```"):
        assert bare not in still.replace("\\@", "")
