"""What the master of Gunicorn and its workers tell each other beyond signals.

The master's wishes lie in shared memory that workers look into with each answer; workers report over a pipe.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import random
import struct
import threading

_WISHES = struct.Struct("@qqd")
_REPORT = struct.Struct("@ii")
_SERVING, _LEAVING = 1, 2


class Wishes:
    """Set by the master before it forks, and later; read by all workers."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _WISHES.size)

    def read(self) -> tuple[bool, int, float]:
        """Whether all connections end; how often processes were added; the share of connections that had to go the last time."""
        ending, epoch, share = _WISHES.unpack_from(self._memory)
        return bool(ending), epoch, share

    def end_all(self) -> None:
        """All connections end with their next answer."""
        _, epoch, share = self.read()
        _WISHES.pack_into(self._memory, 0, 1, epoch, share)

    def end_share(self, share: float) -> None:
        """So many of the connections end with their next answer, since there are new processes for them."""
        ending, epoch, _ = self.read()
        _WISHES.pack_into(self._memory, 0, ending, epoch + 1, share)


class EndOfConnection:
    """Whether a connection of a worker has to end: for its age, or since the master wishes so."""

    def __init__(self, wishes: Wishes, old_at: float) -> None:
        self._wishes = wishes
        self._old_at = old_at
        self._epoch = wishes.read()[1]
        self._chosen = False

    def is_due(self, now: float) -> bool:
        """Whether the answer that is being written is to be its last."""
        ending, epoch, share = self._wishes.read()
        if epoch != self._epoch:
            self._epoch = epoch
            self._chosen = self._chosen or random.random() < share
        return ending or self._chosen or now >= self._old_at


class Roster:
    """Which workers take new connections."""

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._lock = threading.Lock()
        self._serving: set[int] = set()

    def serving(self) -> set[int]:
        """Their pids. In the master, from any thread."""
        with self._lock:
            self._hear()
            return set(self._serving)

    def forget(self, pid: int) -> None:
        """A worker has ended."""
        with self._lock:
            self._hear()  # what it still said must not come after
            self._serving.discard(pid)

    def say_serving(self) -> None:
        """In a worker: it takes connections from now on."""
        os.write(self._write_end, _REPORT.pack(os.getpid(), _SERVING))

    def say_leaving(self) -> None:
        """In a worker: it takes none any more."""
        os.write(self._write_end, _REPORT.pack(os.getpid(), _LEAVING))

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._read_end, _REPORT.size * 512):
                for pid, what in _REPORT.iter_unpack(data):
                    (self._serving.add if what == _SERVING else self._serving.discard)(pid)
