"""Applications of the tiny servers."""

from __future__ import annotations

import os
import signal
import time

from plateau_pool import readiness


def app(path: str) -> tuple[int, str]:
    """Answers with its pid; ``/sleep/SECONDS`` takes its time, ``/die`` kills its process, ``/hog`` never lets the interpreter go."""
    if path.startswith("/sleep/"):
        time.sleep(float(path.removeprefix("/sleep/")))
    if path == "/die":
        os.kill(os.getpid(), signal.SIGKILL)
    if path.startswith("/hog/"):
        # One call into C that holds the interpreter lock all along.
        sum(range(int(path.removeprefix("/hog/"))))
    return (500 if path == "/broken" else 200), str(os.getpid())


class Store:
    """Is there when a file is."""

    def __init__(self) -> None:
        readiness.register(self.check)

    def check(self) -> None:
        if not os.path.exists(os.environ["TINY_STORE"]):
            raise ConnectionError("no such store")

    def __call__(self, path: str) -> tuple[int, str]:
        return 200, ""


def __getattr__(name: str) -> Store:
    if name == "with_store":
        return Store()
    raise AttributeError(name)
