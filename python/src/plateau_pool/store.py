"""Time that requests wait for their online store.

    with plateau_pool.store.timed():
        rows = client.read(keys)

The request is found by itself (the thread or task that works on it). Waits that overlap, of several tasks of one request, count
once. redis-py needs nothing: its calls are timed as soon as it is imported in a serving process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .measure.current import visit


@contextmanager
def timed() -> Iterator[None]:
    """Counts what is inside as store time of the present request. Outside of requests, nothing. Works in async functions as well."""
    current = visit.get()
    if current is None:
        yield
        return
    current.store_began()
    try:
        yield
    finally:
        current.store_ended()
