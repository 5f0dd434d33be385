"""The process around an adapter in tests: what the package's own child does, without its supervisor.

Reads one JSON command a line from stdin, answers each with one line.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from plateau_pool.measure.recorder import SlotRecorder, release_slot, take_slot
from plateau_pool.measure.segment import Segment
from plateau_pool.ports import RunningServer, ServerAdapter, ServingContext


def _say(**what: Any) -> None:
    os.write(1, (json.dumps(what) + "\n").encode())


def _lines(fd: int) -> Iterator[bytes]:
    rest = b""
    while data := os.read(fd, 65536):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines


def _obey(server: RunningServer, command: dict[str, Any]) -> None:
    match command["do"]:
        case "resize":
            server.resize(command["threads"], command["processes"])
        case "last_answers":
            server.last_answers()
        case "stop":
            server.stop()


def _control(server: RunningServer) -> None:
    # Not sys.stdin: a process that is forked while this thread waits in it would inherit its lock, taken for good.
    for line in _lines(0):
        begun = time.monotonic()
        try:
            _obey(server, json.loads(line))
            _say(done=True, seconds=time.monotonic() - begun)
        except Exception as error:
            logging.exception("command failed")
            _say(done=False, problem=repr(error))
    server.stop()


def main() -> None:
    options = json.loads(sys.argv[1])
    if options["files"] is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (options["files"], options["files"]))
    segment = Segment(options["segment"])
    queue_factor, queue_least = options["queue"]

    def recorder() -> SlotRecorder:
        return take_slot(segment)

    context = ServingContext(
        app=options["app"],
        listener=socket.socket(fileno=options["listener"]),
        threads=options["threads"],
        processes=options["processes"],
        queue_for=lambda threads: max(queue_factor * threads, queue_least),
        max_connection_age=options["max_connection_age"],
        keep_alive_timeout=options["keep_alive_timeout"],
        request_timeout=options["request_timeout"],
        idle_drain=options["idle_drain"],
        stop_within=options["stop_within"],
        max_body=options["max_body"],
        counted=lambda path: path != "/health",
        new_recorder=recorder,
        release_slot=lambda pid: release_slot(segment, pid),
    )
    adapter: ServerAdapter = importlib.import_module(f"plateau_pool.servers.{options['server']}").adapter

    def started(server: RunningServer) -> None:
        threading.Thread(target=_control, args=(server,), daemon=True).start()
        _say(started=True, pid=os.getpid())

    adapter.serve(context, started)


if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR1)
    logging.basicConfig(level=logging.WARNING)
    main()
