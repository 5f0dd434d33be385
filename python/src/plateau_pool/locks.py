"""Locks and pools that an application declares, so that waits for them are told apart from waits for the interpreter or the store.

connections = plateau_pool.locks.declare("connections", threading.BoundedSemaphore(4))
pool = plateau_pool.locks.declare("redis-pool", BlockingConnectionPool(...), method="get_connection")
"""

from __future__ import annotations

import time
from functools import wraps
from typing import Any, TypeVar

from .measure.current import process

T = TypeVar("T")

_WORTH_COUNTING = 1e-5
"""Seconds: an acquire that takes less has not waited."""


class DeclaredLock:
    """A lock or semaphore whose waits are counted. Everything else is the lock's own."""

    def __init__(self, name: str, lock: Any) -> None:
        self._name = name
        self._lock = lock
        # Without a try it cannot be told at no cost whether somebody waits.
        self._tries = hasattr(lock, "release")

    def acquire(self, blocking: bool = True, timeout: float | None = -1) -> bool:
        """As the lock's own."""
        if self._tries and self._lock.acquire(blocking=False):
            return True
        if not blocking:
            return False
        before = time.monotonic()
        try:
            got = self._lock.acquire() if timeout is None or timeout < 0 else self._lock.acquire(timeout=timeout)
            return bool(got)
        finally:
            _count(self._name, time.monotonic() - before)

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._lock, attribute)


def declare(name: str, lock: T, method: str | None = None) -> T:
    """Counts waits for ``lock`` in ``worker_pool_lock_wait_seconds_total{lock="name"}``.

    :param lock: a lock or semaphore of ``threading``, which comes back wrapped; or any pool, with ``method``
    :param method: the method of a pool that waits; it is replaced in this object, which comes back as it is
    """
    if method is None:
        wrapped: Any = DeclaredLock(name, lock)
        return wrapped  # type: ignore[no-any-return]  # it behaves as the lock does
    inner = getattr(lock, method)

    @wraps(inner)
    def timed(*args: Any, **kwargs: Any) -> Any:
        before = time.monotonic()
        try:
            return inner(*args, **kwargs)
        finally:
            _count(name, time.monotonic() - before)

    setattr(lock, method, timed)
    return lock


def _count(name: str, seconds: float) -> None:
    recorder = process.recorder
    if recorder is not None and seconds >= _WORTH_COUNTING:
        recorder.lock_waited(name, seconds)
