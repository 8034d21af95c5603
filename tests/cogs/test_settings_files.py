"""Settings as files, through Discord: exported, previewed, imported at a press, and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.policy import Notice, Policy
from bot.records import AuditKind
from bot.settings_exchange import FILE_LIMIT_BYTES
from masker.presets import Preset
from sandbox.models import Message
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.calling import HOSTILE, call, fields, file_bytes, one_id, parts, press
from tests.support.running import Running, channel_id, running_bot, settings_for

FILE = b'preset = "strict"\nnotice = "dm"\n\n[thresholds]\ngender = 0.5\n'


async def run(running: Running, *path: str, **more: Any) -> Message:
    """Run one of the settings commands."""
    return await call(running, "settings", *path, **more)


async def policy_of(running: Running) -> Policy:
    return await running.storage.guilds.policy(running.demo.guild.id)


async def apply(running: Running, message: Message, who: str = "haneul") -> Message:
    return await press(running, message, one_id(message, "garim:settings:import:"), who=who)


async def test_a_file_is_previewed_applied_at_a_press_and_taken_back_at_another(running: Running) -> None:
    await run(running, "observe", on=True)
    before = await policy_of(running)
    shown = await run(running, "import", file=("file", FILE))
    assert "아직 아무것도 바꾸지 않았어요" in shown.content
    for line in ("**기준** 기본값 → 엄격하게", "성별 혐오: 기본값 → 0.50", "**관찰만 하기** 켜짐"):
        assert line in shown.content
    assert await policy_of(running) == before
    applied = await apply(running, shown)
    policy = await policy_of(running)
    assert (policy.preset, policy.notice, policy.observe) == (Preset.STRICT, Notice.DM, False)
    assert {one.key for one in await running.storage.guilds.history(running.demo.guild.id, limit=4)} == {
        "preset",
        "notice",
        "thresholds",
        "observe",
    }
    (deed,) = await running.storage.audit.history(running.demo.guild.id)
    assert (deed.what, deed.actor_id) == (AuditKind.SETTINGS_IMPORTED, running.demo.people["haneul"].id)
    await apply(running, applied)
    assert await policy_of(running) == before


@pytest.mark.parametrize("form", ["toml", "json"])
async def test_what_was_exported_brings_the_settings_back(running: Running, form: str) -> None:
    await run(running, "preset", level="strict")
    await run(running, "channel", "set", channel=str(channel_id(running)), label="age", score=0.3)
    await run(running, "escalation", "set", points=3, do="timeout", minutes=5)
    before = await policy_of(running)
    saved = file_bytes(running, await run(running, "export", form=form))
    await apply(running, await run(running, "import", file=("file", b"")))
    assert await policy_of(running) == Policy()
    await apply(running, await run(running, "import", file=("file", saved)))
    assert await policy_of(running) == before
    assert "같아요" in (await run(running, "import", file=("file", saved))).content


async def test_a_press_after_a_restart_still_applies(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    async with running_bot(demo, server, settings) as running:
        shown = await run(running, "import", file=("file", FILE))
    async with running_bot(demo, server, settings) as running:
        await apply(running, shown)
        assert (await policy_of(running)).preset is Preset.STRICT


async def test_a_preview_that_something_else_overtook_is_not_applied(running: Running) -> None:
    shown = await run(running, "import", file=("file", FILE))
    await run(running, "language", language="en")
    assert "그 사이에" in (await apply(running, shown)).content
    policy = await policy_of(running)
    assert (policy.preset, policy.locale) == (Preset.STANDARD, "en")


async def test_two_presses_apply_once(running: Running) -> None:
    shown = await run(running, "import", file=("file", FILE))
    await apply(running, shown)
    assert "그 사이에" in (await apply(running, shown)).content
    assert len(await running.storage.guilds.history(running.demo.guild.id)) == 3


async def test_a_file_that_does_not_fit_is_told_by_line_and_key(running: Running) -> None:
    told = await run(running, "import", file=("file", b'preset = "strict"\nnotise = "dm"\n[thresholds]\nage = 7\n'))
    assert "2번째 줄 **notise** 모르는 키예요. 혹시 notice 인가요?" in told.content
    assert "4번째 줄 **thresholds.age** 1.0 이하여야 해요." in told.content
    assert not parts(told)
    assert await policy_of(running) == Policy()


@pytest.mark.parametrize(("words", "kind"), HOSTILE, ids=[kind for _, kind in HOSTILE])
async def test_hostile_files_are_refused_and_shown_dead(running: Running, words: str, kind: str) -> None:
    for source in (words, f"{words} = 1", f'"{words[:200]}" = 1', f'preset = "{words}"'):
        told = await run(running, "import", file=("file", source.encode()))
        assert "가져오지 못했어요" in told.content
        assert len(told.content) <= 2_000
        assert "@everyone" not in told.content.replace("\\@", "")
        assert "**x**" not in told.content
        assert "\u202e" not in told.content, "what turns the text around is not repeated"
        assert (told.mentions, told.mention_roles, told.mention_everyone) == ([], [], False)
    assert await policy_of(running) == Policy()


async def test_a_file_beyond_the_limit_is_not_even_read(running: Running) -> None:
    told = await run(running, "import", file=("file", b"#" * (FILE_LIMIT_BYTES + 1)))
    assert "너무 커요" in told.content


async def test_a_file_from_another_server_is_told_to_be_looked_at(running: Running) -> None:
    shown = await run(running, "import", file=("file", b"exempt_role_ids = [42]\nalert_channel_id = 43\n"))
    assert "없는 역할이나 채널이 2개" in shown.content


async def test_a_press_on_a_file_in_the_wrong_hands_does_nothing(running: Running) -> None:
    shown = await run(running, "import", file=("file", FILE))
    shown.ephemeral_to = running.demo.people["jiho"].id
    assert "서버 관리하기" in (await apply(running, shown, who="jiho")).content
    assert await policy_of(running) == Policy()


async def test_the_record_is_read_page_by_page_and_any_change_taken_back(running: Running) -> None:
    levels = ["strict", "lenient", "standard"] * 4
    for level in levels:
        await running.storage.guilds.update(running.demo.guild.id, {"preset": level}, running.demo.people["haneul"].id)
    await run(running, "notice", way="dm")
    shown = await run(running, "history")
    (embed,) = shown.embeds
    assert embed["description"].count("<t:") == 8
    assert "쓴 사람에게 알리기" in embed["description"].splitlines()[1]
    (older,) = [one for one in parts(shown) if one.startswith("garim:settings:history:") and not one.endswith(":0")]
    await press(running, shown, older)
    (embed,) = shown.embeds
    assert embed["description"].count("<t:") == 5
    await press(running, shown, "garim:settings:history:0")
    newest = (await running.storage.guilds.history(running.demo.guild.id, limit=1))[0]
    told = await press(running, shown, "garim:settings:revert", str(newest.id))
    assert fields(told)["쓴 사람에게 알리기"] == "버튼"
    assert (await policy_of(running)).notice is Notice.BUTTON


async def test_another_servers_change_cannot_be_taken_back_from_here(running: Running) -> None:
    elsewhere = running.demo.guild.id + 1
    await running.storage.guilds.update(elsewhere, {"observe": True}, 1)
    told = await run(running, "observe", on=True)
    (change,) = await running.storage.guilds.history(elsewhere)
    for item in parts(told).values():
        item["custom_id"] = f"garim:settings:undo:{change.id}"  # type: ignore[index]
    assert "없어요" in (await press(running, told, f"garim:settings:undo:{change.id}")).content
    assert (await running.storage.guilds.policy(elsewhere)).observe is True


async def test_an_empty_record_says_so(running: Running) -> None:
    (embed,) = (await run(running, "history")).embeds
    assert "아직 바뀐 설정이 없어요" in embed["description"]
    (embed,) = (await run(running, "history", kind="deeds")).embeds
    assert "아직 기록이 없어요" in embed["description"]


async def test_what_moderators_did_is_read_page_by_page_in_words_of_its_own(running: Running) -> None:
    guild, people = running.demo.guild.id, running.demo.people
    for what in AuditKind:
        await running.storage.audit.record(
            guild, people["seoyeon"].id, what, incident_id=7, member_id=people["jiho"].id
        )
    await running.storage.audit.record(guild + 1, 1, AuditKind.WARNED)
    shown = await run(running, "history", kind="deeds")
    (embed,) = shown.embeds
    assert f"<@{people['seoyeon'].id}> 암호화 키를 바꿨어요 · 사건 #7 · <@{people['jiho'].id}>" in embed["description"]
    assert embed["description"].count("<t:") == 15
    (older,) = [one for one in parts(shown) if not one.endswith(":0")]
    await press(running, shown, older)
    (embed,) = shown.embeds
    assert embed["description"].count("<t:") == len(AuditKind) - 15
    assert "원래 글을 봤어요" in embed["description"]
    shown.ephemeral_to = people["jiho"].id
    assert "서버 관리하기" in (await press(running, shown, "garim:settings:deeds:0", who="jiho")).content
