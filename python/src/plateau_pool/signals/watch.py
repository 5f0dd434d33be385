"""Samples the pool's threads from the supervisor: how many wait for the interpreter lock, and how long they waited for a core.

CPython's threads wait for the lock in a futex with a timeout (``take_gil``), and so do threads that wait for anything else with a
timeout, a connection of a pool for instance. They are told apart by the address: the GIL probe waits in such a futex for the lock only, so
the address at which it is seen is the lock's.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .kernel import TimedFutex, futex_number, parse_schedstat, parse_syscall, read_text, threads_of

_CONDITION_SIZE = 64
"""A condition variable of the C library waits at different words of itself; it has 48 bytes."""
_LOOKED_AT = 64
"""More threads than that are sampled at random: looking costs 15 us a thread."""
_LONGEST_GAP = 1.0
"""Seconds that one sample may stand for. A supervisor that slept knows nothing about longer."""

Read = Callable[[str], str | None]


@dataclass(frozen=True)
class Watched:
    """A serving process, and which of its threads count."""

    pid: int
    threads: list[int]
    probe_thread: int


@dataclass
class LockWaiters:
    """Integral of the number of pool threads that wait for the interpreter lock."""

    read: Read = read_text
    futex: int | None = field(default_factory=futex_number)
    seconds: float = 0.0
    readable: bool = False
    _last: float | None = None
    _address: dict[int, int] = field(default_factory=dict)

    def sample(self, now: float, processes: Iterable[Watched]) -> None:
        """Takes a sample, which stands for the time since the last one."""
        span = 0.0 if self._last is None else min(_LONGEST_GAP, max(0.0, now - self._last))
        self._last = now
        waiting = 0.0
        addresses: dict[int, int] = {}
        for process in processes:
            address = self._lock_of(process)
            if address is not None:
                addresses[process.pid] = address
                waiting += self._waiting(process, address)
        self._address = addresses  # those of processes that ended are forgotten
        self.seconds += waiting * span

    def _lock_of(self, process: Watched) -> int | None:
        seen = self._futex(process.pid, process.probe_thread) if process.probe_thread else None
        return self._address.get(process.pid) if seen is None else seen.address

    def _waiting(self, process: Watched, address: int) -> float:
        chosen = process.threads if len(process.threads) <= _LOOKED_AT else random.sample(process.threads, _LOOKED_AT)
        if not chosen:
            return 0.0
        found = (self._futex(process.pid, thread) for thread in chosen)
        count = sum(1 for futex in found if futex is not None and abs(futex.address - address) < _CONDITION_SIZE)
        return count * len(process.threads) / len(chosen)

    def _futex(self, pid: int, thread: int) -> TimedFutex | None:
        if self.futex is None:
            return None
        text = self.read(f"/proc/{pid}/task/{thread}/syscall")
        if text is None:
            return None
        self.readable = True
        return parse_syscall(text, self.futex)


@dataclass
class CoreWaits:
    """Run-queue waits of threads that come and go. A thread that ends takes with it what it waited since the last sample."""

    read: Read = read_text
    seconds: float = 0.0
    readable: bool = False
    _last: dict[tuple[int, int], float] = field(default_factory=dict)

    def sample(self, threads: Iterable[tuple[int, int]]) -> None:
        """``threads``: pairs of pid and kernel id."""
        seen: dict[tuple[int, int], float] = {}
        for pid, thread in threads:
            key = (pid, thread)
            waited = parse_schedstat(self.read(f"/proc/{pid}/task/{thread}/schedstat") or "")
            if waited is not None:
                self.readable = True
                before = self._last.get(key, 0.0)
                self.seconds += waited - before if waited >= before else waited  # less: another thread with its id
                seen[key] = waited
            elif key in self._last:
                seen[key] = self._last[key]  # forgotten, it would count from the thread's birth again
        self._last = seen


def watched(pid: int, known: list[int], all_threads: bool, probe_thread: int) -> Watched:
    """Which threads of a process count.

    :param known: threads that were seen to work on requests; they may have ended
    :param all_threads: an event loop hands work to threads that nobody announces: then all count but the probe
    """
    living = threads_of(pid)
    mine = set(known)
    return Watched(pid, [thread for thread in living if thread != probe_thread and (all_threads or thread in mine)], probe_thread)
