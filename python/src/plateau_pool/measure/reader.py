"""How the supervisor reads the slots: whole copies, what ended kept for good, nothing that falls."""

from __future__ import annotations

import os
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from . import layout as at
from .edges import share_below, split_bucket
from .recorder import born
from .segment import Segment

_COPIED = at.THREADS_AT
"""Words of a slot without the list of threads."""
_INTEGRALS = (at.T_INFLIGHT_SECONDS, at.T_BUSY_SECONDS)


def is_alive(pid: int, birth: int) -> bool:
    """Whether the process with this pid is still the one that started then, and no zombie.

    In doubt, for want of file descriptors for instance, it is: the figures of one that is taken for dead are closed while it still writes.
    """
    if sys.platform.startswith("linux") and birth != 0:
        try:
            return born(pid) == birth
        except OSError:
            return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@dataclass(frozen=True)
class SlotFigures:
    """What one living process says."""

    slot: int
    pid: int
    threads: int
    """The knob in force; 0: it takes no new connections."""
    gil: int
    probe_thread: int
    inflight: int
    queued: int
    busy: int
    store: int
    problem: str


@dataclass(frozen=True)
class PodFigures:
    """All processes together, those that ended included."""

    living: list[SlotFigures]
    totals: list[float]
    """By ``T_…`` of the layout; histograms at the present objective."""
    objective: float

    @property
    def inflight(self) -> int:
        return sum(slot.inflight for slot in self.living)

    @property
    def queue_depth(self) -> int:
        return sum(slot.queued for slot in self.living)


@dataclass
class _Copy:
    words: tuple[int, ...]
    floats: tuple[float, ...]

    def values(self, objective: float, now: float) -> list[float]:
        """Totals now: integrals drawn on from what was in flight, histograms at this objective."""
        totals = [float(word) for word in self.words[at.TOTALS_AT : at.TOTALS_AT + at.TOTALS]]
        for total in at.FLOATS:
            totals[total] = self.floats[at.TOTALS_AT + total]
        span = max(0.0, now - self.floats[at.S_SINCE])
        totals[at.T_INFLIGHT_SECONDS] += self.words[at.S_INFLIGHT] * span
        totals[at.T_BUSY_SECONDS] += self.words[at.S_BUSY] * span
        if self.floats[at.S_OBJECTIVE] != objective:
            move_objective(totals, objective)
        return totals


