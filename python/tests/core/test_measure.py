"""Figures in shared memory: written by threads and processes, read as whole, kept when a writer dies."""

from __future__ import annotations

import errno
import math
import os
import random
import threading
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from figures import OBJECTIVE, histogram
from running import eventually, fork

from plateau_pool.measure import layout as at
from plateau_pool.measure import recorder as recording
from plateau_pool.measure.edges import BUCKETS, EDGES, share_below, split_bucket
from plateau_pool.measure.reader import PodFigures, Reader, move_objective
from plateau_pool.measure.recorder import NoFreeSlot, release_slot, take_slot
from plateau_pool.measure.segment import Segment, new_segment
from plateau_pool.supervisor.page import bucket_counts


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = 1000.0
        monkeypatch.setattr(recording, "_now", lambda: self.time)

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def below(figures: PodFigures, name: str, edge: float) -> float:
    return sum(count for upper, count in bucket_counts(histogram(figures, name), figures.objective) if upper is not None and upper <= edge)


class TestEdges:
    def test_are_close_enough_and_span_what_the_protocol_asks(self) -> None:
        assert (EDGES[0], EDGES[-1]) == (0.001, 2.0)
        assert max(upper / lower for lower, upper in pairwise(EDGES)) <= 1.25

    @pytest.mark.parametrize("objective", [1e-6, 0.001, 0.0312, EDGES[7], 0.1, 1.99, 2.0, 2.5, 60.0])
    def test_one_lies_at_the_objective_and_none_twice(self, objective: float) -> None:
        edges = [edge for edge, _ in bucket_counts([0.0] * at.HISTOGRAM_WORDS, objective)]
        assert edges[-1] is None
        finite = [edge for edge in edges if edge is not None]
        assert objective in finite
        assert finite == sorted(set(finite))
        assert 0.0 <= share_below(objective) <= 1.0
        assert 0 <= split_bucket(objective) < BUCKETS

    def test_fixed_ones_keep_their_counts_when_the_objective_moves(self) -> None:
        source = random.Random(7)
        totals = [0.0] * at.TOTALS
        first = at.histogram_at("request")
        for bucket in range(BUCKETS):
            totals[first + bucket] = float(source.randrange(100))
        for objective in (0.03, 0.0301, 5.0, 0.0005, EDGES[9], 0.7):
            move_objective(totals, objective)
            counts = bucket_counts(totals[first : first + at.HISTOGRAM_WORDS], objective)
            assert all(count >= 0 for _, count in counts)
            cumulative = 0.0
            seen = {}
            for edge, count in counts:
                cumulative += count
                seen[edge] = cumulative
            fixed = 0.0
            for bucket, edge in enumerate([*EDGES, None]):
                fixed += totals[first + bucket]
                if edge != objective:
                    assert seen[edge] == fixed


