"""What supervisor and child tell each other: a line of JSON each, over a socket pair."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any

_READ = 65_536

Message = Mapping[str, Any]


def encode(message: Message) -> bytes:
    """A line."""
    return json.dumps(message).encode() + b"\n"


def received(control: socket.socket) -> Iterator[dict[str, Any]]:
    """Messages as they come, until the other side is gone."""
    rest = b""
    while True:
        try:
            data = control.recv(_READ)
        except OSError:
            return
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield json.loads(line)
