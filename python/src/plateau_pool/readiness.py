"""When may an application take requests? Applications register a check of their store, or report what they see.

    plateau_pool.readiness.register(lambda: redis.ping())

A pod is ready once each check has passed in one of its processes. What fails later makes the pod degraded, not unready: the failure of
a store that all pods share must not take all of them out of service.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .measure import layout as at
from .measure.recorder import SlotRecorder

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_PAUSE_WHEN_WELL = 5.0

Check = Callable[[], object]


class _State:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.checks: list[Check] = []
        self.recorder: SlotRecorder | None = None
        self.awaited = False
        self.keeper: threading.Thread | None = None


_state = _State()


def register(check: Check) -> None:
    """Has a check called now and again in a thread of each serving process: it fails by raising, or by returning False."""
    with _state.lock:
        _state.checks.append(check)
        _state.awaited = True
    _begin()


def await_report() -> None:
    """The pod is not ready before the first ``report(None)``."""
    with _state.lock:
        _state.awaited = True
    _begin()


def report(problem: str | None) -> None:
    """What is wrong with the store at the moment, in a sentence; None: it answers."""
    with _state.lock:
        _write(problem)


def attach(recorder: SlotRecorder) -> None:
    """Called in each serving process once it has a place to write to."""
    with _state.lock:
        _state.recorder = recorder
        _state.keeper = None
    _begin()


def _begin() -> None:
    with _state.lock:
        recorder = _state.recorder
        if recorder is None:
            return
        store = recorder.base + at.S_STORE
        if _state.awaited and recorder.words[store] == at.STORE_UNKNOWN:
            recorder.words[store] = at.STORE_AWAITED
        if _state.checks and _state.keeper is None:
            _state.keeper = threading.Thread(target=_keep_checking, name="plateau-readiness", daemon=True)
            _state.keeper.start()


def _keep_checking() -> None:
    pause = _FIRST_PAUSE
    while True:
        problem = next((told for check in list(_state.checks) if (told := _problem(check)) is not None), None)
        with _state.lock:
            _write(problem)
        time.sleep(_PAUSE_WHEN_WELL if problem is None else pause)
        pause = _FIRST_PAUSE if problem is None else min(_LONGEST_PAUSE, pause * 2)


def _problem(check: Check) -> str | None:
    try:
        return "the check of the store says no" if check() is False else None
    except Exception as error:  # whatever a store's client raises
        return f"{type(error).__name__}: {error}"


def _write(problem: str | None) -> None:
    recorder = _state.recorder
    if recorder is None:
        return
    if problem is None:
        recorder.words[recorder.base + at.S_STORE] = at.STORE_REACHED
    text = (problem or "").encode("utf-8", "replace")[: at.PROBLEM_WORDS * at.WORD]
    recorder.words[recorder.base + at.S_PROBLEM_LENGTH] = 0
    for word in range((len(text) + at.WORD - 1) // at.WORD):
        piece = text[word * at.WORD : (word + 1) * at.WORD].ljust(at.WORD, b"\0")
        recorder.words[recorder.base + at.PROBLEM_AT + word] = int.from_bytes(piece, "little")
    recorder.words[recorder.base + at.S_PROBLEM_LENGTH] = len(text)
