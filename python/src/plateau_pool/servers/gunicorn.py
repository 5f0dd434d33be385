"""Gunicorn with threads: a WSGI application in processes that come and go while it serves."""

from __future__ import annotations

from collections.abc import Callable

from ..ports import Knob, Model, RunningServer, ServingContext
from .gunicorn_pool import GunicornPool
from .gunicorn_thread_worker import PoolThreadWorker


class GunicornAdapter:
    model: Model = "processes"
    knob: Knob = "threads"
    live_threads = False
    live_processes = True
    one_process = False
    queue_visible = True

    def serve(self, context: ServingContext, started: Callable[[RunningServer], None]) -> None:
        GunicornPool(context, PoolThreadWorker).run(started)


adapter = GunicornAdapter()
