"""What tests of several folders share: a Redis of one's own, recorded exchanges, other interpreters."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_servers import RedisServer, redis_program

CHECKOUT = Path(__file__).resolve().parents[2]
RECORDED = CHECKOUT / "test" / "fixtures" / "feast"

FREE_THREADED_SKIP = "no free-threaded interpreter"
"""Begins the reason of each skip for want of one: the test command tells these from others by it."""


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis for one test."""
    server = RedisServer(redis_program(), tmp_path)
    yield server
    server.kill()


@pytest.fixture(scope="session")
def recorded_redis() -> dict[str, Any]:
    """Keys, fields and values that Feast wrote to Redis."""
    return dict(json.loads((RECORDED / "redis.json").read_text()))


@pytest.fixture(scope="session")
def recorded_http() -> dict[str, Any]:
    """Requests, and how Feast answered them."""
    return dict(json.loads((RECORDED / "http.json").read_text()))


def _cached_interpreter(variable: str, name: str) -> str | None:
    """An interpreter that the test command names, or that its environments left on this machine."""
    named = os.environ.get(variable)
    if named is not None:
        return named or None
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plateau" / "python"
    found = [folder for folder in cache.glob(f"{name}-*") if (folder / ".complete").exists()]
    return str(max(found, key=lambda folder: folder.stat().st_mtime) / "bin" / "python") if found else None


@pytest.fixture(scope="session")
def free_threaded_python() -> str:
    """An interpreter without a lock, with the packages of ``environments/free-threaded.txt``."""
    python = _cached_interpreter("PLATEAU_TEST_FREE_THREADED", "free-threaded")
    if python is None:
        pytest.skip(f"{FREE_THREADED_SKIP}; build one with node hack/python/free-threaded.ts")
    return python


@pytest.fixture(scope="session")
def feast_python() -> str:
    """An interpreter with Feast."""
    python = _cached_interpreter("PLATEAU_TEST_FEAST", "feast")
    if python is None:
        pytest.skip("no environment with Feast; the test command makes one: npm test -- python")
    return python