class TestVisit:
    def test_of_one_request(self, segment: Segment, clock: Clock) -> None:
        recorder = take_slot(segment)
        clock.time += 5
        visit = recorder.arrived(clock.time - 0.01)
        clock.time += 0.02
        visit.picked_up()
        clock.time += 0.04
        visit.store_waited(0.015)
        visit.worked()
        clock.time += 0.003
        visit.answered(200)
        figures = Reader(segment, now=clock).read()
        totals = figures.totals
        assert totals[at.T_ARRIVALS] == 1
        assert totals[at.T_CODES + at.CODES.index("2xx")] == 1
        assert totals[at.T_INFLIGHT_SECONDS] == pytest.approx(0.073)
        assert totals[at.T_BUSY_SECONDS] == pytest.approx(0.04)
        sums = {name: histogram(figures, name)[at.N_SUM] for name in at.HISTOGRAMS}
        assert sums == pytest.approx({"request": 0.073, "queue": 0.03, "service": 0.04, "store": 0.015})
        assert totals[at.T_OVER_OBJECTIVE] == 1
        assert (figures.inflight, figures.queue_depth) == (0, 0)

    @pytest.mark.parametrize(
        ("calls", "ends"),
        [
            (["answered"], "2xx"),
            (["picked_up", "answered"], "2xx"),
            (["picked_up", "worked", "answered"], "2xx"),
            (["picked_up", "picked_up", "worked", "worked", "answered", "answered"], "2xx"),
            (["worked", "picked_up", "answered", "abandoned", "rejected", "worked", "picked_up"], "2xx"),
            (["abandoned", "answered"], "aborted"),
            (["picked_up", "abandoned"], "aborted"),
            (["rejected", "answered", "picked_up", "worked"], "rejected"),
            (["picked_up", "rejected"], "rejected"),
        ],
    )
    def test_ends_once_whatever_is_called(self, segment: Segment, calls: list[str], ends: str) -> None:
        recorder = take_slot(segment)
        visit = recorder.arrived()
        actions: dict[str, Callable[[], None]] = {
            "picked_up": visit.picked_up,
            "worked": visit.worked,
            "answered": lambda: visit.answered(200),
            "abandoned": visit.abandoned,
            "rejected": lambda: visit.rejected("queue_full", 503),
        }
        for call in calls:
            actions[call]()
        figures = Reader(segment).read()
        counted = dict(zip(at.CODES, figures.totals[at.T_CODES :], strict=False))
        counted["rejected"] = sum(figures.totals[at.T_REASONS : at.T_LOCKS])
        assert {name: count for name, count in counted.items() if count} == {ends: 1}
        assert figures.inflight == 0
        assert figures.living[0].busy == 0

    @pytest.mark.parametrize("reached", [math.nan, math.inf, 1e12])
    def test_cannot_have_arrived_later_than_now(self, segment: Segment, clock: Clock, reached: float) -> None:
        take_slot(segment).arrived(reached).answered(200)
        assert histogram(Reader(segment, now=clock).read(), "request")[at.N_SUM] == 0

    @pytest.mark.parametrize("status", [0, 99, 600, -1, 10**9, None, "200"])
    def test_takes_any_status(self, segment: Segment, status: int) -> None:
        take_slot(segment).arrived().answered(status)
        assert Reader(segment).read().totals[at.T_CODES + at.CODES.index("5xx")] == 1

    def test_counts_overlapping_store_waits_once(self, segment: Segment, clock: Clock) -> None:
        visit = take_slot(segment).arrived()
        visit.picked_up()
        visit.store_began()
        clock.time += 1
        visit.store_began()
        clock.time += 2
        visit.store_ended()
        clock.time += 4
        visit.store_ended()
        clock.time += 8
        visit.store_waited(0.5)
        visit.store_waited(math.nan)
        visit.store_waited(-3)
        visit.answered(200)
        assert histogram(Reader(segment, now=clock).read(), "store")[at.N_SUM] == pytest.approx(7.5)

    def test_in_the_queue_until_it_is_picked_up_and_not_while_its_answer_is_on_its_way(self, segment: Segment) -> None:
        recorder = take_slot(segment)
        reader = Reader(segment)
        first, second, third = (recorder.arrived() for _ in range(3))
        first.picked_up()
        second.abandoned()
        assert reader.read().queue_depth == 1
        first.worked()
        assert (reader.read().queue_depth, reader.read().inflight) == (1, 2)
        third.rejected("queue_full", 503)
        first.answered(200)
        assert (reader.read().queue_depth, reader.read().inflight) == (0, 0)

    def test_takes_an_end_of_a_wait_that_never_began_and_endless_ones(self, segment: Segment, clock: Clock) -> None:
        visit = take_slot(segment).arrived()
        visit.picked_up()
        visit.store_ended()
        visit.store_waited(math.inf)
        visit.store_began()
        clock.time += 2
        visit.store_ended()
        visit.answered(200)
        assert histogram(Reader(segment, now=clock).read(), "store")[at.N_SUM] == pytest.approx(2)


class TestReader:
    def test_draws_the_integral_on_while_a_process_says_nothing(self, segment: Segment, clock: Clock) -> None:
        reader = Reader(segment, now=clock)
        recorder = take_slot(segment)
        visits = [recorder.arrived() for _ in range(3)]
        visits[0].picked_up()
        clock.time += 10
        figures = reader.read()
        assert figures.totals[at.T_INFLIGHT_SECONDS] == pytest.approx(30)
        assert figures.totals[at.T_BUSY_SECONDS] == pytest.approx(10)
        assert (figures.inflight, figures.queue_depth) == (3, 2)

    def test_reads_at_the_objective_of_the_moment(self, segment: Segment, clock: Clock) -> None:
        reader = Reader(segment, now=clock)
        recorder = take_slot(segment)

        def request(seconds: float) -> None:
            visit = recorder.arrived()
            clock.time += seconds
            visit.answered(200)

        request(0.0499)
        request(0.0501)
        assert below(reader.read(), "request", OBJECTIVE) == 1
        segment.objective = 0.2
        # Written under the old objective, read under the new one.
        assert below(reader.read(), "request", 0.2) == 2
        request(0.1999)
        request(0.2001)
        figures = reader.read()
        assert below(figures, "request", 0.2) == 3
        assert figures.totals[at.T_OVER_OBJECTIVE] == 2

    def test_waits_for_a_writer_then_takes_the_last_whole_copy(self, segment: Segment) -> None:
        recorder = take_slot(segment)
        reader = Reader(segment)
        recorder.arrived().answered(200)
        assert reader.read().totals[at.T_ARRIVALS] == 1
        with recorder.lock:
            recorder.begin(time.monotonic())
            recorder.words[recorder.base + at.TOTALS_AT + at.T_ARRIVALS] += 1
            assert reader.read(0.01).totals[at.T_ARRIVALS] == 1
            recorder.words[recorder.sequence] += 1
        assert reader.read(0.01).totals[at.T_ARRIVALS] == 2

    def test_keeps_what_ended_and_frees_its_place(self, segment: Segment) -> None:
        alive = {os.getpid(): True}
        reader = Reader(segment, alive=lambda pid, birth: alive[pid])
        recorder = take_slot(segment)
        recorder.arrived().answered(200)
        lost = recorder.arrived()
        lost.picked_up()
        release_slot(segment, os.getpid())
        first = reader.read()
        assert first.living == []
        assert first.totals[at.T_ARRIVALS] == 2
        assert first.totals[at.T_CODES] == 1
        again = take_slot(segment)
        assert again.slot == recorder.slot
        again.arrived().answered(200)
        second = reader.read()
        assert second.totals[at.T_ARRIVALS] == 3
        assert second.totals[at.T_INFLIGHT_SECONDS] >= first.totals[at.T_INFLIGHT_SECONDS]
        alive[os.getpid()] = False
        assert reader.read().totals[at.T_ARRIVALS] == 3
        assert reader.read().totals[at.T_ARRIVALS] == 3


