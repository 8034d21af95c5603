"""The sandbox of the demo goes when the demo goes, however that ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.demo import demo_settings, sandbox_process
from bot.settings import PathSettings, Settings

ROOT = Path(__file__).parents[2]
PARENT = """
import asyncio
from bot.demo import sandbox_process
async def main():
    async with sandbox_process() as (process, place):
        print(process.pid, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


def stands(pid: int) -> bool:
    """Tell whether a process that is not our child still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_the_demo_points_the_bot_at_its_sandbox_and_keeps_files_of_its_own(tmp_path: Path) -> None:
    async with sandbox_process() as (process, place):
        settings = demo_settings(Settings(paths=PathSettings(data_dir=tmp_path)), place)
        assert settings.data_dir == tmp_path / "demo"
        assert settings.discord.api_base == place.api_base
        assert process.returncode is None
    assert process.returncode == 0


async def test_a_killed_demo_leaves_no_sandbox_behind(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-c", PARENT, env=environ, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await asyncio.wait_for(parent.stdout.readline(), 30))
    assert stands(pid)
    parent.kill()
    await parent.wait()
    for _ in range(500):
        if not stands(pid):
            return
        await asyncio.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    raise AssertionError("the sandbox outlived the demo")
