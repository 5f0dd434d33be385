"""Every type that Feast stores, and bytes that are none."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from plateau_pool.features.json_value import JsonValue
from plateau_pool.features.protobuf import MalformedMessage
from plateau_pool.features.value import decode_value


def varint(value: int) -> bytes:
    """The wire form of an integer, negative ones in 64 bits."""
    value &= (1 << 64) - 1
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def text(field: int, content: str | bytes) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(raw)) + raw


def double(field: int, value: float) -> bytes:
    return varint(field << 3 | 1) + struct.pack("<d", value)


def single(field: int, value: float) -> bytes:
    return varint(field << 3 | 5) + struct.pack("<f", value)


def entry(key: str, value: bytes) -> bytes:
    return text(1, text(1, key) + text(2, value))


CASES: list[tuple[str, bytes, JsonValue]] = [
    ("nothing", b"", None),
    ("null", number(19, 0), None),
    ("bytes", text(1, b"\x00\xff"), "AP8="),
    ("string", text(2, "grün"), "grün"),
    ("empty string", text(2, ""), ""),
    ("int32", number(3, -7), -7),
    ("smallest int32", number(3, -(2**31)), -(2**31)),
    ("int64 beyond doubles", number(4, 2**53 + 1), 2**53 + 1),
    ("smallest int64", number(4, -(2**63)), -(2**63)),
    ("double", double(5, 0.1), 0.1),
    ("not a number", double(5, float("nan")), None),
    ("infinity", single(6, float("-inf")), None),
    ("float, widened", single(6, 0.1), 0.10000000149011612),
    ("false", number(7, 0), False),
    ("unix timestamp", number(8, 1785585600), 1785585600),
    ("bytes list", text(11, text(1, b"\x01") + text(1, b"")), ["AQ==", ""]),
    ("string list", text(12, text(1, "a") + text(1, "")), ["a", ""]),
    ("packed int32 list", text(13, text(1, varint(1) + varint(-1))), [1, -1]),
    ("int64 list, one by one", text(14, number(1, 1) + number(1, 2**60)), [1, 2**60]),
    ("double list with NaN", text(15, text(1, struct.pack("<2d", 1.5, float("nan")))), [1.5, None]),
    ("float list", text(16, text(1, struct.pack("<2f", 1.0, 2.0))), [1.0, 2.0]),
    ("bool list", text(17, text(1, b"\x01\x00")), [True, False]),
    ("timestamp list", text(18, text(1, varint(5))), [5]),
    ("empty list", text(14, b""), []),
    ("map", text(20, entry("a", number(4, 1)) + entry("b", b"")), {"a": 1, "b": None}),
    ("map list", text(21, text(1, entry("a", text(2, "x"))) + text(1, b"")), [{"a": "x"}, {}]),
    ("string set", text(23, text(1, "s")), ["s"]),
    ("int64 set", text(25, text(1, varint(3))), [3]),
    ("timestamp set", text(29, text(1, varint(9))), [9]),
    ("json", text(32, '{"a":1}'), '{"a":1}'),
    ("json list", text(33, text(1, "1")), ["1"]),
    ("struct", text(34, entry("n", double(5, 2.5))), {"n": 2.5}),
    ("struct list", text(35, text(1, entry("n", number(7, 1)))), [{"n": True}]),
    ("uuid", text(36, "6f1c"), "6f1c"),
    ("uuid set", text(40, text(1, "6f1c")), ["6f1c"]),
    ("nested list", text(42, text(1, text(14, number(1, 4))) + text(1, b"")), [[4], None]),
    ("decimal", text(44, "1.10"), "1.10"),
    ("decimal list", text(45, text(1, "1.10")), ["1.10"]),
    ("map with scalar keys", text(47, b""), None),
    ("zoned timestamp", text(48, number(1, 1785585600) + text(2, "Europe/Berlin")), "2026-08-01T14:00:00+02:00"),
    ("zoned timestamp, fixed offset", text(48, number(1, 0) + text(2, "-03:30")), "1969-12-31T20:30:00-03:30"),
    ("no instant", text(48, number(1, -(2**63)) + text(2, "UTC")), None),
    ("the last of two wins", number(4, 1) + text(2, "x"), "x"),
]


@pytest.mark.parametrize(("stored", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_decodes(stored: bytes, expected: JsonValue) -> None:
    decoded = decode_value(stored)
    assert decoded == expected
    assert type(decoded) is type(expected)


@pytest.mark.parametrize(
    "stored",
    [
        b"\x20",
        b"\x20\xff",
        b"\x20" + b"\xff" * 11,
        b"\x29\x00",
        b"\x35\x00",
        b"\x12\x05ab",
        text(14, b"\x0a\x05\x01"),
        number(99, 1),
        b"\x12\x02\xff\xfe",
        text(48, number(1, 2**62) + text(2, "UTC")),
        text(48, number(1, 0) + text(2, "../etc/passwd")),
        text(48, number(1, 0) + text(2, "+99:99")),
        text(20, b"") * 3 + b"\xff",
    ],
    ids=lambda stored: stored.hex()[:24],
)
def test_refuses_what_is_no_value(stored: bytes) -> None:
    with pytest.raises(MalformedMessage):
        decode_value(stored)


@pytest.mark.parametrize("around", [lambda inner: text(42, text(1, inner)), lambda inner: text(20, entry("a", inner))], ids=["list", "map"])
def test_nests_as_deep_as_protobuf_and_no_deeper(around: Callable[[bytes], bytes]) -> None:
    stored = number(4, 1)
    for _ in range(50):
        stored = around(stored)
    assert decode_value(stored) is not None
    with pytest.raises(MalformedMessage, match="50 deep"):
        decode_value(around(stored))


def test_every_prefix_is_decoded_or_refused() -> None:
    for _, stored, _ in CASES:
        for length in range(len(stored)):
            try:
                decode_value(stored[:length])
            except MalformedMessage:
                continue
