"""What both applications do with a request, apart from waiting for the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from plateau_pool.features.answer import build_answer
from plateau_pool.features.codec import Codec
from plateau_pool.features.json_value import JsonValue
from plateau_pool.features.protobuf import MalformedMessage
from plateau_pool.features.refusal import STORE_AWAY, Refusal, StoreLost
from plateau_pool.features.request import FeatureRequest, read_request
from plateau_pool.features.row import Row

RETRY_AFTER = "1"
"""Seconds after which a client may try again when the store was lost."""

_METHODS = {"/get-online-features": "POST", "/health": "GET"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; without a body it has no content type either."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)

    def all_headers(self) -> list[tuple[str, str]]:
        """The headers with those that tell of the body."""
        kind = [("Content-Type", "application/json")] if self.body else []
        return [*kind, ("Content-Length", str(len(self.body))), *self.headers]


class Service:
    """Routes, parses, and writes answers."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def route(self, method: str, path: str) -> Answer | None:
        """The answer to a request that needs no body; ``None`` when it asks for features."""
        allowed = _METHODS.get(path)
        if allowed is None:
            return self._error(404, {"detail": "Not Found"})
        if method != allowed:
            return self._error(405, {"detail": "Method Not Allowed"}, [("Allow", allowed)])
        return Answer(200) if path == "/health" else None

    def parse(self, body: bytes, content_type: str) -> FeatureRequest:
        """The checked request. Raises ``Refusal``."""
        return read_request(body, content_type, self._codec)

    def answer(self, request: FeatureRequest, found: Sequence[Sequence[Row]]) -> Answer:
        """The features that were found."""
        return Answer(200, self._codec.dumps(build_answer(request, found)))

    def failure(self, error: Exception) -> Answer:
        """What the client is told of ``Refusal``, ``StoreLost`` or ``MalformedMessage``; raises any other error again."""
        match error:
            case Refusal():
                return self._error(error.status, error.body)
            case StoreLost():
                return self._error(503, {"detail": STORE_AWAY}, [("Retry-After", RETRY_AFTER)])
            case MalformedMessage():
                return self._error(500, f"A stored value cannot be read: {error}")
        raise error

    def _error(self, status: int, body: JsonValue, headers: list[tuple[str, str]] | None = None) -> Answer:
        return Answer(status, self._codec.dumps(body), headers or [])
