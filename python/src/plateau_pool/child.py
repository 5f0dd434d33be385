"""The process that serves: runs one server adapter, does what the supervisor says, and ends when the supervisor is gone."""

from __future__ import annotations

import functools
import importlib
import os
import platform
import queue
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

from . import preload, readiness
from .adapters import NoAdapter, load_adapter
from .measure.recorder import release_slot, take_slot
from .measure.segment import Segment
from .messages import Message, encode, received
from .ports import Recorder, RunningServer, ServingContext
from .settings import Settings
from .signals import redis_hooks
from .signals.gil_probe import gil_enabled, start_gil_probe
from .signals.parent_death import die_with_parent


class Control:
    """What the supervisor says, carried out in threads that serve nothing."""

    def __init__(self, control: socket.socket, messages: Any, listener: socket.socket) -> None:
        self._control = control
        self._messages = messages
        self._listener = listener
        self._sending = threading.Lock()
        self._running: RunningServer | None = None
        self._resizes: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def start(self) -> None:
        """Begins to listen."""
        threading.Thread(target=self._listen, name="plateau-control", daemon=True).start()
        threading.Thread(target=self._resize_forever, name="plateau-resize", daemon=True).start()

    def send(self, message: Message) -> None:
        """Tells the supervisor something."""
        with self._sending:
            self._control.sendall(encode(message))

    def started(self, running: RunningServer) -> None:
        """The adapter accepts connections."""
        self._running = running
        self.send({"event": "started"})

    def _listen(self) -> None:
        for message in self._messages:
            self._obey(message)
        # Without its supervisor nobody could measure, resize or end this process.
        os.kill(os.getpid(), signal.SIGKILL)

    def _obey(self, message: Message) -> None:
        running = self._running
        if running is None:
            return
        match message.get("do"):
            case "resize":
                self._resizes.put(message)
            case "last_answers":
                _told_on_failure(running.last_answers)
            case "stop":
                _told_on_failure(running.stop)
                self._listener.close()

    def _resize_forever(self) -> None:
        while True:
            message = self._resizes.get()
            running = self._running
            if running is None:
                continue
            try:
                running.resize(message["threads"], message["processes"])
                self.send({"event": "done", "id": message["id"]})
            except Exception as error:  # whatever a server raises; it must reach the one who asked
                traceback.print_exc()
                self.send({"event": "refused", "id": message["id"], "message": f"{type(error).__name__}: {error}"})


def main() -> int:
    """``python -m plateau_pool.child CONTROL SEGMENT LISTENER``, file descriptors that the supervisor hands over."""
    control_fd, segment_fd, listener_fd = (int(word) for word in sys.argv[1:4])
    for fd in (control_fd, segment_fd, listener_fd):
        os.set_inheritable(fd, False)
    control = socket.socket(fileno=control_fd)
    messages = received(control)
    first = next(messages, None)
    if first is None:
        return 1  # the supervisor ended in the meantime
    die_with_parent(first["supervisor"])
    _forget_arguments()
    listener = socket.socket(fileno=listener_fd)
    conversation = Control(control, messages, listener)
    try:
        _serve(first, conversation, Segment(segment_fd), listener)
    except Exception as error:  # the supervisor tells it in the same breath as the exit code
        if _concerns_application(error):
            traceback.print_exc()
        conversation.send(
            {"event": "failed", "message": str(error) if isinstance(error, NoAdapter) else f"{type(error).__name__}: {error}"}
        )
        return 1
    return 0


def _serve(first: Message, conversation: Control, segment: Segment, listener: socket.socket) -> None:
    settings = Settings(**first["settings"])
    adapter = load_adapter(settings.server)
    facts: dict[str, Any] = {name: getattr(adapter, name) for name in ("model", "knob", "live_threads", "live_processes", "one_process")}
    runtime = f"{platform.python_implementation().lower().replace('cpython', 'python')} {platform.python_version()}"
    conversation.send({"event": "hello", "facts": {**facts, "queue_visible": adapter.queue_visible, "runtime": runtime, "gil": _gil()}})
    redis_hooks.install()
    preload.preload(os.environ.get(preload.VARIABLE, ""))
    conversation.start()
    uncounted = frozenset(settings.uncounted_paths.split(","))
    adapter.serve(
        ServingContext(
            app=settings.app,
            listener=listener,
            threads=first["threads"],
            processes=first["processes"],
            queue_for=settings.queue_for,
            max_connection_age=settings.max_connection_age,
            keep_alive_timeout=settings.keep_alive_timeout,
            request_timeout=settings.request_timeout,
            idle_drain=settings.idle_drain,
            stop_within=settings.end_within - settings.drain_within,
            max_body=settings.max_body,
            counted=lambda path: path not in uncounted,
            new_recorder=functools.partial(_new_recorder, segment, os.getpid()),
            release_slot=functools.partial(release_slot, segment),
        ),
        conversation.started,
    )


def _new_recorder(segment: Segment, main_process: int) -> Recorder:
    if os.getpid() != main_process:
        # Not "with whoever is the parent": the main process may have ended while the application was imported.
        die_with_parent(main_process)
    recorder = take_slot(segment)
    readiness.attach(recorder)
    start_gil_probe(recorder)
    return recorder


def _gil() -> str:
    return "on" if gil_enabled() else "off"


def _concerns_application(error: Exception) -> bool:
    """Whether code of others was running: then its author needs to see where."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = (os.path.dirname(__file__), os.path.dirname(importlib.__file__), "<frozen")
    return any(not frame.filename.startswith(ours) for frame in frames)


def _forget_arguments() -> None:
    """Applications that look at the command line must not find ours; and they are imported from the working folder."""
    del sys.argv[1:]
    if os.getcwd() not in (os.path.abspath(folder) for folder in sys.path[:1]):
        sys.path.insert(0, os.getcwd())


def _told_on_failure(action: Callable[[], None]) -> None:
    try:
        action()
    except Exception:  # the control thread must live on
        traceback.print_exc()


if __name__ == "__main__":
    sys.exit(main())
