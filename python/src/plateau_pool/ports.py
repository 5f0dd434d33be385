"""The seams of the package: what a server adapter is given, and what it must offer.

The supervisor process owns the admin port, the serving socket and the shared figures. It starts one child
(``python -m plateau_pool.child``), which runs one server adapter. The child is told what to do over a socket pair and
reports through shared memory, so that a child whose interpreter lock is fought over still shows its figures in time.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Model = Literal["threads", "processes", "eventloop"]
Knob = Literal["threads", "inflight"]


class Visit(Protocol):
    """One request on its way through a serving process. All methods are cheap, thread-safe, and never raise."""

    def picked_up(self) -> None:
        """Work begins: it has its place in the pool.

        To be called in the thread (or asyncio task) that does the work: store time finds the request by it.
        """

    def worked(self) -> None:
        """The work is done and its place is free; the answer may still be on its way. Absent, ``answered`` says it."""

    def store_waited(self, seconds: float) -> None:
        """Adds time that the request waited for the online store."""

    def answered(self, status: int) -> None:
        """The last byte was handed to the kernel."""

    def rejected(self, reason: str, status: int) -> None:
        """It was turned away (queue full, no store) with this status; ends the visit."""

    def abandoned(self) -> None:
        """The client went away before the answer."""


class Recorder(Protocol):
    """Where a serving process writes its figures down."""

    def arrived(self, at: float | None = None) -> Visit:
        """A request is here. ``at``: when it reached this machine, seconds of ``time.monotonic()``; absent, now."""

    def set_threads(self, threads: int) -> None:
        """The knob in force in this process from now on; to be said first when it accepts, since from then on it counts as serving.
        0: it takes no new connections any more."""

    def loop_lag(self, lag: float, span: float) -> None:
        """The loop was ``lag`` seconds late over the last ``span`` seconds; what is kept is the integral, lag times span."""


@dataclass(frozen=True)
class ServingContext:
    """What the child hands to an adapter."""

    app: str
    """``module:attribute`` of a WSGI or ASGI application."""
    listener: socket.socket
    """Bound and listening; it belongs to the supervisor and outlives this process."""
    threads: int
    """The knob at start: blocking threads, or requests in flight."""
    processes: int
    queue_for: Callable[[int], int]
    """Requests that may wait in a process beyond this many threads before more are turned away with 503 and ``Retry-After``."""
    max_connection_age: float
    """Seconds after which a keep-alive connection is closed with its next answer, give or take ten per cent."""
    keep_alive_timeout: float
    """Seconds that an idle connection is kept."""
    request_timeout: float
    """Seconds that a request may take to arrive, and that a client may take nothing of its answer."""
    idle_drain: float
    """Seconds that a retiring process waits for idle connections to end with one more answer."""
    stop_within: float
    """Seconds after ``stop`` at which the supervisor kills what is left."""
    max_body: int
    """Largest request body, bytes."""
    counted: Callable[[str], bool]
    """Whether a request with this path (without its query) is one that the application is there for; the others get no visit."""
    new_recorder: Callable[[], Recorder]
    """To be called once in each process that serves, after any fork and after the application was imported there (its readiness
    checks count from then on): it takes a slot of the shared figures."""
    release_slot: Callable[[int], None]
    """``pid`` of a serving process that has ended: its counters are kept, its slot comes free."""


class RunningServer(Protocol):
    """An adapter at work. Calls come from the control thread of the child."""

    def resize(self, threads: int, processes: int) -> None:
        """Returns once the new size is in force for new requests. Nothing in flight is dropped."""

    def last_answers(self) -> None:
        """The pod will stop soon: keep accepting, but close each connection with its next answer."""

    def stop(self) -> None:
        """Stop accepting, finish what is in flight, and let ``serve`` return."""


class ServerAdapter(Protocol):
    """One kind of server.

    ``plateau_pool.servers.NAME`` offers one under the name ``adapter``; ``--server module:attribute`` takes any other.
    """

    model: Model
    knob: Knob
    live_threads: bool
    live_processes: bool
    one_process: bool
    """Whether it serves in one process only, however it is started."""
    queue_visible: bool
    """Whether p95 was measured to be within 15 % of the client's at 0.5, 0.9 and 1.5 times capacity."""

    def serve(self, context: ServingContext, started: Callable[[RunningServer], None]) -> None:
        """Serves in the calling (main) thread until stopped; calls ``started`` once connections are accepted."""
