"""The few lines of the protobuf wire format that stored features need.

Every reader takes the bytes and a position, and returns what it read and the position behind it. Bytes that end too
early raise ``MalformedMessage``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT_BITS = 63


class MalformedMessage(ValueError):
    """Bytes that are no protobuf message."""


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned integer of up to 64 bits."""
    result = shift = 0
    while shift <= _LONGEST_VARINT_BITS:
        if at >= len(data):
            raise MalformedMessage("a number ends too early")
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the top bit says that more follows
            return result, at
        shift += 7
    raise MalformedMessage("a number is longer than 64 bits")


def read_int64(data: bytes, at: int) -> tuple[int, int]:
    """A signed integer: negative ones are stored as 64-bit two's complement."""
    value, at = read_varint(data, at)
    value &= 0xFFFF_FFFF_FFFF_FFFF
    return (value - (1 << 64) if value >> 63 else value), at


def read_int32(data: bytes, at: int) -> tuple[int, int]:
    """A signed integer of 32 bits; writers extend negative ones to 64."""
    value, at = read_varint(data, at)
    value &= 0xFFFF_FFFF
    return (value - (1 << 32) if value >> 31 else value), at


def read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """A length and so many bytes."""
    length, at = read_varint(data, at)
    end = at + length
    if end > len(data):
        raise MalformedMessage("a field is longer than its message")
    return data[at:end], end


def read_double(data: bytes, at: int) -> tuple[float, int]:
    """An IEEE double."""
    if at + 8 > len(data):
        raise MalformedMessage("a double ends too early")
    value: float = struct.unpack_from("<d", data, at)[0]
    return value, at + 8


def read_float(data: bytes, at: int) -> tuple[float, int]:
    """An IEEE single, widened."""
    if at + 4 > len(data):
        raise MalformedMessage("a float ends too early")
    value: float = struct.unpack_from("<f", data, at)[0]
    return value, at + 4


def skip(data: bytes, at: int, wire: int) -> int:
    """The position behind a field that nobody asked for."""
    if wire == VARINT:
        return read_varint(data, at)[1]
    if wire == DELIMITED:
        return read_bytes(data, at)[1]
    width = {FIXED64: 8, FIXED32: 4}.get(wire)
    if width is None or at + width > len(data):
        raise MalformedMessage(f"a field of wire type {wire} cannot be skipped")
    return at + width


def messages(data: bytes, wanted: int) -> Iterator[bytes]:
    """The contents of each length-delimited field with this number."""
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        if tag == wanted << 3 | DELIMITED:
            content, at = read_bytes(data, at)
            yield content
        else:
            at = skip(data, at, tag & 7)
