"""Processes end with the one that started them, also when that was killed without a word."""

from __future__ import annotations

import os
import signal
import sys

try:
    # Here and not where it is used: a process forked while a thread imports it would wait for that import for ever.
    import ctypes
except ImportError:  # an interpreter may be built without it
    ctypes = None  # type: ignore[assignment]

_PR_SET_PDEATHSIG = 1
_PR_SET_TIMERSLACK = 29
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(parent: int, with_signal: int = signal.SIGKILL) -> None:
    """Ends this process when its parent ends; at once when that has happened already. Where the kernel cannot, nothing.

    :param parent: pid of the process that started this one
    """
    if _prctl(_PR_SET_PDEATHSIG, int(with_signal)) and os.getppid() != parent:
        os.kill(os.getpid(), with_signal)


def adopt_orphans() -> bool:
    """Descendants whose parent ends become children of this process, which then has to wait for them."""
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def wake_in_time() -> bool:
    """Lets the calling thread's sleeps end within a microsecond instead of 50."""
    return _prctl(_PR_SET_TIMERSLACK, 1)


def _prctl(option: int, value: int) -> bool:
    if ctypes is None or not sys.platform.startswith("linux"):
        return False
    try:
        return bool(ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False
