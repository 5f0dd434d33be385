"""WebSockets of an ASGI application, next to its requests. Of the environments, Feast's has what uvicorn needs for them."""

from __future__ import annotations

import struct

import pytest
from support.http import Connection, ask
from support.pool import eventually

from .conftest import SERVERS, Server

_UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
_TEXT, _CLOSE = 0x1, 0x8
_SERVICE_RESTART = 1012


@pytest.fixture(params=[server for server in SERVERS if server.app.endswith(":asgi")], ids=str)
def asgi_server(request: pytest.FixtureRequest) -> Server:
    chosen: Server = request.param
    return chosen


class WebSocket:
    """A connection after its upgrade. Short messages only."""

    def __init__(self, port: int) -> None:
        self._connection = Connection(port)
        assert self._connection.ask("/socket", headers=_UPGRADE).status == 101

    def say(self, text: str) -> None:
        self._connection.send(bytes([0x80 | _TEXT, 0x80 | len(text)]) + bytes(4) + text.encode())

    def hear(self) -> tuple[int, bytes]:
        """Kind and content of the next message."""
        kind, length = self._connection.read(2)
        return kind & 0x0F, self._connection.read(length)

    def is_closed(self) -> bool:
        return self._connection.is_closed()


def test_time_is_kept_for_requests_beside_a_websocket(asgi_server: Server, feast_python: str) -> None:
    with asgi_server.start(python=feast_python, request_timeout=1.0) as pool:
        socket = WebSocket(pool.port)
        for number in range(2):
            half = Connection(pool.port)
            half.send(b"GET /work HTTP/1.1\r\nHost: te")
            assert half.answer().status == 408
            socket.say(f"hello {number}")
            assert socket.hear() == (_TEXT, f"hello {number}".encode())
        assert ask(pool.port, "/work?id=1").body == b"answer 1"
        eventually(lambda: pool.answered(2) == pool.arrivals() == 1, "the request is counted, the WebSocket is none")


def test_a_websocket_is_told_of_the_end_and_requests_are_finished(asgi_server: Server, feast_python: str) -> None:
    with asgi_server.start(python=feast_python, idle_drain=0.2) as pool:
        socket = WebSocket(pool.port)
        working = Connection(pool.port)
        working.send(b"GET /work?sleep=2&id=last HTTP/1.1\r\nHost: test\r\n\r\n")
        eventually(lambda: pool.figures().inflight == 1, "it is at work")
        pool.send(do="stop")
        assert socket.hear() == (_CLOSE, struct.pack("!H", _SERVICE_RESTART))
        assert socket.is_closed()
        assert working.answer().body == b"answer last"
        assert pool.process.wait(30) == 0
