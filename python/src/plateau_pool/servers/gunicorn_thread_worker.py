"""Gunicorn's threaded worker, measured, with a bounded queue and patience only where it costs no thread.

Relies on these members of ``gunicorn.workers.gthread`` (23 has them under other names, so 27 is the least): ``TConn``,
``ThreadWorker.enqueue_req``, ``accept``, ``handle``, ``handle_request``, ``handle_error``, ``finish_request``,
``murder_pending``, ``set_accept_enabled``, ``pending_conns``, ``poller``, ``nr_conns``. A test names each that goes missing.
"""

from __future__ import annotations

import contextlib
import errno
import selectors
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName, ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

from ..arrival import reached_at
from ..ports import Recorder, Visit
from .connection_age import end_of_age
from .gunicorn_body import bounded
from .gunicorn_notices import EndOfConnection
from .gunicorn_refusal import has_left, peek, refuse
from .refusals import QUEUE_FULL_REASON, TOO_LATE, head

_FIRST_LINE = 512
_LINGER_SECONDS = 2.0
_LINGER_READ = 65536
_GONE = (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK)
_NO_FILES = (errno.EMFILE, errno.ENFILE)
_PAUSE_WITHOUT_FILES = 0.01


class PoolConnection(TConn):
    """A connection, with the request that is under way on it."""

    visit: Visit | None = None
    status: int | None = None
    reading_until: float | None = None
    """By when a thread must have read its request; None once it has."""
    unread = False
    """Its client may still be sending what nobody will read."""
    request: Any = None

    def __init__(self, worker: PoolThreadWorker, sock: socket.socket, client: Any, server: Any) -> None:
        super().__init__(worker.cfg, sock, client, server)
        context = worker.pool.context
        self._worker = worker
        self._end = EndOfConnection(worker.pool.wishes, end_of_age(time.monotonic(), context.max_connection_age))
        seconds = int(context.request_timeout)
        limit = struct.pack("@ll", seconds, int((context.request_timeout - seconds) * 1e6))
        # A client that does not read its answer must not hold a thread for ever.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)

    def is_last(self) -> bool:
        return self._end.is_due(time.monotonic())

    def close(self, graceful: bool = False) -> None:
        # The worker's own way to close with grace blocks its accepting thread until the client hangs up. Here it is done only
        # where an answer could be lost: the kernel delivers what was sent, unless something comes in that nobody has read.
        if not (graceful and (self.unread or peek(self.sock, 1)) and self._worker.linger(self)):
            super().close()


