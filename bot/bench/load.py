"""The other side of `garim bench latency`: a sandbox in a process of its own, and members who speak at a steady pace.

Started as `python -m bot.bench.load OPTIONS`, with one JSON object of options. It prints one JSON line when the
sandbox is ready, begins when it reads a line, prints a line now and then on the way, and at last what came of each
message, read from the sandbox's log, on one clock. It ends when its input does.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from typing import Any

from bot.bench.corpus import clean_lines, offending_lines
from sandbox.models import Channel, LogEntry, User
from sandbox.seed import Demo, demo_world
from sandbox.server import Sandbox

PROGRESS_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Say how much is posted. `offending_every` 10 makes every tenth message offend; `settle_s` bounds the wait."""

    messages: int = 1_000
    per_second: float = 100.0
    channels: int = 25
    offending_every: int = 10
    settle_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Fate:
    """Say what came of one offending message: milliseconds after its post, None where it never happened.

    `first_in_channel` marks those whose repost had to create the channel's webhook.
    """

    first_in_channel: bool
    deleted_ms: float | None
    reposted_ms: float | None
    reposts: int


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Give every offending message's fate and what happened to the clean ones."""

    fates: tuple[Fate, ...]
    sent: int
    clean_deleted: int
    sending_s: float
    requests: dict[str, int]


class Load:
    """Post the messages of `options` into a world, and read from its log what came of them.

    Each offending message has an author of its own, so that a repost is told by its author's name; clean ones come from
    other members.
    """

    def __init__(self, demo: Demo, options: LoadOptions) -> None:
        self._world = demo.world
        self._options = options
        self._channels: list[Channel] = [
            self._world.create_channel(demo.guild, f"부하-{number + 1}") for number in range(options.channels)
        ]
        self._talkers = [self._join(demo, f"손님 {number + 1}") for number in range(50)]
        offending = -(-options.messages // options.offending_every)
        self._offenders = [self._join(demo, f"이웃 {number + 1}") for number in range(offending)]
        self._posted: dict[int, int] = {}
        self.sent = 0

    def _join(self, demo: Demo, name: str) -> User:
        user = self._world.create_user(f"load{len(self._world.users)}", display_name=name)
        self._world.add_member(demo.guild, user)
        return user

    async def post(self) -> float:
        """Post everything at the pace asked for; returns the seconds it took."""
        clean, offending = clean_lines(), offending_lines()
        started = time.perf_counter()
        for number in range(self._options.messages):
            due = started + number / self._options.per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            turn, left = divmod(number, self._options.offending_every)
            # Offending and harmless messages go round the channels each for themselves: else some would have none.
            channel = self._channels[(number if left else turn) % len(self._channels)]
            if left == 0:
                author = self._offenders[turn]
                message = self._world.member_send(author.id, channel.id, next(offending))
                self._posted[message.id] = author.id
            else:
                author = self._talkers[number % len(self._talkers)]
                self._world.member_send(author.id, channel.id, next(clean))
            self.sent += 1
        return time.perf_counter() - started

    async def settle(self) -> None:
        """Wait until every offending message is gone and reposted, or the time for it is over."""
        deadline = time.perf_counter() + self._options.settle_s
        while time.perf_counter() < deadline:
            if all(fate.deleted_ms is not None and fate.reposts for fate in self.fates()):
                await asyncio.sleep(1.0)  # a second repost of the same message would come now
                return
            await asyncio.sleep(0.25)

    def fates(self) -> tuple[Fate, ...]:
        """Read the log: one fate per offending message, in the order of posting."""
        created: dict[int, LogEntry] = {}
        deleted: dict[int, LogEntry] = {}
        reposts: defaultdict[str, list[LogEntry]] = defaultdict(list)
        for entry in self._world.log:
            if entry.what == "created" and entry.webhook_id is not None:
                reposts[entry.author_name].append(entry)
            elif entry.what == "created":
                created[entry.message_id] = entry
            elif entry.what == "deleted":
                deleted[entry.message_id] = entry
        seen: set[int] = set()
        fates = []
        for message_id in self._posted:
            start = created[message_id]
            stands = reposts.get(start.author_name, [])
            gone = deleted.get(message_id)
            fates.append(
                Fate(
                    first_in_channel=start.channel_id not in seen,
                    deleted_ms=None if gone is None else (gone.at_s - start.at_s) * 1_000,
                    reposted_ms=(stands[0].at_s - start.at_s) * 1_000 if stands else None,
                    reposts=len(stands),
                )
            )
            seen.add(start.channel_id)
        return tuple(fates)

    def result(self, sending_s: float) -> LoadResult:
        """Sum up the run."""
        deleted = {entry.message_id for entry in self._world.facts("deleted")}
        requests = Counter(f"{entry.method} {entry.route} {entry.status}" for entry in self._world.requests)
        return LoadResult(self.fates(), self.sent, len(deleted - self._posted.keys()), sending_s, dict(requests))


def _say(**line: Any) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


async def _run(options: LoadOptions) -> None:
    demo = demo_world()
    load = Load(demo, options)
    async with Sandbox(demo.world, "127.0.0.1", port=0) as server:
        _say(ready={"api_base": server.api_base, "gateway": server.gateway, "cdn": server.cdn, "token": demo.token})
        if not await asyncio.to_thread(sys.stdin.readline):
            return
        posting = asyncio.create_task(load.post())
        while not posting.done():
            await asyncio.wait({posting}, timeout=PROGRESS_EVERY_S)
            _say(sent=load.sent)
        sending_s = await posting
        await load.settle()
        _say(done=asdict(load.result(sending_s)))
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_run(LoadOptions(**json.loads(sys.argv[1]))))
