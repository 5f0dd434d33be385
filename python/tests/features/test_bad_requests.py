"""Requests that cannot be answered get an answer all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from feature_client import CLIENTS, write_sqlite

from plateau_pool.features.settings import Settings

FEATURES = ["driver_hourly_stats:conv_rate"]

CASES: list[tuple[str, Any, int]] = [
    ("no JSON at all", b"\x00\xff", 422),
    ("empty", b"", 422),
    ("cut in half", b'{"features": ["driver', 422),
    ("NaN", b'{"features": ["driver_hourly_stats:conv_rate"], "entities": {"driver_id": [NaN]}}', 422),
    ("nested without end", b"[" * 100_000, 422),
    ("a list", [], 422),
    ("null", None, 422),
    ("entities no mapping", {"features": FEATURES, "entities": [1]}, 422),
    ("a column no list", {"features": FEATURES, "entities": {"driver_id": 1}}, 422),
    ("features no list", {"features": "a:b", "entities": {"driver_id": [1]}}, 422),
    ("a feature no text", {"features": [1], "entities": {"driver_id": [1]}}, 422),
    ("full_feature_names no boolean", {"features": FEATURES, "entities": {"driver_id": [1]}, "full_feature_names": "maybe"}, 422),
    ("no entity columns", {"features": FEATURES, "entities": {}}, 500),
    ("no rows", {"features": FEATURES, "entities": {"driver_id": []}}, 500),
    ("null as key", {"features": FEATURES, "entities": {"driver_id": [None]}}, 422),
    ("a float as key", {"features": FEATURES, "entities": {"driver_id": [1.5]}}, 422),
    ("true as key", {"features": FEATURES, "entities": {"driver_id": [True]}}, 422),
    ("a key beyond 64 bits", {"features": FEATURES, "entities": {"driver_id": [2**63]}}, 422),
    ("half a surrogate pair", b'{"features": ["driver_hourly_stats:conv_rate"], "entities": {"driver_id": ["\\ud800"]}}', 422),
    ("an answer too large", {"features": [f"v:f{n}" for n in range(1001)], "entities": {"driver_id": list(range(1000))}}, 413),
    ("a service", {"feature_service": "ranking", "entities": {"driver_id": [1]}}, 404),
    ("a table of another kind", {"features": ['x" UNION SELECT 1 --:f'], "entities": {"driver_id": [1]}}, 404),
]


@pytest.mark.parametrize("codec", ["json", "orjson"])
@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
@pytest.mark.parametrize(("body", "status"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_is_refused(body: Any, status: int, kind: str, codec: Any, golden_sqlite: Settings) -> None:
    reply = CLIENTS[kind](replace(golden_sqlite, codec=codec)).post(body)
    assert reply.status == status
    assert reply.json()
    assert reply.headers["Content-Length"] == str(len(reply.body))


def test_wants_the_content_type_that_feast_wants(golden_sqlite: Settings) -> None:
    body = {"features": FEATURES, "entities": {"driver_id": [1001]}}
    client = CLIENTS["wsgi"](golden_sqlite)
    assert client.post(body, "application/x-www-form-urlencoded").status == 422
    assert client.post(body, "application/json; charset=utf-8").status == 200


def test_a_stored_value_that_is_none_fails_only_its_own_request(golden_sqlite: Settings) -> None:
    write_sqlite(Path(golden_sqlite.sqlite_path or ""), "broken", {1: {"f": b"\xff", "g": bytes.fromhex("2064")}})
    client = CLIENTS["wsgi"](golden_sqlite)
    reply = client.post({"features": ["broken:f"], "entities": {"driver_id": [1]}})
    assert (reply.status, reply.json()) == (500, "A stored value cannot be read: a stored value is malformed: a number ends too early")
    assert client.post({"features": ["broken:g"], "entities": {"driver_id": [1]}}).status == 200
