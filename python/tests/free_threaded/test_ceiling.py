"""The same application with and without an interpreter lock: with it, one core is all that four threads can ask for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from local_servers import PoolServer, RedisServer

from plateau_pool.features.entity_key import entity_keys
from plateau_pool.features.redis_layout import field_of

ENTITIES = 100
FEATURES = [f"feature_view_{number // 10}:feature_{number}" for number in range(50)]
THREADS = 4
CLIENTS = 8
SECONDS = 1.5
ROUNDS = 2
PATIENCE = 30.0
CEILING = 1.2
FREE_CORES = 1.45
"""Cores that a server used or that were idle: with fewer, other programs hide what it could have used."""
CLOSED_LOOP = Path(__file__).parent / "closed_loop.py"


def write_features(url: str) -> None:
    """Small integers for all entities and features of the request."""
    values = {field_of(*feature.split(":", 1)): bytes([0x20, number]) for number, feature in enumerate(FEATURES)}
    times = {f"_ts:feature_view_{view}".encode(): bytes.fromhex("08c0bfb7d306") for view in range(5)}
    keys, _ = entity_keys({"entity": list(range(ENTITIES))})
    with redis.Redis.from_url(url) as client, client.pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.hset(key + b"plateau", mapping={**values, **times})  # type: ignore[arg-type]
        pipeline.execute()


class Measured:
    """A server under load from time to time, and the CPU that it used when the machine would have let it use more than one core."""

    def __init__(self, server: PoolServer, body: Path) -> None:
        self.server = server
        self._body = body
        self.windows = 0
        self._cpu = self._passed = 0.0
        self._good = 0

    def load(self, seconds: float) -> None:
        """Puts a closed loop on it for some time."""
        cpu, idle, started = self._cpu_now(), idle_seconds(), time.monotonic()
        good = closed_loop(self.server.port, seconds, self._body)
        cpu, idle, passed = self._cpu_now() - cpu, idle_seconds() - idle, time.monotonic() - started
        if (cpu + idle) / passed < FREE_CORES:
            return
        self.windows += 1
        self._cpu += cpu
        self._passed += passed
        self._good += good

    def _cpu_now(self) -> float:
        return self.server.figures()['worker_pool_process_cpu_seconds_total{process="0"}']

    @property
    def cores(self) -> float:
        """CPU seconds a second under load."""
        return self._cpu / self._passed

    def __str__(self) -> str:
        return f"gil {self.server.label('gil')}: {self.cores:.2f} cores, {self._good / self._passed:.1f} answers/s"


def idle_seconds() -> float:
    """Time that cores had nothing to do, all together, since the machine started."""
    idle, waiting = Path("/proc/stat").read_text().split()[4:6]
    return (int(idle) + int(waiting)) / os.sysconf("SC_CLK_TCK")


@pytest.fixture
def start(redis_server: RedisServer, tmp_path: Path) -> Iterator[Callable[..., Measured]]:
    """Starts the features application on an interpreter."""
    write_features(redis_server.url)
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"features": FEATURES, "entities": {"entity": list(range(ENTITIES))}}))
    servers: list[PoolServer] = []

    def run(python: str, **environment: str) -> Measured:
        arguments = ["features", "--store", redis_server.url, "--threads", str(THREADS)]
        servers.append(PoolServer(python, arguments, tmp_path, environment).wait_ready())
        return Measured(servers[-1], body)

    yield run
    for server in servers:
        server.kill()


def closed_loop(port: int, seconds: float, body: Path) -> int:
    """Answers that were 200; none may be anything else."""
    command = [sys.executable, str(CLOSED_LOOP), str(port), str(seconds), str(CLIENTS), str(body)]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout)
    assert said["bad"] == 0
    return int(said["good"])


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core: nobody can use more")
def test_the_ceiling_lifts_without_a_lock(start: Callable[..., Measured], free_threaded_python: str) -> None:
    # The same interpreter with its lock switched on: nothing else differs.
    locked, free, ours = start(free_threaded_python, PYTHON_GIL="1"), start(free_threaded_python), start(sys.executable)
    assert [one.server.label("gil") for one in (locked, free, ours)] == ["on", "off", "on"]
    all_three = (locked, free, ours)
    deadline = time.monotonic() + PATIENCE
    while min(one.windows for one in all_three) < ROUNDS and time.monotonic() < deadline:
        for one in all_three:
            one.load(SECONDS)
    assert not any(name.startswith("worker_pool_gil") for name in free.server.figures())
    if min(one.windows for one in all_three) == 0:
        warnings.warn(f"other programs used the cores for {PATIENCE} s: that the ceiling lifts was not seen", stacklevel=1)
        return
    print(*(f"\n{one}" for one in all_three))
    assert all(one.server.terminate() == 0 for one in all_three)
    # What happens outside of the lock, in the kernel and in C, makes it a little more than one core.
    assert locked.cores < CEILING
    assert ours.cores < CEILING
    assert free.cores > CEILING
