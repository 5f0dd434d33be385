"""The application of the scenarios ``gil`` and ``lock``: a request computes, or holds a lock while it sleeps, as its environment says."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

StartResponse = Callable[[str, list[tuple[str, str]]], object]

_CPU_SECONDS = float(os.environ.get("SCENARIO_CPU_MS", "0")) / 1000
_LOCK_SECONDS = float(os.environ.get("SCENARIO_LOCK_MS", "0")) / 1000
_ROWS = json.dumps([{"entity": row, "values": [row / 7, row * 3, f"feature {row}"]} for row in range(40)])

_lock = threading.Lock()


def compute(seconds: float) -> None:
    """Reads and writes JSON, under the interpreter's lock, for so much CPU time of this thread."""
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        json.dumps(json.loads(_ROWS))


def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Lock, then CPU."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if _LOCK_SECONDS > 0:
        with _lock:
            time.sleep(_LOCK_SECONDS)
    compute(_CPU_SECONDS)
    start_response("200 OK", [("content-type", "application/json"), ("content-length", "2")])
    return [b"{}"]
