"""The two JSON libraries that feature servers use: the standard one, and orjson."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NoReturn

from plateau_pool.features.json_value import JsonValue

CodecName = Literal["json", "orjson"]


@dataclass(frozen=True, slots=True)
class Codec:
    """A way to read and write JSON. ``loads`` raises ``ValueError`` for what is no JSON."""

    loads: Callable[[bytes], JsonValue]
    dumps: Callable[[JsonValue], bytes]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _stdlib() -> Codec:
    def loads(body: bytes) -> JsonValue:
        # Python's own parser would take NaN and Infinity.
        value: JsonValue = json.loads(body, parse_constant=_refuse_constant)
        return value

    def dumps(value: JsonValue) -> bytes:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")

    return Codec(loads, dumps)


def _orjson() -> Codec:
    import orjson  # noqa: PLC0415 - optional: it has no build for some interpreters

    return Codec(orjson.loads, orjson.dumps)


def codec_named(name: CodecName) -> Codec:
    """The codec. Raises ``ModuleNotFoundError`` when orjson is wanted and not installed."""
    return _orjson() if name == "orjson" else _stdlib()
