"""The supervisor and its child as real processes."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from running import FORKING, NO_ANSWER, THREADS, RunningPool, StartPool, ask, eventually, gone

ANSWERED = 'worker_pool_requests_total{code="2xx"}'


@pytest.fixture(scope="module")
def steady_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPool]:
    """One for all tests that change nothing."""
    folder = tmp_path_factory.mktemp("steady")
    (folder / "config.json").write_text('{"threads":6,"processes":1,"generation":5,"objectiveMs":42}')
    with RunningPool([*THREADS, "--config", "config.json"], folder) as pool:
        yield pool.serving()


class TestRequests:
    def test_are_counted_and_the_figures_agree(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS).serving()
        with ThreadPoolExecutor(8) as threads:
            statuses = list(threads.map(lambda n: pool.get("/broken" if n % 5 == 0 else "/").status, range(50)))
        assert (statuses.count(200), statuses.count(500)) == (40, 10)
        page = eventually(lambda: (page := pool.metrics())["worker_pool_inflight"] == 0 and page, "no request is left")
        assert page["worker_pool_arrivals_total"] == 50
        assert page['worker_pool_requests_total{code="2xx"}'] == 40
        assert page['worker_pool_requests_total{code="5xx"}'] == 10
        for name in ("request", "queue", "service", "store"):
            assert page[f"worker_pool_{name}_seconds_count"] == 50
        assert page["worker_pool_inflight_seconds_total"] == pytest.approx(page["worker_pool_request_seconds_sum"], rel=1e-3)
        assert page["worker_pool_busy_thread_seconds_total"] == pytest.approx(page["worker_pool_service_seconds_sum"], rel=1e-3)

    def test_of_uncounted_paths_are_not(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS, "--uncounted-paths", "/health,/other").serving()
        for path in ("/health", "/other", "/counted"):
            assert pool.get(path).status == 200
        eventually(lambda: pool.metrics()["worker_pool_arrivals_total"] == 1, "the counted one is counted")

    def test_in_flight_shows_while_it_lasts(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS).serving()
        with ThreadPoolExecutor(1) as threads:
            slow = threads.submit(pool.get, "/sleep/5")
            eventually(lambda: pool.metrics()["worker_pool_inflight"] == 1, "one is in flight")
            first = pool.metrics()["worker_pool_inflight_seconds_total"]
            eventually(lambda: pool.metrics()["worker_pool_inflight_seconds_total"] > first, "the integral grows while it lasts")
            assert slow.result().status == 200


class TestAdminPort:
    def test_answers_while_the_child_holds_its_interpreter(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS).serving()
        with ThreadPoolExecutor(1) as threads:
            hog = threads.submit(pool.get, "/hog/60000000")
            eventually(lambda: pool.metrics()["worker_pool_inflight"] == 1, "it is seen in flight")
            answered = 0
            while not hog.done():
                assert pool.admin("/healthz").status == 200
                assert pool.admin("/readyz").status == 200
                assert pool.metrics()["worker_pool_arrivals_total"] == 1
                answered += 1
            assert answered > 3

    @pytest.mark.parametrize(
        "sent",
        [
            b"\r\n\r\n\r\nGET\r\n\r\n",
            b"GET /metrics\r\n\r\n",
            b"GET / SMTP/1.0\r\n\r\n",
            b"\x00\xff" * 200 + b"\r\n\r\n",
            b"GET /pool HTTP/1.1\r\nx: " + b"y" * 40_000 + b"\r\n\r\n",
            b"PUT /pool HTTP/1.1\r\nauthorization: Bearer a-token-of-tests\r\ncontent-length: -1\r\n\r\n",
            b"PUT /pool HTTP/1.1\r\nauthorization: Bearer a-token-of-tests\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            b"PUT /pool HTTP/1.1\r\nauthorization: Bearer a-token-of-tests\r\ntransfer-encoding: gzip\r\n\r\n",
        ],
    )
    def test_refuses_garbage_and_lives_on(self, steady_pool: RunningPool, sent: bytes) -> None:
        with socket.create_connection(("127.0.0.1", steady_pool.admin_port), timeout=30) as connection:
            connection.sendall(sent)
            assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")
        assert steady_pool.admin("/healthz").status == 200

    def test_reads_a_chunked_body_and_keeps_the_connection(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS).serving()
        body = b'{"threads":3,"generation":1}'
        head = b"PUT /pool HTTP/1.1\r\nauthorization: Bearer a-token-of-tests\r\ntransfer-encoding: chunked\r\n\r\n"
        pieces = b"".join(f"{len(piece):x};ext=1\r\n".encode() + piece + b"\r\n" for piece in (body[:5], body[5:]))
        with socket.create_connection(("127.0.0.1", pool.admin_port), timeout=30) as connection:
            connection.sendall(head + pieces + b"0\r\ntrailer: x\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
            connection.sendall(b"HEAD /pool HTTP/1.1\r\n\r\n")
            answer = connection.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert answer.endswith(b"\r\n\r\n")

    def test_ends_a_connection_of_http_1_0_with_its_answer(self, steady_pool: RunningPool) -> None:
        with socket.create_connection(("127.0.0.1", steady_pool.admin_port), timeout=30) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            answer = b""
            while data := connection.recv(4096):
                answer += data
            assert answer.endswith(b'{"status":"live"}')

    def test_answers_however_many_hold_connections_open_and_say_nothing(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS).serving()
        with contextlib.ExitStack() as silent:
            for _ in range(300):
                silent.enter_context(socket.create_connection(("127.0.0.1", pool.admin_port), timeout=30))
            assert pool.admin("/healthz").status == 200

    def test_is_told_why_no_token_will_do(self, start_pool: StartPool, tmp_path: Path) -> None:
        pool = start_pool(*THREADS).serving()
        (tmp_path / "token").unlink()
        assert pool.put({"threads": 2, "generation": 1}).json["error"] == "token file token cannot be read (No such file or directory)"
        (tmp_path / "token").write_text("\n")
        assert pool.put({"threads": 2, "generation": 1}).json["error"] == "token file token is empty"

    def test_knows_its_routes_and_methods(self, steady_pool: RunningPool) -> None:
        assert steady_pool.admin("/nothing").status == 404
        posted = ask(steady_pool.admin_port, "/pool", "POST", "{}")
        assert (posted.status, posted.headers["allow"]) == (405, "GET, PUT")
        assert steady_pool.admin("/pool?pretty").status == 200


class TestChange:
    @pytest.mark.parametrize(
        ("body", "token", "status"),
        [
            ('{"threads":4,"generation":10}', None, 401),
            ('{"threads":4,"generation":10}', "wrong", 401),
            ("x" * 20_000, None, 401),
            ("x" * 20_000, "a-token-of-tests", 413),
            ("{", "a-token-of-tests", 400),
            ('{"threads":NaN,"generation":10}', "a-token-of-tests", 400),
            ("[" * 10_000, "a-token-of-tests", 400),
            ("[]", "a-token-of-tests", 422),
            ('{"threads":4}', "a-token-of-tests", 422),
            ('{"threads":4.5,"generation":10}', "a-token-of-tests", 422),
            ('{"threads":null,"generation":10}', "a-token-of-tests", 422),
            ('{"threads":true,"generation":10}', "a-token-of-tests", 422),
            ('{"objectiveMs":0,"generation":10}', "a-token-of-tests", 422),
            ('{"objectiveMs":1e400,"generation":10}', "a-token-of-tests", 422),
            ('{"threads":0,"generation":4}', "a-token-of-tests", 409),
            ('{"threads":9,"generation":5}', "a-token-of-tests", 409),
            ('{"threads":0,"generation":10}', "a-token-of-tests", 422),
            ('{"threads":5000,"generation":10}', "a-token-of-tests", 422),
            ('{"processes":2,"generation":10}', "a-token-of-tests", 422),
            ('{"threads":6,"generation":5}', "a-token-of-tests", 200),
        ],
    )
    def test_is_refused_in_the_order_of_the_protocol_and_changes_nothing(
        self, steady_pool: RunningPool, body: str, token: str | None, status: int
    ) -> None:
        before = steady_pool.admin("/pool").json
        assert steady_pool.put(body, token).status == status
        assert steady_pool.admin("/pool").json == before

    def test_is_in_force_when_it_is_answered(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS).serving()
        generation = 2**32 + 7
        answer = pool.put({"threads": 3, "generation": generation, "objectiveMs": 42})
        assert answer.status == 200
        assert answer.json["threads"] == 3
        assert answer.json["generation"] == generation
        page = pool.metrics()
        assert (page["worker_pool_threads"], page["worker_pool_threads_desired"], page["worker_pool_generation"]) == (3, 3, generation)
        assert page['worker_pool_request_seconds_bucket{le="0.042"}'] == 0

    def test_that_the_server_cannot_make_is_told_and_may_be_replaced(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS).serving()
        failed = pool.put({"threads": 13, "generation": 1})
        assert failed.status == 503
        assert "unlucky" in failed.json["error"]
        assert pool.metrics()["worker_pool_generation"] == 0
        assert pool.put({"threads": 12, "generation": 2}).status == 200

    def test_of_many_at_once_the_highest_wins(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS).serving()
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda n: pool.put({"threads": 20 + n, "generation": n}).status, range(1, 25)))
        assert set(answers) <= {200, 409}
        assert pool.admin("/pool").json["threads"] == 44

    def test_counts_a_rotated_token_at_once(self, start_pool: StartPool, tmp_path: Path) -> None:
        pool = start_pool(*THREADS).serving()
        (tmp_path / "token").write_text("another")
        assert pool.put({"threads": 2, "generation": 1}).status == 401
        assert pool.put({"threads": 2, "generation": 1}, "another").status == 200
        (tmp_path / "token").unlink()
        assert pool.put({"threads": 3, "generation": 2}, "another").status == 401


class TestProcesses:
    def test_come_and_go_and_take_no_counter_with_them(self, start_pool: StartPool) -> None:
        pool = start_pool(*FORKING, "--processes", "3").serving()
        assert pool.metrics()["worker_pool_processes"] == 3
        sent = 0
        for generation, processes in enumerate((1, 4, 2), start=1):
            assert pool.put({"processes": processes, "generation": generation}).status == 200
            assert pool.metrics()["worker_pool_processes"] == processes
            for _ in range(10):
                assert pool.get("/").status == 200
                sent += 1
            eventually(lambda sent=sent: pool.metrics()['worker_pool_requests_total{code="2xx"}'] == sent, "all are counted")

    def test_that_are_killed_keep_what_they_counted(self, start_pool: StartPool) -> None:
        pool = start_pool(*FORKING, "--processes", "2").serving()
        for round_ in range(1, 4):
            served = [pool.get("/").status for _ in range(5)]
            assert served == [200] * 5
            eventually(lambda expected=5 * round_: pool.metrics()[ANSWERED] == expected, "all are counted")
            with pytest.raises(NO_ANSWER):
                pool.get("/die")
            page = eventually(lambda: (page := pool.metrics())["worker_pool_processes"] == 2 and page, "the dead one is replaced")
            assert page[ANSWERED] == 5 * round_
            # What died with its process counts as aborted: arrivals stay the sum of what became of them.
            assert page['worker_pool_requests_total{code="aborted"}'] == round_
            assert page["worker_pool_arrivals_total"] == 6 * round_

    def test_cpu_does_not_fall_when_they_die(self, start_pool: StartPool) -> None:
        pool = start_pool(*FORKING, "--processes", "2").serving()
        names = ("process_cpu_seconds_total", 'worker_pool_process_cpu_seconds_total{process="0"}')
        before = [pool.metrics()[name] for name in names]
        for _ in range(3):
            pool.get("/hog/3000000")
            with pytest.raises(NO_ANSWER):
                pool.get("/die")
            now = [pool.metrics()[name] for name in names]
            assert all(later >= earlier for earlier, later in zip(before, now, strict=True))
            before = now

    def test_a_child_that_dies_is_started_again_with_the_size_last_asked_for(self, start_pool: StartPool) -> None:
        pool = start_pool(*THREADS).serving()
        first = pool.get("/").body
        assert pool.put({"threads": 5, "generation": 1}).status == 200
        with pytest.raises(NO_ANSWER):
            pool.get("/die")
        assert pool.said("the server died")["how"] == "ended with signal SIGKILL"
        assert eventually(lambda: pool.get("/").body, "it serves again") != first
        page = pool.metrics()
        assert (page["worker_pool_threads"], page["worker_pool_generation"]) == (5, 1)
        assert page['worker_pool_requests_total{code="2xx"}'] >= 1

    @pytest.mark.parametrize("arguments", [THREADS, (*FORKING, "--processes", "2")])
    def test_end_with_a_supervisor_that_is_killed(self, start_pool: StartPool, arguments: tuple[str, ...]) -> None:
        pool = start_pool(*arguments).serving()
        served = {int(pool.get("/").body) for _ in range(10)}
        pool.process.kill()
        eventually(lambda: all(gone(pid) for pid in served), "its processes are gone")
        with pytest.raises(OSError):
            ask(pool.port, "/")


def test_what_the_page_says_of_the_pool(start_pool: StartPool) -> None:
    pool = start_pool(*FORKING).serving()
    info = next(line for line in pool.admin("/metrics").body.splitlines() if line.startswith("worker_pool_info{"))
    assert 'model="processes",knob="threads",gil="on",queue_visible="false",version="' in info
    assert json.loads(pool.admin("/pool").body)["live"] == {"threads": False, "processes": True}
