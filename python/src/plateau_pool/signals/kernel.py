"""What Linux tells about processes and threads from outside, so that looking costs the server nothing.

All parsers take garbage and say None.
"""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass

_FUTEX_NUMBERS = {"x86_64": 202, "aarch64": 98, "riscv64": 98, "loongarch64": 98, "s390x": 238, "ppc64le": 221}
# linux/futex.h: what waits, without the flags FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME.
_FUTEX_FLAGS = 128 | 256
_FUTEX_WAITS = (0, 9)
_ARGUMENTS = 6
_CPUCLOCK_SCHED = 2


@dataclass(frozen=True)
class TimedFutex:
    """A thread sleeps until a word of memory changes or a time has passed."""

    address: int


def futex_number() -> int | None:
    """Number of the system call ``futex`` on this machine.

    None where nothing can be told by it: with musl, threads that wait for one condition wait at addresses of their own.
    """
    return _FUTEX_NUMBERS.get(platform.machine()) if "CS_GNU_LIBC_VERSION" in os.confstr_names else None


def parse_syscall(text: str, futex: int) -> TimedFutex | None:
    """Of ``/proc/PID/task/TID/syscall``: the timed futex that the thread waits in; None when it does anything else."""
    fields = text.split()
    if len(fields) < _ARGUMENTS + 1 or fields[0] != str(futex):
        return None
    try:
        address, operation, _, timeout = (int(field, 16) for field in fields[1:5])
    except ValueError:
        return None
    return TimedFutex(address) if operation & ~_FUTEX_FLAGS in _FUTEX_WAITS and timeout != 0 else None


def parse_schedstat(text: str) -> float | None:
    """Of ``/proc/PID/task/TID/schedstat``: seconds that the thread waited for a core."""
    fields = text.split()
    return int(fields[1]) / 1e9 if len(fields) > 1 and fields[1].isascii() and fields[1].isdigit() else None


@dataclass(frozen=True)
class ProcessTimes:
    """CPU of a process, and of those of its children that it has waited for; seconds."""

    own: float
    reaped: float


def parse_stat(text: str, tick: float) -> ProcessTimes | None:
    """Of ``/proc/PID/stat``; ``tick`` in seconds. The name in parentheses may hold anything, parentheses and blanks as well."""
    fields = text.rpartition(")")[2].split()
    try:
        user, system, children_user, children_system = (int(field) for field in fields[11:15])
    except ValueError:
        return None
    return ProcessTimes((user + system) * tick, (children_user + children_system) * tick)


def process_times(pid: int) -> ProcessTimes | None:
    """CPU times of a process; None when it is gone or the kernel does not tell."""
    text = read_text(f"/proc/{pid}/stat")
    return None if text is None else parse_stat(text, 1 / os.sysconf("SC_CLK_TCK"))


def process_cpu(pid: int) -> float | None:
    """CPU seconds of a process, to the nanosecond where the kernel's clock of that process can be read, else in ticks of 10 ms."""
    try:
        # clock_getcpuclockid(3), which Python has for threads only: the clock's id is made of the pid.
        return time.clock_gettime((~pid << 3) | _CPUCLOCK_SCHED)
    except (OSError, OverflowError):
        times = process_times(pid)
        return None if times is None else times.own


def children_of(pid: int) -> list[int]:
    """Children of a process."""
    found = []
    for thread in threads_of(pid):
        text = read_text(f"/proc/{pid}/task/{thread}/children")
        found += [int(child) for child in (text or "").split() if child.isdigit()]
    return found


def threads_of(pid: int) -> list[int]:
    """Kernel ids of the threads of a process."""
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task") if name.isdigit()]
    except OSError:
        return []


def read_text(path: str) -> str | None:
    """A small file of the kernel; None when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace")
    except OSError:
        return None
