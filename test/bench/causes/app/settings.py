"""What the benchmark asks of the applications, by environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Zero switches a thing off, but for ``connections``, where it means as many as are wanted."""

    store_port: int
    connections: int
    connections_declared: bool
    pool_in_store: bool
    """The wait for a connection is part of the store's time, as with a client that keeps its pool to itself."""
    lock_places: int
    lock_ms: float
    lock_declared: bool


def read_settings(env: Mapping[str, str]) -> Settings:
    """From ``PLATEAU_CAUSE_…``."""

    def number(name: str) -> float:
        return float(env.get(f"PLATEAU_CAUSE_{name}", "0"))

    return Settings(
        store_port=int(number("STORE_PORT")),
        connections=int(number("CONNECTIONS")),
        connections_declared=number("CONNECTIONS_DECLARED") == 1,
        pool_in_store=number("POOL_IN_STORE") == 1,
        lock_places=int(number("LOCK_PLACES")),
        lock_ms=number("LOCK_MS"),
        lock_declared=number("LOCK_DECLARED") == 1,
    )
