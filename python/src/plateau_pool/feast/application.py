"""Feast's own ASGI application, as ``feast serve`` builds it, with the pool's guards around it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import feast
from feast.feature_server import get_app
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from plateau_pool import readiness
from plateau_pool.feast.feature_store import feature_store_file, open_feature_store
from plateau_pool.feast.reach import reach
from plateau_pool.feast.store_guard import Application, Message, Receive, Send, StoreGuard
from plateau_pool.features.breaker import Breaker

_REGISTRY_TTL = 60
"""Seconds between two looks at the registry: the default of ``feast serve``."""

_READ_LIMIT = 8.0
"""Seconds. The protocol promises clients an answer within ten."""

_log = logging.getLogger("plateau_pool")


def build(environment: Mapping[str, str]) -> Application:
    """The application. Raises ``NoFeatureStore``, or what Feast raises for a file or registry that it cannot use."""
    store = open_feature_store(feature_store_file(environment))
    readiness.register(partial(reach, store))
    app: Any = get_app(store, _REGISTRY_TTL)
    return _with_quick_retries(StoreGuard(app, Breaker(readiness.report), _READ_LIMIT), store)


def _with_quick_retries(app: Application, store: feast.FeatureStore) -> Application:
    """Feast's asynchronous client tries again once and at once, not three times with pauses of seconds.

    Told once there is an event loop for it.
    """

    async def started(scope: Message, receive: Receive, send: Send) -> None:
        async def watch(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                await _retry_quickly(store)
            await send(message)

        await app(scope, receive, watch if scope["type"] == "lifespan" else send)

    return started


async def _retry_quickly(store: feast.FeatureStore) -> None:
    if store.config.online_store.type != "redis":
        return
    try:
        client = await store._get_provider().online_store._get_client_async(store.config.online_store)
        client.set_retry(Retry(NoBackoff(), 1))
    except AttributeError:
        _log.warning("this version of Feast keeps its Redis client elsewhere: the loss of its store shows up to %.0f s late", _READ_LIMIT)