class PoolThreadWorker(ThreadWorker):
    """One process with blocking threads. All but ``handle`` and what it calls runs in its main thread."""

    pool: Any
    """The ``GunicornPool``; set on a subclass before the workers are forked."""

    def __init__(self, *rest: Any, **named: Any) -> None:
        super().__init__(*rest, **named)
        self._waiting: set[PoolConnection] = set()
        self._reading: set[PoolConnection] = set()
        self._lingering: dict[PoolConnection, float] = {}
        self._thread = threading.local()
        self._announced = False

    def load_wsgi(self) -> None:
        super().load_wsgi()
        application: Callable[..., Any] = self.app.wsgi()
        self.wsgi = bounded(application, self.pool.context.max_body, self._body_done)
        self.recorder: Recorder = self.pool.context.new_recorder()
        self._bound = self.pool.context.queue_for(self.cfg.threads)

    def _body_done(self, whole: bool) -> None:
        """In a pool thread."""
        conn = self._thread.conn
        conn.reading_until = None
        if not whole:
            conn.unread = True
            conn.request.force_close()

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if self.alive and enabled and not self._announced:
            self._announced = True  # once: Gunicorn comes here whenever a worker is full, and nobody empties the pipe meanwhile
            self.recorder.set_threads(self.cfg.threads)
            self.pool.roster.say_serving()
        elif not self.alive:
            self.recorder.set_threads(0)
            self.pool.roster.say_leaving()

    def accept(self, listener: Any) -> None:
        """Takes a connection; it costs a thread only once its client has said something."""
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in _NO_FILES:
                time.sleep(_PAUSE_WITHOUT_FILES)  # until something is closed: the poller would come back at once
            elif error.errno not in _GONE:
                raise
            return
        self.nr_conns += 1
        conn = PoolConnection(self, sock, client, listener.getsockname())
        if peek(sock, 1) is None:
            self._await_data(conn, self.pool.context.request_timeout)
        else:
            self.enqueue_req(conn)

    def _await_data(self, conn: PoolConnection, seconds: float) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + seconds
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def enqueue_req(self, conn: PoolConnection) -> None:
        """Something came on a connection: it waits for a thread, or is turned away. If it was the end, nobody need wait for it."""
        if not self._read_ahead(conn) and peek(conn.sock, 1) == b"":
            self.nr_conns -= 1
            conn.close()
            return
        conn.data_ready = True
        conn.visit = self._visit(conn)
        if conn.visit is not None and not self._read_ahead(conn) and self._is_full():
            self._refuse(conn, conn.visit)
            return
        self._waiting.add(conn)
        super().enqueue_req(conn)

    def _visit(self, conn: PoolConnection) -> Visit | None:
        line = self._read_ahead(conn) or peek(conn.sock, _FIRST_LINE)
        if not line:
            return None
        words = line.split(b"\r\n", 1)[0].split(b" ")
        path = words[1].split(b"?")[0].decode("latin-1") if len(words) > 1 else ""
        return self.recorder.arrived(reached_at(conn.sock)) if self.pool.context.counted(path) else None

    def _read_ahead(self, conn: PoolConnection) -> bytes:
        """The beginning of a request that came together with the one before it."""
        return bytes(conn.parser.unreader.buf.getvalue()) if conn.parser is not None else b""

    def _is_full(self) -> bool:
        # Threads that are free will take the first of those that wait.
        free = self.cfg.threads - len(self._reading)
        return bool(len(self._waiting) >= self._bound + max(0, free))

    def _refuse(self, conn: PoolConnection, visit: Visit) -> None:
        conn.visit = None
        kept = refuse(conn.sock)
        visit.rejected(QUEUE_FULL_REASON, 503)
        if kept and self.alive:
            conn.sock.setblocking(False)
            conn.set_timeout()
            self.keepalived_conns.append(conn)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))
        else:
            conn.unread = True
            self.nr_conns -= 1
            conn.close(graceful=True)

    def handle(self, conn: PoolConnection) -> Any:
        """In a pool thread: reads a request and answers it."""
        self._waiting.discard(conn)
        visit, conn.visit, conn.status, conn.request = conn.visit, None, None, None
        if visit is not None and has_left(conn.sock):
            visit.abandoned()
            return False
        conn.reading_until = time.monotonic() + self.pool.context.request_timeout
        self._thread.conn = conn
        self._reading.add(conn)
        if visit is not None:
            visit.picked_up()
        try:
            return super().handle(conn)
        finally:
            self._reading.discard(conn)
            if visit is not None:
                if conn.status is None:
                    visit.abandoned()
                else:
                    visit.answered(conn.status)

    def handle_request(self, req: Any, conn: PoolConnection) -> Any:
        conn.request = req
        req.should_close = self._decided_once(conn, req.should_close)
        return super().handle_request(req, conn)

    def _decided_once(self, conn: PoolConnection, by_request: Callable[[], bool]) -> Callable[[], bool]:
        """Whether the connection ends: decided when the head of the answer is written, and true to it after that."""
        decided: list[bool] = []

        def should_close() -> bool:
            if not decided:
                decided.append(by_request() or conn.is_last() or not self.alive)
            return decided[0]

        return should_close

    def request_ended(self, response: Any) -> None:
        """Gunicorn's hook after each request, in the thread that worked on it, also when it failed."""
        error = sys.exc_info()[1]
        if response is not None and response.headers_sent and not isinstance(error, OSError):  # the client has not gone
            self._thread.conn.status = response.status_code if error is None else 500

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        own_fault = isinstance(exc, (InvalidResponseHeader, InvalidResponseHeaderName)) or not isinstance(exc, ParseException)
        conn = self._thread.conn
        conn.unread = True
        conn.status = 500 if own_fault else 400
        super().handle_error(req, client, addr, exc)

    def linger(self, conn: PoolConnection) -> bool:
        """Says the end of a connection, and reads what its client still sends, or the last answer might be lost on its way."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        self.nr_conns += 1
        self._lingering[conn] = time.monotonic() + _LINGER_SECONDS
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_lingering, conn))
        return True

    def _on_lingering(self, conn: PoolConnection, client: socket.socket) -> None:
        try:
            if client.recv(_LINGER_READ):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._end_lingering(conn)

    def _end_lingering(self, conn: PoolConnection) -> None:
        del self._lingering[conn]
        with contextlib.suppress(KeyError, ValueError):
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Called once a second or more often: ends what took too long."""
        now = time.monotonic()
        if not self.alive:
            for conn in self.pending_conns:
                conn.timeout = min(conn.timeout, now + self.pool.context.idle_drain)
        super().murder_pending()
        for conn, until in list(self._lingering.items()):
            if now >= until:
                self._end_lingering(conn)
        for conn in list(self._reading):
            self._hurry(conn, now)

    def _hurry(self, conn: PoolConnection, now: float) -> None:
        """Ends a request that takes too long to arrive: the thread that waits for it reads the end of the connection."""
        if conn.reading_until is None or now < conn.reading_until:
            return
        conn.reading_until = None
        with contextlib.suppress(OSError):
            if conn.request is None:  # still in its headers: nothing else answers
                conn.sock.send(head("408 Request Timeout", TOO_LATE, ("Connection", "close")) + TOO_LATE, socket.MSG_DONTWAIT)
                conn.status = 408
            conn.sock.shutdown(socket.SHUT_RD)
