"""A store that is gone, silent or back again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from feature_client import CLIENTS, Client, write_recorded_redis
from local_servers import RedisServer, free_port, wait_until

from plateau_pool.features.breaker import Breaker
from plateau_pool.features.refusal import StoreLost
from plateau_pool.features.settings import Settings

REQUEST = {"features": ["driver_hourly_stats:conv_rate"], "entities": {"driver_id": [1001]}}
TIMEOUT = 0.5


def settings_for(server: RedisServer) -> Settings:
    return Settings(server.url, "golden", "json", TIMEOUT)


def assert_degraded(client: Client) -> None:
    started = time.monotonic()
    reply = client.post(REQUEST)
    assert reply.status == 503
    assert reply.headers["Retry-After"] == "1"
    assert reply.json() == {"detail": "The online store is not available; try again."}
    # Ten times the limit: a busy machine is slow, a hanging one waits for ever.
    assert time.monotonic() - started < 10 * TIMEOUT


def vanish(server: RedisServer) -> Callable[[], None]:
    server.kill()
    return server.start


def fall_silent(server: RedisServer) -> Callable[[], None]:
    server.freeze()
    return server.thaw


@pytest.mark.parametrize("lose", [vanish, fall_silent])
@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_degrades_and_recovers_by_itself(kind: str, lose: Any, redis_server: RedisServer, recorded_redis: dict[str, Any]) -> None:
    client = CLIENTS[kind](settings_for(redis_server))
    write_recorded_redis(redis_server.url, recorded_redis)
    assert client.post(REQUEST).status == 200
    bring_back = lose(redis_server)
    assert_degraded(client)
    assert_degraded(client)
    assert client.call("GET", "/health", b"", "").status == 200
    bring_back()
    wait_until(lambda: client.post(REQUEST).status == 200, "the store is back and not served from")


def test_a_restart_costs_no_request(redis_server: RedisServer) -> None:
    client = CLIENTS["wsgi"](settings_for(redis_server))
    assert client.post(REQUEST).status == 200
    redis_server.kill()
    redis_server.start()
    assert client.post(REQUEST).status == 200


def test_a_store_that_was_never_there() -> None:
    assert_degraded(CLIENTS["wsgi"](Settings(f"redis://127.0.0.1:{free_port()}", "golden", "json", TIMEOUT)))


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_a_missing_file_degrades_and_appears(kind: str, golden_sqlite: Settings, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere.db"
    client = CLIENTS[kind](replace(golden_sqlite, store=f"sqlite://{moved}"))
    assert client.post(REQUEST).status == 503
    Path(golden_sqlite.sqlite_path or "").rename(moved)
    wait_until(lambda: client.post(REQUEST).status == 200, "the file is there and not served from")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "online.db"
    path.write_bytes(b"no database, whatever its name" * 100)
    assert CLIENTS["wsgi"](Settings(f"sqlite://{path}", "golden", "json", TIMEOUT)).post(REQUEST).status == 503


class FakeClock:
    """Time that passes when told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_breaker_lets_one_caller_try_at_a_time() -> None:
    clock = FakeClock()
    reports: list[str | None] = []
    breaker = Breaker(reports.append, pause=1.0, clock=clock)
    breaker.check()
    breaker.lost("gone")
    for _ in range(2):
        with pytest.raises(StoreLost, match="gone"):
            breaker.check()
    clock.now += 1.0
    breaker.check()
    with pytest.raises(StoreLost):
        breaker.check()
    breaker.answered()
    breaker.check()
    breaker.check()
    breaker.answered()
    assert reports == ["gone", None]
