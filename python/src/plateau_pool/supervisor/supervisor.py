"""The supervisor's life: bind, start the child, show and change the pool, end everything in order."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from typing import Any

from ..log import log
from ..measure.segment import Segment, new_segment
from ..settings import Settings
from ..signals.parent_death import adopt_orphans
from .admin import Admin, problem
from .child_handle import ChildFailed, ChildHandle
from .child_keeper import ChildKeeper
from .figures import Figures
from .generation import Bounds, PoolConfig, tell_outside
from .http import HEAD_LIMIT, HttpServer
from .listening import bind
from .pool import Pool
from .start_config import CannotStart, read_start_config
from .status import Status
from .token import tell_unreadable

_LAST_MOMENT = 1.0
"""So long before the pod's grace period ends, what is left is killed."""
_LOOK_FOR_PROCESSES = 0.02
_LOOK_AGAIN = 1.0


async def supervise(settings: Settings) -> int:
    """Runs the pool until a signal ends it.

    :returns: the exit code: 0 after a clean end
    """
    try:
        config = read_start_config(settings)
        outside = tell_outside(config, Bounds(settings.threads_max, settings.processes_max, True, True))
        if outside is not None:
            raise CannotStart(_beyond(settings, outside))
        _warn_of_token(settings)
        with bind(settings.host, settings.port, "serving") as serving, bind(settings.host, settings.admin_port, "admin") as admin:
            return await _Supervisor(settings, config, serving, admin).run()
    except CannotStart as error:
        log("error", f"the server cannot start: {error}")
        return 1


class _Supervisor:
    def __init__(self, settings: Settings, config: PoolConfig, serving: socket.socket, admin: socket.socket) -> None:
        self._settings = settings
        self._serving = serving
        self._admin = admin
        segment = _new_segment(settings, config)
        self._figures = Figures(segment)
        self._pool = Pool(config, segment, self._enforce)
        self._keeper = ChildKeeper(settings, self._pool, serving, segment, self._announce)
        self._status = Status(settings, self._pool, self._figures)
        self._exit: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def run(self) -> int:
        adopt_orphans()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled, number)
        http = HttpServer(self._make_admin().answer, problem)
        server = await asyncio.start_server(http.connection, sock=self._admin, limit=HEAD_LIMIT)
        tasks = [loop.create_task(work()) for work in (self._keeper.keep, self._look, self._keeper.reap)]
        for task in tasks:
            task.add_done_callback(self._task_ended)
        try:
            return await self._exit
        finally:
            child = self._keeper.child
            for task in tasks:
                task.cancel()
            server.close()
            http.close_connections()
            if child is not None:
                child.kill()
                await _ended_within(child, _LAST_MOMENT)

    def _make_admin(self) -> Admin:
        status = self._status
        return Admin(
            pool=self._pool,
            token_file=self._settings.token_file,
            metrics=status.metrics,
            bounds=status.bounds,
            state=status.state,
            not_ready=status.not_ready,
            degraded=status.degraded,
        )

    async def _announce(self, child: ChildHandle) -> None:
        """A child came up. Of the first one the pod waits for all its processes."""
        await child.started.wait()
        status = self._status
        status.facts = child.facts
        if status.up or status.facts is None:
            return
        outside = tell_outside(self._pool.desired, status.bounds_of(status.facts))
        if outside is not None:
            self._fail(_beyond(self._settings, outside))
            return
        while status.taking_connections() < self._pool.desired.processes:
            await asyncio.sleep(_LOOK_FOR_PROCESSES)
        status.up = self._keeper.up = True
        port, admin_port = (str(sock.getsockname()[1]) for sock in (self._serving, self._admin))
        fields: dict[str, Any] = {"host": self._settings.host, "port": int(port), "adminPort": int(admin_port)}
        log("info", "serving", **fields, app=self._settings.app, server=self._settings.server)

    async def _enforce(self, config: PoolConfig) -> None:
        """Brings a size into force. A child that died meanwhile comes back with it; until then it is not in force."""
        while True:
            child = self._keeper.child
            if self._status.ending:
                raise ChildFailed("the server is ending")
            if child is not None and child.started.is_set():
                try:
                    await child.resize(config)
                except ChildFailed:
                    if child.process.returncode is None:
                        raise
                if self._status.taking_connections() == config.processes:
                    return
            await asyncio.sleep(_LOOK_FOR_PROCESSES)

    def _signalled(self, number: int) -> None:
        if self._status.ending:
            log("warn", "told a second time to end: ending at once")
            self._finish(128 + number)
            return
        self._status.ending = self._keeper.ending = True
        self._end_task = asyncio.create_task(self._end())
        self._end_task.add_done_callback(self._task_ended)

    async def _end(self) -> None:
        settings = self._settings
        deadline = time.monotonic() + settings.end_within
        grace = settings.drain_within
        child = self._keeper.child
        if child is not None and child.started.is_set():
            log("info", "ending: no longer ready, still accepting", graceMs=round(grace * 1000))
            child.send({"do": "last_answers"})
            await _ended_within(child, grace)
            self._serving.close()
            child.send({"do": "stop"})
            if not await _ended_within(child, deadline - time.monotonic()):
                log("warn", "requests were still in flight at the end of the grace period")
        log("info", "ended")
        self._finish(0)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._fail(str(error) if isinstance(error, CannotStart) else f"{type(error).__name__}: {error}")

    def _fail(self, message: str) -> None:
        log("error", f"the server cannot {'go on' if self._status.up else 'start'}: {message}")
        self._finish(1)

    def _finish(self, code: int) -> None:
        if not self._exit.done():
            self._exit.set_result(code)

    async def _look(self) -> None:
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            try:
                pause = self._figures.look(self._status.facts)
            except Exception as error:  # a figure is worth no request
                log("error", "the threads cannot be looked at", error=f"{type(error).__name__}: {error}")
                pause = _LOOK_AGAIN


async def _ended_within(child: ChildHandle, seconds: float) -> bool:
    try:
        await asyncio.wait_for(asyncio.shield(child.process.wait()), max(0.0, seconds))
    except TimeoutError:
        return False
    return True


def _new_segment(settings: Settings, config: PoolConfig) -> Segment:
    try:
        # Room for as many that retire as serve, and for some whose end has not been noticed.
        segment = new_segment(2 * settings.processes_max + 4, config.objective_ms / 1000)
    except OSError as error:
        raise CannotStart(
            f"there is no room for the figures that processes share ({os.strerror(error.errno or 0)}); free memory, or disk under TMPDIR"
        ) from error
    segment.reason("queue_full")
    return segment


def _beyond(settings: Settings, outside: str) -> str:
    source = "the flags" if settings.config_file is None else f"pool configuration {settings.config_file}"
    return f"{source}: {outside}; change it, or the limit with --threads-max or --processes-max"


def _warn_of_token(settings: Settings) -> None:
    problem_of_token = tell_unreadable(settings.token_file)
    if problem_of_token is not None:
        log("warn", f"{problem_of_token}: until it can be read, PUT /pool is refused")
