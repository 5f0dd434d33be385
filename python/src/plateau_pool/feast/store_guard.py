"""An ASGI layer around Feast's application that turns the loss of its store into what the pool promises: 503 and ``Retry-After``, soon.

Feast itself answers 500 then, after all the retries of its store's client.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import redis

from plateau_pool.features.breaker import Breaker
from plateau_pool.features.redis_errors import why_lost
from plateau_pool.features.refusal import STORE_AWAY, StoreLost

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

_READS = ("/get-online-features", "/search", "/retrieve-online-documents")
"""Routes that only read. The others may take as long as they like."""

_LOST = (redis.ConnectionError, redis.TimeoutError, ConnectionError, TimeoutError)

_SERVER_ERROR = 500


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def store_loss(error: BaseException) -> str | None:
    """Why the store counts as lost; ``None`` when the error, with all that led to it, says nothing of the kind."""
    for link in _chain(error):
        # A missing table is a mistake in the set-up, which no later try mends.
        if isinstance(link, _LOST) or (isinstance(link, sqlite3.OperationalError) and "no such" not in str(link)):
            if isinstance(link, redis.RedisError):
                return f"the online store cannot be read: {why_lost(link)}"
            return f"the online store does not answer: {str(link) or type(link).__name__}"
    return None


class StoreGuard:
    """Wraps Feast's application."""

    def __init__(self, app: Application, breaker: Breaker, limit: float) -> None:
        """``limit``: seconds after which a read is given up."""
        self._app = app
        self._breaker = breaker
        self._limit = limit

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or scope["path"] not in _READS:
            await self._app(scope, receive, send)
            return
        try:
            self._breaker.check()
        except StoreLost:
            await _refuse(send, STORE_AWAY)
            return
        await self._read(scope, receive, _Held(send))

    async def _read(self, scope: Message, receive: Receive, held: _Held) -> None:
        deadline = asyncio.timeout(self._limit)
        try:
            async with deadline:
                await self._app(scope, receive, held.send)
        except Exception as error:
            reason = store_loss(error)
            if reason is None or held.begun:
                await held.release()
                raise
            # What took too long may have waited for its turn and not for the store: that alone stops no other request.
            told = f"No answer within {self._limit:g} s: the store is slow, or the pool has more to do than it can; try again."
            if not deadline.expired():
                self._breaker.lost(reason)
                told = STORE_AWAY
            await _refuse(held.forward, told)
            return
        if held.succeeded:
            self._breaker.answered()
        await held.release()


class _Held:
    """Passes an answer on, but keeps a server error back: why it came is known only when the application has raised."""

    def __init__(self, forward: Send) -> None:
        self.forward = forward
        self.begun = False
        self.succeeded = False
        self._kept: list[Message] = []

    async def send(self, message: Message) -> None:
        """What the application calls."""
        if self._kept or (message["type"] == "http.response.start" and message["status"] == _SERVER_ERROR):
            self._kept.append(message)
            return
        self.begun = True
        self.succeeded = self.succeeded or message.get("status") == 200  # noqa: PLR2004
        await self.forward(message)

    async def release(self) -> None:
        """Sends what was kept back."""
        kept, self._kept = self._kept, []
        for message in kept:
            await self.forward(message)


async def _refuse(send: Send, reason: str) -> None:
    body = json.dumps({"detail": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"retry-after", b"1")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
