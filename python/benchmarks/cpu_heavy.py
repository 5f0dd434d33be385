"""A WSGI application whose requests cost some milliseconds of CPU, as JSON of a feature server does; ROWS says how many."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

ROWS = int(os.environ.get("ROWS", "1400"))
TEXT = json.dumps([{"entity": row, "values": [row / 7, row * 3, f"feature {row}"], "statuses": ["PRESENT"] * 3} for row in range(ROWS)])


def app(environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    """Reads and writes JSON, like what it stands for."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    body = json.dumps(json.loads(TEXT)).encode()[:2000]
    start_response("200 OK", [("content-type", "application/json"), ("content-length", str(len(body)))])
    return [body]
