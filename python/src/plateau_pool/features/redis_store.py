"""Features out of Redis, one pipeline a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from plateau_pool.features.redis_errors import why_lost
from plateau_pool.features.redis_layout import fields_of, row_from_fields
from plateau_pool.features.refusal import StoreLost
from plateau_pool.features.request import ViewRead
from plateau_pool.features.row import Row
from plateau_pool.features.settings import Settings

_LOST = (redis.ConnectionError, redis.TimeoutError, OSError)

_ATTEMPTS = 1
"""A connection that an idle server closed shows at its next use and is worth a second try; a silent server is not."""


class _Pipeline(Protocol):
    def execute_command(self, *args: Any, **kwargs: Any) -> object: ...


def _queue_reads(pipeline: _Pipeline, project: bytes, reads: Sequence[ViewRead], keys: Sequence[bytes]) -> None:
    for read in reads:
        fields = fields_of(read)
        for key in keys:
            pipeline.execute_command("HMGET", key + project, *fields)


def _rows(answers: list[list[bytes | None]], reads: Sequence[ViewRead], keys: Sequence[bytes]) -> list[list[Row]]:
    count = len(keys)
    return [[row_from_fields(answer) for answer in answers[at * count : (at + 1) * count]] for at in range(len(reads))]


def _lost(error: Exception) -> StoreLost:
    return StoreLost(why_lost(error))


def _options(settings: Settings) -> dict[str, Any]:
    return {"socket_timeout": settings.store_timeout, "socket_connect_timeout": settings.store_timeout}


class RedisStore:
    """For servers with threads."""

    def __init__(self, settings: Settings) -> None:
        retry = Retry(NoBackoff(), _ATTEMPTS, supported_errors=(redis.ConnectionError,))
        self._client = redis.Redis.from_url(settings.store, retry=retry, **_options(settings))
        self._project = settings.project.encode()

    def read(self, reads: Sequence[ViewRead], keys: Sequence[bytes]) -> list[list[Row]]:
        """For each view the row of each key. Raises ``StoreLost``."""
        try:
            with self._client.pipeline(transaction=False) as pipeline:
                _queue_reads(pipeline, self._project, reads, keys)
                answers = cast("list[list[bytes | None]]", pipeline.execute())
        except _LOST as error:
            raise _lost(error) from error
        return _rows(answers, reads, keys)

    def ping(self) -> None:
        """Reaches the store once. Raises ``StoreLost``."""
        try:
            self._client.ping()
        except _LOST as error:
            raise _lost(error) from error


class AsyncRedisStore:
    """For an event loop: its connections belong to the loop that made them."""

    def __init__(self, settings: Settings) -> None:
        retry = AsyncRetry(NoBackoff(), _ATTEMPTS, supported_errors=(redis.ConnectionError,))
        self._client = redis.asyncio.Redis.from_url(settings.store, retry=retry, **_options(settings))
        self._project = settings.project.encode()

    async def read(self, reads: Sequence[ViewRead], keys: Sequence[bytes]) -> list[list[Row]]:
        """For each view the row of each key. Raises ``StoreLost``."""
        try:
            async with self._client.pipeline(transaction=False) as pipeline:
                _queue_reads(pipeline, self._project, reads, keys)
                answers = cast("list[list[bytes | None]]", await pipeline.execute())
        except _LOST as error:
            raise _lost(error) from error
        return _rows(answers, reads, keys)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()
