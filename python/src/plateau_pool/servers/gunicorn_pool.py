"""Gunicorn's master, told by signals how many workers to keep."""

from __future__ import annotations

import os
import resource
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from ..arrival import prepare
from ..ports import RunningServer, ServingContext
from .application import load_application
from .gunicorn_notices import Roster, Wishes

_LOOK_PERIOD = 0.01
_SIGNAL_TIMEOUT = 10.0
_RESIZE_TIMEOUT = 20.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0
_NO_EXIT_CODE = -1
_FEWEST_CONNECTIONS, _MOST_CONNECTIONS = 100, 10_000
_SPARE_FILES = 64
# Workers that import a large application on little CPU cannot give a sign of life meanwhile.
_SILENCE_ALLOWED = 120
_SHARED_MEMORY = "/dev/shm"


class GunicornPool:
    """What master and workers share, and the master's controls. Everything but ``run`` comes from one other thread."""

    def __init__(self, context: ServingContext, worker_class: type[Any]) -> None:
        self.context = context
        self.wishes = Wishes()
        self.roster = Roster()
        prepare(context.listener)
        self._arbiter = _Master(_Application(self, type("Worker", (worker_class,), {"pool": self})))

    def run(self, started: Callable[[RunningServer], None]) -> None:
        """Serves in the calling (main) thread until stopped."""
        threading.Thread(target=self._announce, args=(started,), name="announce", daemon=True).start()
        try:
            self._arbiter.run()
        except SystemExit as end:
            if end.code:
                raise

    def resize(self, threads: int, processes: int) -> None:
        """Returns once so many workers take connections, and no other does."""
        before = self._arbiter.num_workers
        while (now := self._arbiter.num_workers) != processes:
            # One at a time: signals of a kind that come together are one.
            os.kill(os.getpid(), signal.SIGTTIN if now < processes else signal.SIGTTOU)
            self._until(partial(self._is_not, now), _SIGNAL_TIMEOUT, "Gunicorn's master did not heed a signal")
        self._until(lambda: len(self.roster.serving()) == processes, _RESIZE_TIMEOUT, f"There are not {processes} serving workers yet")
        if processes > before:
            self.wishes.end_share(1 - before / processes)

    def last_answers(self) -> None:
        """Each connection ends with its next answer."""
        self.wishes.end_all()

    def stop(self) -> None:
        """Lets the workers finish; then ``run`` returns."""
        self.wishes.end_all()
        os.kill(os.getpid(), signal.SIGTERM)

    def worker_ended(self, pid: int) -> None:
        """A worker was buried."""
        self._arbiter.worker_ended(pid in self.roster.serving())
        self.roster.forget(pid)
        self.context.release_slot(pid)

    def _announce(self, started: Callable[[RunningServer], None]) -> None:
        while len(self.roster.serving()) < self.context.processes:
            time.sleep(_LOOK_PERIOD)
        self._arbiter.outlive_workers()
        started(self)

    def _is_not(self, workers: int) -> bool:
        return bool(self._arbiter.num_workers != workers)

    def _until(self, condition: Callable[[], bool], seconds: float, otherwise: str) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() >= deadline:
                raise TimeoutError(f"{otherwise} after {seconds:.0f} s; ask again.")
            time.sleep(_LOOK_PERIOD)


class _Master(Arbiter):
    """Gunicorn's master, which outlives workers that do not come up and tries them again after a pause."""

    _failures = 0
    _spawn_at = 0.0

    def outlive_workers(self) -> None:
        """From now on a worker that fails to come up ends only itself; Gunicorn would end the whole pool, told by its exit code."""
        self.WORKER_BOOT_ERROR = self.APP_LOAD_ERROR = _NO_EXIT_CODE

    def worker_ended(self, served: bool) -> None:
        """A worker was buried; told whether it took connections to its end."""
        if served:
            self._failures = 0
        elif len(self.WORKERS) < self.num_workers:  # nobody asked it to go
            self._spawn_at = time.monotonic() + min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._failures)
            self._failures = min(self._failures + 1, 10)

    def spawn_workers(self) -> None:
        """Called about once a second while workers are missing, and when one ends."""
        if time.monotonic() >= self._spawn_at:
            super().spawn_workers()


def _connections() -> int:
    """How many a worker may have: each is an open file."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return max(_FEWEST_CONNECTIONS, min(_MOST_CONNECTIONS, files - _SPARE_FILES))


class _Application(BaseApplication):
    """Configures Gunicorn; no file and no command line has a say."""

    def __init__(self, pool: GunicornPool, worker_class: type[Any]) -> None:
        self._pool = pool
        self._worker_class = worker_class
        super().__init__()

    def load_config(self) -> None:
        context = self._pool.context
        options = {
            "bind": f"fd://{os.dup(context.listener.fileno())}",
            "workers": context.processes,
            "threads": context.threads,
            "worker_class": self._worker_class,
            "worker_connections": _connections(),
            "keepalive": round(context.keep_alive_timeout),
            "timeout": _SILENCE_ALLOWED,
            "graceful_timeout": max(1, round(context.stop_within)),
            "loglevel": "warning",
            "control_socket_disable": True,
            "child_exit": lambda arbiter, worker: self._pool.worker_ended(worker.pid),
            "post_request": lambda worker, req, environ, resp: worker.request_ended(resp),
        }
        if os.access(_SHARED_MEMORY, os.W_OK):
            options["worker_tmp_dir"] = _SHARED_MEMORY  # signs of life are files; a root file system may be read-only
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        return load_application(self._pool.context.app)
