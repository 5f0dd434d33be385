"""Where features come from, blocking or awaited, with a breaker in front."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from plateau_pool import readiness
from plateau_pool.features.breaker import Breaker
from plateau_pool.features.redis_store import AsyncRedisStore, RedisStore
from plateau_pool.features.refusal import StoreLost
from plateau_pool.features.request import ViewRead
from plateau_pool.features.row import Row
from plateau_pool.features.settings import Settings
from plateau_pool.features.sqlite_store import SqliteStore


class Store(Protocol):
    """Where features come from."""

    def read(self, reads: Sequence[ViewRead], keys: Sequence[bytes]) -> list[list[Row]]:
        """For each view the row of each key. Raises ``StoreLost``, or ``Refusal`` for a view that the store does not know."""


class AsyncStore(Protocol):
    """Where features come from, awaited."""

    async def read(self, reads: Sequence[ViewRead], keys: Sequence[bytes]) -> list[list[Row]]:
        """As ``Store.read``."""

    async def close(self) -> None:
        """Gives connections back."""


class GuardedStore:
    """A blocking store behind a breaker."""

    def __init__(self, store: Store, breaker: Breaker) -> None:
        self._store = store
        self._breaker = breaker

    def read(self, reads: Sequence[ViewRead], keys: Sequence[bytes]) -> list[list[Row]]:
        """As ``Store.read``."""
        self._breaker.check()
        try:
            rows = self._store.read(reads, keys)
        except StoreLost as error:
            self._breaker.lost(str(error))
            raise
        self._breaker.answered()
        return rows


class GuardedAsyncStore:
    """An awaited store behind a breaker."""

    def __init__(self, store: AsyncStore, breaker: Breaker) -> None:
        self._store = store
        self._breaker = breaker

    async def read(self, reads: Sequence[ViewRead], keys: Sequence[bytes]) -> list[list[Row]]:
        """As ``Store.read``."""
        self._breaker.check()
        try:
            rows = await self._store.read(reads, keys)
        except StoreLost as error:
            self._breaker.lost(str(error))
            raise
        self._breaker.answered()
        return rows

    async def close(self) -> None:
        """As ``AsyncStore.close``."""
        await self._store.close()


class ThreadedStore:
    """Makes a blocking store fit for an event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self, reads: Sequence[ViewRead], keys: Sequence[bytes]) -> list[list[Row]]:
        """As the store's own, in a thread."""
        return await asyncio.to_thread(self._store.read, reads, keys)

    async def close(self) -> None:
        """Nothing to do: its connections end with their threads."""


def _bare_store(settings: Settings) -> RedisStore | SqliteStore:
    path = settings.sqlite_path
    return RedisStore(settings) if path is None else SqliteStore(path, settings.project, settings.store_timeout)


def open_store(settings: Settings) -> Store:
    """The store that the settings name; nothing is connected yet."""
    return GuardedStore(_bare_store(settings), Breaker(readiness.report))


def open_async_store(settings: Settings) -> AsyncStore:
    """As ``open_store``, for an event loop; to be called in it."""
    store = AsyncRedisStore(settings) if settings.sqlite_path is None else ThreadedStore(_bare_store(settings))
    return GuardedAsyncStore(store, Breaker(readiness.report))


def watch_store(settings: Settings) -> None:
    """Has the pool reach the store before the pod is ready, and look after it from then on; in a thread, so it blocks no loop."""
    readiness.register(_bare_store(settings).ping)
