"""Servers of one's own on 127.0.0.1, and waiting for them."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

SOURCES = Path(__file__).resolve().parents[1] / "src"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Waits for a condition; the machine may be busy. Fails with ``what``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


def redis_program() -> str:
    """The program to start; skips the test where there is none."""
    program = os.environ.get("PLATEAU_REDIS_SERVER") or shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        pytest.skip("no redis-server on this machine; install Redis (Debian: redis-server) or name one in PLATEAU_REDIS_SERVER")
    return program


class RedisServer:
    """A redis-server on a free port that keeps everything in memory."""

    def __init__(self, program: str, folder: Path) -> None:
        self.port = free_port()
        self._command = [program, "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
        self.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it, empty."""
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        wait_until(self._answers, f"redis-server on port {self.port} does not answer")

    def _answers(self) -> bool:
        with closing(socket.socket()) as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def freeze(self) -> None:
        """Lets it swallow commands without a word."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Ends it at once, frozen or not."""
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)


def request(port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Reply:
    """One request on a connection of its own."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())


def post_json(port: int, path: str, body: Any) -> Reply:
    """Posts a body as JSON."""
    return request(port, "POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})


class Program:
    """A program whose output goes to a file; ended with its test."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.log = folder / f"log-{free_port()}.txt"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=folder, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT, process_group=0
            )

    def said(self) -> str:
        """All that it printed."""
        return self.log.read_text(errors="replace")

    def running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def terminate(self) -> int:
        """SIGTERM, and its exit code."""
        self.process.terminate()
        return self.process.wait(60)

    def kill(self) -> None:
        """Ends it at once, with all that it started: the worker of ``feast serve`` outlives a master that is killed."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class PoolServer(Program):
    """``plateau-pool serve`` in a process of its own, on free ports."""

    def __init__(self, python: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> None:
        (folder / "token").write_text("secret")
        flags = ["--host", "127.0.0.1", "--port", "0", "--admin-port", "0", "--token-file", str(folder / "token"), "--drain-grace", "0s"]
        command = [python, "-m", "plateau_pool", "serve", *arguments, *flags]
        super().__init__(command, folder, {"PYTHONPATH": str(SOURCES), **(environment or {})})
        self.port = self.admin_port = 0
        self._generation = 0

    def wait_serving(self) -> PoolServer:
        """Waits until it takes connections, ready or not."""
        wait_until(lambda: self._find_ports() or not self.running(), "plateau-pool does not serve", 90)
        assert self.running(), self.said()
        return self

    def wait_ready(self) -> PoolServer:
        """Waits until it is ready."""
        self.wait_serving()
        wait_until(lambda: self.admin("/readyz").status == 200, f"plateau-pool is not ready:\n{self.said()}", 90)
        return self

    def _find_ports(self) -> bool:
        for line in self.said().splitlines():
            if line.startswith("{") and json.loads(line).get("message") == "serving":
                facts = json.loads(line)
                self.port, self.admin_port = facts["port"], facts["adminPort"]
        return self.port != 0

    def admin(self, path: str) -> Reply:
        """A page of the admin port."""
        return request(self.admin_port, "GET", path)

    def resize(self, **sizes: int) -> Reply:
        """Asks for another size under the next generation."""
        self._generation += 1
        body = json.dumps({"generation": self._generation, **sizes}).encode()
        return request(self.admin_port, "PUT", "/pool", body, {"Authorization": "Bearer secret"})

    def figures(self) -> dict[str, float]:
        """The metrics, by name with labels."""
        lines = [line for line in self.admin("/metrics").body.decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def label(self, name: str) -> str:
        """A label of ``worker_pool_info``."""
        info = next(line for line in self.figures() if line.startswith("worker_pool_info"))
        return info.partition(f'{name}="')[2].partition('"')[0]
