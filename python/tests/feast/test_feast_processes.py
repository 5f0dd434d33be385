"""Feast's own server in processes that come and go."""

from __future__ import annotations

from collections.abc import Callable

from local_servers import PoolServer, post_json, wait_until

URL = "/get-online-features"
READ = {"features": ["driver_hourly_stats:conv_rate"], "entities": {"driver_id": [1001]}}


def test_gets_and_loses_processes_under_gunicorn(on_redis: Callable[..., PoolServer]) -> None:
    server = on_redis("--server", "gunicorn").wait_ready()
    assert server.label("model") == "processes"
    for processes in (2, 1):
        reply = server.resize(processes=processes)
        assert (reply.status, reply.json()["processes"]) == (200, processes)
        assert server.figures()["worker_pool_processes"] == processes
        assert all(post_json(server.port, URL, READ).status == 200 for _ in range(10))
    # A client may have its answer before the server has counted it.
    wait_until(lambda: server.figures()['worker_pool_requests_total{code="2xx"}'] == 20, "answers stay uncounted")
    assert server.terminate() == 0
