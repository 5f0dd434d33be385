"""An event loop of uvicorn that serves, in whatever process it runs."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import random
import socket
import time
from collections.abc import Callable
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from ..ports import Recorder, ServingContext
from .admission import Admission
from .application import load_application
from .body_memory import BodyMemory
from .stamped import StampedListener
from .uvicorn_connection import PoolConnection

_PROBE_PERIOD = 0.02
# Timers are due at whole milliseconds: up to one of lateness is no lag.
_TIMER_TICK = 0.001
_LOOK_PERIOD = 1.0
_DRAIN_LOOK_PERIOD = 0.05
# Processes share the listener: whoever wakes first must not take all.
_ACCEPTS_AT_ONCE = 8
_ORDER_TIMEOUT = 20.0


class PoolLoop:
    """Serves an application; told what to do from other threads."""

    def __init__(self, context: ServingContext, serving: Callable[[], None], each_second: Callable[[], None] = lambda: None) -> None:
        application = load_application(context.app)
        self.context = context
        self.recorder: Recorder = context.new_recorder()
        self.admission = Admission(context.threads, context.queue_for(context.threads))
        self.body_memory = BodyMemory(context.max_body)
        self.listener = StampedListener.of(context.listener)
        self.ending = False
        self._serving = serving
        self._each_second = each_second
        self._server = _Server(self, _config(self, application))
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self) -> None:
        """Serves until stopped."""
        self._server.run(sockets=[self.listener])

    def resize(self, threads: int) -> None:
        """In force when it returns. From any thread."""
        self._order(lambda: self._resize(threads))

    def end_share(self, share: float) -> None:
        """So many of the connections end with their next answer, since there is a new process for them. From any thread."""
        self._order(lambda: self.choose_share(share))

    def last_answers(self) -> None:
        """All connections end with their next answer."""
        self.ending = True

    def stop(self) -> None:
        """Accepts no more when it returns; ``run`` returns when what is in flight is done. From any other thread."""
        self.ending = True
        if self._loop is None:
            self._server.should_exit = True
        else:
            self._order(self.leave)

    def stop_soon(self, then: Callable[[], None]) -> None:
        """The same without waiting, also from a signal handler; ``then`` is called when it accepts no more."""

        def leave() -> None:
            self.leave()
            then()

        if self._loop is not None:
            self._loop.call_soon_threadsafe(leave)
        self._server.should_exit = True

    def leave(self) -> None:
        """The same, from the loop's own thread, between its callbacks."""
        self.ending = True
        self._server.should_exit = True
        # Not asyncio.Server.close: a connection accepted in the same turn would not find its server any more, and be dropped.
        asyncio.get_running_loop().remove_reader(self.listener)
        self.recorder.set_threads(0)

    def began(self) -> None:
        """The loop runs and accepts."""
        self._loop = loop = asyncio.get_running_loop()
        self._background = [loop.create_task(self._probe_lag()), loop.create_task(self._keep_time())]
        self.recorder.set_threads(self.context.threads)
        self._serving()

    @property
    def connections(self) -> list[PoolConnection]:
        """Those of HTTP; what was upgraded to a WebSocket belongs to another protocol of uvicorn."""
        return [connection for connection in self._server.server_state.connections if isinstance(connection, PoolConnection)]

    async def drain(self) -> None:
        """Gives idle connections a while for one more request, then closes them; returns when none is left."""
        until = time.monotonic() + self.context.idle_drain
        told: set[Any] = set()
        await asyncio.sleep(_DRAIN_LOOK_PERIOD)  # what was accepted last is not among the connections yet
        while self._server.server_state.connections:
            if time.monotonic() >= until:
                for connection in self.connections:
                    if connection.is_idle():
                        connection.transport.close()
                told |= self._end_websockets(told)
            await asyncio.sleep(_DRAIN_LOOK_PERIOD)

    def _end_websockets(self, told: set[Any]) -> set[Any]:
        """Says to those who were not told yet that the service restarts; returns them all."""
        websockets = {connection for connection in self._server.server_state.connections if not isinstance(connection, PoolConnection)}
        for websocket in websockets - told:
            websocket.shutdown()
        return websockets

    def _resize(self, threads: int) -> None:
        self.admission.resize(threads, self.context.queue_for(threads))
        self.recorder.set_threads(threads)

    def choose_share(self, share: float) -> None:
        """The same, from the loop's own thread."""
        for connection in self.connections:
            if random.random() < share:
                connection.old_at = 0.0

    def _order(self, do: Callable[[], None]) -> None:
        done: concurrent.futures.Future[None] = concurrent.futures.Future()

        def obey() -> None:
            try:
                do()
            except Exception as error:  # it must reach the one who asked
                done.set_exception(error)
            else:
                done.set_result(None)

        if self._loop is None:
            raise RuntimeError("The server has not started yet; ask again when it serves.")
        self._loop.call_soon_threadsafe(obey)
        done.result(_ORDER_TIMEOUT)

    async def _probe_lag(self) -> None:
        last = time.monotonic()
        while True:
            due = time.monotonic() + _PROBE_PERIOD
            await asyncio.sleep(_PROBE_PERIOD)
            now = time.monotonic()
            self.recorder.loop_lag(max(0.0, now - due - _TIMER_TICK), now - last)
            last = now

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_PERIOD)
            self._each_second()
            now = time.monotonic()
            for connection in self.connections:
                connection.keep_time(now)


class _Server(uvicorn.Server):
    """Uvicorn's server, which leaves signals to whoever owns the process and drops nobody when it stops."""

    def __init__(self, pool: PoolLoop, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._pool = pool

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
        return contextlib.nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._pool.began()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._pool.leave()
        await self._pool.drain()
        await super().shutdown(sockets)


def _config(pool: PoolLoop, application: Callable[..., Any]) -> uvicorn.Config:
    protocol = type("PoolProtocol", (PoolConnection, AutoHTTPProtocol), {"pool": pool})
    return uvicorn.Config(
        application,
        # The kernel's arrival stamps come with the sockets of the interpreter; uvloop reads past them.
        loop="asyncio",
        http=protocol,
        log_config=None,
        access_log=False,
        # asyncio takes the length of the backlog for the number of connections to accept in one turn; the listener listens already.
        backlog=_ACCEPTS_AT_ONCE,
        timeout_keep_alive=cast(int, pool.context.keep_alive_timeout),
    )
