"""The chat page in a real browser, with a real discord.py bot on the other side."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from sandbox.seed import demo_world
from sandbox.server import Sandbox
from tests.sandbox.page_support import Stage, staged

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def browser_path() -> str:
    """Return the browser's program, or skip saying how to get one."""
    found = os.environ.get("GARIM_CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)
    if not found:
        pytest.skip("no browser: install one (Debian: apt-get install chromium) or name it by GARIM_CHROMIUM")
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A headless browser, shared: each test has a context of its own."""
    path = browser_path()
    async with async_playwright() as tool:
        running = await tool.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """A sandbox with its demo world and a connected bot."""
    browser_path()
    async with staged() as running:
        yield running


async def open_page(browser: Browser, address: str, *, width: int = 1280) -> tuple[Page, list[str]]:
    """Open the page and collect what goes wrong in it."""
    context = await browser.new_context(viewport={"width": width, "height": 800}, locale="ko-KR")
    context.set_default_timeout(10_000)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type in ("error", "warning") else None)
    page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    await page.goto(address)
    await expect(page.locator("#app")).to_have_attribute("aria-busy", "false")
    return page, wrong


def address(stage: Stage, who: str = "minseo", channel: str = "자유-대화") -> str:
    """Return the page's address with a speaker and a channel."""
    return f"{stage.server.page}?as={stage.person(who)}&channel={stage.demo.channels[channel].id}"


async def say(page: Page, text: str) -> None:
    """Type into the composer and press Enter."""
    await page.fill("#entry", text)
    await page.press("#entry", "Enter")


async def test_a_person_speaks_edits_replies_reacts_and_deletes(browser: Browser, stage: Stage) -> None:
    page, wrong = await open_page(browser, address(stage))
    await say(page, "안녕하세요 **여러분**")
    first = page.locator(".message").first
    await expect(first.locator("strong")).to_have_text("여러분")
    await page.press("#entry", "ArrowUp")
    await expect(page.locator(".context-bar")).to_be_visible()
    await say(page, "고친 글")
    await expect(first.locator(".content")).to_contain_text("고친 글 (수정됨)")
    await first.hover()
    await first.get_by_role("button", name="답장").click()
    await say(page, "제 말에 답해요")
    second = page.locator(".message").nth(1)
    await expect(second.locator(".reply-line")).to_contain_text("고친 글")
    await second.hover()
    await second.get_by_role("button", name="반응 달기").click()
    await page.get_by_role("menuitem", name="🎉").click()
    await expect(second.locator(".chip.mine")).to_contain_text("1")
    await second.locator(".chip.mine").click()
    await expect(second.locator(".chip")).to_have_count(0)
    await second.hover()
    await second.get_by_role("button", name="더 보기").click()
    await page.get_by_role("menuitem", name="삭제").click()
    await page.get_by_role("dialog").get_by_role("button", name="삭제").click()
    await expect(page.locator(".message")).to_have_count(1)
    facts = [(fact.what, fact.content) for fact in stage.demo.world.facts()]
    assert facts[:2] == [("created", "안녕하세요 **여러분**"), ("edited", "고친 글")]
    assert facts[-1][0] == "deleted"
    assert wrong == []


async def test_a_masked_message_changes_places_before_the_readers_eyes(browser: Browser, stage: Stage) -> None:
    page, wrong = await open_page(browser, address(stage))
    await say(page, "아 시발 진짜 짜증나네")
    row = page.locator(".message.replaced")
    await expect(row.locator(".content")).to_have_text("아 ■■ 진짜 짜증나네")
    await expect(row.locator(".author")).to_have_text("민서🌿")
    await expect(row.locator(".badge")).to_have_text("앱")
    await expect(row.locator(".replaced-note")).to_be_visible()
    await expect(page.locator(".message")).to_have_count(1)
    await expect(page.locator("#log")).not_to_contain_text("시발")
    await expect(page.locator("#announce")).to_contain_text("민서🌿")
    await row.get_by_role("button", name="왜 가려졌나요?").click()
    private = page.locator(".message.ephemeral")
    await expect(private).to_contain_text("당신에게만 알려 드려요")
    await expect(private).to_contain_text("나에게만 보여요")
    other, _ = await open_page(browser, address(stage, "jiho"))
    await expect(other.locator(".message")).to_have_count(1)
    await private.get_by_role("button", name="이 메시지 숨기기").click()
    await expect(private).to_have_count(0)
    assert wrong == []


async def test_files_are_uploaded_and_shown(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    note = tmp_path / "메모.txt"
    note.write_text("파일 내용", encoding="utf-8")
    page, wrong = await open_page(browser, address(stage))
    await page.set_input_files("#upload", note)
    await expect(page.locator(".file-chips")).to_contain_text("메모.txt")
    await say(page, "파일이에요")
    card = page.locator(".message a.file")
    await expect(card).to_contain_text("메모.txt")
    link = await card.get_attribute("href")
    async with aiohttp.ClientSession() as client, client.get(stage.server.page.rstrip("/") + str(link)) as response:
        assert await response.text() == "파일 내용"
    assert wrong == []


async def test_a_slash_command_with_autocomplete_runs_by_keyboard(browser: Browser, stage: Stage) -> None:
    page, wrong = await open_page(browser, address(stage))
    await page.fill("#entry", "/인")
    await expect(page.locator("#palette [role=option]")).to_have_count(1)
    await page.press("#entry", "Enter")
    field = page.get_by_label(re.compile("과일"))
    await field.press_sequentially("복")
    await expect(page.locator(".suggestions [role=option]")).to_have_text(["복숭아"])
    await field.press("ArrowDown")
    await field.press("Enter")
    await field.press("Enter")
    message = page.locator(".message")
    await expect(message.locator(".content")).to_have_text("복숭아 좋아요!")
    await expect(message.locator(".reply-line")).to_contain_text("민서🌿 님이 /인사 사용")
    await page.fill("#entry", "/관")
    await expect(page.locator("#palette")).to_contain_text("맞는 명령어가 없어요")
    assert wrong == []


async def test_modals_selects_and_context_menus_work(browser: Browser, stage: Stage) -> None:
    page, wrong = await open_page(browser, address(stage))
    for name in ("/설문", "/패널"):
        await page.fill("#entry", name)
        await page.press("#entry", "Enter")
        await page.get_by_role("button", name="실행").click()
        if name == "/설문":
            await page.get_by_label("별명").fill("바람")
            await page.get_by_role("button", name="제출").click()
            await expect(page.locator(".message.ephemeral")).to_contain_text("반가워요, 바람")
    panel = page.locator(".message", has=page.get_by_role("button", name="세기"))
    await panel.get_by_role("button", name="세기").click()
    await expect(panel.locator(".content")).to_contain_text("1번 눌렀어요")
    await panel.get_by_label("과일").select_option("포도")
    await expect(page.locator(".message").last).to_contain_text("골랐어요: 포도")
    await page.locator(".message").last.locator(".content").click(button="right")
    await page.get_by_role("menuitem", name="글자 세기").click()
    await expect(page.locator(".message.ephemeral").last).to_contain_text("8자예요")
    await page.locator("#members").get_by_role("button", name="지호: 메뉴 열기").click()
    await page.get_by_role("menuitem", name="소개").click()
    await expect(page.locator(".message.ephemeral").last).to_contain_text("지호 님이에요")
    assert wrong == []


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(2)</script>",
    "[click](javascript:alert(3))",
    "**<svg onload=alert(4)>**",
    "||<iframe srcdoc='<script>alert(5)</script>'>||",
    "```html\n<script>alert(6)</script>\n```",
    "> <a href='javascript:alert(7)'>x</a>",
    '[x](https://example.com/" onmouseover="alert(8))',
    '<:"><img/src/onerror=alert(9)>:123456789012345678>',
)


async def test_hostile_text_is_shown_and_does_nothing(browser: Browser, stage: Stage) -> None:
    world, channel = stage.demo.world, stage.channel_id
    member = stage.demo.guild.members[stage.person("jiho")]
    member.nick = "<img src=x onerror=alert(0)>"
    world.update_member(member)
    for text in HOSTILE:
        world.member_send(stage.person("jiho"), channel, text)
    page, wrong = await open_page(browser, address(stage))
    await expect(page.locator(".message")).to_have_count(len(HOSTILE))
    await expect(page.locator(".message").first.locator(".content")).to_have_text(HOSTILE[0])
    await expect(page.locator(".message").first.locator(".author")).to_have_text(member.nick)
    for selector in ("#log script", "#log iframe", "#log svg[onload]", "#log [onerror]", "#log a[href^='javascript']"):
        await expect(page.locator(selector)).to_have_count(0)
    for spoiler in await page.locator(".spoiler").all():
        await spoiler.click()
    await page.wait_for_timeout(150)
    assert wrong == []


async def test_markdown_is_drawn_as_discord_draws_it(browser: Browser, stage: Stage) -> None:
    demo = stage.demo
    text = (
        f"# 제목\n-# 작은 글\n**굵게** *기울여* __밑줄__ ~~지움~~ `코드` ||비밀||\n> 인용\n- 하나\n- 둘\n"
        f"<@{stage.person('jiho')}> <#{demo.channels['개발'].id}> <t:0:d> https://example.com/a_b_c \\*별\\*"
    )
    demo.world.member_send(stage.person("jiho"), stage.channel_id, text)
    page, wrong = await open_page(browser, address(stage))
    body = page.locator(".content").first
    for selector, wanted in {
        "[role=heading]": "제목",
        ".subtext": "작은 글",
        "strong": "굵게",
        "em": "기울여",
        "u": "밑줄",
        "s": "지움",
        "code": "코드",
        "blockquote": "인용",
        "li >> nth=1": "둘",
        ".mention >> nth=0": "@지호",
        ".mention >> nth=1": "#개발",
        "a[target=_blank]": "https://example.com/a_b_c",
    }.items():
        await expect(body.locator(selector).first).to_have_text(wanted)
    await expect(body).to_contain_text("*별*")
    secret = body.locator(".spoiler")
    await expect(secret.locator("span")).not_to_be_visible()
    await secret.press("Enter")
    await expect(secret.locator("span")).to_be_visible()
    await body.locator(".mention >> nth=1").click()
    await expect(page.locator("#room-name")).to_have_text("개발")
    assert wrong == []


DRAWN = [
    ("***둘 다***", "<strong><em>둘 다</em></strong>", "three marks are bold around italic"),
    ("**굵고 *기운* 글**", "<strong>굵고 <em>기운</em> 글</strong>", "italic inside bold"),
    ("snake_case_name", "snake_case_name", "underscores within a word are plain"),
    ("2 * 3 * 4", "2 * 3 * 4", "lone stars are plain"),
    ("`**안**`", "<code>**안**</code>", "nothing is read inside code"),
    ("``a`b``", "<code>a`b</code>", "two ticks hold one"),
    ("\\*별\\*", "*별*", "escaped marks are plain"),
    ("~~지움", "~~지움", "what does not close is plain"),
    ("■■ 진짜", "■■ 진짜", "mask characters are no markup"),
    ("**||숨김||**", "<strong><span>숨김</span></strong>", "a spoiler inside bold"),
    ("a\nb", "a\nb", "line ends stay"),
]


async def test_inline_markdown_follows_discords_rules(browser: Browser, stage: Stage) -> None:
    page, wrong = await open_page(browser, address(stage))
    drawn = await page.evaluate(
        """async (texts) => {
          const { markdown } = await import("/static/js/markdown.js");
          const people = { user: () => null, role: () => null, channel: () => null };
          return texts.map((text) => {
            const holder = document.createElement("div");
            holder.append(...markdown(text, people));
            for (const wrap of holder.querySelectorAll(".text, .spoiler")) wrap.replaceWith(...wrap.childNodes);
            return holder.innerHTML;
          });
        }""",
        [text for text, _, _ in DRAWN],
    )
    for (_, wanted, why), got in zip(DRAWN, drawn, strict=True):
        assert got == wanted, why
    assert wrong == []


async def test_texts_made_to_be_slow_are_drawn(browser: Browser, stage: Stage) -> None:
    marks = ("*", "_", "**a", "||", "[", "`", "~~", "> ", "*a **b ", "[](", "<@", "\\", "***", "http://", "-# \n")
    for mark in marks:
        text = (mark * 2000)[:1990] + "끝"
        stage.demo.world.member_send(stage.person("jiho"), stage.channel_id, text)
    page, wrong = await open_page(browser, address(stage))
    await expect(page.locator(".message")).to_have_count(len(marks))
    assert wrong == []


async def test_people_see_only_their_channels_and_change_with_the_speaker(browser: Browser, stage: Stage) -> None:
    page, wrong = await open_page(browser, address(stage, "jiho"))
    await expect(page.locator("#channel-list")).not_to_contain_text("관리자-알림")
    await page.locator("#speaker button").click()
    await page.get_by_role("menuitem", name="서연 (운영)").click()
    await expect(page.locator("#channel-list")).to_contain_text("관리자-알림")
    await expect(page.locator("#speaker")).to_contain_text("서연 (운영)")
    await page.locator("#members").get_by_role("button", name="지호: 메뉴 열기").click()
    await page.get_by_role("menuitem", name="DM 보내기").click()
    await expect(page.locator("#room-name")).to_have_text("지호")
    await say(page, "몰래 말해요")
    await expect(page.locator(".message .content")).to_have_text("몰래 말해요")
    assert wrong == []


async def test_threads_and_forum_posts_are_opened_from_the_page(browser: Browser, stage: Stage) -> None:
    stage.demo.world.member_send(stage.person("jiho"), stage.channel_id, "스레드로 이야기해요")
    page, wrong = await open_page(browser, address(stage))
    await page.locator(".message .content").click(button="right")
    await page.get_by_role("menuitem", name="스레드 만들기").click()
    await page.get_by_role("dialog").get_by_role("textbox").fill("곁가지")
    await page.get_by_role("button", name="만들기").click()
    await expect(page.locator("#room-name")).to_have_text("곁가지")
    await say(page, "여기는 조용하네요")
    await expect(page.locator(".message").last).to_contain_text("여기는 조용하네요")
    await page.locator("#channel-list").get_by_role("button", name="질문").click()
    await page.get_by_role("button", name="새 글 쓰기").click()
    fields = page.get_by_role("dialog").get_by_role("textbox")
    await fields.nth(0).fill("어떻게 하나요")
    await fields.nth(1).fill("궁금해요")
    await page.get_by_role("button", name="만들기").click()
    await expect(page.locator("#room-name")).to_have_text("어떻게 하나요")
    await expect(page.locator(".message")).to_contain_text("궁금해요")
    assert wrong == []


async def test_the_page_says_when_no_bot_is_there_and_when_the_server_goes(browser: Browser) -> None:
    demo = demo_world()
    async with Sandbox(demo.world) as server:
        page, wrong = await open_page(browser, server.page)
        await expect(page.locator("#banner")).to_contain_text("봇이 접속하지 않았어요")
        await expect(page.locator("#empty")).to_contain_text("아직 조용해요")
        await page.get_by_role("button", name="English").click()
        await expect(page.locator("#banner")).to_contain_text("The bot is not connected")
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        assert wrong == []
    await expect(page.locator("#banner")).to_contain_text("The connection is gone")


async def test_at_380_pixels_nothing_is_cut_and_the_drawers_open(browser: Browser, stage: Stage) -> None:
    world = stage.demo.world
    world.member_send(stage.person("jiho"), stage.channel_id, "가" * 300 + " https://example.com/" + "a" * 200)
    world.member_send(stage.person("jiho"), stage.channel_id, "```\n" + "x" * 300 + "\n```")
    page, wrong = await open_page(browser, address(stage), width=380)
    await expect(page.locator(".message")).to_have_count(2)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 380
    assert await page.evaluate("document.getElementById('scroll').scrollWidth") <= 380
    await page.get_by_role("button", name="채널").click()
    await page.locator("#channel-list").get_by_role("button", name="개발").click()
    await expect(page.locator("#room-name")).to_have_text("개발")
    await expect(page.locator("#sidebar")).not_to_be_in_viewport()
    assert wrong == []


async def test_hangul_being_composed_is_not_sent_by_enter(browser: Browser, stage: Stage) -> None:
    page, _ = await open_page(browser, address(stage))
    await page.fill("#entry", "안녕하세")
    await page.evaluate(
        "document.getElementById('entry').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    await page.wait_for_timeout(100)
    assert stage.demo.world.facts() == []
    await page.press("#entry", "Enter")
    await expect(page.locator(".message .content")).to_have_text("안녕하세")
