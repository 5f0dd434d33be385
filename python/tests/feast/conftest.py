"""Feature stores that Feast itself made, once; each test gets a copy."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from local_servers import PoolServer, Program, RedisServer, redis_program

SCRIPT = Path(__file__).parent / "golden_repo.py"


def _make(python: str, folder: Path, *arguments: str) -> None:
    done = subprocess.run([python, str(SCRIPT), str(folder), *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def golden_sqlite(feast_python: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the feature store of the recorded exchanges, features included. Not to be written to."""
    folder = tmp_path_factory.mktemp("golden")
    _make(feast_python, folder)
    return folder


@pytest.fixture
def golden_store(golden_sqlite: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Copies that folder."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(golden_sqlite, tmp_path / name))

    return copy


@pytest.fixture(scope="session")
def golden_redis(feast_python: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[bytes, dict[bytes, bytes]]]:
    """A folder with the feature store of the recorded exchanges, and the hashes that Feast wrote to Redis for it."""
    folder = tmp_path_factory.mktemp("golden-redis")
    server = RedisServer(redis_program(), folder)
    try:
        _make(feast_python, folder, str(server.port))
        with redis.Redis.from_url(server.url) as client:
            hashes: dict[bytes, dict[bytes, bytes]] = {key: client.hgetall(key) for key in client.scan_iter()}  # type: ignore[misc]
    finally:
        server.kill()
    return folder, hashes


@pytest.fixture
def ending() -> Iterator[list[Program]]:
    """Programs to be killed when the test is over, however it ends."""
    programs: list[Program] = []
    yield programs
    for program in programs:
        program.kill()


@pytest.fixture
def on_redis(
    feast_python: str,
    golden_redis: tuple[Path, dict[bytes, dict[bytes, bytes]]],
    redis_server: RedisServer,
    tmp_path: Path,
    ending: list[Program],
) -> Callable[..., PoolServer]:
    """Starts Feast under the pool on a Redis of its own, with more flags if need be."""
    made, hashes = golden_redis
    folder = Path(shutil.copytree(made, tmp_path / "redis"))
    yaml = folder / "feature_store.yaml"
    yaml.write_text(re.sub(r"127.0.0.1:\d+", f"127.0.0.1:{redis_server.port}", yaml.read_text()))
    with redis.Redis.from_url(redis_server.url) as client:
        for key, fields in hashes.items():
            client.hset(key, mapping=fields)  # type: ignore[arg-type]

    def start(*arguments: str) -> PoolServer:
        server = PoolServer(feast_python, ["feast", "--feature-store", str(yaml), *arguments], folder)
        ending.append(server)
        return server

    return start
