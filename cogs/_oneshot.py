"""A session that sends a webhook's post once, for discord.py's webhook adapter, which would send it up to five times.

Execute Webhook has no nonce, so a post that was answered by a 5xx, or not at all, may stand in the channel or not. The
adapter repeats it blindly; handed this session it cannot, and the enforcer looks before it posts again.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

import aiohttp

from cogs._refusals import InDoubt, Refusal, Refused


class OneShotSession:
    """Be an aiohttp session as far as discord.py's webhook adapter needs one.

    `request` raises InDoubt on a 5xx, a broken connection or after `timeout_s`; a 429 goes through to the adapter
    (it was not carried out; the adapter waits and repeats), unless the wait is over `wait_limit_s`: then Refused.
    """

    def __init__(self, session: aiohttp.ClientSession, *, timeout_s: float, wait_limit_s: float) -> None:
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._wait_limit_s = wait_limit_s

    def request(self, method: str, url: str, **options: Any) -> _OneShot:
        """Return the request as a context manager that gives the response, its body read."""
        return _OneShot(self._session, method, url, {**options, "timeout": self._timeout}, self._wait_limit_s)


class _OneShot:
    def __init__(
        self, session: aiohttp.ClientSession, method: str, url: str, options: dict[str, Any], wait_limit_s: float
    ) -> None:
        self._session = session
        self._method = method
        self._url = url
        self._options = options
        self._wait_limit_s = wait_limit_s
        self._response: aiohttp.ClientResponse | None = None

    async def __aenter__(self) -> aiohttp.ClientResponse:
        try:
            response = await self._session.request(self._method, self._url, **self._options)
            self._response = response
            await response.read()
        except (aiohttp.ClientError, OSError) as fault:
            self._release()
            raise InDoubt(f"no whole answer to a webhook's post: {type(fault).__name__}") from None
        if response.status >= 500:
            self._release()
            raise InDoubt(f"a webhook's post was answered with {response.status}")
        if response.status == 429 and _retry_after_s(response) > self._wait_limit_s:
            self._release()
            raise Refused(Refusal.RATE_LIMITED, 429, retry_after_s=_retry_after_s(response))
        return response

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def _release(self) -> None:
        if self._response is not None:
            self._response.release()


def _retry_after_s(response: aiohttp.ClientResponse) -> float:
    try:
        return float(response.headers.get("Retry-After", "0"))
    except ValueError:
        return 0.0
