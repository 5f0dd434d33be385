"""The end of a pool, wanted or not."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.http import Connection, ask
from support.load import Load
from support.pool import Pool, eventually

from .conftest import Server


def test_the_last_answers_say_so(server: Server) -> None:
    with server.start() as pool:
        connection = Connection(pool.port)
        assert not connection.ask("/work?id=1").closes
        pool.tell(do="last_answers")

        def closes() -> bool:
            fresh = Connection(pool.port)
            answer = fresh.ask("/work?id=2")
            return answer.closes and fresh.is_closed()

        eventually(closes, "new connections are accepted, and end at once")
        assert connection.ask("/work?id=3").closes


def test_a_drain_under_load_drops_nothing(server: Server) -> None:
    """As the supervisor does it: last answers, a grace in which endpoints go, then the end."""
    with server.start(processes=2 if server.live_processes else 1) as pool:
        with Load(pool.port, clients=8, keep=True) as load:
            load.wait_for(100)
            pool.tell(do="last_answers")
            load.wait_for(300)
        assert load.failures == []
        pool.send(do="stop")
        assert pool.process.wait(30) == 0
        assert pool.answered(2) == load.good


def test_requests_in_flight_and_half_sent_are_finished(server: Server) -> None:
    with server.start(threads=4, idle_drain=2) as pool:
        working = Connection(pool.port)
        working.send(b"GET /work?sleep=6&id=last HTTP/1.1\r\nHost: test\r\n\r\n")
        half = Connection(pool.port)
        half.send(b"POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: 8\r\n\r\nhalf")
        eventually(lambda: pool.figures().inflight >= 1, "it is at work")
        time.sleep(1)
        pool.send(do="stop")
        time.sleep(3)
        half.send(b"done")
        assert half.answer().body == b"8"
        last = working.answer()
        assert (last.body, last.closes) == (b"answer last", True)
        assert pool.process.wait(30) == 0
        assert pool.answered(2) == 2


def test_work_after_an_answer_does_not_hide_the_next_request() -> None:
    with Pool("uvicorn", app="support.applications:asgi", idle_drain=0.1) as pool:
        connection = Connection(pool.port)
        assert connection.ask("/work?id=1&after=0.5").body == b"answer 1"
        connection.send(b"GET /work?sleep=3&id=2 HTTP/1.1\r\nHost: test\r\n\r\n")
        time.sleep(1.5)
        pool.send(do="stop")
        assert connection.answer().body == b"answer 2"
        assert pool.process.wait(30) == 0


def test_an_idle_connection_may_ask_once_more_while_it_stops(server: Server) -> None:
    with server.start(idle_drain=10) as pool:
        connection = Connection(pool.port)
        assert connection.ask("/work?id=1").status == 200
        pool.send(do="stop")
        time.sleep(0.3)
        answer = connection.ask("/work?id=2")
        assert (answer.body, answer.closes) == (b"answer 2", True)
        assert pool.process.wait(30) == 0


def test_nobody_waits_for_silent_connections(server: Server) -> None:
    with server.start(idle_drain=0.5, request_timeout=60.0) as pool:
        silent = [Connection(pool.port) for _ in range(5)]
        asked = Connection(pool.port)
        asked.ask("/work?id=1")
        pool.send(do="stop")
        assert pool.process.wait(15) == 0
        assert all(connection.is_closed() for connection in [*silent, asked])


def _busiest(pool: Pool) -> int:
    return max((slot for slot in pool.figures().living if slot.threads), key=lambda slot: slot.inflight).pid


def test_a_killed_process_takes_only_its_own_requests(server_of_processes: Server) -> None:
    with server_of_processes.start(processes=3) as pool:
        with Load(pool.port, clients=9, keep=True) as load:
            load.wait_for(300)
            counted = pool.arrivals()
            assert counted >= 300
            os.kill(_busiest(pool), signal.SIGKILL)
            lowest = counted
            for _ in range(20):
                now = pool.arrivals()
                assert now >= lowest, "counters fell"
                lowest = now
                time.sleep(0.02)
            load.wait_for(300)
            eventually(lambda: sum(slot.threads > 0 for slot in pool.figures().living) == 3, "it is replaced")
            load.wait_for(100)
        assert len(load.failures) <= 9  # one for each connection, at most
        eventually(lambda: pool.figures().inflight == 0, "nothing is left of it")
        # Answers that its clients did not read any more, and requests that it had not read yet, make the difference.
        assert abs(pool.answered(2) - load.good) <= 9
        assert pool.arrivals() == pool.answered(2) + pool.aborted()


def test_a_pool_whose_application_is_missing_does_not_start(server: Server) -> None:
    try:
        with Pool(server.name, app="support.applications:nothing"):
            raise RuntimeError("it started")
    except AssertionError as error:
        assert "said nothing" in str(error)


def test_a_process_that_does_not_come_up_again_ends_only_itself(
    server_of_processes: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    monkeypatch.setenv("BROKEN_WHILE", str(broken))
    app = server_of_processes.app.replace("applications", "broken_application")

    def attempts() -> int:
        return len(broken.read_bytes())

    with server_of_processes.start(app=app, processes=2) as pool:
        broken.touch()
        os.kill(_busiest(pool), signal.SIGKILL)
        eventually(lambda: attempts() >= 1, "it is replaced")
        begun = time.monotonic()
        eventually(lambda: attempts() >= 5, "it is tried again")
        assert time.monotonic() - begun >= 1.0, "each time after a longer pause"
        assert ask(pool.port, "/work?id=1").body == b"answer 1"
        broken.unlink()
        eventually(lambda: sum(slot.threads > 0 for slot in pool.figures().living) == 2, "both serve again")


@pytest.fixture
def booting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Pool, Path]]:
    """A pool with one process that serves, and one that comes up when the file is gone."""
    slow = tmp_path / "slow"
    monkeypatch.setenv("SLOW_WHILE", str(slow))
    with Pool("uvicorn", app="support.slow_application:asgi", processes=2) as pool:
        slow.touch()
        os.kill(_busiest(pool), signal.SIGKILL)
        eventually(lambda: slow.read_bytes() != b"", "the replacement boots")
        yield pool, slow


def test_a_process_that_boots_holds_up_no_end(booting: tuple[Pool, Path]) -> None:
    pool, _ = booting
    working = Connection(pool.port)
    working.send(b"GET /work?sleep=3&id=last HTTP/1.1\r\nHost: test\r\n\r\n")
    eventually(lambda: pool.figures().inflight == 1, "it is at work")
    pool.tell(do="last_answers")
    assert ask(pool.port, "/work?id=1").closes
    pool.send(do="stop")
    assert working.answer().body == b"answer last"
    assert pool.process.wait(30) == 0


def test_a_process_that_comes_up_at_the_end_serves_and_drains_too(booting: tuple[Pool, Path]) -> None:
    pool, slow = booting
    pool.tell(do="last_answers")
    slow.unlink()
    eventually(lambda: sum(slot.threads > 0 for slot in pool.figures().living) == 2, "it is up")
    with Load(pool.port, clients=8, keep=True, path="/work?sleep=0.1") as load:
        eventually(lambda: sum(slot.inflight > 0 for slot in pool.figures().living) == 2, "both are at work")
        load.wait_for(30)
    assert load.failures == []
    eventually(lambda: all(ask(pool.port, "/work?id=1").closes for _ in range(20)), "its answers are the last, too")
    pool.send(do="stop")
    assert pool.process.wait(30) == 0


@pytest.mark.parametrize("name", ["uvicorn", "gunicorn_asgi"])
def test_a_process_serves_no_sooner_than_it_accepts(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow"
    monkeypatch.setenv("SLOW_WHILE", str(slow))
    monkeypatch.setenv("SLOW_TO_START", "yes")
    with Pool(name, app="support.slow_application:starting") as pool:
        slow.touch()
        os.kill(_busiest(pool), signal.SIGKILL)
        eventually(lambda: slow.read_bytes() != b"", "the replacement starts")
        assert [slot.threads for slot in pool.figures().living] == [0]
        slow.unlink()
        eventually(lambda: [slot.threads for slot in pool.figures().living] == [4], "it has started")
        assert ask(pool.port, "/work?id=1").body == b"answer 1"


def test_processes_end_with_their_master(server_of_processes: Server) -> None:
    pool = server_of_processes.start(processes=2)
    pids = [slot.pid for slot in pool.figures().living]
    assert len(pids) == 2
    pool.process.kill()
    pool.process.wait()
    eventually(lambda: not pool.figures().living, "none is left")


def test_the_end_of_the_supervisor_is_the_end_of_all(server: Server) -> None:
    with server.start(idle_drain=0.1) as pool:
        assert ask(pool.port, "/work?id=1").status == 200
        assert pool.process.stdin is not None
        pool.process.stdin.close()
        assert pool.process.wait(30) == 0
        assert not pool.figures().living
