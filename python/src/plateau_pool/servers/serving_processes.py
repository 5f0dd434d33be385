"""Processes that serve side by side on one listener, their number changed while they serve.

Forked from the process that watches them, which imports no application and serves nothing. Each has a channel: numbered orders
go one way, what became of them the other, and its end means that the other side is gone.
"""

from __future__ import annotations

import contextlib
import logging
import math
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing import connection
from multiprocessing.connection import Connection
from typing import Any, Protocol

from ..ports import ServingContext

logger = logging.getLogger(__name__)

_forking = multiprocessing.get_context("fork")
_BOOT_TIMEOUT = 120.0
_ORDER_TIMEOUT = 20.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0
_LOOK_PERIOD = 0.5
_BOOT = 0
"""The number of what every process is told first: to serve."""


class ProcessFailed(RuntimeError):
    """A serving process did not come up, or did not obey in time."""


class Serving(Protocol):
    """What a serving process offers to its channel. Called from a thread of its own."""

    def run(self) -> None:
        """Serves in the main thread until stopped."""

    def resize(self, threads: int) -> None:
        """Returns when it is in force."""

    def end_share(self, share: float) -> None:
        """So many of the connections end with their next answer."""

    def last_answers(self) -> None:
        """All connections end with their next answer."""

    def stop(self) -> None:
        """``run`` returns when what is in flight is done."""


Build = Callable[[Callable[[], None], int], Serving]
"""Makes what serves, given what to call once it does, and the knob."""


def _obey(channel: Connection, serving: Serving) -> None:
    # An order may fail with an OSError of its own: only the channel's mean that whoever watched this process is gone.
    while True:
        try:
            number, name, *arguments = channel.recv()
        except (EOFError, OSError):
            break
        problem = _problem_of(getattr(serving, name), arguments)
        try:
            channel.send((number, problem))
        except OSError:
            break
    serving.stop()


def _problem_of(order: Callable[..., None], arguments: list[Any]) -> str | None:
    try:
        order(*arguments)
    except Exception as error:  # whatever a server raises; it must reach the one who asked
        return f"{type(error).__name__}: {error}"
    return None


def _serve(channel: Connection, inherited: list[Connection], build: Build, threads: int) -> None:
    for other in inherited:
        other.close()  # or their processes would never see the end of their channels
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the supervisor decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def ready() -> None:
        channel.send((_BOOT, None))
        threading.Thread(target=_obey, args=(channel, serving), name="orders", daemon=True).start()

    serving = build(ready, threads)
    serving.run()


class _Process:
    """One serving process, seen from outside."""

    leave_by = math.inf
    """When it must be gone, once it was told to."""

    def __init__(self, build: Build, threads: int, siblings: list[_Process]) -> None:
        self._orders = _BOOT
        self.channel, far = _forking.Pipe()
        inherited = [self.channel, *(sibling.channel for sibling in siblings)]
        self._process = _forking.Process(target=_serve, args=(far, inherited, build, threads))
        self._process.start()
        far.close()
        self.pid: int = self._process.pid or 0
        self.sentinel = self._process.sentinel

    def has_word(self, timeout: float) -> bool:
        """Whether it says something, or has ended, within that time."""
        return self.channel.poll(timeout)

    def booted(self) -> None:
        """Takes its word that it serves; to be called when it has said something."""
        self._hear(_BOOT, "serve", 0)

    def order(self, name: str, *arguments: Any) -> None:
        """Gives an order and waits until it is done."""
        self._orders += 1
        try:
            self.channel.send((self._orders, name, *arguments))
        except OSError as error:
            raise ProcessFailed(f"The serving process {self.pid} has ended.") from error
        self._hear(self._orders, name, _ORDER_TIMEOUT)

    def _hear(self, number: int, name: str, timeout: float) -> None:
        """Waits for the answer to an order; those that come late, to orders given up before, are passed over."""
        deadline = time.monotonic() + timeout
        answered, problem = -1, None
        try:
            while answered < number and self.channel.poll(max(0.0, deadline - time.monotonic())):
                answered, problem = self.channel.recv()
        except (EOFError, OSError) as error:
            raise ProcessFailed(f"The serving process {self.pid} ended before it did {name!r}.") from error
        if answered < number:
            raise ProcessFailed(f"The serving process {self.pid} did not do {name!r} within {timeout:.0f} s.")
        if problem is not None:
            raise ProcessFailed(f"The serving process {self.pid} failed to do {name!r}: {problem}")

    def join(self) -> int:
        """Waits for its end; returns the exit code."""
        self._process.join()
        self.channel.close()
        return self._process.exitcode or 0

    def kill(self) -> None:
        self._process.kill()


