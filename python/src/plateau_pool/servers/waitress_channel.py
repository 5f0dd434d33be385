"""A connection of waitress, measured, of bounded age, and patient with clients that are still sending."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any

from waitress.channel import HTTPChannel

from ..ports import Visit
from .connection_age import end_of_age
from .refusals import QUEUE_FULL_REASON
from .stamped import StampedSocket
from .waitress_task import ApplicationTask, FailureTask, PoolRequest, RefusalTask, RequestTooLate

_LINGER_SECONDS = 2.0
_READ_SIZE = 65536


class PoolChannel(HTTPChannel):
    """One connection. The loop's thread reads, a pool thread answers; only one request of a connection is worked on at a time."""

    lingers = False
    """The client may still be sending when the last answer is out: closing at once would reset the answer under way."""
    lingering_until: float | None = None
    failure_written = False
    """waitress answered 500 in place of the application; that answer belongs to a request of its own, without a visit."""
    request: PoolRequest | None
    _inline_in: int | None = None
    _closed_empty = False
    _closed_by_us = False

    def __init__(self, server: Any, sock: StampedSocket, *rest: Any, **named: Any) -> None:
        self._unsent: list[tuple[Visit, int]] = []
        self.old_at = end_of_age(time.monotonic(), server.context.max_connection_age)
        super().__init__(server, sock, *rest, **named)

    def parser_class(self, adj: Any) -> PoolRequest:
        return PoolRequest(adj, self.socket)

    def task_class(self, channel: PoolChannel, request: PoolRequest) -> ApplicationTask | RefusalTask:
        return RefusalTask(channel, request) if request.refused else ApplicationTask(channel, request)

    error_task_class = FailureTask

    def is_last(self) -> bool:
        """Whether the answer that is being written ends the connection."""
        return bool(self.server.ending) or time.monotonic() >= self.old_at

    def answer_inline(self) -> None:
        """The next request is answered by the calling thread, as soon as it holds no lock: no pool thread is spent on it."""
        self._inline_in = threading.get_ident()

    def received(self, data: bytes) -> bool:
        taken: bool = super().received(data)
        self._service_inline()
        return taken

    def service(self) -> None:
        self._service_one()
        self._service_inline()

    def _service_inline(self) -> None:
        while self._inline_in == threading.get_ident():
            self._inline_in = None
            self._service_one()

    def _service_one(self) -> None:
        request: PoolRequest = self.requests[0]
        self.failure_written = False
        if request.visit is not None:
            if request.refused:
                request.visit.rejected(QUEUE_FULL_REASON, 503)
                request.visit = None
            else:
                request.visit.picked_up()
        super().service()  # at its end, another thread may already work on the connection's next request
        self._settle_broken_off(request)

    def written(self, visit: Visit, status: int) -> None:
        """The answer is complete; what the kernel did not take yet is sent by the loop."""
        with self.outbuf_lock:
            if self.connected:
                self._unsent.append((visit, status))
                self._settle_sent()
            elif self._closed_empty:
                # Every write succeeded, or this would not be reached: the client had it all and hung up before the thread came here.
                visit.answered(status)
            else:
                visit.abandoned()

    def _settle_broken_off(self, request: PoolRequest) -> None:
        """Of an answer that was not completed the client has gone, or the application failed before it or in the middle of it."""
        visit, request.visit = request.visit, None
        if visit is None:
            return
        if self.failure_written:
            self.written(visit, 500)
        elif self.connected or self._closed_by_us:
            # The loop may have closed it already, once what there was of the answer had been sent.
            visit.answered(500)
        else:
            visit.abandoned()

    def _settle_sent(self) -> None:
        # A failed send closes the channel and empties its buffer: only an open one with an empty buffer has sent all.
        if self.connected and self.total_outbufs_len == 0:
            sent, self._unsent = self._unsent, []
            for visit, status in sent:
                visit.answered(status)

    def handle_write(self) -> None:
        super().handle_write()
        if self._unsent:
            with self.outbuf_lock:
                self._settle_sent()

    def readable(self) -> bool:
        return self.lingering_until is not None or bool(super().readable())

    def handle_read(self) -> None:
        if self.lingering_until is None:
            super().handle_read()
            return
        with contextlib.suppress(BlockingIOError):
            if self.recv(_READ_SIZE) == b"":
                self.connected = False

    def handle_close(self) -> None:
        if self.lingers and self.will_close and self.lingering_until is None and self._half_close():
            return
        with self.outbuf_lock:
            self._closed_empty = self._closed_empty or (self.connected and not self.total_outbufs_len)
            self._closed_by_us = self._closed_by_us or (self.connected and self.will_close)
            super().handle_close()
            unsent, self._unsent = self._unsent, []
            for visit, _ in unsent:
                visit.abandoned()

    def _half_close(self) -> bool:
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        self.will_close = False
        self.lingering_until = time.monotonic() + _LINGER_SECONDS
        return True

    def keep_time(self, now: float) -> None:
        """Called by the loop about once a second: ends what lingers, requests that take too long to arrive, and clients that
        take nothing of their answer."""
        if self.total_outbufs_len and time.time() >= self.last_activity + self.server.context.request_timeout:
            self.handle_close()
        elif self.lingering_until is not None:
            self.will_close = self.will_close or now >= self.lingering_until
        elif self.request is not None and now >= self.request.begun_at + self.server.context.request_timeout:
            self._give_up()

    def _give_up(self) -> None:
        with self.requests_lock:
            request = self.request
            if self.requests or request is None:
                return
            self.request = None
            request.error = RequestTooLate("The request took too long to arrive.")
            request.completed = True
            self.requests.append(request)
        self._service_one()

    def is_idle(self) -> bool:
        """Whether nothing is under way on it in either direction."""
        return not self.requests and self.request is None and not self.total_outbufs_len
