"""CPU work of a known size in three kinds, in units that `calibrate.py` has timed on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Callable

KINDS = ("json", "python", "native")
ROWS = (40, 80, 160)


def _text(rows: int) -> str:
    return json.dumps([{"entity": row, "values": [row / 7, row * 3, f"feature {row}"]} for row in range(rows)])


_TEXTS = {rows: _text(rows) for rows in ROWS}
_BLOCK = os.urandom(16_384)


def run_json(units: float) -> None:
    """Reads and writes JSON: calls into C that keep the interpreter's lock; one unit is one row."""
    left = units
    while left >= ROWS[0]:
        rows = max(rows for rows in ROWS if rows <= left)
        json.dumps(json.loads(_TEXTS[rows]))
        left -= rows


def run_python(units: float) -> None:
    """Byte code, which gives the lock away whenever it is asked for."""
    value = 1
    for step in range(int(units)):
        value = (value * 31 + step) & 0xFFFF


def run_native(units: float) -> None:
    """Digests of blocks large enough for hashlib to let go of the lock: native code that uses all cores."""
    for _ in range(max(1, int(units))):
        hashlib.sha256(_BLOCK).digest()


RUNS: dict[str, Callable[[float], None]] = {"json": run_json, "python": run_python, "native": run_native}


class Work:
    """``PLATEAU_CAUSE_CPU_MS`` milliseconds of CPU on average, half as much to one and a half times as much."""

    def __init__(self, kind: str, milliseconds: float, units_per_ms: float) -> None:
        self._run = RUNS[kind]
        self._units = milliseconds * units_per_ms

    def __call__(self) -> None:
        if self._units > 0:
            self._run(self._units * random.uniform(0.5, 1.5))


def work_from_environment() -> Work:
    """As the benchmark asks for."""
    env = os.environ
    milliseconds, units_per_ms = float(env.get("PLATEAU_CAUSE_CPU_MS", "0")), float(env.get("PLATEAU_CAUSE_UNITS_PER_MS", "1"))
    return Work(env.get("PLATEAU_CAUSE_CPU", "json"), milliseconds, units_per_ms)
