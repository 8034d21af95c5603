"""`/check`, and what is explained by it: why words count here, and why the others do not."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy import ChannelRule, LabelAction, Policy, decide
from bot.terms import TermKind
from bot.texts import LOCALES
from cogs._censor import Judged
from cogs._explain import DESCRIPTION_LIMIT, REASONS, Here, explained, here_of, reason_told
from cogs._intake import SkipReason
from masker.detectors.lexicon.search import ALLOWED_WORD, OTHER_WORDS
from masker.labels import Label
from masker.presets import Preset
from masker.verdict import Basis, Finding, Rejection, Span, Verdict
from sandbox.commands_rules import check_command
from sandbox.errors import ApiError
from sandbox.models import Message
from tests.support.calling import HOSTILE, call
from tests.support.running import Running, channel_id, reposts

JUDGE = Path(__file__).parents[2] / "masker" / "detectors" / "lexicon" / "judge.py"


async def check(running: Running, words: str, **more: Any) -> Message:
    return await call(running, "check", text=words, **more)


def said(message: Message) -> str:
    """Return everything in the one embed."""
    (embed,) = message.embeds
    return f"{embed['title']}\n{embed['description']}"


async def test_a_text_is_explained_and_nothing_else_happens(running: Running) -> None:
    shown = said(await check(running, "시발 진짜, 시발역에서 만나자"))
    assert shown.startswith(
        "이 글은 일부를 가려요\n이곳의 기준은 **보통**이에요.\n이렇게 보여요: ●● 진짜, 시발역에서 만나자"
    )
    assert "**문제가 된 말**\n- **시발** 욕설 0.95 ≥ 0.90 · 낱말 목록" in shown
    assert "→ 가려요" in shown
    assert "**비슷해 보이지만 아닌 말**\n- **시발** (욕설?) 사전에 적어 둔 예외예요" in shown
    assert reposts(running.demo, channel_id(running)) == []
    assert await running.storage.incidents.latest(running.demo.guild.id, 5) == []


async def test_it_is_explained_in_the_language_of_who_asks(running: Running) -> None:
    shown = said(await check(running, "시발", locale="en-US"))
    assert shown.startswith("This text is masked in part\nThe preset here is **standard**.")
    assert "**시발** profanity 0.95 ≥ 0.90 · word list · “sibal” · by its letters → masked" in shown


async def test_the_rules_of_the_channel_where_it_is_asked_decide(running: Running) -> None:
    place, guild = channel_id(running), running.demo.guild.id
    rule = {"preset": "lenient", "actions": {"gender": "alert"}}
    await running.storage.guilds.update(guild, {"channels": {str(place): rule}}, 1)
    shown = said(await check(running, "시발"))
    assert shown.startswith("이 글은 그대로 둬요\n이곳의 기준은 **느슨하게**예요.")
    assert f"<#{place}>" in shown
    assert "욕설 0.95 < 0.97" in shown
    assert "→ 점수가 기준에 못 미쳐요" in shown
    assert said(await check(running, "시발", place=channel_id(running, "개발"))).startswith("이 글은 일부를 가려요")


async def test_an_exempt_channel_and_an_exempt_member_are_told(running: Running) -> None:
    place, guild = channel_id(running), running.demo.guild.id
    await running.storage.guilds.update(guild, {"exempt_channel_ids": [place]}, 1)
    shown = said(await check(running, "시발"))
    assert shown.startswith("이 글은 그대로 둬요")
    assert "이 채널은 예외라서" in shown
    assert "욕설 0.95 ≥ 0.90" in shown, "what it would be otherwise"
    await running.storage.guilds.update(guild, {"exempt_member_ids": [running.demo.people["haneul"].id]}, 1)
    assert "쓴 사람이 예외라서" in said(await check(running, "시발", place=channel_id(running, "개발")))


async def test_the_guilds_own_terms_are_named(running: Running) -> None:
    guild, terms = running.demo.guild.id, running.storage.terms
    await terms.add(guild, TermKind.BLOCK, "꼬부기", Label.GENDER, 1)
    await terms.add(guild, TermKind.ALLOW, "시발택시", None, 1)
    await terms.add(guild, TermKind.PATTERN, "밤양갱[0-9]+", Label.INSULT, 1)
    shown = said(await check(running, "꼬.부.기 시발택시 밤양갱77"))
    assert "성별 혐오 0.99 ≥ 0.90 · 서버 단어 · “꼬부기”" in shown
    assert "모욕·악플 0.99 ≥ 0.90 · 패턴 · “밤양갱\\[0\\-9\\]+”" in shown
    assert "(욕설?) 이 서버의 허용 단어예요" in shown


async def test_hostile_texts_are_shown_inert(running: Running) -> None:
    for words, kind in HOSTILE:
        told = await check(running, f"{words[:3_990]} 시발")
        (embed,) = told.embeds
        assert len(embed["description"]) <= 4_096, kind
        assert not told.mentions, kind
        for sign in ("**x**", "`y`", " @everyone", "<@1>", "\u202e", "\u0007", "\x00"):
            assert sign not in embed["description"], kind


async def test_four_thousand_curses_are_told_in_one_answer(running: Running) -> None:
    told = await check(running, ("시발 병신 씨발 개새끼 " * 400)[:4_000])
    assert said(told).startswith("이 글은 일부를 가려요")
    with pytest.raises(ApiError):
        await check(running, "가" * 4_001)


async def test_only_who_may_manage_messages_can_use_it(running: Running) -> None:
    with pytest.raises(ApiError):
        await check(running, "시발", who="jiho")
    (command,) = [
        one for one in running.demo.world.commands_of(running.demo.application.id, None) if one.name == "check"
    ]
    assert check_command(command.body) is None
    assert command.body["name_localizations"]["ko"] == "검사"
    command.body["default_member_permissions"] = None
    refused = await check(running, "시발", who="jiho")
    assert "메시지 관리하기" in refused.content
    assert not refused.embeds
    assert said(await check(running, "시발", who="seoyeon")), "a moderator may"


# Below: the explanation alone.


def told(text: str, policy: Policy, *findings: Finding, rejections: tuple[Rejection, ...] = (), **more: Any) -> str:
    verdict = Verdict(findings, rejections, **more)
    embed = explained(Judged(text, verdict, decide(verdict, policy)), Here(policy), "ko")
    return f"{embed.title}\n{embed.description}"


def finding(score: float = 0.95, label: Label = Label.PROFANITY, *, mention: bool = False) -> Finding:
    return Finding(Span(0, 2), label, score, "lexicon", "sibal", mention=mention)


@pytest.mark.parametrize(
    ("policy", "found", "expected"),
    [
        (Policy(), finding(0.5), "0.50 < 0.90 · 낱말 목록 · “sibal” · 글자로 판단 → 점수가 기준에 못 미쳐요"),
        (Policy(actions={Label.PROFANITY: LabelAction.IGNORE}), finding(), "→ 이 갈래는 그대로 두도록 설정했어요"),
        (Policy(mentions=LabelAction.IGNORE), finding(mention=True), "→ 그 말을 이야기한 것일 뿐이라"),
        (Policy(actions={Label.PROFANITY: LabelAction.DELETE}), finding(), "이 글은 지워요"),
        (Policy(actions={Label.PROFANITY: LabelAction.ALERT}), finding(), "→ 운영진에게만 알려요"),
        (Policy(observe=True), finding(), "지금은 지켜보기만 해요"),
        (Policy(preset=Preset.STRICT), finding(0.8), "0.80 ≥ 0.70"),
    ],
)
def test_it_says_what_decides(policy: Policy, found: Finding, expected: str) -> None:
    assert expected in told("시발 진짜", policy, found)


def test_the_model_is_named_as_it_is_where_no_markup_is_known() -> None:
    verdict = Verdict(model="garim-small/1")
    embed = explained(Judged("안녕", verdict, decide(verdict, Policy())), Here(Policy()), "ko")
    assert embed.footer.text == "언어 모델: garim-small/1"


def test_nothing_found_and_a_stage_that_was_late_are_said() -> None:
    assert "의심스러운 말을 찾지 못했어요" in told("안녕", Policy())
    late = told("안녕", Policy(), complete=False, incomplete_reasons=("classifier: no answer",))
    assert "언어 모델의 답을 듣지 못했거나" in late


def test_the_texts_scores_stand_beside_their_thresholds_the_highest_first() -> None:
    shown = told("안녕", Policy(), scores={Label.AGE: 0.2, Label.INSULT: 0.61, Label.RACE: 0.01}, model="m")
    assert "- 모욕·악플 0.61 / 0.90\n- 연령 혐오 0.20 / 0.90" in shown
    assert "인종" not in shown


@pytest.mark.parametrize("reason", SkipReason)
def test_every_reason_to_pass_a_message_by_is_told(reason: SkipReason) -> None:
    verdict = Verdict((finding(),))
    for locale in LOCALES:
        embed = explained(Judged("시발", verdict, decide(verdict, Policy())), Here(Policy(), skip=reason), locale)
        assert embed.title in ("이 글은 그대로 둬요", "This text is left as it is")


def reasons_of_the_judge() -> set[str]:
    """Return every reason that the judge can give, read from its source."""
    found = set()
    for node in ast.walk(ast.parse(JUDGE.read_text(encoding="utf-8"))):
        value: ast.expr | None = None
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
            value = node.value if not node.targets[0].id.startswith("_") else None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Ruling" and node.args:
            value = node.args[0]
        elif isinstance(node, ast.Return):
            value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and " " in value.value:
            found.add(value.value)
    return found


def test_every_reason_of_the_masker_has_a_text_of_its_own() -> None:
    reasons = reasons_of_the_judge() | {ALLOWED_WORD, OTHER_WORDS}
    assert len(reasons) > 15
    assert reasons - REASONS.keys() == set()
    for locale in LOCALES:
        other = reason_told("something new", locale)
        assert all(reason_told(reason, locale) != other for reason in REASONS)
        assert "아저" in reason_told("exception 아저[씨 발]", locale)


def test_rules_of_a_category_and_a_channel_are_both_named() -> None:
    policy = Policy(channels={5: ChannelRule(observe=True), 6: ChannelRule(preset=Preset.STRICT), 7: ChannelRule()})

    class Channel:
        id = 6

    here = here_of(policy, Channel(), None, {})
    assert here.places == (6,)
    assert here.policy.preset is Preset.STRICT


_labels = st.sampled_from(Label)
_words = st.text(min_size=1, max_size=200)


@st.composite
def _verdicts(draw: st.DrawFn) -> tuple[str, Verdict]:
    words = draw(_words)
    spans = st.integers(0, len(words) - 1).flatmap(
        lambda start: st.integers(start + 1, len(words)).map(lambda end: Span(start, end))
    )
    findings = draw(
        st.lists(st.builds(Finding, spans, _labels, st.floats(0, 1), st.text(max_size=20), _words), max_size=40)
    )
    rejections = draw(
        st.lists(
            st.builds(
                Rejection, spans, _labels, st.just("lexicon"), st.none(), st.sampled_from([*REASONS, "x", "sense y"])
            ),
            max_size=40,
        )
    )
    scores = draw(st.dictionaries(_labels, st.floats(0, 1), max_size=13))
    return words, Verdict(tuple(findings), tuple(rejections), scores, model=draw(_words))


@settings(max_examples=60, deadline=None)
@given(made=_verdicts(), locale=st.sampled_from(LOCALES))
def test_whatever_is_found_the_explanation_fits_into_one_embed(made: tuple[str, Verdict], locale: str) -> None:
    words, verdict = made
    embed = explained(Judged(words, verdict, decide(verdict, Policy())), Here(Policy()), locale, masked=words)
    assert 0 < len(embed.description or "") <= DESCRIPTION_LIMIT
    assert len(embed) <= 6_000


def test_what_morphology_decides_is_said() -> None:
    found = Finding(Span(0, 2), Label.PROFANITY, 0.95, "lexicon", "sibal", Basis.MORPHOLOGY)
    assert "앞뒤 낱말로 판단" in told("시발", Policy(), found)
