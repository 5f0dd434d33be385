"""More requests than the pool and its queue hold."""

from __future__ import annotations

import time

import pytest
from support.http import Connection, ask
from support.load import Load
from support.pool import eventually

from .conftest import Server


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "one-each"])
def test_what_does_not_fit_is_turned_away(server: Server, keep: bool) -> None:
    with server.start(threads=2, queue=(1, 2)) as pool:
        with Load(pool.port, clients=12, keep=keep, path="/work?sleep=0.03") as load:
            load.wait_for(60)
        assert load.failures == []
        assert set(load.answers) == {200, 503}
        eventually(lambda: pool.rejected() == load.answers[503], "each refusal is counted")
        eventually(lambda: pool.answered(2) == load.good, "each answer is counted")
        assert pool.answered(5) == 0  # shed requests are no answers
        assert pool.arrivals() == load.good + load.answers[503]
        if keep:
            assert load.connections < load.answers[503]  # being turned away costs no connection


def test_a_refusal_says_when_to_come_back_and_keeps_the_connection(server: Server) -> None:
    with server.start(threads=1, queue=(0, 0)) as pool:
        busy = Connection(pool.port)
        busy.send(b"GET /work?sleep=5 HTTP/1.1\r\nHost: test\r\n\r\n")
        eventually(lambda: pool.figures().inflight == 1, "the only place is taken")
        other = Connection(pool.port)
        refused = other.ask("/work?id=x", method="POST", body=b"{}")
        assert refused.status == 503
        assert refused.headers["retry-after"] == "1"
        assert refused.headers["content-type"] == "application/json"
        assert busy.answer().body == b"answer "
        # Whoever comes the moment after an answer may find its thread still on the way back.
        eventually(lambda: other.ask("/work?id=again").body == b"answer again", "the place is free, and the connection is the same")


def test_health_is_answered_and_not_counted(server: Server) -> None:
    with server.start(threads=1, queue=(0, 0)) as pool:
        assert ask(pool.port, "/health").status == 200
        eventually(lambda: ask(pool.port, "/work?id=1").status == 200, "there is room")
        eventually(lambda: pool.answered(2) == 1, "the request is counted")
        assert pool.arrivals() == 1 + pool.rejected()


def test_waiting_and_working_are_told_apart(server: Server) -> None:
    with server.start(threads=2) as pool, Load(pool.port, clients=6, keep=True, path="/work?sleep=0.2") as load:
        eventually(lambda: (pool.figures().inflight, pool.figures().queue_depth) == (6, 4), "two at work, four waiting")
        load.wait_for(12)
        # A closed loop of six clients on two threads: the wait is twice the work.
        assert pool.quantile(0.5, "queue") > 0.2
        assert pool.quantile(0.5, "service") > 0.15
        assert pool.quantile(0.5) >= pool.quantile(0.5, "queue")


def test_who_leaves_the_queue_is_no_work(server: Server) -> None:
    with server.start(threads=1) as pool:
        busy = Connection(pool.port)
        busy.send(b"GET /work?sleep=5 HTTP/1.1\r\nHost: test\r\n\r\n")
        eventually(lambda: pool.figures().inflight == 1, "the place is taken")
        waiting = [Connection(pool.port) for _ in range(3)]
        for connection in waiting:
            connection.send(b"GET /work?sleep=60 HTTP/1.1\r\nHost: test\r\n\r\n")
        eventually(lambda: pool.figures().inflight == 4, "three wait")
        for connection in waiting:
            connection.close()
        assert busy.answer().status == 200
        eventually(lambda: pool.aborted() == 3, "those who left are counted as such")
        assert ask(pool.port, "/work?id=next").body == b"answer next"


def test_who_says_nothing_and_leaves_takes_no_place_in_the_queue(server: Server) -> None:
    with server.start(threads=1, queue=(0, 4)) as pool:
        kept = [Connection(pool.port) for _ in range(8)]
        for connection in kept:
            assert connection.ask("/work?id=1").status == 200
        silent = [Connection(pool.port) for _ in range(8)]
        busy = Connection(pool.port)
        busy.send(b"GET /work?sleep=3 HTTP/1.1\r\nHost: test\r\n\r\n")
        eventually(lambda: pool.figures().inflight == 1, "the only place is taken")
        for connection in [*kept, *silent]:
            connection.close()
        time.sleep(0.5)
        assert ask(pool.port, "/work?id=2").body == b"answer 2"
        assert busy.answer().status == 200
        assert (pool.rejected(), pool.aborted()) == (0, 0)
