"""Load from threads: closed loop, on kept connections or on one for each request. Every answer is checked."""

from __future__ import annotations

import collections
import threading
import time
from types import TracebackType
from typing import Self

from .http import Broken, Connection

_OK, _SHED = 200, 503


class Load:
    """Asks as fast as it is answered until it is stopped."""

    def __init__(self, port: int, clients: int, keep: bool, path: str = "/work?sleep=0.002") -> None:
        self._port = port
        self._keep = keep
        self._path = path
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.answers: collections.Counter[int] = collections.Counter()
        self.failures: list[str] = []
        self.connections = 0
        self._threads = [threading.Thread(target=self._client, args=(number,), daemon=True) for number in range(clients)]

    @property
    def good(self) -> int:
        return self.answers[_OK]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Each client ends with its next answer."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(60)

    def wait_for(self, answers: int, patience: float = 60.0) -> None:
        """Waits until so many more answers were good."""
        wanted = self.good + answers
        deadline = time.monotonic() + patience
        while self.good < wanted:
            assert time.monotonic() < deadline, f"only {self.good} of {wanted} answers; {self.failures[:3]}"
            time.sleep(0.01)

    def _client(self, number: int) -> None:
        connection: Connection | None = None
        count = 0
        while not self._stopping.is_set():
            count += 1
            try:
                if connection is None:
                    connection = self._connect()
                if not self._ask(connection, f"{number}-{count}"):
                    connection = None
            except (Broken, OSError) as error:
                connection = None
                with self._lock:
                    self.failures.append(f"{time.monotonic():.3f} {error!r}")
        if connection is not None:
            connection.close()

    def _connect(self) -> Connection:
        with self._lock:
            self.connections += 1
        return Connection(self._port)

    def _ask(self, connection: Connection, name: str) -> bool:
        """Whether the connection can be used again."""
        answer = connection.ask(f"{self._path}&id={name}", headers="" if self._keep else "Connection: close\r\n")
        with self._lock:
            self.answers[answer.status] += 1
            if answer.status == _OK and answer.body != f"answer {name}".encode():
                self.failures.append(f"{name} was answered {answer.body!r}")
        if answer.status == _SHED:
            time.sleep(0.02)
        if answer.closes or not self._keep:
            connection.close()
            return False
        return True
