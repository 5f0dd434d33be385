"""The exchanges that a real Feast server answered, as far as they can be answered without a registry."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import pytest
from feature_client import CLIENTS, write_recorded_redis

from plateau_pool.features.codec import CodecName
from plateau_pool.features.settings import Settings

ANSWERED = ["basic", "missing_entity", "null_value", "full_names", "all_types", "fv_version_meta", "extra_fields_ignored"]
"""The others have entities of two views (who has which join key stands in the registry), services, or write."""

REFUSED = [
    "no_entities_field",
    "empty_features",
    "ragged",
    "bad_ref",
    "dup_feature_collide",
    "malformed",
    "unknown_fv",
    "get_method",
    "root",
]


def by_name(body: Any) -> dict[str, Any]:
    """Columns by the name of their feature: their order is not Feast's promise."""
    return dict(zip(body["metadata"]["feature_names"], body["results"], strict=True))


@pytest.mark.parametrize("codec", ["json", "orjson"])
@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
@pytest.mark.parametrize("name", ANSWERED)
def test_same_answer_as_feast(name: str, kind: str, codec: str, golden_sqlite: Settings, recorded_http: dict[str, Any]) -> None:
    client = CLIENTS[kind](replace(golden_sqlite, codec=cast(CodecName, codec)))
    exchange = recorded_http[name]
    reply = client.post(exchange["request"])
    assert reply.status == exchange["status"]
    assert reply.headers["Content-Type"] == exchange["content_type"]
    assert by_name(reply.json()) == by_name(json.loads(exchange["body"]))


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
@pytest.mark.parametrize("name", REFUSED)
def test_same_status_as_feast(name: str, kind: str, golden_sqlite: Settings, recorded_http: dict[str, Any]) -> None:
    exchange = recorded_http[name]
    body = exchange["request"]
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    reply = CLIENTS[kind](golden_sqlite).call(exchange["method"], exchange["path"], raw, "application/json")
    assert reply.status == exchange["status"]
    assert reply.json()


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_health(kind: str, golden_sqlite: Settings, recorded_http: dict[str, Any]) -> None:
    reply = CLIENTS[kind](golden_sqlite).call("GET", "/health", b"", "")
    assert (reply.status, reply.body.decode()) == (recorded_http["health"]["status"], recorded_http["health"]["body"])


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_what_feast_wrote_to_redis(kind: str, redis_server: Any, recorded_redis: dict[str, Any]) -> None:
    write_recorded_redis(redis_server.url, recorded_redis)
    client = CLIENTS[kind](Settings(redis_server.url, "golden", "json", 2.0))
    composite = client.post(
        {"features": ["cust_driver:trips"], "entities": {"driver_id": [1001, 1001, 7], "customer_id": ["c1", "c1", "c2"]}}
    )
    assert by_name(composite.json())["trips"] == {
        "values": [7, 7, None],
        # Feast on Redis tells an entity that nobody wrote by its time only.
        "statuses": ["PRESENT"] * 3,
        "event_timestamps": ["2026-08-01T12:00:00Z"] * 2 + ["1970-01-01T00:00:00Z"],
    }
    single = client.post({"features": ["driver_hourly_stats:conv_rate", "driver_hourly_stats:emb"], "entities": {"driver_id": [1001]}})
    assert [by_name(single.json())[name]["values"] for name in ("driver_id", "conv_rate", "emb")] == [[1001], [0.5], [[1.0, 2.0]]]
