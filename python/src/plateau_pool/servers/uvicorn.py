"""Uvicorn: an event loop with a limit of requests in flight, changed while it serves; in one process or several."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from ..ports import Knob, Model, RunningServer, ServingContext
from .serving_processes import ServingProcesses
from .uvicorn_loop import PoolLoop


class UvicornAdapter:
    model: Model = "eventloop"
    knob: Knob = "inflight"
    live_threads = True
    live_processes = True
    one_process = False
    queue_visible = True

    def serve(self, context: ServingContext, started: Callable[[RunningServer], None]) -> None:
        def build(serving: Callable[[], None], threads: int) -> PoolLoop:
            return PoolLoop(dataclasses.replace(context, threads=threads), serving)

        processes = ServingProcesses(context, build)
        processes.run(lambda: started(processes))


adapter = UvicornAdapter()
