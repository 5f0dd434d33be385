"""A small HTTP client that sees what happens on the wire."""

from __future__ import annotations

import socket
from dataclasses import dataclass


class Broken(Exception):
    """The connection ended before a whole answer was there."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def closes(self) -> bool:
        return self.headers.get("connection", "").lower() == "close"


class Connection:
    """One TCP connection."""

    def __init__(self, port: int, timeout: float = 30.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, path: str, method: str = "GET", body: bytes = b"", headers: str = "", version: str = "1.1") -> Answer:
        """Sends a request and reads its answer."""
        self.send(request(path, method, body, headers, version))
        return self.answer(method)

    def answer(self, method: str = "GET") -> Answer:
        """Reads one answer."""
        head, _, self._read = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        status = int(lines[0].split(" ")[1])
        if headers.get("transfer-encoding") == "chunked":
            body = self._chunks()
        else:
            body = self._bytes(0 if method == "HEAD" else int(headers.get("content-length", 0)))
        return Answer(status, headers, body)

    def read(self, length: int) -> bytes:
        """So many bytes, of whatever they are."""
        return self._bytes(length)

    def _bytes(self, length: int) -> bytes:
        parts = []
        while length > len(self._read):
            parts.append(self._read)
            length -= len(self._read)
            self._read = b""
            self._more()
        parts.append(self._read[:length])
        self._read = self._read[length:]
        return b"".join(parts)

    def _chunks(self) -> bytes:
        body = b""
        while True:
            line, _, self._read = self._until(b"\r\n").partition(b"\r\n")
            size = int(line, 16)
            while len(self._read) < size + 2:
                self._more()
            body += self._read[:size]
            self._read = self._read[size + 2 :]
            if size == 0:
                return body

    def is_closed(self) -> bool:
        """Waits for the end of the connection: whether it came in order, and nothing before it."""
        return self.socket.recv(1) == b""

    def close(self) -> None:
        self.socket.close()

    def _until(self, end: bytes) -> bytes:
        while end not in self._read:
            self._more()
        return self._read

    def _more(self) -> None:
        try:
            data = self.socket.recv(65536)
        except OSError as error:
            raise Broken(repr(error)) from error
        if not data:
            raise Broken(f"end of the connection after {len(self._read)} bytes of an answer")
        self._read += data


def request(path: str, method: str = "GET", body: bytes = b"", headers: str = "", version: str = "1.1") -> bytes:
    """The bytes of a request."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/{version}\r\nHost: test\r\n{length}{headers}\r\n".encode() + body


def ask(port: int, path: str, **rest: str) -> Answer:
    """One request on a connection of its own."""
    connection = Connection(port)
    try:
        return connection.ask(path, **rest)  # type: ignore[arg-type]
    finally:
        connection.close()
