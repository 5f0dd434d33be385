"""Times as stores keep them, and as Feast shows them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from plateau_pool.features.protobuf import MalformedMessage
from plateau_pool.features.row import EPOCH, rfc3339, timestamp_from_column, timestamp_from_message


@pytest.mark.parametrize(
    ("seconds", "nanos", "shown"),
    [
        (0, 0, EPOCH),
        (1785585600, 0, "2026-08-01T12:00:00Z"),
        (1785585600, 500_000_000, "2026-08-01T12:00:00.500Z"),
        (1785585600, 1_000, "2026-08-01T12:00:00.000001Z"),
        (1785585600, 1, "2026-08-01T12:00:00.000000001Z"),
        (-1, 0, "1969-12-31T23:59:59Z"),
    ],
)
def test_fraction_digits(seconds: int, nanos: int, shown: str) -> None:
    assert rfc3339(seconds, nanos) == shown


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (1785585600, "2026-08-01T12:00:00Z"),
        ("2026-08-01 12:00:00", "2026-08-01T12:00:00Z"),
        ("2026-08-01T12:00:00.25", "2026-08-01T12:00:00.250Z"),
        ("2026-08-01 14:00:00+02:00", "2026-08-01T12:00:00Z"),
        ("yesterday", EPOCH),
        (10**30, EPOCH),
        (None, EPOCH),
        (b"", EPOCH),
    ],
)
def test_columns(stored: object, shown: str) -> None:
    assert timestamp_from_column(stored) == shown


def test_messages() -> None:
    assert timestamp_from_message(bytes.fromhex("08c0bfb7d306")) == "2026-08-01T12:00:00Z"
    assert timestamp_from_message(b"") == EPOCH


@pytest.mark.parametrize("stored", [b"\x08", b"\x08" + b"\xff" * 9 + b"\x00", b"\x08\x80\x80\x80\x80\x80\x80\x80\x40"])
def test_messages_that_are_no_time(stored: bytes) -> None:
    with pytest.raises(MalformedMessage):
        timestamp_from_message(stored)


@pytest.fixture
def east_of_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    timestamp_from_column.cache_clear()
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
    timestamp_from_column.cache_clear()


@pytest.mark.usefixtures("east_of_greenwich")
def test_seconds_are_local_time_as_in_feast() -> None:
    assert timestamp_from_column(1785585600) == "2026-08-01T21:00:00Z"
