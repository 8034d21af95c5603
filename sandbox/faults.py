"""Disturb requests on purpose: errors, delays, lost connections, answers that never come.

A rule picks requests by method and route template (`*` for any REST route; `{...}` stands for itself, as in the request
log; the CDN's, such as `/cdn/attachments/{channel_id}/{attachment_id}/{filename}`, only when named),
then by number (`nth`, counted from 1 among those that match), `count` and `probability`, and does one thing:

refuse    answer `status` with `body` before anything happens (json or html)
delay     wait `delay_ms`, then go on
drop      break the connection before anything happens
lose      do the work, then break the connection without an answer
spoil     do the work, then answer `status` (a 500 or 502) with `body`
halve     do the work, then break the connection in the middle of the answer
hold      wait until released, then go on; `hold_after` does the work first and holds back the answer
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = frozenset({"refuse", "delay", "drop", "lose", "spoil", "halve", "hold", "hold_after"})
MAX_DELAY_MS = 600_000
MAX_RULES = 100
MAX_BODY = 65_536


@dataclass(slots=True)
class Fault:
    """One rule; `seen` and `hits` count the requests that matched it and those it disturbed.

    `reached` is set once a request is held, `released` lets it go on.
    """

    kind: str
    method: str = "*"
    route: str = "*"
    status: int = 500
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay_ms: float = 0.0
    nth: int | None = None
    count: int | None = 1
    probability: float = 1.0
    params: dict[str, str] = field(default_factory=dict)
    id: int = 0
    seen: int = 0
    hits: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def matches(self, method: str, route: str, params: Mapping[str, str]) -> bool:
        """Tell whether a request is of the kind that this rule looks at."""
        return (
            self.method in ("*", method)
            and (self.route == route or (self.route == "*" and not route.startswith("/cdn/")))
            and all(params.get(name) == value for name, value in self.params.items())
        )

    def describe(self) -> dict[str, Any]:
        """Return the rule as JSON, for the control API."""
        names = ("id", "kind", "method", "route", "status", "delay_ms", "nth", "count", "probability", "params")
        return {name: getattr(self, name) for name in (*names, "seen", "hits", "waiting")}


class Faults:
    """The rules in force, first added first asked; one request is disturbed by one rule at most."""

    def __init__(self, *, seed: int = 0) -> None:
        self.rules: list[Fault] = []
        self._random = random.Random(seed)
        self._ids = itertools.count(1)

    def add(self, kind: str, method: str = "*", route: str = "*", **options: Any) -> Fault:
        """Add a rule and return it; raises ValueError naming what is wrong.

        `count=None` disturbs for ever; with `nth` exactly the nth matching request (and `count - 1` after it).
        """
        rule = Fault(kind, method.upper(), route, **options)
        if kind not in KINDS:
            raise ValueError(f"fault kind {kind!r} is none of {', '.join(sorted(KINDS))}")
        if not 0 <= rule.delay_ms <= MAX_DELAY_MS:
            raise ValueError(f"delay_ms must be within 0 and {MAX_DELAY_MS}, not {rule.delay_ms}")
        if not 100 <= rule.status <= 599:
            raise ValueError(f"status must be an HTTP status, not {rule.status}")
        if not 0 <= rule.probability <= 1:
            raise ValueError(f"probability must be within 0 and 1, not {rule.probability}")
        if (rule.nth is not None and rule.nth < 1) or (rule.count is not None and rule.count < 1):
            raise ValueError("nth and count start at 1")
        if len(self.rules) >= MAX_RULES:
            raise ValueError(f"no more than {MAX_RULES} rules at once; remove some first")
        rule.id = next(self._ids)
        self.rules.append(rule)
        return rule

    def pick(self, method: str, route: str, params: Mapping[str, str]) -> Fault | None:
        """Return the rule that disturbs this request, counting it."""
        for rule in self.rules:
            if not rule.matches(method, route, params):
                continue
            rule.seen += 1
            if self._strikes(rule):
                rule.hits += 1
                return rule
        return None

    def _strikes(self, rule: Fault) -> bool:
        if rule.count is not None and rule.hits >= rule.count:
            return False
        if rule.nth is not None and rule.seen < rule.nth:
            return False
        return rule.probability >= 1 or self._random.random() < rule.probability

    def release(self, rule_id: int | None = None) -> None:
        """Let held requests go on: of one rule or of all."""
        for rule in self.rules:
            if rule_id in (None, rule.id):
                rule.released.set()

    def remove(self, rule_id: int) -> bool:
        """Remove one rule, letting go what it holds; False when there is none."""
        found = next((rule for rule in self.rules if rule.id == rule_id), None)
        if found is not None:
            found.released.set()
            self.rules.remove(found)
        return found is not None

    def clear(self) -> None:
        """Remove every rule, letting go what they hold."""
        self.release()
        self.rules.clear()
