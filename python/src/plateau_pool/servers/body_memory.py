"""A bound on the memory of all request bodies together, in a process."""

from __future__ import annotations

_LARGEST_BODIES = 8


class BodyMemory:
    """Bytes of bodies that are being read or wait for their place. To be used in one event loop only."""

    def __init__(self, largest: int) -> None:
        self._left = _LARGEST_BODIES * largest

    def take(self, size: int) -> bool:
        """Whether there is room; who has taken some must ``free`` as much."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def free(self, size: int) -> None:
        """So many bytes are not held any more."""
        self._left += size
