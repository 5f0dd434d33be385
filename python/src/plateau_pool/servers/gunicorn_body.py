"""A bound on the size of request bodies, which Gunicorn has not."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from .gunicorn_failure import answer_of
from .refusals import TOO_LATE, body_too_large

Application = Callable[..., Iterable[bytes]]
_PIECE = 65536


class _Cut(Exception):
    """The body ended before its time."""


def bounded(application: Application, limit: int, done: Callable[[bool], None]) -> Application:
    """The application, handed requests with their whole body, none larger than ``limit`` bytes.

    ``done`` is called when a request is all there (True), or will never be (False): then it is answered 408 or 413, and
    what still comes on its connection is not to be taken for a request.
    """

    def checked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            body = _body(environ, limit)
        except _Cut:
            done(False)
            return _refuse(start_response, "408 Request Timeout", TOO_LATE)
        done(body is not None)
        if body is None:
            return _refuse(start_response, "413 Request Entity Too Large", body_too_large(limit))
        environ["wsgi.input"] = io.BytesIO(body)
        return answer_of(application, environ, start_response)

    return checked


def _body(environ: dict[str, Any], limit: int) -> bytes | None:
    """None: it is too large."""
    announced = environ.get("CONTENT_LENGTH", "")
    chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    length = int(announced) if announced.isdigit() and not chunked else 0
    if length > limit:
        return None
    if not chunked and not length:
        return b""
    parts = []
    size = 0
    while (size < length or chunked) and (piece := environ["wsgi.input"].read(_PIECE)):
        size += len(piece)
        if size > limit:
            return None
        parts.append(piece)
    if size < length:
        raise _Cut
    return b"".join(parts)


def _refuse(start_response: Callable[..., Any], status: str, body: bytes) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
