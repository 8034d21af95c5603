"""`garim demo` as a stranger meets it: one command, a printed address, a curse typed into a page, and it is masked."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from tests.sandbox.test_page import ARGUMENTS, browser_path
from tests.support.command import garim
from tests.support.program import program

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """Name a data folder of the test's own."""
    return {"GARIM_PATHS__DATA_DIR": str(tmp_path / "data"), "GARIM_LANG": "ko"}


async def test_a_stranger_types_a_curse_and_sees_only_the_curse_masked_under_their_name(
    settings: dict[str, str], tmp_path: Path
) -> None:
    chromium = browser_path()
    async with program("demo", folder=tmp_path, settings=settings) as demo, async_playwright() as tool:
        browser = await tool.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        address = ADDRESS.search(await demo.until("채팅 페이지"))
        assert address is not None
        page = await browser.new_page(viewport={"width": 1280, "height": 800}, locale="ko-KR")
        page.set_default_timeout(10_000)
        await page.goto(address[0])
        await expect(page.locator("#app")).to_have_attribute("aria-busy", "false")
        await expect(page.locator("#banner")).to_be_hidden()
        speaker = await page.locator("#speaker").inner_text()

        await page.fill("#entry", "좋은 아침이에요")
        await page.press("#entry", "Enter")
        await expect(page.locator(".message")).to_have_count(1)
        await page.fill("#entry", "시발 깜짝이야")
        await page.press("#entry", "Enter")
        masked = page.locator(".message.replaced")
        await expect(masked.locator(".content")).to_have_text("●● 깜짝이야")
        author = await masked.locator(".author").inner_text()
        assert author in speaker, f"{author!r} is not who spoke: {speaker!r}"
        await expect(page.locator("#log")).not_to_contain_text("시발")
        await expect(page.locator("#log")).to_contain_text("좋은 아침이에요")
        await page.screenshot(path=tmp_path / "masked.png")

        await masked.get_by_role("button", name="왜 가려졌나요?").click()
        await expect(page.locator(".message.ephemeral")).to_contain_text("욕설")
        await page.locator("#speaker button").click()
        await page.get_by_role("menuitem", name="하늘").click()
        await page.locator("#channel-list").get_by_text("관리자-알림").click()
        await expect(page.locator("#log")).to_contain_text("메시지를 가렸어요")
        await page.locator("#log").get_by_role("link", name="보러 가기").click()
        await expect(page.locator("#room-name")).to_have_text("자유-대화")
        await expect(page.locator(".message.jumped .content")).to_have_text("●● 깜짝이야")
        await browser.close()
        assert await demo.stop() == 0, demo.said()
    assert not demo.complaints(), demo.said()
    _report_shows_it(settings, tmp_path)


def _report_shows_it(settings: dict[str, str], folder: Path) -> None:
    report = garim("report", "--demo", "--format", "json", "--masked", folder=folder, settings=settings)
    assert report.returncode == 0, report.stderr
    assert "●● 깜짝이야" in report.stdout
    assert "시발" not in report.stdout
    table = garim("report", "--demo", folder=folder, settings=settings)
    assert table.returncode == 0, table.stderr
    assert len(table.stdout.splitlines()) > 3


async def test_the_demo_leaves_nothing_running(settings: dict[str, str], tmp_path: Path) -> None:
    async with program("demo", folder=tmp_path, settings=settings) as demo:
        address = ADDRESS.search(await demo.until("채팅 페이지"))
        assert address is not None
        assert await _answers(address[0])
        assert await demo.stop() == 0
    assert not await _answers(address[0]), "the sandbox ends with the demo"


async def _answers(address: str) -> bool:
    port = int(address.rstrip("/").rpartition(":")[2])
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def test_the_demo_keeps_its_incidents_apart_from_the_bots(settings: dict[str, str], tmp_path: Path) -> None:
    async with program("demo", folder=tmp_path, settings=settings) as demo:
        await demo.until("채팅 페이지")
        await demo.stop()
    own = await asyncio.to_thread(garim, "report", "--format", "json", folder=tmp_path, settings=settings)
    assert own.returncode != 0, "the bot itself has no database yet"
    demos = await asyncio.to_thread(garim, "report", "--demo", "--format", "json", folder=tmp_path, settings=settings)
    assert demos.returncode == 0, demos.stderr
    assert json.loads(demos.stdout) == []
