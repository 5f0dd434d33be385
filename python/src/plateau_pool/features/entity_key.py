"""Feast's serialized entity key, version 3: the sorted names of the join keys, then their values in that order.

Layout: Feast's ``infra/key_encoding_utils.py``; recorded bytes lie in ``test/fixtures/feast/redis.json``.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from plateau_pool.features.refusal import Refusal

_STRING, _INT64 = 2, 4
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def _text(text: str) -> bytes:
    encoded = text.encode("utf-8")
    return struct.pack("<II", _STRING, len(encoded)) + encoded


def _value(name: str, value: object) -> bytes:
    if isinstance(value, str):
        return _text(value)
    # True is an int to Python and to nobody else.
    if isinstance(value, int) and not isinstance(value, bool) and _SMALLEST <= value <= _LARGEST:
        return struct.pack("<IIq", _INT64, 8, value)
    raise Refusal(422, f"The join key {name} has the value {value!r}; this server takes strings and 64-bit integers.")


def entity_keys(entities: dict[str, list[object]]) -> tuple[list[bytes], list[int]]:
    """The distinct keys of the rows in ``entities`` (columns), and for each row the index of its key.

    Raises ``Refusal`` when a value can be no join key.
    """
    names = sorted(entities)
    prefix = struct.pack("<I", len(names)) + b"".join(_text(name) for name in names)
    keys: dict[bytes, int] = {}
    key_of_row: list[int] = []
    for row in _rows([entities[name] for name in names]):
        key = prefix + b"".join(_value(name, value) for name, value in zip(names, row, strict=True))
        key_of_row.append(keys.setdefault(key, len(keys)))
    return list(keys), key_of_row


def _rows(columns: Sequence[list[object]]) -> zip[tuple[object, ...]]:
    return zip(*columns, strict=True)
