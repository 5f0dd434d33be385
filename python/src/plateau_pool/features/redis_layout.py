"""Feast's layout in Redis: one hash for each entity of a project, its fields named by a hash of view and feature.

Source: Feast's ``infra/online_stores/redis.py`` and ``helpers.py``; recorded bytes in ``test/fixtures/feast/redis.json``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from plateau_pool.features.murmur3 import murmur3_32
from plateau_pool.features.request import ViewRead
from plateau_pool.features.row import EPOCH, Row, timestamp_from_message
from plateau_pool.features.value import decode_value


@lru_cache(maxsize=16_384)
def field_of(view: str, feature: str) -> bytes:
    """Name of the hash field that holds a feature."""
    return murmur3_32(f"{view}:{feature}".encode()).to_bytes(4, "little")


def fields_of(read: ViewRead) -> list[bytes]:
    """The fields of a view's features, then that of its timestamp."""
    return [*(field_of(read.view, feature) for feature in read.features), f"_ts:{read.view}".encode()]


def row_from_fields(contents: Sequence[bytes | None]) -> Row:
    """What HMGET answered for ``fields_of``.

    An entity that nobody wrote has nulls that are present at the epoch: so Feast answers from Redis.
    """
    *values, time = contents
    event_time = EPOCH if time is None else timestamp_from_message(time)
    return Row([None if value is None else decode_value(value) for value in values], event_time)
