"""Run a sandbox: bind a loopback port, tell the world its addresses, and take it all down again."""

from __future__ import annotations

import asyncio
import ipaddress
import json
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from sandbox.app import build_app
from sandbox.faults import Faults
from sandbox.gateway.hub import GatewayHub, GatewayOptions
from sandbox.http import API, GATEWAY
from sandbox.openapi import Validator
from sandbox.ratelimit import RateLimits
from sandbox.world import World

SHUTDOWN_S = 2.0


class NotLoopbackError(ValueError):
    """The host could be reached from elsewhere; anyone who reaches the page may speak as any member."""


def check_host(host: str, *, allow_remote: bool = False) -> None:
    """Raise NotLoopbackError unless the host is a loopback address or that was waived."""
    if allow_remote or host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise NotLoopbackError(
            f"the sandbox serves loopback only, and {host!r} is not loopback: "
            "use 127.0.0.1, or --allow-remote if everyone who reaches it may speak as anyone"
        )


class Sandbox:
    """A running server: `async with Sandbox(world) as server`. Port 0 takes a free one.

    `openapi` is the path of Discord's API description, read once; `limits`, `faults` and `gateway` may be changed
    while it runs. Raises NotLoopbackError, and OSError when the port cannot be bound.
    """

    def __init__(
        self,
        world: World,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        openapi: Path | str | None = None,
        limits: RateLimits | None = None,
        faults: Faults | None = None,
        gateway: GatewayOptions | None = None,
        allow_remote: bool = False,
    ) -> None:
        check_host(host, allow_remote=allow_remote)
        self.world = world
        self.host = host
        self.port = port
        self.limits = limits or RateLimits()
        self.faults = faults or Faults()
        self.validator = Validator.load(Path(openapi)) if openapi is not None else None
        self.app = build_app(world, gateway=gateway, limits=self.limits, faults=self.faults, validator=self.validator)
        self._runner: web.AppRunner | None = None

    @property
    def hub(self) -> GatewayHub:
        """Return the gateway's sessions and the means to disturb them."""
        return self.app[GATEWAY]

    @property
    def page(self) -> str:
        """Return the chat page's address."""
        return f"http://{self._authority}/"

    @property
    def api_base(self) -> str:
        """Return the REST base for `Route.BASE`."""
        return f"http://{self._authority}{API}"

    @property
    def gateway(self) -> str:
        """Return the gateway's address for `DiscordWebSocket.DEFAULT_GATEWAY`."""
        return f"ws://{self._authority}/gateway"

    @property
    def cdn(self) -> str:
        """Return the CDN's base for `Asset.BASE`."""
        return f"http://{self._authority}/cdn"

    @property
    def _authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def ready_line(self) -> str:
        """Return one line of JSON with every address and the bots' tokens."""
        facts: dict[str, Any] = {
            "page": self.page,
            "api_base": self.api_base,
            "gateway": self.gateway,
            "cdn": self.cdn,
            "tokens": {app.name: app.token for app in self.world.applications.values()},
        }
        first = next(iter(self.world.applications.values()), None)
        facts["token"] = first.token if first is not None else None
        return json.dumps(facts, ensure_ascii=False)

    async def __aenter__(self) -> Sandbox:
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self.port).start()
        except BaseException:
            await self._runner.cleanup()
            raise
        self.port = self._runner.addresses[0][1]
        self.world.api_base, self.world.gateway_url, self.world.cdn_base = self.api_base, self.gateway, self.cdn
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.faults.clear()
        await self.hub.close_all(1001, "The sandbox is going down.")
        if self._runner is not None:
            await self._runner.cleanup()
        await asyncio.sleep(0)
