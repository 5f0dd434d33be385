"""From a stored ``feast.types.Value`` to what JSON can hold.

Field numbers: Feast's ``protos/feast/types/Value.proto``. Bytes become base64, as Feast answers them; NaN and the
infinities, for which JSON has no word, become null.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from plateau_pool.features import protobuf
from plateau_pool.features.json_value import JsonValue
from plateau_pool.features.protobuf import DELIMITED, MalformedMessage

_Read = Callable[[bytes, int], tuple[JsonValue, int]]

_MALFORMED = (ValueError, OverflowError, OSError, KeyError)
"""Text that is no UTF-8, an instant or zone that does not exist."""

_DEEPEST = 50
"""Values in values: protobuf, and so Feast, stops at 100 messages, and each level is two."""

_NO_TIME = -(2**63)
"""What Feast stores for a zoned timestamp without an instant."""


def _bytes(data: bytes, at: int) -> tuple[JsonValue, int]:
    content, at = protobuf.read_bytes(data, at)
    return base64.b64encode(content).decode("ascii"), at


def _string(data: bytes, at: int) -> tuple[JsonValue, int]:
    content, at = protobuf.read_bytes(data, at)
    return content.decode("utf-8"), at


def _double(data: bytes, at: int) -> tuple[JsonValue, int]:
    value, at = protobuf.read_double(data, at)
    return (value if math.isfinite(value) else None), at


def _float(data: bytes, at: int) -> tuple[JsonValue, int]:
    value, at = protobuf.read_float(data, at)
    return (value if math.isfinite(value) else None), at


def _bool(data: bytes, at: int) -> tuple[JsonValue, int]:
    value, at = protobuf.read_varint(data, at)
    return value != 0, at


def _nothing(data: bytes, at: int) -> tuple[JsonValue, int]:
    return None, protobuf.read_varint(data, at)[1]


def _list_of(read: _Read, packs: bool) -> _Read:
    """Reads ``repeated … val = 1``; numbers may come packed into one field or one by one."""

    def read_list(data: bytes, at: int) -> tuple[JsonValue, int]:
        content, end = protobuf.read_bytes(data, at)
        items: list[JsonValue] = []
        position = 0
        while position < len(content):
            tag, position = protobuf.read_varint(content, position)
            stop = position + 1
            if packs and tag & 7 == DELIMITED:
                length, position = protobuf.read_varint(content, position)
                stop = position + length
            while position < stop:
                item, position = read(content, position)
                items.append(item)
        return items, end

    return read_list


def _nested(content: bytes, depth: int) -> JsonValue:
    return [_decode(item, depth) for item in protobuf.messages(content, 1)]


def _map(content: bytes, depth: int) -> JsonValue:
    """``map<string, Value> val = 1``: entries with the key in field 1 and the value in field 2."""
    members: dict[str, JsonValue] = {}
    for entry in protobuf.messages(content, 1):
        name = b"".join(list(protobuf.messages(entry, 1))[-1:]).decode("utf-8")
        members[name] = _decode(b"".join(list(protobuf.messages(entry, 2))[-1:]), depth)
    return members


def _map_list(content: bytes, depth: int) -> JsonValue:
    return [_map(item, depth) for item in protobuf.messages(content, 1)]


def _scalar_map(data: bytes, at: int) -> tuple[JsonValue, int]:
    # Its keys are no strings; Feast answers null as well.
    return None, protobuf.read_bytes(data, at)[1]


def _zone(name: str) -> tzinfo:
    """An IANA name or a fixed offset such as ``+02:00``."""
    if name[:1] in ("+", "-") and ":" in name:
        hours, minutes = name[1:].split(":")[:2]
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if name[0] == "-" else offset)
    return UTC if name in ("", "UTC") else ZoneInfo(name)


def _zoned_timestamp(data: bytes, at: int) -> tuple[JsonValue, int]:
    content, end = protobuf.read_bytes(data, at)
    seconds, zone, position = 0, "", 0
    while position < len(content):
        tag, position = protobuf.read_varint(content, position)
        if tag >> 3 == 1:
            seconds, position = protobuf.read_int64(content, position)
        elif tag >> 3 == 2:  # noqa: PLR2004 - field 2 is the zone
            text, position = protobuf.read_bytes(content, position)
            zone = text.decode("utf-8")
        else:
            position = protobuf.skip(content, position, tag & 7)
    return (None if seconds == _NO_TIME else datetime.fromtimestamp(seconds, _zone(zone)).isoformat()), end


_SCALARS: list[_Read] = [_bytes, _string, protobuf.read_int32, protobuf.read_int64, _double, _float, _bool, protobuf.read_int64]
"""Fields 1 to 8. Lists (11 to 18) and sets (22 to 29) repeat them in the same order."""

_TEXT_LISTS = (33, 38, 39, 40, 41, 45, 46)
"""Lists and sets of JSON documents, UUIDs and decimals, all of them text."""

_LISTS: list[_Read] = [_list_of(read, packs=field > 2) for field, read in enumerate(_SCALARS, start=1)]  # noqa: PLR2004 - bytes and text never pack

_READERS: dict[int, _Read] = {
    **dict(enumerate(_SCALARS, start=1)),
    **dict(enumerate(_LISTS, start=11)),
    **dict(enumerate(_LISTS, start=22)),
    **dict.fromkeys(_TEXT_LISTS, _LISTS[1]),
    **dict.fromkeys((32, 36, 37, 44), _string),
    19: _nothing,
    47: _scalar_map,
    48: _zoned_timestamp,
}

_CONTAINERS: dict[int, Callable[[bytes, int], JsonValue]] = {
    **dict.fromkeys((20, 34), _map),
    **dict.fromkeys((21, 35), _map_list),
    **dict.fromkeys((42, 43), _nested),
}
"""Values that hold values; they read their content at a depth."""


def decode_value(data: bytes) -> JsonValue:
    """Decodes one stored value; no bytes at all are null.

    Raises ``MalformedMessage`` when the bytes are no ``feast.types.Value`` that is known here.
    """
    try:
        return _decode(data)
    except _MALFORMED as error:
        raise MalformedMessage(f"a stored value is malformed: {error}") from error


def _decode(data: bytes, depth: int = 0) -> JsonValue:
    value: JsonValue = None
    at = 0
    while at < len(data):
        tag, at = protobuf.read_varint(data, at)
        read = _READERS.get(tag >> 3)
        if read is None:
            content, at = protobuf.read_bytes(data, at)
            value = _contained(tag >> 3, content, depth + 1)
        else:
            value, at = read(data, at)
    return value


def _contained(field: int, content: bytes, depth: int) -> JsonValue:
    read = _CONTAINERS.get(field)
    if read is None:
        raise MalformedMessage(f"a stored value has the type number {field}, which this server does not know")
    if depth > _DEEPEST:
        raise MalformedMessage(f"a stored value holds values more than {_DEEPEST} deep")
    return read(content, depth)