class ServingProcesses:
    """Keeps as many processes serving as are wanted. ``run`` in the main thread, all else in one other thread."""

    def __init__(self, context: ServingContext, build: Build) -> None:
        self._context = context
        self._build = build
        self._threads = context.threads
        self._wanted = context.processes
        self._serving: list[_Process] = []
        self._booting: list[_Process] = []
        self._leaving: list[_Process] = []
        self._lock = threading.RLock()
        self._ending = threading.Event()
        self._stopping = threading.Event()
        self._pause = _FIRST_PAUSE

    def run(self, started: Callable[[], None]) -> None:
        """Serves until stopped. Raises ``ProcessFailed`` when the first processes do not come up."""
        try:
            with self._lock:
                self._grow(self._wanted)
        except ProcessFailed:
            self._kill_all()
            raise
        started()
        while not self._is_done():
            self._look_after()

    def resize(self, threads: int, processes: int) -> None:
        """Returns once the new size is in force in all processes."""
        with self._lock:
            self._threads, self._wanted = threads, processes
            before = len(self._serving)
            while len(self._serving) > processes:
                self._retire(self._serving.pop(0))
            for process in self._serving:
                process.order("resize", threads)
            if processes > before:
                old = list(self._serving)
                self._grow(processes)
                for process in old:
                    process.order("end_share", 1 - before / processes)

    def last_answers(self) -> None:
        """All connections end with their next answer."""
        self._ending.set()  # before the lock: whoever waits for a process to come up gives it back
        with self._lock:
            for process in [*self._serving, *self._leaving]:
                self._tell(process, "last_answers")

    def stop(self) -> None:
        """``run`` returns when what is in flight is done."""
        self._ending.set()
        self._stopping.set()
        with self._lock:
            self._welcome_ready()
            for process in self._booting:
                process.kill()
            for process in self._serving:
                self._retire(process)
            self._serving = []

    def _tell(self, process: _Process, name: str) -> None:
        try:
            process.order(name)
        except ProcessFailed as failure:
            logger.warning("%s", failure)

    def _retire(self, process: _Process) -> None:
        process.leave_by = time.monotonic() + self._context.stop_within
        self._leaving.append(process)
        self._tell(process, "stop")

    def _grow(self, processes: int) -> None:
        while len(self._serving) + len(self._booting) < processes:
            self._booting.append(_Process(self._build, self._threads, self._all()))
        deadline = time.monotonic() + _BOOT_TIMEOUT
        for process in list(self._booting):
            while not process.has_word(_LOOK_PERIOD):
                if self._ending.is_set() or time.monotonic() >= deadline:
                    raise ProcessFailed(f"The serving process {process.pid} has not come up.")
            self._welcome(process)

    def _welcome(self, process: _Process) -> None:
        process.booted()
        self._booting.remove(process)
        self._serving.append(process)
        if self._ending.is_set():
            self._tell(process, "last_answers")

    def _welcome_ready(self) -> None:
        """Takes in those that came up while nobody waited for them."""
        for process in [process for process in self._booting if process.has_word(0)]:
            with contextlib.suppress(ProcessFailed):  # it has ended, and is buried like any other
                self._welcome(process)

    def _is_done(self) -> bool:
        with self._lock:
            return self._stopping.is_set() and not self._all()

    def _all(self) -> list[_Process]:
        return [*self._serving, *self._booting, *self._leaving]

    def _look_after(self) -> None:
        with self._lock:
            processes = self._all()
        ended = connection.wait([process.sentinel for process in processes], _LOOK_PERIOD)
        with self._lock:
            for process in processes:
                if process.sentinel in ended:
                    self._bury(process)
            self._end_late()
            missing = not self._stopping.is_set() and len(self._serving) < self._wanted
            if self._ending.is_set():
                self._welcome_ready()
                missing = missing and not self._booting
        if missing:
            self._replace()
        elif not ended:
            self._pause = _FIRST_PAUSE

    def _end_late(self) -> None:
        for process in self._leaving:
            if time.monotonic() >= process.leave_by:
                logger.warning(
                    "The serving process %d still had requests %.0f s after it was told to end.", process.pid, self._context.stop_within
                )
                process.leave_by = math.inf
                process.kill()

    def _bury(self, process: _Process) -> None:
        code = process.join()
        self._context.release_slot(process.pid)
        if process in self._leaving:
            self._leaving.remove(process)
            return
        (self._serving if process in self._serving else self._booting).remove(process)
        if not self._stopping.is_set():
            logger.error("The serving process %d ended unasked (exit code %d); it is replaced.", process.pid, code)

    def _replace(self) -> None:
        time.sleep(self._pause)
        self._pause = min(_LONGEST_PAUSE, self._pause * 2)
        with self._lock:
            try:
                if not self._stopping.is_set():
                    self._grow(self._wanted)
            except ProcessFailed as failure:
                if not self._ending.is_set():
                    logger.error("%s", failure)

    def _kill_all(self) -> None:
        for process in self._all():
            process.kill()
            process.join()
            self._context.release_slot(process.pid)
