"""Turns a request away without a thread: reads it if it is all there, answers 503, and keeps the connection if that is possible."""

from __future__ import annotations

import re
import select
import socket

from .refusals import QUEUE_FULL, RETRY_AFTER, head

_LOOK = 65536
_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+) *\r\n", re.IGNORECASE)
_NOT_SIMPLE = re.compile(rb"\r\n(?:Transfer-Encoding|Upgrade|Expect):|\r\nConnection: *close|\AHEAD | HTTP/1\.0\r\n", re.IGNORECASE)


def peek(connection: socket.socket, size: int) -> bytes | None:
    """The next bytes without taking them; empty at the end of the connection, None when there are none yet."""
    try:
        return connection.recv(size, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def has_left(connection: socket.socket) -> bool:
    """Whether the client has hung up, be it behind a request that nobody has read yet."""
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    return bool(poll.poll(0))


def refuse(connection: socket.socket) -> bool:
    """Answers 503 at once. Returns whether the connection can be used again."""
    length = _whole_request(peek(connection, _LOOK) or b"")
    kept = length > 0 and len(connection.recv(length, socket.MSG_DONTWAIT)) == length
    extra = [("Retry-After", RETRY_AFTER)] if kept else [("Retry-After", RETRY_AFTER), ("Connection", "close")]
    answer = head("503 Service Unavailable", QUEUE_FULL, *extra) + QUEUE_FULL
    try:
        return connection.send(answer, socket.MSG_DONTWAIT) == len(answer) and kept
    except OSError:
        return False


def _whole_request(data: bytes) -> int:
    """Its length, if it is a plain request that is there to its end; else 0."""
    end = data.find(b"\r\n\r\n")
    if end < 0 or _NOT_SIMPLE.search(data, 0, end + 2):
        return 0
    announced = _LENGTH.search(data, 0, end + 2)
    length = end + 4 + (int(announced.group(1)) if announced else 0)
    return length if length <= len(data) else 0
