"""Bucket edges of the histograms: 1 ms to 2 s at a ratio of 1.243, the same to the letter as the built-in server's."""

from __future__ import annotations

from bisect import bisect_left

_STEPS = 35
_FIRST = 0.001
_LAST = 2.0

EDGES: tuple[float, ...] = tuple(float(f"{_FIRST * (_LAST / _FIRST) ** (step / _STEPS):.4g}") for step in range(_STEPS + 1))
"""Upper edges in seconds, ascending. One more edge lies at the objective and moves with it."""

BUCKETS = len(EDGES) + 1
"""The last one is open."""


def split_bucket(objective: float) -> int:
    """Index of the bucket that the objective (seconds) divides, or ends when it lies on an edge."""
    return bisect_left(EDGES, objective)


def share_below(objective: float) -> float:
    """What part of its bucket lies at or below the objective, by width; 0 in the open bucket, whose width nobody knows."""
    bucket = split_bucket(objective)
    if bucket >= len(EDGES):
        return 0.0
    lower = EDGES[bucket - 1] if bucket > 0 else 0.0
    return (objective - lower) / (EDGES[bucket] - lower)
