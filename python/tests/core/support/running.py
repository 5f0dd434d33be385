"""``plateau-pool serve`` as a process, and what it says."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).parent
SOURCES = HERE.parents[2] / "src"
PATIENCE = 60.0
TOKEN = "a-token-of-tests"
THREADS = ("tiny_app:app", "--server", "tiny_adapter:threads")
FORKING = ("tiny_app:app", "--server", "tiny_adapter:forking")
NO_ANSWER = (OSError, http.client.HTTPException)


def gone(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] == b"Z"
    except FileNotFoundError:
        return True


def eventually(condition: Callable[[], Any], what: str) -> Any:
    """Waits until a condition holds and returns what it says; a busy machine is given time."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}"
        time.sleep(0.02)


def fork(action: Callable[[], object]) -> int:
    pid = os.fork()
    if pid != 0:
        return pid
    code = 1
    try:
        action()
        code = 0
    finally:
        os._exit(code)


@dataclass
class Answer:
    status: int
    body: str
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, path: str, method: str = "GET", body: str | bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, response.read().decode(), {name.lower(): value for name, value in response.getheaders()})
    finally:
        connection.close()


@dataclass
class RunningPool:
    """A supervisor that runs; a context manager that ends it."""

    arguments: list[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> Self:
        (self.folder / "token").write_text(TOKEN + "\n")
        path = os.pathsep.join([str(SOURCES), str(HERE)])
        common = ["--port", "0", "--admin-port", "0", "--host", "127.0.0.1", "--token-file", "token", "--drain-grace", "0"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "plateau_pool", "serve", *common, *self.arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, **self.environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(json.loads(line) if line.startswith("{") else {"message": line.rstrip()})

    def serving(self) -> Self:
        """Waits until it serves."""
        self.said("serving")
        return self

    def said(self, message: str) -> dict[str, Any]:
        """Waits for a line of its log whose message begins so."""

        def find() -> dict[str, Any] | None:
            found = next((line for line in self.lines if line["message"].startswith(message)), None)
            assert found is not None or self.process.poll() is None or self._reader.is_alive(), f"it ended; it said {self.lines}"
            return found

        line: dict[str, Any] = eventually(find, f"a log line {message!r}")
        return line

    @property
    def port(self) -> int:
        return int(self.said("serving")["port"])

    @property
    def admin_port(self) -> int:
        return int(self.said("serving")["adminPort"])

    def get(self, path: str) -> Answer:
        return ask(self.port, path)

    def admin(self, path: str) -> Answer:
        return ask(self.admin_port, path)

    def put(self, change: Mapping[str, Any] | str, token: str | None = TOKEN) -> Answer:
        body = change if isinstance(change, str) else json.dumps(change)
        return ask(self.admin_port, "/pool", "PUT", body, {"authorization": f"Bearer {token}"} if token else {})

    def metrics(self) -> dict[str, float]:
        """Samples by name with labels, as they stand on the page."""
        page = self.admin("/metrics").body
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in page.splitlines() if not line.startswith("#")}

    def ended(self) -> int:
        """Waits for its end; the exit code."""
        return self.process.wait(PATIENCE)

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.ended()


StartPool = Callable[..., RunningPool]
