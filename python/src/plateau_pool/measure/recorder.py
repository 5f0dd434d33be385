"""How a serving process writes its figures into its slot. A request costs four short turns under one lock.

Readers in another process copy the slot as it is. ``S_SEQUENCE`` is odd while figures change, so they see whether a copy is whole.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from bisect import bisect_left

from . import layout as at
from .current import process, visit
from .edges import EDGES, share_below, split_bucket
from .segment import Segment

_REQUEST = at.TOTALS_AT + at.histogram_at("request")
_QUEUE = at.TOTALS_AT + at.histogram_at("queue")
_SERVICE = at.TOTALS_AT + at.histogram_at("service")
_STORE = at.TOTALS_AT + at.histogram_at("store")
_ARRIVALS = at.TOTALS_AT + at.T_ARRIVALS
_OVER = at.TOTALS_AT + at.T_OVER_OBJECTIVE
_INFLIGHT_SECONDS = at.TOTALS_AT + at.T_INFLIGHT_SECONDS
_BUSY_SECONDS = at.TOTALS_AT + at.T_BUSY_SECONDS
_LAG_SECONDS = at.TOTALS_AT + at.T_LAG_SECONDS
_CODES = at.TOTALS_AT + at.T_CODES
_REASONS = at.TOTALS_AT + at.T_REASONS
_LOCKS = at.TOTALS_AT + at.T_LOCKS
_ABORTED = 0
_FIRST_CLASS, _LAST_CLASS = 1, 5

_ARRIVED, _WORKING, _WORKED, _OVER_AND_DONE = range(4)

_now = time.monotonic


class SlotVisit:
    """One request. Calls that come too late, twice or in the wrong order change nothing."""

    __slots__ = ("_at", "_open", "_open_since", "_picked", "_recorder", "_stage", "_store")

    def __init__(self, recorder: SlotRecorder, reached: float) -> None:
        self._recorder = recorder
        self._at = reached
        self._stage = _ARRIVED
        self._picked = 0.0
        self._store = 0.0
        self._open = 0
        self._open_since = 0.0

    def picked_up(self) -> None:
        visit.set(self)
        recorder = self._recorder
        thread = threading.get_native_id()
        if thread not in recorder.known_threads:
            recorder.learn_thread(thread)
        with recorder.lock:
            if self._stage != _ARRIVED:
                return
            self._stage = _WORKING
            self._picked = now = _now()
            words = recorder.begin(now)
            words[recorder.queued] -= 1
            words[recorder.busy] += 1
            recorder.observe(_QUEUE, now - self._at)
            words[recorder.sequence] += 1

    def worked(self) -> None:
        recorder = self._recorder
        with recorder.lock:
            if self._stage != _WORKING:
                return
            words = recorder.begin(_now())
            self._end_work(recorder)
            words[recorder.sequence] += 1

    def store_waited(self, seconds: float) -> None:
        if 0.0 < seconds < math.inf:  # false for NaN as well
            with self._recorder.lock:
                self._store += seconds

    def store_began(self) -> None:
        with self._recorder.lock:
            self._open += 1
            if self._open == 1:
                self._open_since = _now()

    def store_ended(self) -> None:
        with self._recorder.lock:
            if self._open == 0:
                return
            self._open -= 1
            if self._open == 0:
                self._store += _now() - self._open_since

    def answered(self, status: int) -> None:
        recorder = self._recorder
        with recorder.lock:
            if self._stage == _OVER_AND_DONE:
                return
            now = _now()
            words = self._leave(recorder, now)
            kind = status // 100 if type(status) is int else _LAST_CLASS
            words[recorder.base + _CODES + (kind if _FIRST_CLASS <= kind <= _LAST_CLASS else _LAST_CLASS)] += 1
            took = now - self._at
            recorder.observe(_REQUEST, took)
            if took > recorder.objective:
                words[recorder.base + _OVER] += 1
            words[recorder.sequence] += 1

    def rejected(self, reason: str, status: int) -> None:
        # Its latency is not observed: quick refusals would make an overloaded pool look fast.
        recorder = self._recorder
        index = recorder.segment.reason(reason)
        with recorder.lock:
            if self._stage == _OVER_AND_DONE:
                return
            words = self._leave(recorder, _now())
            words[recorder.base + _REASONS + index] += 1
            words[recorder.sequence] += 1

    def abandoned(self) -> None:
        recorder = self._recorder
        with recorder.lock:
            if self._stage == _OVER_AND_DONE:
                return
            words = self._leave(recorder, _now())
            words[recorder.base + _CODES + _ABORTED] += 1
            words[recorder.sequence] += 1

    def _leave(self, recorder: SlotRecorder, now: float) -> memoryview[int]:
        words = recorder.begin(now)
        if self._stage == _WORKING:
            self._end_work(recorder)
        elif self._stage == _ARRIVED:
            words[recorder.queued] -= 1
        self._stage = _OVER_AND_DONE
        words[recorder.inflight] -= 1
        return words

    def _end_work(self, recorder: SlotRecorder) -> None:
        """Call it after ``begin``, which brings the integrals up to now."""
        self._stage = _WORKED
        recorder.words[recorder.busy] -= 1
        now = recorder.integrated
        recorder.observe(_SERVICE, now - self._picked)
        open_store = now - self._open_since if self._open > 0 else 0.0
        recorder.observe(_STORE, self._store + open_store)


class SlotRecorder:
    """The recorder of one process."""

    def __init__(self, segment: Segment, slot: int) -> None:
        self.segment = segment
        self.slot = slot
        self.lock = threading.Lock()
        self.known_threads: set[int] = set()
        self.base = at.slot_at(slot)
        self.words = segment.integers
        self.floats = segment.floats
        self.sequence = self.base + at.S_SEQUENCE
        self.inflight = self.base + at.S_INFLIGHT
        self.queued = self.base + at.S_QUEUED
        self.busy = self.base + at.S_BUSY
        self.integrated = _now()
        self.objective = -1.0
        self._split = -1
        self.floats[self.base + at.S_SINCE] = self.integrated

    def arrived(self, at: float | None = None) -> SlotVisit:
        with self.lock:
            now = _now()
            if at is None or not at <= now:  # in the future, or NaN
                at = now
            words = self.begin(now)
            if at < now:
                self.floats[self.base + _INFLIGHT_SECONDS] += now - at
            words[self.base + _ARRIVALS] += 1
            words[self.inflight] += 1
            words[self.queued] += 1
            words[self.sequence] += 1
        return SlotVisit(self, at)

    def set_threads(self, threads: int) -> None:
        with self.lock:
            self.words[self.base + at.S_THREADS] = max(0, threads)

    def loop_lag(self, lag: float, span: float) -> None:
        amount = lag * span
        if amount > 0.0:
            with self.lock:
                self.floats[self.base + _LAG_SECONDS] += amount

    def lock_waited(self, name: str, seconds: float) -> None:
        index = self.segment.lock(name)
        with self.lock:
            self.floats[self.base + _LOCKS + index] += max(0.0, seconds)

    def begin(self, now: float) -> memoryview[int]:
        """Marks the figures as changing and brings the integrals up to now. Under the lock; end it by one more step of the sequence."""
        words = self.words
        floats = self.floats
        words[self.sequence] += 1
        span = now - self.integrated
        if span > 0.0:
            inflight = words[self.inflight]
            if inflight:
                floats[self.base + _INFLIGHT_SECONDS] += inflight * span
                floats[self.base + _BUSY_SECONDS] += words[self.busy] * span
            self.integrated = now
            floats[self.base + at.S_SINCE] = now
        if floats[at.H_OBJECTIVE] != self.objective:
            self._move_objective()
        return words

    def observe(self, histogram: int, seconds: float) -> None:
        """Counts a duration; under the lock, between ``begin`` and its end."""
        first = self.base + histogram
        bucket = bisect_left(EDGES, seconds)
        self.words[first + bucket] += 1
        self.floats[first + at.N_SUM] += seconds
        if bucket == self._split and seconds <= self.objective:
            self.words[first + at.N_SPLIT] += 1

    def learn_thread(self, thread: int) -> None:
        """Tells the supervisor which kernel thread works on requests."""
        with self.lock:
            self.known_threads.add(thread)
            first = self.base + at.THREADS_AT
            known = int(self.words[first])
            self.words[first + 1 + known % at.THREADS_KNOWN] = thread
            self.words[first] = known + 1

    def _move_objective(self) -> None:
        self.objective = objective = self.floats[at.H_OBJECTIVE]
        self._split = split_bucket(objective)
        share = share_below(objective)
        for name in at.HISTOGRAMS:
            first = self.base + at.TOTALS_AT + at.histogram_at(name)
            self.words[first + at.N_SPLIT] = round(self.words[first + self._split] * share)
        self.floats[self.base + at.S_OBJECTIVE] = objective


class NoFreeSlot(RuntimeError):
    """More serving processes than there is room for."""


def take_slot(segment: Segment, patience: float = 5.0) -> SlotRecorder:
    """Takes a free slot for this process and makes its recorder the current one.

    :param patience: seconds to wait for the supervisor to clear the slot of a process that ended
    :raises NoFreeSlot: when none comes free
    """
    deadline = _now() + patience
    while True:
        with segment.exclusive():
            slot = next((slot for slot in range(segment.slots) if segment.integers[at.slot_at(slot) + at.S_STATE] == at.FREE), None)
            if slot is not None:
                recorder = _occupy(segment, slot)
                break
        if _now() > deadline:
            raise NoFreeSlot(f"all {segment.slots} slots for serving processes are taken; start plateau-pool with a higher --processes-max")
        time.sleep(0.05)
    process.recorder = recorder
    return recorder


def release_slot(segment: Segment, pid: int) -> None:
    """Says that a serving process has ended. The supervisor keeps its counters and frees the slot."""
    words = segment.integers
    # Meanwhile the supervisor, which sees the end as well, may clear the slot, and another process take it.
    with segment.exclusive():
        for slot in range(segment.slots):
            first = at.slot_at(slot)
            if words[first + at.S_STATE] == at.LIVE and words[first + at.S_PID] == pid:
                words[first + at.S_STATE] = at.ENDED


def _occupy(segment: Segment, slot: int) -> SlotRecorder:
    first = at.slot_at(slot)
    words = segment.integers
    for word in range(at.SLOT_WORDS):
        words[first + word] = 0
    words[first + at.S_PID] = os.getpid()
    with contextlib.suppress(OSError):
        words[first + at.S_BORN] = born(os.getpid()) or 0
    recorder = SlotRecorder(segment, slot)
    words[first + at.S_STATE] = at.LIVE
    os.register_at_fork(after_in_child=lambda: _detach(recorder))
    return recorder


def _detach(recorder: SlotRecorder) -> None:
    """A process that the application forks must not write into its parent's slot, nor wait for a lock that nobody there will free."""
    shared = recorder.segment.bytes
    scratch = memoryview(bytearray(len(shared)))
    for first, words in ((0, at.SLOTS_AT), (recorder.base, at.SLOT_WORDS)):
        scratch[first * at.WORD : (first + words) * at.WORD] = shared[first * at.WORD : (first + words) * at.WORD]
    recorder.words = scratch.cast("Q")
    recorder.floats = scratch.cast("d")
    recorder.lock = threading.Lock()
    if process.recorder is recorder:
        process.recorder = None


def born(pid: int) -> int | None:
    """When a process started, in the kernel's ticks: with the pid it names a process for good. None: gone, or a zombie.

    :raises OSError: when the kernel does not tell
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19])
