"""Throttling by the CPU limit of the pod's own cgroup, version 1 or 2."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .kernel import read_text

_PATHS = ("/sys/fs/cgroup/cpu.stat", "/sys/fs/cgroup/cpu/cpu.stat", "/sys/fs/cgroup/cpu,cpuacct/cpu.stat")
"""Where a container sees its own cgroup: version 2, then the two usual mounts of version 1."""


@dataclass(frozen=True)
class Throttling:
    """From ``cpu.stat``."""

    periods: int
    throttled_periods: int
    throttled_seconds: float


def read_throttling(paths: Sequence[str] = _PATHS) -> Throttling | None:
    """None where no quota can be seen."""
    for path in paths:
        text = read_text(path)
        throttling = None if text is None else parse_cpu_stat(text)
        if throttling is not None:
            return throttling
    return None


def parse_cpu_stat(text: str) -> Throttling | None:
    """Either version: ``throttled_usec`` (2) or ``throttled_time`` in nanoseconds (1). None without a quota, and for anything else."""
    fields = dict(_pairs(text))
    micros = fields.get("throttled_usec", fields.get("throttled_time", math.nan) / 1000)
    if "nr_periods" not in fields or "nr_throttled" not in fields or not math.isfinite(micros):
        return None
    return Throttling(int(fields["nr_periods"]), int(fields["nr_throttled"]), micros / 1e6)


def _pairs(text: str) -> list[tuple[str, int]]:
    lines = (line.split() for line in text.splitlines())
    return [(line[0], int(line[1])) for line in lines if len(line) == 2 and line[1].isascii() and line[1].isdigit()]  # noqa: PLR2004
