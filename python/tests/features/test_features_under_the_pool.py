"""The application on each server that plateau-pool runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from feature_client import write_recorded_redis
from local_servers import PoolServer, RedisServer, post_json, wait_until

URL = "/get-online-features"
READ = {"features": ["driver_hourly_stats:conv_rate", "driver_hourly_stats:name"], "entities": {"driver_id": [1001]}}

VARIANTS = {
    "waitress": ([], "threads"),
    "waitress-orjson": (["--json", "orjson"], "threads"),
    "gunicorn": (["--server", "gunicorn", "--processes", "2"], "processes"),
    "asyncio": (["--interface", "asgi"], "eventloop"),
}


@pytest.fixture
def start(redis_server: RedisServer, recorded_redis: dict[str, Any], tmp_path: Path) -> Iterator[Callable[..., PoolServer]]:
    """Starts a variant on what Feast wrote to Redis."""
    write_recorded_redis(redis_server.url, recorded_redis)
    servers: list[PoolServer] = []

    def run(*arguments: str) -> PoolServer:
        servers.append(PoolServer(sys.executable, ["features", "--store", redis_server.url, "--project", "golden", *arguments], tmp_path))
        return servers[-1].wait_ready()

    yield run
    for server in servers:
        server.kill()


@pytest.mark.parametrize("variant", VARIANTS)
def test_answers_counts_and_survives_its_store(variant: str, start: Callable[..., PoolServer], redis_server: RedisServer) -> None:
    arguments, model = VARIANTS[variant]
    server = start(*arguments)
    assert server.label("model") == model
    replies = [post_json(server.port, URL, READ) for _ in range(20)]
    assert [reply.status for reply in replies] == [200] * 20
    assert [column["values"] for column in replies[-1].json()["results"]] == [[1001], [0.5], ["a"]]
    wait_until(lambda: server.figures()["worker_pool_inflight"] == 0, "requests stay in flight that were answered")
    figures = server.figures()
    assert figures['worker_pool_requests_total{code="2xx"}'] == figures["worker_pool_arrivals_total"] == 20
    assert figures["worker_pool_store_seconds_count"] == 20
    assert 0 < figures["worker_pool_store_seconds_sum"] < figures["worker_pool_service_seconds_sum"]

    redis_server.kill()
    reply = post_json(server.port, URL, READ)
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    wait_until(lambda: server.admin("/readyz").json()["status"] == "degraded", "a lost store is not reported")
    assert server.admin("/readyz").status == 200
    redis_server.start()
    wait_until(lambda: post_json(server.port, URL, READ).status == 200, "the store is back and not served from")
    wait_until(lambda: server.admin("/readyz").json()["status"] == "ready", "the store's return is not reported")
    assert server.terminate() == 0


def test_is_ready_only_when_the_store_was_reached(tmp_path: Path, golden_sqlite: Any) -> None:
    present = Path(golden_sqlite.sqlite_path)
    absent = tmp_path / "later.db"
    server = PoolServer(sys.executable, ["features", "--store", f"sqlite://{absent}", "--project", "golden"], tmp_path).wait_serving()
    try:
        assert server.admin("/readyz").status == 503
        present.rename(absent)
        server.wait_ready()
        assert post_json(server.port, URL, READ).status == 200
        # The client may have its answer before the server has written down that it was sent.
        wait_until(lambda: server.figures()["worker_pool_store_seconds_sum"] > 0, "the time at the store is not counted")
    finally:
        server.kill()