@dataclass
class Reader:
    """Reads a segment. One thread only."""

    segment: Segment
    now: Callable[[], float] = time.monotonic
    alive: Callable[[int, int], bool] = is_alive
    _base: list[float] = field(default_factory=lambda: [0.0] * at.TOTALS)
    _base_objective: float = 0.0
    _whole: dict[int, _Copy] = field(default_factory=dict)
    _told: list[float] = field(default_factory=lambda: [0.0] * at.TOTALS)

    def read(self, patience: float = 0.02) -> PodFigures:
        """All figures. A slot that is being written is read again for ``patience`` seconds; then its last whole copy is drawn on."""
        now = self.now()
        objective = self._rebase()
        copies = self._copies(patience)
        totals = list(self._base)
        living = []
        for slot, copy in copies.items():
            if copy.words[at.S_STATE] == at.ENDED or not self.alive(copy.words[at.S_PID], copy.words[at.S_BORN]):
                self._fold(slot, objective, totals)
                continue
            _add(totals, copy.values(objective, now))
            living.append(_figures(slot, copy))
        for total in _INTEGRALS:
            totals[total] = self._told[total] = max(totals[total], self._told[total])
        return PodFigures(living, totals, objective)

    def threads_of(self, slot: int) -> list[int]:
        """Kernel ids of the threads that have worked on requests in a slot's process."""
        first = at.slot_at(slot) + at.THREADS_AT
        known = min(int(self.segment.integers[first]), at.THREADS_KNOWN)
        return [int(thread) for thread in self.segment.integers[first + 1 : first + 1 + known]]

    def _rebase(self) -> float:
        objective = self.segment.objective
        if objective != self._base_objective:
            move_objective(self._base, objective)
            self._base_objective = objective
        return objective

    def _copies(self, patience: float) -> dict[int, _Copy]:
        words = self.segment.integers
        torn = [slot for slot in range(self.segment.slots) if words[at.slot_at(slot) + at.S_STATE] != at.FREE]
        copies: dict[int, _Copy] = {}
        deadline = time.monotonic() + patience
        while True:
            torn = [slot for slot in torn if not self._take(slot, copies)]
            if not torn or time.monotonic() >= deadline:
                return dict(sorted(copies.items()))
            time.sleep(0.001)

    def _take(self, slot: int, copies: dict[int, _Copy]) -> bool:
        copy, whole = self._copy(slot)
        if whole:
            self._whole[slot] = copy
        copies[slot] = copy if whole else self._last_whole(slot, copy)
        return whole

    def _copy(self, slot: int) -> tuple[_Copy, bool]:
        first = at.slot_at(slot) * at.WORD
        sequence = at.slot_at(slot) + at.S_SEQUENCE
        before = self.segment.integers[sequence]
        raw = bytes(self.segment.bytes[first : first + _COPIED * at.WORD])
        after = self.segment.integers[sequence]
        return _Copy(struct.unpack(f"={_COPIED}Q", raw), struct.unpack(f"={_COPIED}d", raw)), before == after and after % 2 == 0

    def _last_whole(self, slot: int, torn: _Copy) -> _Copy:
        last = self._whole.get(slot)
        same = last is not None and last.words[at.S_PID] == torn.words[at.S_PID] and last.words[at.S_BORN] == torn.words[at.S_BORN]
        # Each word by itself is right; only that they belong together is not sure.
        return last if same and last is not None else torn

    def _fold(self, slot: int, objective: float, totals: list[float]) -> None:
        """Keeps the counters of a process that ended, and frees its slot."""
        copy, _ = self._copy(slot)
        values = copy.values(objective, self.now())
        lost = values[at.T_ARRIVALS] - sum(values[at.T_CODES : at.T_LOCKS])
        values[at.T_CODES] += max(0.0, lost)  # in flight when it died: their clients got no answer
        _add(self._base, values)
        _add(totals, values)
        self._whole.pop(slot, None)
        with self.segment.exclusive():
            self.segment.integers[at.slot_at(slot) + at.S_STATE] = at.FREE


def move_objective(totals: list[float], objective: float) -> None:
    """Moves the edge at the objective. The fixed edges keep their counts; the bucket that is newly divided is divided by width."""
    bucket = split_bucket(objective)
    share = share_below(objective)
    for name in at.HISTOGRAMS:
        first = at.histogram_at(name)
        totals[first + at.N_SPLIT] = float(round(totals[first + bucket] * share))


def _add(into: list[float], more: list[float]) -> None:
    for total, value in enumerate(more):
        into[total] += value


def _figures(slot: int, copy: _Copy) -> SlotFigures:
    words = copy.words
    return SlotFigures(
        slot=slot,
        pid=words[at.S_PID],
        threads=words[at.S_THREADS],
        gil=words[at.S_GIL],
        probe_thread=words[at.S_PROBE_THREAD],
        inflight=words[at.S_INFLIGHT],
        queued=words[at.S_QUEUED],
        busy=words[at.S_BUSY],
        store=words[at.S_STORE],
        problem=_problem(words),
    )


def _problem(words: tuple[int, ...]) -> str:
    length = min(words[at.S_PROBLEM_LENGTH], at.PROBLEM_WORDS * at.WORD)
    raw = struct.pack(f"<{at.PROBLEM_WORDS}Q", *words[at.PROBLEM_AT : at.PROBLEM_AT + at.PROBLEM_WORDS])
    return raw[:length].decode("utf-8", "replace")
