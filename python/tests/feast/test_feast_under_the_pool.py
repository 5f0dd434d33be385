"""Feast's own server, unmodified, run by plateau-pool beside the one that ``feast serve`` runs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local_servers import PoolServer, Program, RedisServer, Reply, free_port, post_json, request, wait_until

URL = "/get-online-features"
READ = {"features": ["driver_hourly_stats:conv_rate"], "entities": {"driver_id": [1001]}}


def send(port: int, exchange: dict[str, Any]) -> Reply:
    body = exchange["request"]
    raw = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return request(port, exchange["method"], exchange["path"], raw, {"Content-Type": "application/json"})


def comparable(reply: Reply) -> Any:
    """What an answer means: columns by the name of their feature."""
    if not reply.body:
        return (reply.status, None)
    body = reply.json()
    if isinstance(body, dict) and "results" in body:
        body = dict(zip(body["metadata"]["feature_names"], body["results"], strict=True))
    return (reply.status, reply.headers["content-type"], body)


def plain_feast(python: str, folder: Path) -> tuple[Program, int]:
    """``feast serve``, once it answers."""
    port = free_port()
    program = Program([str(Path(python).parent / "feast"), "serve", "--port", str(port)], folder, {})

    def answers() -> bool:
        try:
            return request(port, "GET", "/health").status == 200
        except OSError:
            return False

    wait_until(lambda: answers() or not program.running(), f"feast serve does not answer:\n{program.said()}", 180)
    return program, port


def test_answers_as_feast_serve_does(
    feast_python: str, golden_store: Callable[..., Path], recorded_http: dict[str, Any], ending: list[Program]
) -> None:
    ours, theirs = golden_store("ours"), golden_store("theirs")
    pool = PoolServer(feast_python, ["feast", "--feature-store", str(ours / "feature_store.yaml")], ours)
    ending.append(pool)
    plain, port = plain_feast(feast_python, theirs)
    ending.append(plain)
    pool.wait_ready()
    for name, exchange in recorded_http.items():
        assert comparable(send(pool.port, exchange)) == comparable(send(port, exchange)), name
    # A client may have its answer before the server has written down that it had.
    wait_until(lambda: pool.figures()["worker_pool_inflight"] == 0, "requests stay in flight that were answered")
    counted = pool.figures()
    answered = sum(value for name, value in counted.items() if name.startswith("worker_pool_requests_total"))
    # /health is no request of the pool.
    assert answered == counted["worker_pool_arrivals_total"] == len(recorded_http) - 1
    assert counted["worker_pool_request_seconds_count"] == answered


def test_is_measured_and_resized_on_an_event_loop(on_redis: Callable[..., PoolServer]) -> None:
    server = on_redis().wait_ready()
    assert (server.label("model"), server.label("knob"), server.label("gil")) == ("eventloop", "inflight", "on")
    requests = 40
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(post_json(server.port, URL, READ).status)) for _ in range(requests)]
    for thread in threads:
        thread.start()
    assert server.resize(threads=2).json()["threads"] == 2
    for thread in threads:
        thread.join()
    assert statuses == [200] * requests
    wait_until(lambda: server.figures()["worker_pool_inflight"] == 0, "requests stay in flight that were answered")
    figures = server.figures()
    assert figures["worker_pool_threads"] == 2
    assert figures['worker_pool_requests_total{code="2xx"}'] == requests
    assert figures["worker_pool_store_seconds_count"] == requests
    assert 0 < figures["worker_pool_store_seconds_sum"] < figures["worker_pool_request_seconds_sum"]
    assert server.terminate() == 0


def test_waits_for_its_store_and_survives_its_loss(on_redis: Callable[..., PoolServer], redis_server: RedisServer) -> None:
    redis_server.kill()
    server = on_redis().wait_serving()
    wait_until(lambda: "does not" in str(server.admin("/readyz").json()) or server.admin("/readyz").status == 503, "ready without a store")
    redis_server.start()
    server.wait_ready()
    wait_until(lambda: post_json(server.port, URL, READ).status == 200, "the store is there and not served from")
    redis_server.kill()
    reply = post_json(server.port, URL, READ)
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    assert server.admin("/readyz").status == 200
    wait_until(lambda: server.admin("/readyz").json()["status"] == "degraded", "a lost store is not reported")
    redis_server.start()
    wait_until(lambda: post_json(server.port, URL, READ).status == 200, "the store is back and not served from")
    wait_until(lambda: server.admin("/readyz").json()["status"] == "ready", "the store's return is not reported")


def test_a_store_that_falls_silent(on_redis: Callable[..., PoolServer], redis_server: RedisServer) -> None:
    server = on_redis().wait_ready()
    assert post_json(server.port, URL, READ).status == 200
    redis_server.freeze()
    wait_until(
        lambda: server.admin("/readyz").json()["status"] == "degraded" if post_json(server.port, URL, READ).status == 503 else False,
        "not degraded",
    )
    # From now on most are refused without a wait; one a second tries.
    started = time.monotonic()
    assert [post_json(server.port, URL, READ).status for _ in range(20)] == [503] * 20
    assert time.monotonic() - started < 20 * 2.0
    assert "keeps its Redis client elsewhere" not in server.said()
    redis_server.thaw()
    wait_until(lambda: post_json(server.port, URL, READ).status == 200, "the store is back and not served from")


def test_says_what_file_is_missing(feast_python: str, tmp_path: Path, ending: list[Program]) -> None:
    for arguments, environment in ([["--feature-store", "nowhere.yaml"], {}], [[], {"FEAST_FS_YAML_FILE_PATH": "nowhere.yaml"}]):
        server = PoolServer(feast_python, ["feast", *arguments], tmp_path, environment)
        ending.append(server)
        wait_until(lambda server=server: not server.running(), "serves without a feature store")
        assert server.process.returncode != 0
        assert "nowhere.yaml" in server.said()
