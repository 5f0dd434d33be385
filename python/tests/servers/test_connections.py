"""Connections grow old, and are told so."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from support.http import Connection, ask
from support.load import Load
from support.pool import Pool, eventually

from plateau_pool.servers.gunicorn_thread_worker import PoolThreadWorker

from .conftest import Server


def test_an_old_connection_ends_with_its_next_answer(server: Server) -> None:
    with server.start(max_connection_age=2.0) as pool:
        connection = Connection(pool.port)
        assert not connection.ask("/work?id=1").closes
        time.sleep(2.6)
        assert connection.ask("/work?id=2").closes
        assert connection.is_closed()


def test_ages_are_spread(server: Server) -> None:
    with server.start(max_connection_age=2.0) as pool:
        born = time.monotonic()
        connections = [Connection(pool.port) for _ in range(24)]
        ends: list[float] = []
        while connections:
            for connection in list(connections):
                if connection.ask("/work?id=1").closes:
                    ends.append(time.monotonic() - born)
                    connections.remove(connection)
            assert time.monotonic() - born < 20
            time.sleep(0.005)
        assert min(ends) >= 1.75
        assert max(ends) - min(ends) > 0.1


@pytest.mark.parametrize("files", [60, 200])
def test_more_connections_than_files_end_nothing(files: int) -> None:
    with Pool("gunicorn", files=files) as pool:
        kept = Connection(pool.port)
        pid = kept.ask("/pid").body
        many = [Connection(pool.port) for _ in range(250)]
        time.sleep(0.5)
        assert kept.ask("/pid").body == pid
        for connection in many:
            connection.close()
        assert ask(pool.port, "/pid").body == pid


def test_a_worker_that_is_full_now_and_again_says_once_that_it_serves() -> None:
    said: list[str] = []
    roster = SimpleNamespace(say_serving=lambda: said.append("serving"), say_leaving=lambda: said.append("leaving"))
    recorder = SimpleNamespace(set_threads=lambda threads: said.append(f"{threads} threads"))
    worker: Any = object.__new__(PoolThreadWorker)
    vars(worker).update(sockets=[], alive=True, cfg=SimpleNamespace(threads=4), _accepting=False, _announced=False)
    vars(worker).update(recorder=recorder, pool=SimpleNamespace(roster=roster))
    for _ in range(3):
        worker.set_accept_enabled(True)
        worker.set_accept_enabled(False)
    worker.alive = False
    worker.set_accept_enabled(False)
    assert said == ["4 threads", "serving", "0 threads", "leaving"]


def test_age_drops_nothing(server: Server) -> None:
    with server.start(max_connection_age=0.3) as pool:
        with Load(pool.port, clients=8, keep=True) as load:
            load.wait_for(600)
        assert load.failures == []
        assert load.connections > 8


def test_idle_connections_are_closed(server: Server) -> None:
    with server.start(keep_alive_timeout=1.0, request_timeout=2.0) as pool:
        connection = Connection(pool.port)
        assert connection.ask("/work?id=1").status == 200
        assert connection.is_closed()


def test_one_zero_and_close_are_respected(server: Server) -> None:
    with server.start() as pool:
        old = Connection(pool.port)
        assert old.ask("/work?id=1", version="1.0").body == b"answer 1"
        assert old.is_closed()
        closing = Connection(pool.port)
        assert closing.ask("/work?id=2", headers="Connection: close\r\n").closes
        assert closing.is_closed()


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    with server.start() as pool:
        connection = Connection(pool.port)
        for number in range(5):
            connection.send(f"GET /work?id={number}&sleep=0.01 HTTP/1.1\r\nHost: test\r\n\r\n".encode())
        assert [connection.answer().body for _ in range(5)] == [f"answer {number}".encode() for number in range(5)]
        eventually(lambda: pool.answered(2) == 5, "all five are counted")


def test_a_long_answer_counts_until_its_last_byte_is_sent(server: Server) -> None:
    with server.start() as pool:
        slow = Connection(pool.port)
        slow.send(b"GET /large HTTP/1.1\r\nHost: test\r\n\r\n")
        eventually(lambda: pool.figures().inflight == 1, "it is there")
        time.sleep(0.5)
        assert (pool.figures().inflight, pool.answered(2)) == (1, 0)
        assert len(slow.answer().body) == 48_000_000
        eventually(lambda: (pool.figures().inflight, pool.answered(2)) == (0, 1), "it is counted")
        assert pool.quantile(0.5) > 0.4
