"""The loop of waitress, with a bounded queue and an orderly end."""

from __future__ import annotations

import logging
import resource
import threading
import time
from collections.abc import Callable
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from ..ports import Recorder, ServingContext
from .stamped import StampedListener, StampedSocket
from .waitress_channel import PoolChannel
from .waitress_task import PoolRequest

_ACCEPTS_AT_ONCE = 64
_SPARE_FILES = 64
_MOST_CONNECTIONS = 10_000
"""Each may hold half a megabyte of a body in memory; a container's limit on files is often a million."""


def _adjustments(context: ServingContext) -> Adjustments:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a full queue is the metrics' business
    return Adjustments(
        max_request_body_size=context.max_body + 1,
        channel_timeout=max(1, round(context.keep_alive_timeout)),
        cleanup_interval=1,
        connection_limit=min(_MOST_CONNECTIONS, max(100, files - _SPARE_FILES)),
        asyncore_use_poll=True,
        # Without looking ahead, the thread would work for clients that have gone.
        channel_request_lookahead=1,
        clear_untrusted_proxy_headers=False,
    )


class PoolServer(TcpWSGIServer):
    """Serves until told to stop."""

    channel_class = PoolChannel
    ending = False
    """Whether each connection ends with its next answer."""
    _accepted = False
    _idle_until: float | None = None

    def __init__(self, application: Callable[..., Any], context: ServingContext) -> None:
        self.context = context
        self.recorder: Recorder = context.new_recorder()
        self._stopping = threading.Event()
        self._channels: dict[int, Any] = {}
        listener = StampedListener.of(context.listener)
        info = (listener.family, listener.type, listener.proto, listener.getsockname())
        super().__init__(
            application,
            map=self._channels,
            _sock=listener,
            dispatcher=ThreadedTaskDispatcher(),
            adj=_adjustments(context),
            sockinfo=info,
            bind_socket=False,
        )
        self.resize(context.threads)

    def resize(self, threads: int) -> None:
        """In force at once: surplus threads leave before they take another request."""
        self.bound = self.context.queue_for(threads)
        self.task_dispatcher.set_thread_count(threads)
        self.recorder.set_threads(threads)

    def add_task(self, channel: PoolChannel) -> None:
        request: PoolRequest = channel.requests[0]
        if request.error is None or request.too_large:
            request.visit = self._visit(request)
        request.refused = request.error is None and request.visit is not None and self._is_full()
        if request.error is not None or request.refused:
            channel.answer_inline()
        else:
            super().add_task(channel)

    def _visit(self, request: PoolRequest) -> Any:
        return self.recorder.arrived(request.arrived_at) if self.context.counted(request.path) else None

    def _is_full(self) -> bool:
        dispatcher = self.task_dispatcher
        idle = len(dispatcher.threads) - dispatcher.stop_count - dispatcher.active_count
        return bool(len(dispatcher.queue) >= self.bound + max(0, idle))

    def accept(self) -> tuple[StampedSocket, Any] | None:
        accepted: tuple[StampedSocket, Any] | None = super().accept()
        self._accepted = accepted is not None
        return accepted

    def handle_accept(self) -> None:
        # One connection per turn of the loop would be a hidden queue in the kernel.
        for _ in range(_ACCEPTS_AT_ONCE):
            self._accepted = False
            super().handle_accept()
            if not self._accepted:
                return

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        moment = time.monotonic()
        for channel in list(self.active_channels.values()):
            channel.keep_time(moment)

    def stop(self) -> None:
        """Lets ``run`` return when what is in flight is done. From any thread."""
        self.ending = True
        self._stopping.set()
        self.pull_trigger()

    def run(self) -> None:
        while not self._is_done():
            wasyncore.loop(timeout=1.0, use_poll=True, map=self._channels, count=1)
        self.task_dispatcher.shutdown(cancel_pending=False)
        self.close()

    def _is_done(self) -> bool:
        if not self._stopping.is_set():
            return False
        if self._idle_until is None:
            self._idle_until = time.monotonic() + self.context.idle_drain
            self.handle_accept()
            self.accepting = False
        if time.monotonic() >= self._idle_until:
            for channel in self.active_channels.values():
                channel.will_close = channel.will_close or channel.is_idle()
        return not self.active_channels
