"""The layer around Feast's application, with an application in its place that fails as Feast does."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from typing import Any

import pytest
import redis

from plateau_pool.feast.limits import with_limits
from plateau_pool.feast.store_guard import StoreGuard, store_loss
from plateau_pool.features.breaker import Breaker


def caused(inner: BaseException) -> Exception:
    """An error of Feast's that another one led to."""
    try:
        raise RuntimeError("cannot read") from inner
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (redis.ConnectionError("refused"), True),
        (redis.TimeoutError("silent"), True),
        (ConnectionResetError("reset"), True),
        (caused(redis.ConnectionError("refused")), True),
        (sqlite3.OperationalError("unable to open database file"), True),
        (sqlite3.OperationalError("no such table: golden_x"), False),
        (redis.ResponseError("WRONGTYPE"), False),
        (ValueError("Out of range float values are not JSON compliant"), False),
        (KeyError("feature"), False),
    ],
)
def test_tells_the_loss_of_a_store_from_other_errors(error: Exception, lost: bool) -> None:
    assert (store_loss(error) is not None) is lost


class Feast:
    """Answers as told: a status, or an error that is raised after a 500 was sent."""

    def __init__(self) -> None:
        self.calls = 0
        self.error: Exception | None = None
        self.wait = 0.0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls += 1
        await asyncio.sleep(self.wait)
        status = 200 if self.error is None else 500
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"own words"})
        if self.error is not None:
            raise self.error


class Caller:
    """Sends requests through the layer."""

    def __init__(self, app: Feast, limit: float = 60.0) -> None:
        self.reports: list[str | None] = []
        self.now = 0.0
        self.guard = StoreGuard(app, Breaker(self.reports.append, clock=lambda: self.now), limit)

    def ask(self, path: str = "/get-online-features") -> tuple[int, bytes, Exception | None]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        raised = None
        try:
            asyncio.run(self.guard({"type": "http", "method": "POST", "path": path}, receive, send))
        except Exception as error:
            raised = error
        self.headers = dict(sent[0]["headers"])
        return sent[0]["status"], b"".join(part["body"] for part in sent[1:]), raised


def test_passes_answers_on() -> None:
    assert Caller(Feast()).ask() == (200, b"own words", None)


def test_passes_feasts_own_errors_on_with_all_that_belongs_to_them() -> None:
    feast = Feast()
    feast.error = ValueError("Out of range float values are not JSON compliant")
    caller = Caller(feast)
    assert caller.ask() == (500, b"own words", feast.error)
    assert caller.reports == []


def test_a_lost_store_is_503_at_once_until_it_answers() -> None:
    feast = Feast()
    caller = Caller(feast)
    feast.error = redis.ConnectionError("refused")
    status, body, raised = caller.ask()
    assert (status, json.loads(body), raised) == (503, {"detail": "The online store is not available; try again."}, None)
    assert caller.headers[b"retry-after"] == b"1"
    feast.error = None
    assert caller.ask()[0] == 503
    assert feast.calls == 1
    caller.now += 1.0
    assert caller.ask()[0] == 200
    assert caller.reports == ["the online store cannot be read: Redis does not answer: refused", None]


def test_gives_up_what_takes_too_long_and_stops_no_other() -> None:
    feast = Feast()
    feast.wait = 60.0
    caller = Caller(feast, limit=0.05)
    status, body, _ = caller.ask()
    assert (status, json.loads(body)["detail"][:24]) == (503, "No answer within 0.05 s:")
    feast.wait = 0.0
    assert caller.ask()[0] == 200
    assert caller.reports == []


def test_leaves_other_routes_alone() -> None:
    feast = Feast()
    feast.error = redis.ConnectionError("refused")
    assert Caller(feast).ask("/push") == (500, b"own words", feast.error)


@pytest.mark.parametrize(
    ("given", "limited"),
    [
        ("localhost:6379", "localhost:6379,socket_timeout=2,socket_connect_timeout=2"),
        ("a:1,b:2,password=x=y", "a:1,b:2,password=x=y,socket_timeout=2,socket_connect_timeout=2"),
        ("a:1,socket_timeout=9", "a:1,socket_timeout=9,socket_connect_timeout=2"),
    ],
)
def test_limits_what_has_no_limit(given: str, limited: str) -> None:
    assert with_limits(given) == limited
