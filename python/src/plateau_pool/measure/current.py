"""The recorder of this process and the request that this thread or task works on, for those that are not handed them."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol


class StoreWaits(Protocol):
    """A request that may wait for its store, several times at once."""

    def store_began(self) -> None:
        """A wait begins."""

    def store_ended(self) -> None:
        """That wait is over. What overlaps counts once."""


class LockWaits(Protocol):
    """Where waits for declared locks are written down."""

    def lock_waited(self, name: str, seconds: float) -> None:
        """Adds a wait."""


visit: ContextVar[StoreWaits | None] = ContextVar("plateau_pool_visit", default=None)


class _Process:
    recorder: LockWaits | None = None


process = _Process()
"""``process.recorder`` is None in a process that serves nothing."""
