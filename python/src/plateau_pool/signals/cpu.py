"""CPU of the pod and of each serving process, which never falls although processes come and go."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .kernel import children_of, process_cpu, process_times

_MOST_PROCESSES = 1024


@dataclass
class SlotCpu:
    """CPU seconds by slot: a successor goes on counting where the one before it ended."""

    read: Callable[[int], float | None] = process_cpu
    _ended: dict[int, float] = field(default_factory=dict)
    _present: dict[int, tuple[int, float]] = field(default_factory=dict)

    def sample(self, living: Iterable[tuple[int, int]]) -> None:
        """``living``: pairs of slot and pid. What a process used after its last sample is not seen."""
        now = dict(living)
        for slot, (pid, seconds) in list(self._present.items()):
            if now.get(slot) != pid:
                self._ended[slot] = self._ended.get(slot, 0.0) + seconds
                del self._present[slot]
        for slot, pid in now.items():
            used = self.read(pid)
            before = self._present.get(slot, (pid, 0.0))[1]
            self._present[slot] = (pid, before if used is None else max(before, used))

    def seconds(self) -> dict[int, float]:
        """By slot, ascending."""
        slots = sorted({*self._ended, *self._present})
        return {slot: self._ended.get(slot, 0.0) + self._present.get(slot, (0, 0.0))[1] for slot in slots}


@dataclass
class PodCpu:
    """CPU seconds of this process and all its descendants, those included that have ended and were waited for."""

    _told: float = 0.0

    def seconds(self) -> float:
        """Never falls: a process between its death and its parent's wait is counted with neither."""
        self._told = max(self._told, _tree_seconds())
        return self._told


def _tree_seconds() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    gone = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = own.ru_utime + own.ru_stime + gone.ru_utime + gone.ru_stime
    waiting = children_of(os.getpid())
    seen = 0
    while waiting and seen < _MOST_PROCESSES:
        seen += 1
        pid = waiting.pop()
        times = process_times(pid)
        if times is not None:
            total += (process_cpu(pid) or times.own) + times.reaped
        waiting += children_of(pid)
    return total
