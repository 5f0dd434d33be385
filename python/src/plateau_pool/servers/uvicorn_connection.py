"""A connection of uvicorn, measured and of bounded age.

Built on either of uvicorn's HTTP/1.1 protocols by subclassing. Besides ``asyncio.Protocol`` it relies on three attributes of
them that carry no underscore but no promise either: ``app``, ``transport`` and ``cycle``; a test names each that goes missing.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, Protocol

from ..arrival import reached_at
from ..ports import Visit
from .asgi_request import Application, AsgiRequest, Receive, Send, Shared
from .connection_age import end_of_age
from .refusals import TOO_LATE, head
from .stamped import StampedListener

if TYPE_CHECKING:
    _Base = asyncio.Protocol
else:
    _Base = object


class LoopPool(Shared, Protocol):
    """What the connections of a process share."""

    listener: StampedListener
    ending: bool
    """Whether each connection ends with its next answer."""


class PoolConnection(_Base):
    """Comes before uvicorn's own protocol among the bases."""

    pool: LoopPool
    transport: asyncio.Transport
    app: Application
    cycle: Any
    lost = False
    arrived_at = 0.0
    _request: AsgiRequest | None = None
    _unsent: tuple[Visit, int] | None = None

    def __init__(self, *rest: Any, **named: Any) -> None:
        super().__init__(*rest, **named)
        self._application = self.app
        self.app = self._serve
        now = time.monotonic()
        self.old_at = end_of_age(now, self.pool.context.max_connection_age)
        self.receiving_since: float | None = now
        self._begun = False
        self._left = 0
        self._moved_at = now

    async def _serve(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        request = self._request = AsgiRequest(self.pool, self, scope, receive, send)
        try:
            await request.run(self._application)
        finally:
            if self._request is request:  # what runs on after an answer must not end the connection's next request
                self._request = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # Writing pauses with the first byte that the kernel does not take, and resumes when the last one is gone: so the end is seen.
        self.transport.set_write_buffer_limits(high=0)
        self._socket: socket.socket = transport.get_extra_info("socket")
        self._stamped = self.pool.listener.opened.get(self._socket.fileno())

    def data_received(self, data: bytes) -> None:
        self.arrived_at = self._stamped.arrived_at if self._stamped is not None else reached_at(self._socket)
        if self.receiving_since is None:
            self.receiving_since = time.monotonic()
        self._begun = True
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        super().connection_lost(exc)
        if self._request is not None:
            self._request.client_left()
        unsent, self._unsent = self._unsent, None
        if unsent is not None:
            unsent[0].abandoned()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._settle_sent()

    def is_last(self) -> bool:
        return self.pool.ending or time.monotonic() >= self.old_at

    def request_is_whole(self) -> None:
        self.receiving_since = None
        self._begun = False

    def written(self, visit: Visit, status: int) -> None:
        if self.lost:
            visit.abandoned()
            return
        self._unsent = (visit, status)
        self._settle_sent()

    def _settle_sent(self) -> None:
        if self._unsent is not None and not self.lost and self.transport.get_write_buffer_size() == 0:
            (visit, status), self._unsent = self._unsent, None
            visit.answered(status)

    def is_idle(self) -> bool:
        """Whether no request is under way, be it only half here."""
        return self._request is None and self._unsent is None and not self._begun

    def keep_time(self, now: float) -> None:
        """To be called now and then: ends requests that take too long to arrive, and clients that take nothing of their answer."""
        self._keep_sending(now)
        if self.receiving_since is None or now < self.receiving_since + self.pool.context.request_timeout:
            return
        self.receiving_since = None
        if self._request is not None and self._request.give_up():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(head("408 Request Timeout", TOO_LATE, ("Connection", "close")) + TOO_LATE)
            self.transport.close()

    def _keep_sending(self, now: float) -> None:
        left = self.transport.get_write_buffer_size()
        if left == 0 or left != self._left:
            self._left, self._moved_at = left, now
        elif now >= self._moved_at + self.pool.context.request_timeout:
            self.transport.abort()
