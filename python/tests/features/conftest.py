"""A store that holds what the recorded exchanges read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from feature_client import GOLDEN, close_asgi_clients, write_sqlite

from plateau_pool.features.settings import Settings


@pytest.fixture(autouse=True)
def _closed_clients() -> Iterator[None]:
    """What is left open would be collected in the middle of a later test."""
    yield
    close_asgi_clients()


@pytest.fixture
def golden_sqlite(tmp_path: Path) -> Settings:
    """A SQLite store with the features of the recorded exchanges."""
    path = tmp_path / "online.db"
    write_sqlite(path, "driver_hourly_stats", GOLDEN)
    return Settings(f"sqlite://{path}", "golden", "json", 2.0)
