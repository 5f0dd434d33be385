"""The application for an event loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from plateau_pool.features.codec import codec_named
from plateau_pool.features.service import Answer, Service
from plateau_pool.features.settings import Settings
from plateau_pool.features.stores import AsyncStore, open_async_store

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class AsgiFeatures:
    """An ASGI application that answers features."""

    def __init__(self, settings: Settings, open_one: Callable[[Settings], AsyncStore] = open_async_store) -> None:
        self._settings = settings
        self._service = Service(codec_named(settings.codec))
        self._open = open_one
        self._store: AsyncStore | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """ASGI: the life of the application, or one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await _send(await self._respond(scope, receive), send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._store is not None:
                    await self._store.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _opened(self) -> AsyncStore:
        if self._store is None:
            self._store = self._open(self._settings)
        return self._store

    async def _respond(self, scope: Message, receive: Receive) -> Answer:
        routed = self._service.route(scope["method"], scope["path"])
        if routed is not None:
            return routed
        try:
            request = self._service.parse(await _asgi_body(receive), _content_type(scope))
            return self._service.answer(request, await self._opened().read(request.views, request.keys))
        except Exception as error:
            return self._service.failure(error)


def _content_type(scope: Message) -> str:
    values = [value for name, value in scope["headers"] if name == b"content-type"]
    return values[0].decode("latin-1") if values else ""


class ClientGone(Exception):
    """The client went away before its request was complete."""


async def _asgi_body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _send(answer: Answer, send: Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.all_headers()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
