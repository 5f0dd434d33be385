"""Keeps one child alive: starts it, and again when it died, later each time that it dies soon."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable, Coroutine

from ..log import log
from ..measure.segment import Segment
from ..settings import Settings
from ..signals.kernel import children_of
from .child_handle import ChildHandle, start_child
from .pool import Pool
from .start_config import CannotStart

_FIRST_BACKOFF = 0.1
_LONGEST_BACKOFF = 10.0
_SETTLED = 30.0
"""A child that lived so long did not crash at its start: the next one starts soon."""
_REAP = 1.0


def backoff(crashes: int) -> float:
    """Seconds to wait after so many deaths in a row, 1 or more."""
    return min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0 ** min(crashes - 1, 16))


class ChildKeeper:
    """Two tasks of the supervisor, ``keep`` and ``reap``.

    :param came_up: called with each child, in a task that ends when the child does
    """

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        listener: socket.socket,
        segment: Segment,
        came_up: Callable[[ChildHandle], Coroutine[None, None, None]],
    ) -> None:
        self.child: ChildHandle | None = None
        self.ending = False
        self.up = False
        """Whether a child has ever served: then one that dies is started again."""
        self._settings = settings
        self._pool = pool
        self._listener = listener
        self._segment = segment
        self._came_up = came_up
        self._starting = False

    async def keep(self) -> None:
        """Returns when the server ends.

        :raises CannotStart: when the first child does not come up
        """
        crashes = 0
        while not self.ending:
            born = time.monotonic()
            how = await self._live()
            if self.ending:
                return
            if not self.up:
                raise CannotStart(f"{self._settings.app} under {self._settings.server}: {how}")
            crashes = 1 if time.monotonic() - born > _SETTLED else crashes + 1
            wait = backoff(crashes)
            log("error", "the server died and is started again", how=how, waitMs=round(wait * 1000))
            await asyncio.sleep(wait)

    async def reap(self) -> None:
        """Waits for orphans that were adopted, or that the first process of a container is given."""
        while True:
            await asyncio.sleep(_REAP)
            for pid in [] if self._starting else children_of(os.getpid()):
                if self.child is None or pid != self.child.pid:
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(pid, os.WNOHANG)

    async def _live(self) -> str:
        """The life of one child; says how it ended."""
        try:
            child = await self._start()
        except OSError as error:
            return f"no process can be started: {error.strerror or error}"
        announcement = asyncio.create_task(self._came_up(child))
        try:
            return await child.ended()
        finally:
            announcement.cancel()
            self.child = None

    async def _start(self) -> ChildHandle:
        self._starting = True
        try:
            self.child = await start_child(
                settings_json=self._settings.to_json(),
                environment=self._settings.environment,
                config=self._pool.desired,
                listener=self._listener,
                segment_fd=self._segment.fd,
            )
        finally:
            self._starting = False
        return self.child
