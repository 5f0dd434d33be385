"""The application called as a server would call it, on stores that hold what Feast wrote."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from plateau_pool.features.asgi_application import AsgiFeatures
from plateau_pool.features.entity_key import entity_keys
from plateau_pool.features.settings import Settings
from plateau_pool.features.stores import open_store
from plateau_pool.features.wsgi_application import wsgi_application

URL = "/get-online-features"


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)


class Client:
    """Calls one application of either kind."""

    def __init__(self, call: Callable[[str, str, bytes, str], Reply]) -> None:
        self.call = call

    def post(self, body: Any, content_type: str = "application/json") -> Reply:
        """Asks for features; anything but bytes is sent as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.call("POST", URL, raw, content_type)


def wsgi_client(settings: Settings) -> Client:
    app = wsgi_application(settings, open_store(settings))

    def call(method: str, path: str, body: bytes, content_type: str) -> Reply:
        seen: dict[str, Any] = {}
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        parts = app(environ, lambda status, headers, *_: seen.update(status=status, headers=dict(headers)))  # type: ignore[arg-type,func-returns-value,return-value]
        return Reply(int(seen["status"].split()[0]), seen["headers"], b"".join(parts))

    return Client(call)


def asgi_client(settings: Settings) -> Client:
    app = AsgiFeatures(settings)
    # Connections belong to a loop: one for all calls, as in a server.
    runner = asyncio.Runner()
    opened.append((app, runner))

    def call(method: str, path: str, body: bytes, content_type: str) -> Reply:
        return runner.run(_asgi_call(app, method, path, [body[:7], body[7:]], content_type))

    return Client(call)


opened: list[tuple[AsgiFeatures, asyncio.Runner]] = []


def close_asgi_clients() -> None:
    """Shuts the applications down as a server would, and their loops."""
    while opened:
        app, runner = opened.pop()
        runner.run(_shut_down(app))
        runner.close()


async def _shut_down(app: AsgiFeatures) -> None:
    life: list[Any] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    said: list[str] = []

    async def receive() -> Any:
        return life.pop(0)

    async def send(message: Any) -> None:
        said.append(message["type"])

    await app({"type": "lifespan"}, receive, send)
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def _asgi_call(app: AsgiFeatures, method: str, path: str, parts: list[bytes], content_type: str) -> Reply:
    incoming: list[Any] = [{"type": "http.request", "body": part, "more_body": part is not parts[-1]} for part in parts]
    sent: list[Any] = []

    async def receive() -> Any:
        return incoming.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "http", "method": method, "path": path, "headers": [(b"content-type", content_type.encode())]}, receive, send)
    start, *bodies = sent
    headers = {name.decode().title(): value.decode() for name, value in start["headers"]}
    return Reply(start["status"], headers, b"".join(part["body"] for part in bodies))


CLIENTS = {"wsgi": wsgi_client, "asgi": asgi_client}


def write_recorded_redis(url: str, recorded: dict[str, Any]) -> None:
    """Replays what Feast wrote."""
    with redis.Redis.from_url(url) as client:
        for op in recorded["ops"]:
            if op["op"] == "HSET":
                key = bytes.fromhex(op["key_hex"])
                client.hset(key, mapping={bytes.fromhex(field["field_hex"]): bytes.fromhex(field["value_hex"]) for field in op["fields"]})  # type: ignore[arg-type]


def write_sqlite(path: Path, view: str, rows: dict[int, dict[str, bytes]], time: str = "2026-08-01 12:00:00") -> None:
    """A view of project ``golden`` with the join key ``driver_id``, as Feast's SQLite store keeps it."""
    with sqlite3.connect(path) as connection:
        connection.execute(
            f'CREATE TABLE "golden_{view}" (entity_key BLOB, feature_name TEXT, value BLOB, value_text TEXT, vector_value BLOB,'
            " event_ts timestamp, created_ts timestamp, PRIMARY KEY(entity_key, feature_name))"
        )
        for driver, features in rows.items():
            key = entity_keys({"driver_id": [driver]})[0][0]
            for name, value in features.items():
                connection.execute(f'INSERT INTO "golden_{view}" VALUES (?, ?, ?, NULL, NULL, ?, ?)', (key, name, value, time, time))
    connection.close()


GOLDEN: dict[int, dict[str, bytes]] = {
    1001: {
        "conv_rate": bytes.fromhex("350000003f"),
        "acc_rate": bytes.fromhex("299a9999999999b93f"),
        "avg_daily_trips": bytes.fromhex("2064"),
        "name": bytes.fromhex("120161"),
        "active": bytes.fromhex("3801"),
        "emb": bytes.fromhex("82010a0a080000803f00000040"),
        "i32": bytes.fromhex("1801"),
    },
    1002: {"conv_rate": bytes.fromhex("350000803e"), "acc_rate": b"", "avg_daily_trips": bytes.fromhex("20c801"), "name": b""},
}
"""What the recorded exchanges read, as Feast stored it."""
