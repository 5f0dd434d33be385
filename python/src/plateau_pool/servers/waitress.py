"""Waitress: blocking threads in one process, their number changed while they serve."""

from __future__ import annotations

from collections.abc import Callable

from ..ports import Knob, Model, RunningServer, ServingContext
from .application import load_application
from .waitress_server import PoolServer


class _Running:
    def __init__(self, server: PoolServer) -> None:
        self._server = server

    def resize(self, threads: int, processes: int) -> None:
        self._server.resize(threads)

    def last_answers(self) -> None:
        self._server.ending = True

    def stop(self) -> None:
        self._server.stop()


class WaitressAdapter:
    model: Model = "threads"
    knob: Knob = "threads"
    live_threads = True
    live_processes = False
    one_process = True
    queue_visible = True

    def serve(self, context: ServingContext, started: Callable[[RunningServer], None]) -> None:
        server = PoolServer(load_application(context.app), context)
        started(_Running(server))
        server.run()


adapter = WaitressAdapter()
