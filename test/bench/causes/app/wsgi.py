"""A WSGI application whose requests are limited by what its environment says: CPU, a store, a lock, a pool of connections."""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from settings import Settings, read_settings
from work import work_from_environment

from plateau_pool import locks, store

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Connection:
    """Asks the store stand-in, one question at a time."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        """Waits for the answer."""
        self._socket.sendall(b"get\n")
        while not self._socket.recv(4096).endswith(b"\n"):
            pass


class Connections:
    """A pool of so many connections, as clients of databases have."""

    def __init__(self, port: int, size: int) -> None:
        self._free: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        self._port = port
        self._left = size
        self._growing = threading.Lock()

    def get(self) -> Connection:
        """A free connection, as soon as there is one."""
        with self._growing:
            grows = self._left > 0 and self._free.empty()
            self._left -= grows
        return Connection(self._port) if grows else self._free.get()

    def put(self, connection: Connection) -> None:
        """Gives it back."""
        self._free.put(connection)


class Application:
    """Lock, store, CPU: in this order."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._work = work_from_environment()
        self._lock: Any = threading.BoundedSemaphore(max(1, settings.lock_places))
        if settings.lock_declared:
            self._lock = locks.declare("table", self._lock)
        self._connections = Connections(settings.store_port, settings.connections or 1_000_000)
        if settings.connections_declared:
            locks.declare("connections", self._connections, method="get")

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if self._settings.lock_places > 0:
            with self._lock:
                time.sleep(self._settings.lock_ms / 1000)
        if self._settings.store_port > 0:
            self._ask_store()
        self._work()
        start_response("200 OK", [("content-type", "application/json"), ("content-length", "2")])
        return [b"{}"]

    def _ask_store(self) -> None:
        """A client that waits for its pool inside of its call, as redis-py does, or before."""
        if self._settings.pool_in_store:
            with store.timed():
                connection = self._connections.get()
                connection.ask()
        else:
            connection = self._connections.get()
            with store.timed():
                connection.ask()
        self._connections.put(connection)


app = Application(read_settings(os.environ))
