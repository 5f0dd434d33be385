"""The knob ``inflight``: so many requests are worked on at once, so many may wait, the rest is turned away."""

from __future__ import annotations

import asyncio
from collections import deque
from enum import Enum


class Entry(Enum):
    """What became of a request that wanted a place."""

    ENTERED = "entered"
    FULL = "full"
    GONE = "gone"


class Place:
    """A request that wants a place, or has one."""

    def __init__(self) -> None:
        self.turn: asyncio.Future[Entry] | None = None


class Admission:
    """First come, first served. To be used in one event loop only."""

    def __init__(self, limit: int, bound: int) -> None:
        self._limit = limit
        self._bound = bound
        self._waiting: deque[asyncio.Future[Entry]] = deque()
        self._gone = 0
        self.held = 0

    @property
    def waiting(self) -> int:
        return len(self._waiting) - self._gone

    async def enter(self, place: Place) -> Entry:
        """Returns when the request has its place, or will not get one. Who has entered must ``leave``."""
        if self.held < self._limit and not self.waiting:
            self.held += 1
            return Entry.ENTERED
        if self.waiting >= self._bound:
            return Entry.FULL
        turn: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()
        place.turn = turn
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            self._forget(turn)
            raise

    def leave(self) -> None:
        """A request that had a place is done."""
        self.held -= 1
        self._fill()

    def withdraw(self, place: Place) -> None:
        """The client of a request has gone; if it still waits, it waits no longer."""
        if place.turn is not None and not place.turn.done():
            place.turn.set_result(Entry.GONE)
            self._gone += 1

    def resize(self, limit: int, bound: int) -> None:
        """In force for the next request; who has a place keeps it, who waits goes on waiting."""
        self._limit = limit
        self._bound = bound
        self._fill()

    def _forget(self, turn: asyncio.Future[Entry]) -> None:
        if turn.cancelled():
            self._gone += 1
        elif turn.result() is Entry.ENTERED:
            self.leave()

    def _fill(self) -> None:
        while self._waiting and (self.held < self._limit or self._waiting[0].done()):
            turn = self._waiting.popleft()
            if turn.done():
                self._gone -= 1
            else:
                self.held += 1
                turn.set_result(Entry.ENTERED)
