"""The ASGI twin of `wsgi.py`: CPU work on the event loop, store and lock awaited."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from settings import Settings, read_settings
from work import work_from_environment

from plateau_pool import store

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Connections:
    """A pool of so many connections."""

    def __init__(self, port: int, size: int) -> None:
        self._free: list[Connection] = []
        self._port = port
        self._places = asyncio.Semaphore(size)

    async def get(self) -> Connection:
        """A free connection, as soon as there is one."""
        await self._places.acquire()
        return self._free.pop() if self._free else await asyncio.open_connection("127.0.0.1", self._port)

    def put(self, connection: Connection) -> None:
        """Gives it back."""
        self._free.append(connection)
        self._places.release()


class Application:
    """Lock, store, CPU: in this order."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._work = work_from_environment()
        self._lock = asyncio.Semaphore(max(1, settings.lock_places))
        self._connections = Connections(settings.store_port, settings.connections or 1_000_000)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body", False):
            pass
        if self._settings.lock_places > 0:
            async with self._lock:
                await asyncio.sleep(self._settings.lock_ms / 1000)
        if self._settings.store_port > 0:
            await self._ask_store()
        self._work()
        head = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"{}"})

    async def _ask_store(self) -> None:
        connection = await self._connections.get()
        reader, writer = connection
        with store.timed():
            writer.write(b"get\n")
            await reader.readline()
        self._connections.put(connection)


app = Application(read_settings(os.environ))
