"""Routes of the admin port: pool, metrics, health."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from .generation import Bounds, ShapeError, parse_change, parse_json
from .http import Reply, Request, TooLarge
from .pool import Outcome, Pool
from .token import may_change_pool, tell_unreadable

_MAX_BODY = 16 * 1024
_PAGE_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Admin:
    """What the admin port shows."""

    pool: Pool
    token_file: str | None
    metrics: Callable[[], str | None]
    """None: the server has not said yet what it is."""
    bounds: Callable[[], Bounds | None]
    state: Callable[[], dict[str, Any] | None]
    not_ready: Callable[[], str | None]
    """Why the pod is not ready; None when it is."""
    degraded: Callable[[], str | None]
    """What is wrong although the pod stays ready."""

    async def answer(self, request: Request) -> Reply:
        """Answers a request."""
        if request.path == "/pool" and request.method == "PUT":
            return await self._put(request)
        page = _PAGES.get(request.path)
        if page is None:
            return problem(404, "not found; this port has /metrics, /pool, /healthz and /readyz")
        if request.method not in ("GET", "HEAD"):
            allowed = "GET, PUT" if request.path == "/pool" else "GET"
            return _with(problem(405, "method not allowed"), "allow", allowed)
        return await page(self)

    async def _put(self, request: Request) -> Reply:
        if not may_change_pool(request.headers.get("authorization"), self.token_file):
            return _with(problem(401, self._refusal()), "www-authenticate", "Bearer")
        try:
            body = await request.body(_MAX_BODY)
        except TooLarge:
            return problem(413, f"the body is larger than {_MAX_BODY} bytes")
        try:
            content = parse_json(body.decode("utf-8"))
        except ValueError:
            return problem(400, "the body is not JSON")
        try:
            change = parse_change(content)
        except ShapeError as error:
            return problem(422, str(error))
        bounds = self.bounds()
        return _starting() if bounds is None else self._outcome(await self.pool.change(change, bounds))

    def _refusal(self) -> str:
        if self.token_file is None:
            return "no token file is configured: the pool cannot be changed; start the server with --token-file"
        return tell_unreadable(self.token_file) or "the bearer token is missing or wrong"

    def _outcome(self, outcome: Outcome) -> Reply:
        match outcome.kind:
            case "in_force":
                return self.pool_reply()
            case "stale":
                return problem(409, outcome.message)
            case "outside":
                return problem(422, outcome.message)
            case "slow":
                return _with(problem(503, outcome.message), "retry-after", "1")

    def pool_reply(self) -> Reply:
        """Answer of ``GET /pool``, and of a ``PUT`` that is in force."""
        state = self.state()
        return _starting() if state is None else Reply(200, json.dumps(state, separators=(",", ":")))


def problem(status: int, message: str) -> Reply:
    """An answer that says what is wrong."""
    return Reply(status, json.dumps({"error": message}))


async def _metrics(admin: Admin) -> Reply:
    page = admin.metrics()
    return _starting() if page is None else Reply(200, page, _PAGE_TYPE)


async def _pool(admin: Admin) -> Reply:
    return admin.pool_reply()


async def _healthz(_: Admin) -> Reply:
    return Reply(200, '{"status":"live"}')


async def _readyz(admin: Admin) -> Reply:
    reason = admin.not_ready()
    if reason is not None:
        return Reply(503, json.dumps({"status": "not ready", "reason": reason}))
    degraded = admin.degraded()
    return Reply(200, '{"status":"ready"}' if degraded is None else json.dumps({"status": "degraded", "reason": degraded}))


_PAGES: dict[str, Callable[[Admin], Awaitable[Reply]]] = {"/metrics": _metrics, "/pool": _pool, "/healthz": _healthz, "/readyz": _readyz}


def _starting() -> Reply:
    return _with(problem(503, "the server is starting"), "retry-after", "1")


def _with(reply: Reply, header: str, value: str) -> Reply:
    return Reply(reply.status, reply.body, reply.type, {**reply.headers, header: value})
