"""Brings together what the processes write, what the kernel says, and what the pool is: the ``/metrics`` page."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from .. import __version__
from ..measure import layout as at
from ..measure.reader import PodFigures, Reader, SlotFigures
from ..measure.segment import Segment
from ..signals.cgroup import read_throttling
from ..signals.cpu import PodCpu, SlotCpu
from ..signals.watch import CoreWaits, LockWaiters, Watched, watched
from .child_handle import ServerFacts
from .page import PageInput, render_page
from .pool import Pool

_LOOK = 0.2
"""Seconds between looks at the threads, give or take half, so that they keep no step with anything."""
_COUNT = 1.0
"""Seconds between looks at what the kernel adds up by itself."""


class Figures:
    """One thread only: the supervisor's loop."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._reader = Reader(segment)
        self._slot_cpu = SlotCpu()
        self._pod_cpu = PodCpu()
        self._lock_waiters = LockWaiters()
        self._pool_waits = CoreWaits()
        self._probe_waits = CoreWaits()
        self._gil_wait = 0.0
        self._last_count = 0.0
        self._watched: list[Watched] = []

    def read(self) -> PodFigures:
        """What the processes say at the moment."""
        return self._reader.read()

    def look(self, facts: ServerFacts | None, now: Callable[[], float] = time.monotonic) -> float:
        """Takes samples. Returns the seconds until it wants to look again."""
        if now() - self._last_count >= _COUNT:
            self._count(self._reader.read(0.0), facts)
            self._last_count = now()
        self._lock_waiters.sample(now(), [process for process in self._watched if process.probe_thread])
        return _LOOK * random.uniform(0.5, 1.5)

    def page(self, pool: Pool, facts: ServerFacts) -> str:
        """The page."""
        figures = self._reader.read()
        self._count(figures, facts)
        serving = [slot for slot in figures.living if slot.threads > 0]
        gil = gil_of(figures.living, facts)
        return render_page(
            PageInput(
                info={
                    "runtime": facts.runtime,
                    "model": facts.model,
                    "knob": facts.knob,
                    "gil": gil,
                    "queue_visible": "true" if facts.queue_visible else "false",
                    "version": __version__,
                },
                desired=pool.desired,
                threads_in_force=min((slot.threads for slot in serving), default=pool.in_force.threads),
                generation_in_force=pool.in_force.generation,
                processes=len(serving),
                figures=figures,
                reasons=self._segment.reasons(),
                locks=self._segment.locks(),
                slot_cpu=self._slot_cpu.seconds(),
                pod_cpu=self._pod_cpu.seconds(),
                event_loop=facts.model == "eventloop",
                gil_wait=self._gil(figures) if gil == "on" else None,
                lock_waiters=self._lock_waiters.seconds if gil == "on" and self._lock_waiters.readable else None,
                core_waits=self._pool_waits.seconds if self._pool_waits.readable else None,
                throttling=read_throttling(),
            )
        )

    def _count(self, figures: PodFigures, facts: ServerFacts | None) -> None:
        # An event loop hands work to threads that nobody announces.
        all_threads = facts is not None and facts.knob == "inflight"
        self._watched = [watched(slot.pid, self._reader.threads_of(slot.slot), all_threads, slot.probe_thread) for slot in figures.living]
        self._pool_waits.sample((process.pid, thread) for process in self._watched for thread in process.threads)
        self._probe_waits.sample((process.pid, process.probe_thread) for process in self._watched if process.probe_thread)
        self._slot_cpu.sample((slot.slot, slot.pid) for slot in figures.living)

    def _gil(self, figures: PodFigures) -> tuple[float, float]:
        """The probe overslept because of the lock, or because it waited for a core; the kernel counts the latter."""
        overslept = figures.totals[at.T_GIL_WAIT_SECONDS] - self._probe_waits.seconds
        self._gil_wait = max(self._gil_wait, overslept, 0.0)
        return self._gil_wait, figures.totals[at.T_GIL_PROBE_SECONDS]


def gil_of(living: list[SlotFigures], facts: ServerFacts) -> str:
    """``on`` when one process has a lock in use: an extension module may have switched it on."""
    told = {slot.gil for slot in living} - {at.GIL_UNKNOWN}
    if not told:
        return facts.gil
    return "on" if at.GIL_ON in told else "off"
