"""A worker of Gunicorn that serves ASGI applications: the package's event loop under Gunicorn's master."""

from __future__ import annotations

import os
import sys
from types import FrameType
from typing import Any

from gunicorn.workers.base import Worker

from .uvicorn_loop import PoolLoop


class PoolLoopWorker(Worker):
    """One process with an event loop."""

    pool: Any
    """The ``GunicornPool``; set on a subclass before the workers are forked."""
    alive: bool
    _loop: PoolLoop | None = None

    def load_wsgi(self) -> None:
        self._loop = PoolLoop(self.pool.context, self.pool.roster.say_serving, self._each_second)
        self._epoch = self.pool.wishes.read()[1]

    def run(self) -> None:
        if self._loop is not None:
            self._loop.run()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.alive:
            self.alive = False
            if self._loop is None:
                sys.exit(0)  # told to go before it has come up
            self._loop.stop_soon(self.pool.roster.say_leaving)

    def _each_second(self) -> None:
        self.notify()
        if self._loop is None:
            return
        if self.alive and os.getppid() != self.ppid:
            self._loop.leave()
        ending, epoch, share = self.pool.wishes.read()
        if ending:
            self._loop.last_answers()
        if epoch != self._epoch:
            self._epoch = epoch
            self._loop.choose_share(share)
