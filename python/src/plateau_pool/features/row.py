"""What a store has of one entity in one feature view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Final

from plateau_pool.features import protobuf
from plateau_pool.features.json_value import JsonValue

EPOCH = "1970-01-01T00:00:00Z"


class Missing(Enum):
    """The store does not know the entity, or not this feature of it."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Row:
    """Values in the order of the features asked for, and when they were true (RFC 3339)."""

    values: list[JsonValue | Missing]
    event_time: str


@lru_cache(maxsize=1024)
def rfc3339(seconds: int, nanos: int) -> str:
    """An instant as Feast writes it: no, 3, 6 or 9 digits of a second, and Z."""
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    if nanos == 0:
        return f"{text}Z"
    for digits in (3, 6):
        if nanos % 10 ** (9 - digits) == 0:
            return f"{text}.{nanos // 10 ** (9 - digits):0{digits}d}Z"
    return f"{text}.{nanos:09d}Z"


@lru_cache(maxsize=1024)
def timestamp_from_message(data: bytes) -> str:
    """A serialized ``google.protobuf.Timestamp``, as Feast keeps it in Redis. Raises ``MalformedMessage``."""
    seconds = nanos = at = 0
    while at < len(data):
        tag, at = protobuf.read_varint(data, at)
        value, at = protobuf.read_int64(data, at)
        if tag >> 3 == 1:
            seconds = value
        else:
            nanos = value
    try:
        return rfc3339(seconds, nanos)
    except (ValueError, OverflowError, OSError) as error:
        raise protobuf.MalformedMessage(f"a timestamp is out of range: {error}") from error


@lru_cache(maxsize=1024)
def timestamp_from_column(stored: object) -> str:
    """A time as Feast's SQLite store keeps it: epoch seconds, or ISO 8601 from older versions; the epoch for anything else.

    Feast takes UTC for local time when it writes seconds and the reverse when it reads them, so the zone of this process has to be
    that of the writer, as in Feast.
    """
    try:
        if isinstance(stored, int):
            moment = datetime.fromtimestamp(stored).replace(tzinfo=UTC)
        elif isinstance(stored, str):
            moment = datetime.fromisoformat(stored)
        else:
            return EPOCH
    except (ValueError, OverflowError, OSError):
        return EPOCH
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return rfc3339(int(moment.replace(microsecond=0).timestamp()), moment.microsecond * 1000)
