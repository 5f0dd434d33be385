"""What applications and adapters are offered: store time, declared locks, readiness, arrival times; and the probe of the lock."""

from __future__ import annotations

import asyncio
import contextvars
import importlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import SOURCES, eventually

from plateau_pool import locks, readiness, store
from plateau_pool.arrival import prepare, reached_at
from plateau_pool.measure import layout as at
from plateau_pool.measure.reader import Reader
from plateau_pool.measure.recorder import SlotRecorder, take_slot
from plateau_pool.measure.segment import Segment, new_segment
from plateau_pool.signals.gil_probe import gil_enabled, start_gil_probe


@pytest.fixture
def segment() -> Segment:
    return new_segment(2, 0.1)


@pytest.fixture
def recorder(segment: Segment) -> SlotRecorder:
    return take_slot(segment)


def store_seconds(segment: Segment) -> tuple[float, float]:
    first = at.histogram_at("store")
    totals = Reader(segment).read().totals
    return sum(totals[first : first + at.N_SUM]), totals[first + at.N_SUM]


def run(program: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)


class TestStore:
    def test_time_goes_to_the_request_of_the_thread(self, segment: Segment, recorder: SlotRecorder) -> None:
        def request(pause: float) -> None:
            visit = recorder.arrived()
            visit.picked_up()
            with store.timed():
                time.sleep(pause)
            visit.answered(200)

        with store.timed():  # of no request
            threads = [threading.Thread(target=request, args=(pause,)) for pause in (0.0, 0.05)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        count, seconds = store_seconds(segment)
        assert count == 2
        assert 0.05 <= seconds < 30

    def test_time_of_tasks_of_one_request_counts_once(self, segment: Segment, recorder: SlotRecorder) -> None:
        async def read() -> None:
            with store.timed():
                await asyncio.sleep(0.05)

        async def request() -> None:
            visit = recorder.arrived()
            visit.picked_up()
            await asyncio.gather(*(read() for _ in range(50)))
            visit.answered(200)

        before = time.monotonic()
        contextvars.copy_context().run(asyncio.run, request())
        took = time.monotonic() - before
        count, seconds = store_seconds(segment)
        assert count == 1
        assert 0.05 <= seconds <= took

    def test_of_redis_py_is_timed_by_itself(self, tmp_path: Path) -> None:
        if importlib.util.find_spec("redis") is None:
            pytest.skip("redis-py is not installed")
        done = run(HOOKED)
        assert done.stdout.split() == ["True"] * 4, done.stderr

    def test_a_missing_method_of_redis_py_is_left_out(self) -> None:
        assert run(UNUSUAL).returncode == 0


# A store that answers nothing for a while and then PONG, so that the wait is known whatever the machine does.
HOOKED = """
import asyncio, socket, threading, time
from plateau_pool.signals import redis_hooks
redis_hooks.install()
redis_hooks.install()
import redis
from plateau_pool.measure.current import visit

listener = socket.create_server(("127.0.0.1", 0))
def serve(connection):
    while data := connection.recv(65536):
        time.sleep(0.05)
        others = data.upper().count(b"SETINFO") + data.upper().count(b"HELLO")
        connection.sendall(b"+PONG\\r\\n" * data.upper().count(b"PING") + b"+OK\\r\\n" * others)
def accept():
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
threading.Thread(target=accept, daemon=True).start()

class Visit:
    open = 0
    waits = 0
    def store_began(self): self.open += 1; self.waits += 1
    def store_ended(self): self.open -= 1
def seen(call):
    mine = Visit(); visit.set(mine); call(); visit.set(None)
    return mine.waits >= 1 and mine.open == 0
url = f"redis://127.0.0.1:{listener.getsockname()[1]}"
client = redis.Redis.from_url(url, protocol=2)
print(seen(client.ping))
def pipelined():
    with client.pipeline(transaction=False) as pipe:
        pipe.ping(); pipe.ping(); pipe.execute()
print(seen(pipelined))
def with_asyncio():
    async def run():
        other = redis.asyncio.Redis.from_url(url, protocol=2)
        await other.ping()
        await other.aclose()
    asyncio.run(run())
print(seen(with_asyncio))
client.ping()
print(visit.get() is None)
"""
UNUSUAL = """
import sys, types
sys.modules["redis"] = types.ModuleType("redis")
sys.modules["redis.client"] = types.ModuleType("redis.client")
from plateau_pool.signals import redis_hooks
redis_hooks.install()
"""


class TestLocks:
    def waited(self, segment: Segment) -> dict[str, float]:
        totals = Reader(segment).read().totals
        return {name: totals[at.T_LOCKS + index] for index, name in enumerate(segment.locks())}

    def test_count_only_waits(self, segment: Segment, recorder: SlotRecorder) -> None:
        lock = locks.declare("declared", threading.Lock())
        with lock:
            assert not lock.acquire(blocking=False)
            assert not lock.acquire(timeout=0.03)
        assert lock.acquire()
        assert lock.locked()
        lock.release()
        assert self.waited(segment) == {"declared": pytest.approx(0.03, abs=20)}
        assert self.waited(segment)["declared"] >= 0.03

    def test_of_a_pool_count_its_method(self, segment: Segment, recorder: SlotRecorder) -> None:
        class Pool:
            def get_connection(self, name: str) -> str:
                time.sleep(0.02)
                return name

        pool = locks.declare("connections", Pool(), method="get_connection")
        assert pool.get_connection("x") == "x"
        assert self.waited(segment)["connections"] >= 0.02

    def test_work_where_nothing_is_measured(self) -> None:
        done = run("import threading, plateau_pool.locks as l\nwith l.declare('x', threading.Semaphore(1)): print('in')")
        assert done.stdout == "in\n"


class TestReadiness:
    @pytest.fixture(autouse=True)
    def fresh(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setattr(readiness, "_state", readiness._State())
        yield

    def test_is_not_awaited_unless_somebody_asks(self, segment: Segment, recorder: SlotRecorder) -> None:
        readiness.attach(recorder)
        assert Reader(segment).read().living[0].store == at.STORE_UNKNOWN

    def test_of_reports(self, segment: Segment, recorder: SlotRecorder) -> None:
        readiness.await_report()
        readiness.attach(recorder)
        reader = Reader(segment)
        assert reader.read().living[0].store == at.STORE_AWAITED
        readiness.report("gone: " + "ö" * 500)
        told = reader.read().living[0]
        assert told.store == at.STORE_AWAITED
        assert told.problem.startswith("gone: öööö")
        readiness.report(None)
        assert (reader.read().living[0].store, reader.read().living[0].problem) == (at.STORE_REACHED, "")
        readiness.report("again")
        assert (reader.read().living[0].store, reader.read().living[0].problem) == (at.STORE_REACHED, "again")

    def test_of_checks_needs_all_of_them(self, segment: Segment, recorder: SlotRecorder) -> None:
        answers = {"a": True, "b": False}
        readiness.register(lambda: answers["a"])
        readiness.attach(recorder)
        readiness.register(lambda: answers["b"])
        reader = Reader(segment)
        eventually(lambda: reader.read().living[0].problem == "the check of the store says no", "the second fails")
        answers["b"] = True
        eventually(lambda: reader.read().living[0].store == at.STORE_REACHED, "both pass")


class TestArrival:
    def connected(self) -> tuple[socket.socket, socket.socket]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            prepare(listener)
            client = socket.create_connection(listener.getsockname())
            return client, listener.accept()[0]

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel does not tell")
    def test_of_unread_bytes_is_when_they_came_however_late_they_are_read(self) -> None:
        client, server = self.connected()
        with client, server:
            before = time.monotonic()
            client.sendall(b"first")
            after = time.monotonic()
            time.sleep(0.1)
            # Of the two clocks behind this, one may be corrected a little meanwhile.
            assert before - 0.01 <= reached_at(server) <= after + 0.01
            assert server.recv(100) == b"first"
            # What is read now counts from the last bytes, in ticks of the kernel.
            assert reached_at(server) <= time.monotonic()

    def test_of_anything_else_is_now(self) -> None:
        ours, theirs = socket.socketpair()
        closed = socket.socket()
        closed.close()
        with ours, theirs:
            for odd in (ours, closed):
                before = time.monotonic()
                assert before <= reached_at(odd) <= time.monotonic()


@pytest.mark.skipif(not gil_enabled(), reason="no interpreter lock")
def test_the_probe_waits_for_a_lock_that_others_hold(segment: Segment, recorder: SlotRecorder) -> None:
    start_gil_probe(recorder)

    def share() -> float:
        waited = recorder.floats[recorder.base + at.TOTALS_AT + at.T_GIL_WAIT_SECONDS]
        probed = recorder.floats[recorder.base + at.TOTALS_AT + at.T_GIL_PROBE_SECONDS]
        return waited / probed if probed > 0 else 0.0

    stop = time.monotonic() + 60
    deadline = threading.Event()

    def burn() -> None:
        while not deadline.is_set():
            sum(range(2000))

    threads = [threading.Thread(target=burn) for _ in range(6)]
    for thread in threads:
        thread.start()
    # Six threads take turns of 5 ms each.
    while share() < 0.3 and time.monotonic() < stop:
        time.sleep(0.05)
    fought = share()
    deadline.set()
    for thread in threads:
        thread.join()
    assert fought >= 0.3
    assert Reader(segment).read().living[0].gil == at.GIL_ON


def test_what_was_loaded_before_the_application_is_no_work_for_the_collector() -> None:
    done = run(
        "import gc; from plateau_pool.preload import preload; preload(' json, '); print(gc.get_freeze_count(), len(gc.get_objects()))"
    )
    frozen, left = map(int, done.stdout.split())
    assert left < frozen / 10, done.stderr
