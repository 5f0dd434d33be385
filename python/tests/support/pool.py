"""Starts an adapter in a process of its own and reads its figures."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from plateau_pool.measure import layout as at
from plateau_pool.measure.edges import EDGES
from plateau_pool.measure.reader import PodFigures, Reader
from plateau_pool.measure.segment import new_segment

_TESTS = Path(__file__).resolve().parents[1]
_PATIENCE = 60.0

DEFAULTS: dict[str, Any] = {
    "app": "support.applications:wsgi",
    "threads": 4,
    "processes": 1,
    "queue": (8, 64),
    "max_connection_age": 60.0,
    "keep_alive_timeout": 75.0,
    "request_timeout": 30.0,
    "idle_drain": 0.2,
    "stop_within": 20.0,
    "max_body": 100_000,
    "files": None,
}


def eventually(condition: Callable[[], bool], what: str, patience: float = 20.0) -> None:
    """Waits until it is so."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"not within {patience} s: {what}"
        time.sleep(0.02)


class Pool:
    """A server under test."""

    def __init__(self, server: str, python: str = sys.executable, **options: Any) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self.listener.getsockname()[1]
        self.segment = new_segment(16, 0.05)
        self._reader = Reader(self.segment)
        descriptors = (self.listener.fileno(), self.segment.fd)
        told = {**DEFAULTS, **options, "server": server, "listener": descriptors[0], "segment": descriptors[1]}
        path = os.pathsep.join([str(_TESTS), str(_TESTS.parent / "src")])
        self.process = subprocess.Popen(
            [python, "-m", "support.host", json.dumps(told)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=descriptors,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        self.listener.close()
        self.started = self._hear()
        assert self.started.get("started"), self.started

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # How it stops is tried where that is the question; all others would only wait for it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def tell(self, **command: Any) -> dict[str, Any]:
        """Gives a command and waits for its answer."""
        self.figures()  # as the supervisor does: the slots of processes that ended come free
        self.send(**command)
        answer = self._hear()
        assert answer["done"], answer
        return answer

    def send(self, **command: Any) -> None:
        """Gives a command."""
        assert self.process.stdin is not None
        self.process.stdin.write((json.dumps(command) + "\n").encode())
        self.process.stdin.flush()

    def resize(self, threads: int, processes: int = 1) -> float:
        """Returns the seconds that it took."""
        return float(self.tell(do="resize", threads=threads, processes=processes)["seconds"])

    def figures(self) -> PodFigures:
        return self._reader.read()

    def total(self, name: int) -> float:
        return self.figures().totals[name]

    def answered(self, status_class: int) -> int:
        return int(self.total(at.T_CODES + status_class))

    def aborted(self) -> int:
        return int(self.total(at.T_CODES))

    def rejected(self) -> int:
        totals = self.figures().totals
        return int(sum(totals[at.T_REASONS : at.T_REASONS + at.REASONS]))

    def arrivals(self) -> int:
        return int(self.total(at.T_ARRIVALS))

    def quantile(self, share: float, histogram: str = "request") -> float:
        """Upper edge of the bucket that this share of the observations lies below."""
        first = at.histogram_at(histogram)
        counts = self.figures().totals[first : first + len(EDGES) + 1]
        wanted, seen = sum(counts) * share, 0.0
        for edge, count in zip([*EDGES, float("inf")], counts, strict=True):
            seen += count
            if seen >= wanted > 0:
                return edge
        return float("nan")

    def _hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], _PATIENCE)
        line = self.process.stdout.readline() if ready else b""
        assert line, f"the server said nothing; exit code {self.process.poll()}"
        return dict(json.loads(line))
