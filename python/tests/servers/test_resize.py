"""Sizes change under load, and nothing is dropped."""

from __future__ import annotations

import itertools

import pytest
from support.http import Connection, ask
from support.load import Load
from support.pool import Pool, eventually

from .conftest import Server

_ANSWERS_EACH = 40
_SIZES = [(1, 1), (4, 2), (2, 3), (6, 1), (1, 2), (3, 4), (8, 2), (2, 1), (5, 3), (4, 1)]


def _sizes(server: Server) -> list[tuple[int, int]]:
    return [(threads if server.live_threads else 4, processes if server.live_processes else 1) for threads, processes in _SIZES]


def _in_force(pool: Pool) -> list[int]:
    return [slot.threads for slot in pool.figures().living if slot.threads]


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "one-each"])
def test_nothing_is_dropped(server: Server, keep: bool) -> None:
    with server.start() as pool:
        with Load(pool.port, clients=10, keep=keep) as load:
            for threads, processes in itertools.chain(_sizes(server), _sizes(server)):
                pool.resize(threads, processes)
                assert _in_force(pool) == [threads] * processes
                load.wait_for(_ANSWERS_EACH)
        assert load.failures == []
        assert set(load.answers) == {200}
        assert load.good >= 2 * len(_SIZES) * _ANSWERS_EACH
        eventually(lambda: pool.answered(2) == load.good, "every answer is counted, in whatever process it was given")
        assert pool.arrivals() == load.good
        assert pool.figures().inflight == 0


def test_requests_in_flight_are_finished(server: Server) -> None:
    with server.start(threads=4, processes=2 if server.live_processes else 1) as pool:
        with Load(pool.port, clients=4, keep=True, path="/work?sleep=0.4") as load:
            eventually(lambda: sum(slot.busy for slot in pool.figures().living) == 4, "all are at work")
            pool.resize(1 if server.live_threads else 4, 1)
            load.wait_for(6)
        assert load.failures == []


def test_a_smaller_knob_holds_for_new_requests(server_with_knob: Server) -> None:
    with server_with_knob.start(threads=6) as pool, Load(pool.port, clients=6, keep=True, path="/work?sleep=0.05") as load:
        eventually(lambda: sum(slot.busy for slot in pool.figures().living) == 6, "six at once")
        pool.resize(2)
        load.wait_for(12)  # what was under way is done
        assert max(sum(slot.busy for slot in pool.figures().living) for _ in range(50)) <= 2
        pool.resize(5)
        eventually(lambda: sum(slot.busy for slot in pool.figures().living) == 5, "five at once")


def test_new_processes_get_a_share_of_kept_connections(server_of_processes: Server) -> None:
    with server_of_processes.start(processes=1) as pool, Load(pool.port, clients=12, keep=True) as load:
        load.wait_for(50)
        pool.resize(4, 3)
        eventually(
            lambda: sum(slot.inflight > 0 for slot in pool.figures().living) >= 2,
            "requests of connections that had been kept come to others",
        )
        load.stop()
        assert load.failures == []


def test_a_process_that_never_gets_done_is_ended() -> None:
    with Pool("uvicorn", app="support.applications:asgi", processes=2, stop_within=1.0) as pool:
        endless = [Connection(pool.port) for _ in range(4)]
        for connection in endless:
            connection.send(b"GET /work?sleep=600 HTTP/1.1\r\nHost: test\r\n\r\n")
        # Whichever process has them: one of the two sizes leaves it.
        eventually(lambda: pool.figures().inflight == 4, "they are at work")
        pool.resize(4, 1)
        pool.resize(4, 2)
        pool.resize(4, 1)
        eventually(lambda: len(pool.figures().living) == 1, "who left is gone")
        assert ask(pool.port, "/work?id=1").body == b"answer 1"
