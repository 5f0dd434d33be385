"""Requests and answers of waitress, with the moments that matter."""

from __future__ import annotations

import time
from typing import Any

from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, Task, WSGITask
from waitress.utilities import BadRequest, RequestEntityTooLarge

from ..ports import Visit
from .refusals import QUEUE_FULL, RETRY_AFTER
from .stamped import StampedSocket


class RequestTooLate(BadRequest):
    """The request took too long to arrive."""

    code = 408
    reason = "Request Timeout"


class PoolRequest(HTTPRequestParser):
    """A request that knows when it began to come, and when its last bytes had reached the machine."""

    visit: Visit | None = None
    refused = False

    def __init__(self, adj: Any, connection: StampedSocket) -> None:
        super().__init__(adj)
        self.connection = connection
        self.begun_at = time.monotonic()
        self.arrived_at = self.begun_at

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if self.completed:
            self.arrived_at = self.connection.arrived_at
        return consumed

    @property
    def too_large(self) -> bool:
        return isinstance(self.error, RequestEntityTooLarge)


class _PoolTask(Task):
    """What answers have in common. ``channel`` is a ``PoolChannel``."""

    def build_response_header(self) -> bytes:
        if self.channel.is_last():
            self.set_close_on_finish()
        header: bytes = super().build_response_header()
        return header

    def finish(self) -> None:
        visit = self.request.visit
        if visit is not None:
            visit.worked()
        super().finish()
        if visit is not None:
            self.request.visit = None
            self.channel.written(visit, int(self.status[:3]))


class ApplicationTask(_PoolTask, WSGITask):
    """An answer of the application."""


class FailureTask(_PoolTask, ErrorTask):
    """An answer to a request that was none; it closes the connection."""

    def execute(self) -> None:
        self.channel.lingers = True
        super().execute()

    def finish(self) -> None:
        super().finish()
        self.channel.failure_written = True


class RefusalTask(_PoolTask):
    """503 to a request for which there is no room; the connection stays."""

    complete = True
    status = "503 Service Unavailable"

    def execute(self) -> None:
        self.content_length = len(QUEUE_FULL)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(QUEUE_FULL))), ("Retry-After", RETRY_AFTER)]
        self.response_headers.extend(headers)
        self.write(b"" if self.request.command == "HEAD" else QUEUE_FULL)
