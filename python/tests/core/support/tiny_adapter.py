"""The smallest servers that fit the ports: a thread for each connection, or forked processes. They show the supervisor, not themselves."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from plateau_pool.ports import Knob, Model, Recorder, RunningServer, ServingContext

Application = Callable[[str], tuple[int, str]]


def _application(name: str) -> Application:
    module, _, attribute = name.partition(":")
    application: Application = getattr(importlib.import_module(module), attribute)
    return application


class Acceptor:
    """Accepts until told to stop, and finishes what it has."""

    def __init__(self, context: ServingContext, recorder: Recorder) -> None:
        self.context = context
        self.recorder = recorder
        self.application = _application(context.app)
        self.stopping = threading.Event()
        self.open: set[threading.Thread] = set()
        recorder.set_threads(context.threads)

    def run(self) -> None:
        self.context.listener.settimeout(0.02)
        while not self.stopping.is_set():
            try:
                connection, _ = self.context.listener.accept()
            except TimeoutError:
                continue
            except OSError:
                break
            connection.settimeout(5)
            thread = threading.Thread(target=self.serve, args=(connection,))
            self.open.add(thread)
            thread.start()
        for thread in list(self.open):
            thread.join()

    def serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head and (data := connection.recv(4096)):
                head += data
            path = head.split(b" ")[1].decode() if b" " in head else "/"
            visit = self.recorder.arrived() if self.context.counted(path) else None
            if visit is not None:
                visit.picked_up()
            status, body = self.application(path)
            connection.sendall(f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode())
            if visit is not None:
                visit.answered(status)
        self.open.discard(threading.current_thread())


@dataclass
class ThreadsAdapter:
    """One process."""

    model: Model = "threads"
    knob: Knob = "threads"
    live_threads: bool = True
    live_processes: bool = False
    one_process: bool = True
    queue_visible: bool = False
    acceptor: Acceptor | None = None

    def serve(self, context: ServingContext, started: Callable[[RunningServer], None]) -> None:
        self.acceptor = Acceptor(context, context.new_recorder())
        started(self)
        self.acceptor.run()

    def resize(self, threads: int, processes: int) -> None:
        if threads == 13:
            raise RuntimeError("thirteen threads are unlucky")
        assert self.acceptor is not None
        self.acceptor.recorder.set_threads(threads)

    def last_answers(self) -> None:
        pass

    def stop(self) -> None:
        assert self.acceptor is not None
        self.acceptor.stopping.set()


@dataclass
class ForkingAdapter:
    """A main process that serves nothing, and workers."""

    model: Model = "processes"
    knob: Knob = "threads"
    live_threads: bool = False
    live_processes: bool = True
    one_process: bool = False
    queue_visible: bool = False
    workers: list[int] = field(default_factory=list)
    wanted: int = 0
    stopping: bool = False
    context: ServingContext | None = None

    def serve(self, context: ServingContext, started: Callable[[RunningServer], None]) -> None:
        self.context = context
        self.wanted = context.processes
        started(self)
        while not self.stopping:
            self.reap()
            while len(self.workers) < self.wanted:
                self.fork()
            while len(self.workers) > self.wanted:
                os.kill(self.workers.pop(), signal.SIGTERM)
            time.sleep(0.01)
        for worker in self.workers:
            os.kill(worker, signal.SIGTERM)
        for worker in self.workers:
            os.waitpid(worker, 0)

    def reap(self) -> None:
        assert self.context is not None
        with contextlib.suppress(ChildProcessError):
            while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                self.context.release_slot(pid)
                if pid in self.workers:
                    self.workers.remove(pid)

    def fork(self) -> None:
        assert self.context is not None
        pid = os.fork()
        if pid != 0:
            self.workers.append(pid)
            return
        acceptor = Acceptor(self.context, self.context.new_recorder())

        def retire(*_: object) -> None:
            acceptor.recorder.set_threads(0)
            acceptor.stopping.set()

        signal.signal(signal.SIGTERM, retire)
        acceptor.run()
        os._exit(0)

    def resize(self, threads: int, processes: int) -> None:
        self.wanted = processes

    def last_answers(self) -> None:
        pass

    def stop(self) -> None:
        self.stopping = True


threads = ThreadsAdapter()
forking = ForkingAdapter()
