"""The admin port against clients that do not take what they asked for."""

from __future__ import annotations

import asyncio
import socket

import pytest

from plateau_pool.supervisor import http
from plateau_pool.supervisor.admin import problem


def test_a_client_that_does_not_read_its_answers_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_ANSWER_TIME", 0.2)

    async def answer(_: http.Request) -> http.Reply:
        return http.Reply(200, "x" * 4_000_000)

    async def run() -> None:
        server = http.HttpServer(answer, problem)
        done = asyncio.Event()
        transports = []

        async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            transports.append(writer.transport)
            await server.connection(reader, writer)
            done.set()

        listening = await asyncio.start_server(connection, "127.0.0.1", 0, limit=http.HEAD_LIMIT)
        with socket.create_connection(listening.sockets[0].getsockname()) as client:
            client.sendall(b"GET /metrics HTTP/1.1\r\n\r\n" * 10)
            await asyncio.wait_for(done.wait(), 60)
            await asyncio.sleep(0)  # the socket is closed in the loop's next turn
            assert transports[0].get_write_buffer_size() == 0
            assert transports[0].get_extra_info("socket").fileno() == -1
        listening.close()

    asyncio.run(run())
