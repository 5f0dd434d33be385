"""Clients that are broken, slow or mean."""

from __future__ import annotations

import pytest
from support.http import Broken, Connection, ask
from support.pool import Pool, eventually

from .conftest import Server

_GARBAGE = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100 + b"\r\n\r\n",  # a TLS greeting
    b"\x00" * 200 + b"\r\n\r\n",
    b"nonsense\r\n\r\n",
    b"GET / HTTP/1.1\r\nbroken header\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: -5\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: many\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET /" + b"a" * 400_000 + b" HTTP/1.1\r\nHost: test\r\n\r\n",
]


def test_garbage_is_refused(server: Server) -> None:
    with server.start(threads=1, request_timeout=3.0) as pool:
        for garbage in _GARBAGE:
            connection = Connection(pool.port)
            try:
                connection.send(garbage)
                assert 400 <= connection.answer().status < 600, garbage[:40]
            except (Broken, OSError):
                pass  # closing without a word is an answer, too
            assert ask(pool.port, "/work?id=1").body == b"answer 1", garbage[:40]
        eventually(lambda: pool.figures().inflight == 0, "nothing is left of it")
        assert pool.answered(2) == len(_GARBAGE)


def test_a_large_body_is_refused_and_read(server: Server) -> None:
    with server.start(max_body=1000) as pool:
        connection = Connection(pool.port)
        assert connection.ask("/length", "POST", b"x" * 1000).body == b"1000"
        assert connection.ask("/length", "POST", b"x" * 1001).status == 413
        chunked = Connection(pool.port)
        chunked.send(b"POST /length HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunked.send((b"200\r\n" + b"x" * 512 + b"\r\n") * 3 + b"0\r\n\r\n")
        assert chunked.answer().status == 413
        eventually(lambda: (pool.answered(2), pool.answered(4)) == (1, 2), "they are counted")


def test_a_client_that_sends_all_of_a_large_body_reads_the_refusal(server: Server) -> None:
    with server.start(max_body=1000) as pool:
        for _ in range(5):
            connection = Connection(pool.port)
            assert connection.ask("/length", "POST", b"x" * 300_000).status == 413


@pytest.mark.parametrize("name", ["uvicorn", "gunicorn_asgi"])
def test_all_bodies_together_are_bounded(name: str) -> None:
    with Pool(name, app="support.applications:asgi", max_body=1000) as pool:
        halves = [Connection(pool.port) for _ in range(8)]
        for connection in halves:
            connection.send(b"POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n" + b"x" * 990)
        large = Connection(pool.port)
        eventually(lambda: large.ask("/length", "POST", b"x" * 1000).status == 503, "there is no room for another one")
        refused = large.ask("/length", "POST", b"x" * 1000)
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert pool.rejected() >= 2
        assert ask(pool.port, "/work?id=1").body == b"answer 1"
        assert large.ask("/length", "POST", b"x" * 1001).status == 413
        halves.pop().close()  # with its bytes
        for connection in halves:
            connection.send(b"x" * 10)
            assert connection.answer().body == b"1000"
        for _ in range(20):
            assert large.ask("/length", "POST", b"x" * 1000).body == b"1000"


def test_chunked_bodies(server: Server) -> None:
    with server.start() as pool:
        connection = Connection(pool.port)
        connection.send(b"POST /length HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.send(b"5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n")
        assert connection.answer().body == b"10"
        assert connection.ask("/work?id=next").body == b"answer next"


def test_silent_clients_hold_nobody_up(server: Server) -> None:
    with server.start(threads=2, request_timeout=20.0) as pool:
        silent = [Connection(pool.port) for _ in range(20)]
        for number in range(4):
            assert ask(pool.port, f"/work?id={number}").status == 200
        eventually(lambda: pool.figures().inflight == 0, "who says nothing is no request")
        for connection in silent:
            connection.close()


def test_half_requests_hold_at_most_their_thread(server: Server) -> None:
    with server.start(threads=3, request_timeout=20.0) as pool:
        halves = [Connection(pool.port) for _ in range(2)]
        for connection in halves:
            connection.send(b"POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nhalf")
        for number in range(4):
            assert ask(pool.port, f"/work?id={number}").status == 200
        for connection in halves:
            connection.send(b"x" * 96)
            assert connection.answer().body == b"100"


@pytest.mark.parametrize(
    "half",
    [b"POST /length HTTP/1.1\r\nHost: te", b"POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nhalf"],
    ids=["headers", "body"],
)
def test_a_request_that_never_ends_is_ended(server: Server, half: bytes) -> None:
    with server.start(threads=1, request_timeout=1.0) as pool:
        connection = Connection(pool.port)
        connection.send(half)
        assert connection.answer().status == 408
        assert connection.is_closed()
        assert ask(pool.port, "/work?id=1").body == b"answer 1"
        eventually(lambda: pool.figures().inflight == 0, "nothing is left of it")


def test_clients_that_vanish_in_the_middle(server: Server) -> None:
    with server.start(threads=2) as pool:
        for _ in range(10):
            connection = Connection(pool.port)
            connection.send(b"GET /work?sleep=0.05 HTTP/1.1\r\nHost: test\r\n\r\n")
            connection.socket.setsockopt(1, 13, b"\x01\x00\x00\x00\x00\x00\x00\x00")  # SO_LINGER 0: closing resets
            connection.close()
        eventually(lambda: pool.figures().inflight == 0, "nothing is left of them")
        assert ask(pool.port, "/work?id=1").body == b"answer 1"
        eventually(lambda: pool.arrivals() == pool.aborted() + pool.answered(2), "each is settled")


def test_a_client_that_does_not_read_is_no_work(server: Server) -> None:
    with server.start(threads=2, request_timeout=2.0) as pool:
        greedy = Connection(pool.port)
        greedy.send(b"GET /large HTTP/1.1\r\nHost: test\r\n\r\n" * 2)
        for number in range(4):
            assert ask(pool.port, f"/work?id={number}").status == 200
        greedy.close()
        eventually(lambda: pool.figures().inflight == 0, "nothing is left of it")


def test_a_client_that_never_reads_is_let_go(server: Server) -> None:
    with server.start(threads=2, request_timeout=1.0, idle_drain=0.1) as pool:
        greedy = Connection(pool.port)
        greedy.send(b"GET /large HTTP/1.1\r\nHost: test\r\n\r\n")
        eventually(lambda: pool.aborted() == 1, "it is taken for gone")
        assert pool.figures().inflight == 0
        pool.send(do="stop")
        assert pool.process.wait(30) == 0
        greedy.close()


def test_an_application_that_fails(server: Server) -> None:
    with server.start(threads=1) as pool:
        for _ in range(3):
            assert ask(pool.port, "/fail").status == 500
        assert ask(pool.port, "/work?id=1").body == b"answer 1"
        eventually(lambda: (pool.answered(5), pool.answered(2)) == (3, 1), "failures are counted")


def test_an_application_that_misses_what_it_needs(server: Server) -> None:
    with server.start(threads=1) as pool:
        for _ in range(3):
            assert ask(pool.port, "/unreachable").status == 500
        assert ask(pool.port, "/work?id=1").body == b"answer 1"
        eventually(lambda: (pool.answered(5), pool.answered(2), pool.aborted()) == (3, 1, 0), "the failures are not the clients'")


@pytest.mark.parametrize("name", ["waitress", "gunicorn"])
def test_an_application_that_fails_in_the_middle_of_its_answer(name: str) -> None:
    with Pool(name, threads=1) as pool:
        with pytest.raises(Broken):
            ask(pool.port, "/broken-off")
        assert ask(pool.port, "/work?id=1").body == b"answer 1"
        eventually(lambda: (pool.answered(5), pool.answered(2), pool.aborted()) == (1, 1, 0), "the failure is not the client's")


@pytest.mark.parametrize("name", ["waitress", "gunicorn"])
def test_who_leaves_in_the_middle_of_an_answer_is_no_failure(name: str) -> None:
    with Pool(name, threads=1) as pool:
        leaving = Connection(pool.port)
        leaving.send(b"GET /large HTTP/1.1\r\nHost: test\r\n\r\n")
        assert leaving.socket.recv(1) == b"H"
        leaving.close()
        eventually(lambda: (pool.aborted(), pool.answered(5)) == (1, 0), "it is counted as gone")
        assert ask(pool.port, "/work?id=1").body == b"answer 1"
