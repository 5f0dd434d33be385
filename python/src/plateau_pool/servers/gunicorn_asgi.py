"""Gunicorn with event loops: an ASGI application in processes that come and go while it serves."""

from __future__ import annotations

from collections.abc import Callable

from ..ports import Knob, Model, RunningServer, ServingContext
from .gunicorn_loop_worker import PoolLoopWorker
from .gunicorn_pool import GunicornPool


class GunicornAsgiAdapter:
    model: Model = "processes"
    knob: Knob = "inflight"
    live_threads = False
    live_processes = True
    one_process = False
    queue_visible = True

    def serve(self, context: ServingContext, started: Callable[[RunningServer], None]) -> None:
        GunicornPool(context, PoolLoopWorker).run(started)


adapter = GunicornAsgiAdapter()
