"""What clients read that are turned away."""

from __future__ import annotations

import json

RETRY_AFTER = "1"
"""Seconds after which it is worth to ask again."""

QUEUE_FULL = json.dumps({"detail": "The pool and its queue are full; try again."}).encode()
QUEUE_FULL_REASON = "queue_full"
NO_BODY_MEMORY = json.dumps({"detail": "Too many large requests at once; try again."}).encode()
BODY_MEMORY_REASON = "body_memory"


def body_too_large(limit: int) -> bytes:
    """Body of a 413."""
    return json.dumps({"detail": f"The request body is larger than {limit} bytes; split the request."}).encode()


TOO_LATE = json.dumps({"detail": "The request took too long to arrive."}).encode()


def head(status: str, body: bytes, *extra: tuple[str, str]) -> bytes:
    """The first part of a raw HTTP/1.1 answer with this body."""
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *extra]
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")
