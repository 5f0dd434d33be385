"""Keeps requests from waiting, one after another, for a store that is known to be silent.

Without it each place of the pool waits for its whole time limit, and what queues behind waits many times that.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from plateau_pool.features.refusal import StoreLost

_PAUSE = 1.0


class Breaker:
    """After a loss all requests fail at once, but for one each ``pause`` seconds that tries the store again."""

    def __init__(
        self,
        report: Callable[[str | None], None],
        pause: float = _PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``report`` is told what is wrong with the store, and ``None`` when it answers again."""
        self._report = report
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._next_try: float | None = None
        self._reason = ""

    def check(self) -> None:
        """Raises ``StoreLost`` while the store is lost and it is not this caller's turn to try."""
        if self._next_try is None:
            return
        with self._lock:
            if self._next_try is None:
                return
            if self._clock() < self._next_try:
                raise StoreLost(self._reason)
            self._next_try = self._clock() + self._pause

    def lost(self, reason: str) -> None:
        """The store did not answer."""
        with self._lock:
            self._reason = reason
            self._next_try = self._clock() + self._pause
        self._report(reason)

    def answered(self) -> None:
        """The store answered."""
        if self._next_try is not None:
            with self._lock:
                self._next_try = None
            self._report(None)