class TestSlots:
    def test_of_a_process_of_which_the_kernel_does_not_tell_are_kept(self, segment: Segment, monkeypatch: pytest.MonkeyPatch) -> None:
        recorder = take_slot(segment)
        recorder.arrived()

        def no_more_files(*_: object) -> None:
            raise OSError(errno.EMFILE, "Too many open files")

        monkeypatch.setattr(recording, "open", no_more_files, raising=False)
        assert Reader(segment).read().inflight == 1
        assert recorder.words[recorder.base + at.S_STATE] == at.LIVE

    def test_are_released_in_turn_with_whoever_takes_and_clears_them(self, segment: Segment) -> None:
        recorder = take_slot(segment)
        releasing = threading.Thread(target=release_slot, args=(segment, os.getpid()))
        with segment.exclusive():
            releasing.start()
            releasing.join(0.1)
            assert recorder.words[recorder.base + at.S_STATE] == at.LIVE
        releasing.join()
        assert recorder.words[recorder.base + at.S_STATE] == at.ENDED

    def test_can_be_taken_by_a_process_forked_while_a_thread_was_at_it(self, segment: Segment) -> None:
        with segment.exclusive():
            pid = fork(lambda: take_slot(segment))
        eventually(lambda: os.waitpid(pid, os.WNOHANG) == (pid, 0), "the forked process has taken a slot")

    def test_lie_in_a_file_where_there_is_no_other_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(name: str) -> int:
            raise PermissionError(errno.EPERM, name)

        monkeypatch.setattr(os, "memfd_create", refuse)
        segment = new_segment(2, OBJECTIVE)
        take_slot(segment).arrived().answered(200)
        assert Reader(segment).read().totals[at.T_ARRIVALS] == 1

    def test_that_are_all_taken_are_told(self) -> None:
        segment = new_segment(1, OBJECTIVE)
        take_slot(segment)
        with pytest.raises(NoFreeSlot, match="--processes-max"):
            take_slot(segment, patience=0.0)

    def test_know_a_process_from_one_with_its_pid(self, segment: Segment) -> None:
        recorder = take_slot(segment)
        assert len(Reader(segment).read().living) == 1
        recorder.words[recorder.base + at.S_BORN] += 1
        assert Reader(segment).read().living == []

    def test_a_stranger_is_refused(self) -> None:
        fd = os.memfd_create("strange")
        os.ftruncate(fd, 4096)
        with pytest.raises(ValueError, match="no figures"):
            Segment(fd)
        os.close(fd)

    def test_labels_are_shared_bounded_and_whole_unicode(self, segment: Segment) -> None:
        other = Segment(segment.fd)
        assert segment.reason("queue_full") == other.reason("queue_full") == 0
        assert segment.lock("ö" * 100) == other.lock("ö" * 100) == 0
        assert segment.locks() == ["ö" * 31]
        indices = [segment.reason(f"reason {number}") for number in range(100)]
        assert max(indices) < at.REASONS
        assert other.reasons()[-1] == "other"
        assert segment.lock("") == 1
        assert segment.locks()[1] == "unnamed"
        assert [segment.lock("a\0b"), segment.lock("a\0b"), segment.lock("\0")] == [2, 2, 1]
        assert segment.locks() == ["ö" * 31, "unnamed", "ab"]
