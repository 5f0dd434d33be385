"""The supervisor and its child as real processes: how they start, become ready and end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from running import FORKING, HERE, NO_ANSWER, SOURCES, THREADS, StartPool, ask, eventually, gone


class TestStart:
    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (None, "cannot be read (No such file or directory)"),
            ("", "cannot be read as JSON"),
            ("{", "cannot be read as JSON"),
            ("\xff", "cannot be read as JSON"),
            ("[]", "no JSON object"),
            ('{"threads":8,"processes":1,"generation":4}', "objectiveMs is missing"),
            ('{"threads":0,"processes":1,"generation":4,"objectiveMs":30}', "threads is less than 1"),
            ('{"threads":4000,"processes":1,"generation":4,"objectiveMs":30}', "threads 4000 is outside 1 to 1024"),
            ('{"threads":8,"processes":2,"generation":4,"objectiveMs":30}', "processes 2 is outside 1 to 1"),
        ],
    )
    def test_with_a_wrong_configuration_ends_and_names_the_file(
        self, start_pool: StartPool, tmp_path: Path, content: str | None, sentence: str
    ) -> None:
        if content is not None:
            (tmp_path / "config.json").write_text(content, encoding="latin-1")
        pool = start_pool(*THREADS, WORKER_POOL_CONFIG="config.json")
        message = pool.said("the server cannot start")["message"]
        assert "config.json" in message
        assert sentence in message
        assert pool.ended() == 1

    def test_takes_the_configuration_before_it_is_ready(self, start_pool: StartPool, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text('{"threads":3,"processes":2,"generation":4294967303,"objectiveMs":42}')
        pool = start_pool(*FORKING, WORKER_POOL_CONFIG="config.json").serving()
        eventually(lambda: pool.admin("/readyz").status == 200, "it is ready")
        state = pool.admin("/pool").json
        assert {key: state[key] for key in ("threads", "processes", "generation", "objectiveMs")} == {
            "threads": 3,
            "processes": 2,
            "generation": 4294967303,
            "objectiveMs": 42,
        }
        assert pool.metrics()["worker_pool_processes"] == 2

    def test_of_an_application_that_cannot_be_imported_ends_with_its_error(self, start_pool: StartPool) -> None:
        pool = start_pool("no_such_module:app", "--server", "tiny_adapter:threads")
        assert "No module named 'no_such_module'" in pool.said("the server cannot start")["message"]
        assert pool.ended() == 1

    def test_on_a_port_in_use_ends_and_says_so(self, start_pool: StartPool) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            pool = start_pool(*THREADS, "--admin-port", str(taken.getsockname()[1]))
            assert "free the port or choose another one" in pool.said("the server cannot start")["message"]
            assert pool.ended() == 1


class TestReadiness:
    def test_waits_for_the_store_once_and_is_degraded_when_it_is_lost(self, start_pool: StartPool, tmp_path: Path) -> None:
        store = tmp_path / "store"
        pool = start_pool("tiny_app:with_store", "--server", "tiny_adapter:threads", TINY_STORE=str(store)).serving()
        unready = eventually(lambda: "no such store" in (answer := pool.admin("/readyz")).body and answer, "the problem is told")
        assert unready.status == 503
        assert unready.json["status"] == "not ready"
        store.touch()
        assert eventually(lambda: (answer := pool.admin("/readyz")).status == 200 and answer, "ready").json == {"status": "ready"}
        store.unlink()
        degraded = eventually(lambda: (answer := pool.admin("/readyz")).json["status"] == "degraded" and answer, "degraded")
        assert degraded.status == 200
        assert "no such store" in degraded.json["reason"]


class TestEnd:
    def test_finishes_what_is_in_flight_and_exits_with_0(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS).serving()
        with ThreadPoolExecutor(1) as threads:
            slow = threads.submit(pool.get, "/sleep/5")
            eventually(lambda: pool.metrics()["worker_pool_inflight"] == 1, "one is in flight")
            assert pool.terminate() == 0
            assert slow.result().status == 200

    def test_is_unready_at_once_and_accepts_for_the_grace(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS, "--drain-grace", "3s").serving()
        pool.process.send_signal(signal.SIGTERM)
        eventually(lambda: pool.admin("/readyz").status == 503, "it is unready")
        assert pool.get("/").status == 200
        assert pool.ended() == 0

    def test_comes_at_once_at_the_second_signal(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS, "--drain-grace", "10m").serving()
        child = int(pool.get("/").body)
        pool.process.send_signal(signal.SIGTERM)
        pool.said("ending")
        pool.process.send_signal(signal.SIGINT)
        assert pool.ended() == 128 + signal.SIGINT
        eventually(lambda: gone(child), "the child is gone")

    def test_cuts_off_what_outlasts_the_grace_period(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS, "--termination-grace", "2s").serving()
        threading.Thread(target=lambda: _swallow(lambda: pool.get("/sleep/600")), daemon=True).start()
        eventually(lambda: pool.metrics()["worker_pool_inflight"] == 1, "one is in flight")
        assert pool.terminate() == 0
        pool.said("requests were still in flight")

    def test_comes_also_when_nobody_can_be_told(self, tmp_path: Path) -> None:
        free = socket.create_server(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = [sys.executable, "-m", "plateau_pool", "serve", *THREADS, "--host", "127.0.0.1", "--port", "0", "--drain-grace", "0"]
        # Without a standard error Python has no sys.stderr.
        process = subprocess.Popen(
            ["sh", "-c", 'exec "$@" 2>&-', "sh", *command, "--admin-port", str(port)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCES), str(HERE)])},
        )
        try:
            eventually(lambda: _status(port, "/readyz") == 200, "it is ready")
            process.terminate()
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()

    def test_takes_no_longer_than_the_grace_period_however_long_connections_are_accepted(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS, "--drain-grace", "10m", "--termination-grace", "2s").serving()
        assert pool.terminate() == 0

    def test_leaves_no_process_behind(self, start_pool: StartPool) -> None:
        pool = start_pool(*FORKING, "--processes", "3").serving()
        served = {int(pool.get("/").body) for _ in range(20)}
        assert pool.terminate() == 0
        eventually(lambda: all(gone(pid) for pid in served), "its processes are gone")


def _status(port: int, path: str) -> int | None:
    try:
        return ask(port, path).status
    except NO_ANSWER:
        return None


def _swallow(action: Callable[[], object]) -> None:
    with contextlib.suppress(NO_ANSWER):
        action()
