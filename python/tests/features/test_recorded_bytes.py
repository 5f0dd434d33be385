"""Keys, fields and values against the bytes that Feast itself wrote."""

from __future__ import annotations

from typing import Any

import pytest

from plateau_pool.features.entity_key import entity_keys
from plateau_pool.features.murmur3 import murmur3_32
from plateau_pool.features.redis_layout import field_of, fields_of, row_from_fields
from plateau_pool.features.request import ViewRead
from plateau_pool.features.row import EPOCH, Row


def test_entity_keys_and_project_make_the_key(recorded_redis: dict[str, Any]) -> None:
    keys = {op["key_hex"] for op in recorded_redis["ops"]}
    one, _ = entity_keys({"driver_id": [1001]})
    two, _ = entity_keys({"driver_id": [1001], "customer_id": ["c1"]})
    assert {(key + b"golden").hex() for key in one + two} == keys


def test_field_names(recorded_redis: dict[str, Any]) -> None:
    hashes = dict(recorded_redis["field_hash_hex"])
    assert field_of("cust_driver", "trips").hex() == hashes.pop("cust_driver:trips")
    assert {name: field_of("driver_hourly_stats", name).hex() for name in hashes} == hashes


@pytest.mark.parametrize(
    ("text", "expected"),
    # Lengths 0 to 4 take every way through the tail; vectors as in Feast's own mmh3.
    [(b"", 0), (b"a", 0x3C2569B2), (b"ab", 0x9BBFD75F), (b"abc", 0xB3DD93FA), (b"abcd", 0x43ED676A), ("ü".encode(), 0x7840E6AA)],
)
def test_murmur3(text: bytes, expected: int) -> None:
    assert murmur3_32(text) == expected


def test_a_recorded_row(recorded_redis: dict[str, Any]) -> None:
    written = {field["field_hex"]: bytes.fromhex(field["value_hex"]) for field in recorded_redis["ops"][1]["fields"]}
    read = ViewRead("driver_hourly_stats", ["conv_rate", "acc_rate", "avg_daily_trips", "name", "active", "emb", "i32", "unwritten"])
    row = row_from_fields([written.get(field.hex()) for field in fields_of(read)])
    assert row == Row([0.5, 0.1, 100, "a", True, [1.0, 2.0], 1, None], "2026-08-01T12:00:00Z")


def test_an_entity_that_nobody_wrote_is_null_at_the_epoch() -> None:
    assert row_from_fields([None, None, None]) == Row([None, None], EPOCH)
