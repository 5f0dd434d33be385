"""Applications to serve in tests. ``?id=X`` comes back, so an answer that went astray is noticed; ``&sleep=S`` takes its time,
and with ASGI ``&after=S`` goes on after the answer."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
_LARGE = b"x" * 48_000_000


def _burn(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def _parameters(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def _answer(path: str, parameters: dict[str, str], body: bytes) -> bytes:
    if path == "/fail":
        raise RuntimeError("the application fails, as asked")
    if path == "/unreachable":
        raise ConnectionRefusedError("what the application needs is not there, as asked")
    if path == "/pid":
        return str(os.getpid()).encode()
    if path == "/length":
        return str(len(body)).encode()
    if path == "/large":
        return _LARGE
    _burn(float(parameters.get("burn", "0")))
    return f"answer {parameters.get('id', '')}".encode()


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    parameters = _parameters(environ["QUERY_STRING"])
    body = environ["wsgi.input"].read() if environ.get("CONTENT_LENGTH") or environ.get("wsgi.input_terminated") else b""
    time.sleep(float(parameters.get("sleep", "0")))
    answer = _answer(environ["PATH_INFO"], parameters, body)
    write = start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    if environ["PATH_INFO"] == "/broken-off":
        return _break_off(answer)
    if environ["PATH_INFO"] == "/large":
        write(answer)
        return []
    return [answer]


def _break_off(answer: bytes) -> Iterable[bytes]:
    yield answer[:1]
    raise ConnectionResetError("what the application needs went away, as asked")


async def _read_body(receive: Callable[[], Awaitable[Any]]) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _lifespan(receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _echo(receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "websocket.send", "text": message["text"]})


async def asgi(scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    if scope["type"] == "websocket":
        await _echo(receive, send)
        return
    parameters = _parameters(scope["query_string"].decode())
    body = await _read_body(receive)
    await asyncio.sleep(float(parameters.get("sleep", "0")))
    answer = _answer(scope["path"], parameters, body)
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
    await asyncio.sleep(float(parameters.get("after", "0")))
