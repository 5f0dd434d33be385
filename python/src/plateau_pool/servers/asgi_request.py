"""One request of an ASGI application: its body is read, then it waits for its place, then the application answers it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from ..ports import Recorder, ServingContext, Visit
from .admission import Admission, Entry, Place
from .body_memory import BodyMemory
from .refusals import BODY_MEMORY_REASON, NO_BODY_MEMORY, QUEUE_FULL, QUEUE_FULL_REASON, RETRY_AFTER, TOO_LATE, body_too_large

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_CLOSE = (b"connection", b"close")
_LATER = (b"retry-after", RETRY_AFTER.encode())


class _TooLarge(Exception):
    """The body is larger than allowed."""


class _NoMemory(Exception):
    """There are too many bodies already."""


class Shared(Protocol):
    """What the requests of a process share."""

    context: ServingContext
    recorder: Recorder
    admission: Admission
    body_memory: BodyMemory


class AsgiConnection(Protocol):
    """The connection that a request came on."""

    arrived_at: float
    lost: bool

    def is_last(self) -> bool:
        """Whether the answer that is being written ends the connection."""

    def request_is_whole(self) -> None:
        """Nothing more is awaited from the client."""

    def written(self, visit: Visit, status: int) -> None:
        """The answer is complete; what the kernel did not take yet is sent by the loop."""


class AsgiRequest:
    """A request under way. Call ``run`` once."""

    def __init__(self, shared: Shared, connection: AsgiConnection, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        self._shared = shared
        self._connection = connection
        self._scope = scope
        self._receive = receive
        self._send = send
        self._place = Place()
        self._visit: Visit | None = None
        self._body: bytes | None = None
        self._body_held = 0
        self._status = 500
        self._reading: asyncio.Task[Any] | None = None
        self._too_late = False

    async def run(self, application: Application) -> None:
        """Serves it. What the application raises comes through: the server answers it with 500."""
        try:
            await self._run(application)
        finally:
            self._free_body()

    async def _run(self, application: Application) -> None:
        counted = self._shared.context.counted(self._scope["path"])
        if not await self._read(counted):
            return
        self._connection.request_is_whole()
        if not counted:
            self._free_body()
            await application(self._scope, self._replay, self._answer)
            return
        self._visit = self._shared.recorder.arrived(self._connection.arrived_at)
        match await self._shared.admission.enter(self._place):
            case Entry.ENTERED:
                await self._work(self._visit, application)
            case Entry.FULL:
                self._visit.rejected(QUEUE_FULL_REASON, 503)
                self._visit = None
                await self._refuse(503, QUEUE_FULL, _LATER)
            case Entry.GONE:
                self._visit.abandoned()

    def client_left(self) -> None:
        """The connection was lost."""
        self._shared.admission.withdraw(self._place)

    def give_up(self) -> bool:
        """It took too long to arrive. Returns whether it was still arriving: then it is answered so."""
        if self._reading is None:
            return False
        self._too_late = True
        self._reading.cancel()
        return True

    async def _work(self, visit: Visit, application: Application) -> None:
        visit.picked_up()
        self._free_body()
        try:
            await application(self._scope, self._replay, self._answer)
        finally:
            self._shared.admission.leave()
            unsettled, self._visit = self._visit, None
            if unsettled is not None:
                if self._connection.lost:
                    unsettled.abandoned()
                else:
                    unsettled.answered(500)

    async def _read(self, counted: bool) -> bool:
        """Reads the body; False when the request ends here."""
        limit = self._shared.context.max_body
        if self._announced() > limit and self._header(b"expect"):
            await self._refuse_body(counted, limit, _CLOSE)
            return False
        self._reading = asyncio.current_task()
        try:
            self._body = await self._whole_body(limit)
        except asyncio.CancelledError:
            if not self._too_late:
                raise
            await self._refuse(408, TOO_LATE, _CLOSE)
            return False
        except _TooLarge:
            self._connection.request_is_whole()
            await self._refuse_body(counted, limit)
            return False
        except _NoMemory:
            self._connection.request_is_whole()
            if counted:
                self._shared.recorder.arrived(self._connection.arrived_at).rejected(BODY_MEMORY_REASON, 503)
            await self._refuse(503, NO_BODY_MEMORY, _LATER)
            return False
        finally:
            self._reading = None
        return self._body is not None

    async def _whole_body(self, limit: int) -> bytes | None:
        """None: the client went away. A body that is refused is read to its end, or the client would not read the answer."""
        parts: list[bytes] = []
        size = 0
        room = more = True
        while more:
            message = await self._receive()
            if message["type"] != "http.request":
                return None
            part = message.get("body", b"")
            size += len(part)
            room = room and (size > limit or self._shared.body_memory.take(len(part)))
            if room and size <= limit:
                self._body_held += len(part)
                parts.append(part)
            else:
                parts.clear()
                self._free_body()
            more = message.get("more_body", False)
        if size > limit:
            raise _TooLarge
        if not room:
            raise _NoMemory
        return b"".join(parts)

    def _free_body(self) -> None:
        """It is the application's from now on, or nobody's."""
        self._shared.body_memory.free(self._body_held)
        self._body_held = 0

    def _header(self, wanted: bytes) -> bytes:
        return next((bytes(value) for name, value in self._scope["headers"] if name == wanted), b"")

    def _announced(self) -> int:
        length = self._header(b"content-length")
        return int(length) if length.isdigit() else 0

    async def _replay(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def _answer(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            if self._connection.is_last():
                message = {**message, "headers": [*message.get("headers", ()), _CLOSE]}
        await self._send(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            visit, self._visit = self._visit, None
            if visit is not None:
                visit.worked()
                self._connection.written(visit, self._status)

    async def _refuse_body(self, counted: bool, limit: int, *extra: tuple[bytes, bytes]) -> None:
        if counted:
            self._visit = self._shared.recorder.arrived(self._connection.arrived_at)
        await self._refuse(413, body_too_large(limit), *extra)

    async def _refuse(self, status: int, body: bytes, *extra: tuple[bytes, bytes]) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *extra]
        await self._answer({"type": "http.response.start", "status": status, "headers": headers})
        await self._answer({"type": "http.response.body", "body": body})
