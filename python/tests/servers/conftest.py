"""The servers that most tests are run against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from support.pool import Pool


@dataclass(frozen=True)
class Server:
    """One adapter and the application it serves."""

    name: str
    app: str
    live_threads: bool
    live_processes: bool

    def start(self, **options: Any) -> Pool:
        return Pool(self.name, **{"app": self.app, **options})

    def __str__(self) -> str:
        return self.name


_WSGI, _ASGI = "support.applications:wsgi", "support.applications:asgi"
SERVERS = [
    Server("waitress", _WSGI, live_threads=True, live_processes=False),
    Server("uvicorn", _ASGI, live_threads=True, live_processes=True),
    Server("gunicorn", _WSGI, live_threads=False, live_processes=True),
    Server("gunicorn_asgi", _ASGI, live_threads=False, live_processes=True),
]


@pytest.fixture(params=SERVERS, ids=str)
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the servers."""
    chosen: Server = request.param
    return chosen


@pytest.fixture(params=[server for server in SERVERS if server.live_processes], ids=str)
def server_of_processes(request: pytest.FixtureRequest) -> Server:
    """Each of those whose processes come and go."""
    chosen: Server = request.param
    return chosen


@pytest.fixture(params=[server for server in SERVERS if server.live_threads], ids=str)
def server_with_knob(request: pytest.FixtureRequest) -> Server:
    """Each of those whose threads, or requests in flight, change while they serve."""
    chosen: Server = request.param
    return chosen
