"""How long a thread has to wait for the interpreter lock, seen by one that asks for it again and again.

The probe sleeps some milliseconds without the lock, and what it sleeps too long it waited: for the lock, for a core, or for the
timer. ``worker_pool_gil_wait_seconds_total`` over ``worker_pool_gil_probe_seconds_total`` (sleep and wait together) is weighted by
duration: the share of its time that the probe spent waiting. The mean of the single waits would count a long one no more than a
short one. The supervisor subtracts the probe's waits for a core, which the kernel counts.
"""

from __future__ import annotations

import random
import sys
import threading
import time

from ..measure import layout as at
from ..measure.recorder import SlotRecorder
from .parent_death import wake_in_time

_SLEEP = 0.02
"""A probe under contention costs the pool a forced switch: 50 a second at most."""
_JITTER = 0.2
"""So that the probe does not keep step with the interpreter's own switches every 5 ms."""
_LOOK_AGAIN = 1.0
"""Without a lock nothing is probed; an extension module may switch it on later."""


def gil_enabled() -> bool:
    """Whether this interpreter has a lock that is in use."""
    asked = getattr(sys, "_is_gil_enabled", None)
    return True if asked is None else bool(asked())


def start_gil_probe(recorder: SlotRecorder) -> threading.Thread:
    """Probes in a thread of its own until the process ends."""
    recorder.words[recorder.base + at.S_GIL] = at.GIL_ON if gil_enabled() else at.GIL_OFF
    thread = threading.Thread(target=_probe, args=(recorder,), name="plateau-gil-probe", daemon=True)
    thread.start()
    return thread


def _probe(recorder: SlotRecorder) -> None:
    wake_in_time()
    first = recorder.base
    recorder.words[first + at.S_PROBE_THREAD] = threading.get_native_id()
    waited = first + at.TOTALS_AT + at.T_GIL_WAIT_SECONDS
    probed = first + at.TOTALS_AT + at.T_GIL_PROBE_SECONDS
    now = time.monotonic
    while True:
        if not gil_enabled():
            recorder.words[first + at.S_GIL] = at.GIL_OFF
            time.sleep(_LOOK_AGAIN)
            continue
        recorder.words[first + at.S_GIL] = at.GIL_ON
        sleep = _SLEEP * random.uniform(1 - _JITTER, 1 + _JITTER)
        before = now()
        time.sleep(sleep)
        took = now() - before
        # No lock: this thread alone writes these two words.
        recorder.floats[waited] += max(0.0, took - sleep)
        recorder.floats[probed] += took
