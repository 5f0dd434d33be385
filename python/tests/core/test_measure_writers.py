"""Figures in shared memory under many writers: threads, processes, and writers that die."""

from __future__ import annotations

import os
import signal
import threading
import time

from figures import OBJECTIVE, histogram
from running import eventually, fork

from plateau_pool.measure import layout as at
from plateau_pool.measure.edges import BUCKETS, split_bucket
from plateau_pool.measure.reader import PodFigures, Reader
from plateau_pool.measure.recorder import SlotRecorder, take_slot
from plateau_pool.measure.segment import Segment, new_segment


def work(recorder: SlotRecorder, requests: int) -> None:
    for number in range(requests):
        visit = recorder.arrived(time.monotonic() - 0.01)
        visit.picked_up()
        if number % 3 == 0:
            visit.store_waited(0.001)
        if number % 7 == 0:
            visit.rejected("queue_full", 503)
        elif number % 11 == 0:
            visit.abandoned()
        else:
            visit.worked()
            visit.answered(200 + 100 * (number % 3))


def check_sums(figures: PodFigures, requests: int) -> None:
    totals = figures.totals
    codes = dict(zip(at.CODES, totals[at.T_CODES :], strict=False))
    assert totals[at.T_ARRIVALS] == requests
    assert sum(totals[at.T_CODES : at.T_LOCKS]) == requests
    assert sum(histogram(figures, "request")[:BUCKETS]) == sum(count for code, count in codes.items() if code != "aborted")
    for name in ("queue", "service", "store"):
        assert sum(histogram(figures, name)[:BUCKETS]) == requests
    assert histogram(figures, "request")[at.N_SPLIT] <= histogram(figures, "request")[split_bucket(figures.objective)]


class TestWriters:
    def test_many_threads_lose_nothing(self, segment: Segment) -> None:
        recorder = take_slot(segment)
        reader = Reader(segment)
        threads = [threading.Thread(target=work, args=(recorder, 3000)) for _ in range(8)]
        for thread in threads:
            thread.start()
        before = 0.0
        while any(thread.is_alive() for thread in threads):
            figures = reader.read()
            # A whole copy: what arrived was answered, turned away, or is inside.
            assert figures.totals[at.T_ARRIVALS] == sum(figures.totals[at.T_CODES : at.T_LOCKS]) + figures.inflight
            assert figures.totals[at.T_INFLIGHT_SECONDS] >= before
            before = figures.totals[at.T_INFLIGHT_SECONDS]
        for thread in threads:
            thread.join()
        check_sums(reader.read(), 24_000)
        assert len(reader.threads_of(recorder.slot)) == len(set(reader.threads_of(recorder.slot)))

    def test_many_processes_add_up_also_when_they_end(self) -> None:
        segment = new_segment(3, OBJECTIVE)
        reader = Reader(segment)
        pids = [fork(lambda: work(take_slot(segment, patience=60), 500)) for _ in range(12)]
        before = 0.0
        while pids:
            pids = [pid for pid in pids if os.waitpid(pid, os.WNOHANG)[0] == 0]
            arrivals = reader.read().totals[at.T_ARRIVALS]
            assert arrivals >= before
            before = arrivals
        check_sums(reader.read(), 6000)

    def test_killed_at_any_moment_leave_figures_that_add_up_and_never_fall(self, segment: Segment) -> None:
        reader = Reader(segment)
        kinds = ("arrivals", "inflight")
        before = dict.fromkeys(kinds, 0.0)
        for round_ in range(15):
            pid = fork(lambda: work(take_slot(segment, patience=60), 10**9))
            target = before["arrivals"] + 50 + 37 * round_
            eventually(lambda target=target: reader.read(0.0).totals[at.T_ARRIVALS] > target, "it works")
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            totals = reader.read().totals
            now = {"arrivals": totals[at.T_ARRIVALS], "inflight": totals[at.T_INFLIGHT_SECONDS]}
            assert all(now[kind] >= before[kind] for kind in kinds)
            before = now
            # One request at most was half written.
            assert abs(totals[at.T_ARRIVALS] - sum(totals[at.T_CODES : at.T_LOCKS])) <= round_ + 1
        assert reader.read().living == []

    def test_that_the_application_forks_write_nowhere(self, segment: Segment) -> None:
        recorder = take_slot(segment)
        visit = recorder.arrived()
        pid = fork(lambda: (visit.answered(200), recorder.arrived().answered(200)))
        assert os.waitpid(pid, 0)[1] == 0
        figures = Reader(segment).read()
        assert (figures.totals[at.T_ARRIVALS], figures.inflight) == (1, 1)
        visit.answered(200)

    def test_that_the_application_forks_do_not_wait_for_its_lock(self, segment: Segment) -> None:
        recorder = take_slot(segment)
        with recorder.lock:
            pid = fork(lambda: recorder.arrived().answered(200))
            assert os.waitpid(pid, 0)[1] == 0
