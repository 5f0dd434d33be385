"""As much of HTTP/1.1 as an admin port needs, on asyncio: bounded sizes, bounded waits, kept connections."""

from __future__ import annotations

import asyncio
import http.client
import io
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus

HEAD_LIMIT = 16 * 1024
"""Largest head of a request, bytes; the limit to start the server with."""
_IDLE = 75.0
_HEAD_TIME = 5.0
_BODY_TIME = 10.0
_ANSWER_TIME = 10.0
_CONNECTIONS = 256
_LINGER_BYTES = 1024 * 1024
_LINGER_TIME = 1.0
_REQUEST_LINE_WORDS = 3


class BadRequest(Exception):
    """What the client sent cannot be read as a request."""


class TooLarge(Exception):
    """The body is larger than the limit."""


@dataclass
class Request:
    """A request whose body is still unread."""

    method: str
    path: str
    version: str
    headers: Message
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    body_read: bool = False

    @property
    def has_body(self) -> bool:
        return self.headers.get("transfer-encoding") is not None or (self.headers.get("content-length") or "0").strip() != "0"

    @property
    def keeps_connection(self) -> bool:
        return self.version != "HTTP/1.0" and "close" not in (self.headers.get("connection") or "").lower()

    async def body(self, limit: int) -> bytes:
        """The body.

        :raises TooLarge: beyond ``limit`` bytes
        :raises BadRequest: when it does not come whole or in time
        """
        if (self.headers.get("expect") or "").lower() == "100-continue":
            self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            async with asyncio.timeout(_BODY_TIME):
                content = await self._chunks(limit) if self.headers.get("transfer-encoding") else await self._sized(limit)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError) as error:
            raise BadRequest("the body did not come whole") from error
        self.body_read = True
        return content

    async def _sized(self, limit: int) -> bytes:
        size = _count((self.headers.get("content-length") or "0").strip(), 10)
        if size > limit:
            raise TooLarge
        return await self._reader.readexactly(size)

    async def _chunks(self, limit: int) -> bytes:
        if (self.headers.get("transfer-encoding") or "").strip().lower() != "chunked":
            raise BadRequest("this transfer encoding is not known here")
        content = b""
        while True:
            line = await self._reader.readuntil(b"\r\n")
            size = _count(line.split(b";", 1)[0].strip().decode("latin-1"), 16)
            if size + len(content) > limit:
                raise TooLarge
            content += await self._reader.readexactly(size)
            if size == 0:
                break
            await self._reader.readexactly(2)
        while await self._reader.readuntil(b"\r\n") != b"\r\n":
            pass  # trailers
        return content


@dataclass(frozen=True)
class Reply:
    """An answer."""

    status: int
    body: str
    type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Awaitable[Reply]]


class HttpServer:
    """Answers connections with a handler."""

    def __init__(self, handler: Handler, problem: Callable[[int, str], Reply]) -> None:
        self._handler = handler
        self._problem = problem
        self._idle: dict[asyncio.StreamWriter, bool] = {}
        """Open connections in the order they came, and whether each waits for a request."""

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """For ``asyncio.start_server``, with a limit of 16 KiB."""
        self._make_room()
        self._idle[writer] = True
        try:
            while await self._exchange(reader, writer):
                self._idle[writer] = True
            await _flush(writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or sent nothing in time; or this program ends, which needs no traceback
        finally:
            del self._idle[writer]
            # Not close(), which would wait for a client that does not read for as long as that pleases.
            writer.transport.abort()

    def _make_room(self) -> None:
        """Whoever holds many connections open and says nothing must not keep out the one who asks."""
        if len(self._idle) >= _CONNECTIONS:
            oldest = next((writer for writer, idle in self._idle.items() if idle), next(iter(self._idle)))
            oldest.transport.abort()

    def close_connections(self) -> None:
        """Ends what is open."""
        for writer in self._idle:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer. Returns whether the connection stays."""
        try:
            request = await _read_request(reader, writer)
        except BadRequest as error:
            await _write(writer, self._problem(400, str(error)), False, True)
            return False
        if request is None:
            return False
        self._idle[writer] = False
        try:
            reply = await self._handler(request)
        except BadRequest as error:
            reply = self._problem(400, str(error))
        except Exception as error:  # an admin port that is silent helps nobody
            reply = self._problem(500, f"{type(error).__name__}: {error}")
        keep = request.keeps_connection and (request.body_read or not request.has_body)
        await _write(writer, reply, keep, request.method != "HEAD")
        if request.has_body and not request.body_read:
            await _linger(reader, writer)
        return keep


async def _read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    async with asyncio.timeout(_IDLE):
        while (first := await reader.read(1)) in (b"\r", b"\n"):
            pass  # empty lines before a request are to be ignored (RFC 9112, 2.2)
    if not first:
        return None
    try:
        async with asyncio.timeout(_HEAD_TIME):
            head = first + await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise BadRequest(f"the headers are larger than {HEAD_LIMIT} bytes") from error
    line, _, rest = head.partition(b"\r\n")
    words = line.decode("latin-1").split(" ")
    if len(words) != _REQUEST_LINE_WORDS or not words[2].startswith("HTTP/1."):
        raise BadRequest("this is no HTTP/1.1 request")
    try:
        headers = http.client.parse_headers(io.BytesIO(rest))
    except http.client.HTTPException as error:
        raise BadRequest("the headers cannot be read") from error
    return Request(words[0], words[1].split("?", 1)[0], words[2], headers, reader, writer)


async def _write(writer: asyncio.StreamWriter, reply: Reply, keep: bool, with_body: bool) -> None:
    body = reply.body.encode()
    lines = [f"HTTP/1.1 {reply.status} {_phrase(reply.status)}", f"content-type: {reply.type}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    lines += [] if keep else ["connection: close"]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + (body if with_body else b""))
    async with asyncio.timeout(_ANSWER_TIME):
        await writer.drain()


async def _flush(writer: asyncio.StreamWriter) -> None:
    """Ends a connection once the client has taken its last answer, within bounds."""
    writer.close()
    async with asyncio.timeout(_ANSWER_TIME):
        await writer.wait_closed()


async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads on for a moment: closing on unread data resets the connection, and the client would never see its answer."""
    writer.write_eof()
    left = _LINGER_BYTES
    async with asyncio.timeout(_LINGER_TIME):
        while left > 0 and (data := await reader.read(left)):
            left -= len(data)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _count(text: str, base: int) -> int:
    if not text.isascii() or not text.isalnum():
        raise BadRequest("the length of the body cannot be read")
    try:
        return int(text, base)
    except ValueError as error:
        raise BadRequest("the length of the body cannot be read") from error
