"""A stored value of every type that Feast 0.66 keeps online, ordinary ones and those that break things."""

import math
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from feast import types
from feast.protos.feast.types import Value_pb2 as pb

Make = Callable[[Random], pb.Value]

INT64_EDGES = [0, 1, -1, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 9007199254740993, 1234567890123456789]
INT32_EDGES = [0, 1, -1, 2**31 - 1, -(2**31), 65536]
# 4.9e-324 is the smallest double, 1e21 where JavaScript turns to exponents, 1e16 where Python does.
DOUBLE_EDGES = [0.0, -0.0, 1.0, -2.5, 0.1, 1e16, 1e21, 1e22, 1e-7, 4.9e-324, 1.7976931348623157e308, 123456789012345680.0, 1e-5]
FLOAT_EDGES = [0.0, -0.0, 1.0, 0.1, 3.4028234663852886e38, 1.401298464324817e-45, 16777217.0, 1e10]
TEXTS = [
    "",
    "a",
    "ümläut",
    "日本語",
    "🜚 emoji 👩‍👩‍👧",
    'quote " back \\ slash /',
    "line\nbreak\ttab\r",
    "\x00\x01\x1f\x7f",
    "\u2028\u2029",
    "null",
    "1.0",
]
BYTE_STRINGS = [b"", b"\x00", b"\xff\xfe\xfd", b"plain", bytes(range(256)), b"ab"]
SECONDS = [0, 1, -1, 1785585600, -2208988800, 253402300799, -(2**63), 2**40]
JSON_TEXTS = ["{}", "[]", "null", '{"a": [1, 2.5, null]}', '"text"', "12345678901234567890"]
UUIDS = ["00000000-0000-0000-0000-000000000000", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", ""]
DECIMALS = ["0", "-1.50", "1E+30", "123456789012345678901234567890.123456789"]


# How often a value inside a map or a list is a plain one, and how often a null is left out.
PLAIN = 0.6
ABSENT = 0.5


def of(field: str, content: Any) -> pb.Value:
    """The value with this field of its oneof set."""
    fields: dict[str, Any] = {field: content}
    return pb.Value(**fields)


def scalar(field: str, edges: list[Any], rng: Random) -> pb.Value:
    return of(field, rng.choice(edges))


def collection(field: str, message: type[Any], edges: list[Any], rng: Random) -> pb.Value:
    """A list or set message of 0 to 4 elements; not left out when empty, unlike a null."""
    return of(field, message(val=[rng.choice(edges) for _ in range(rng.randrange(5))]))


def text_map(rng: Random, depth: int) -> pb.Map:
    message = pb.Map()
    for key in rng.sample(["", "a", "ключ", 'with "quotes"', "null"], rng.randrange(4)):
        message.val[key].CopyFrom(inner_value(rng, depth - 1))
    return message


def absent(_rng: Random) -> pb.Value:
    return pb.Value()


def inner_value(rng: Random, depth: int) -> pb.Value:
    """What a map or a nested list may hold, null and more maps included."""
    if depth <= 0 or rng.random() < PLAIN:
        make = rng.choice([absent, *(SCALARS[name][1] for name in ("int64", "double", "string", "bool"))])
        return make(rng)
    return rng.choice([pb.Value(map_val=text_map(rng, depth)), nested("list_val", rng, depth), COLLECTIONS["int64_list"][1](rng)])


def nested(field: str, rng: Random, depth: int = 2) -> pb.Value:
    inner = [inner_value(rng, depth - 1) for _ in range(rng.randrange(3))] + [COLLECTIONS["string_list"][1](rng)]
    return of(field, pb.RepeatedValue(val=inner))


def zoned(rng: Random) -> pb.Value:
    zone = rng.choice(["", "UTC", "America/Los_Angeles", "Europe/Berlin", "+05:30", "-07:00", "Asia/Kathmandu"])
    return pb.Value(zoned_timestamp_val=pb.ZonedTimestamp(unix_timestamp=rng.choice([0, 1785585600, -86400]), zone=zone))


def scalar_map(rng: Random) -> pb.Value:
    entries = [pb.ScalarMapEntry(key=pb.MapKey(int64_key=7), value=inner_value(rng, 1))]
    return pb.Value(scalar_map_val=pb.ScalarMap(val=entries))


def map_list(field: str, rng: Random) -> pb.Value:
    return of(field, pb.MapList(val=[text_map(rng, 2) for _ in range(rng.randrange(3))]))


# Name, then Feast's type and the field of `feast.types.Value` that holds it, with the values to draw from.
_BASE: dict[str, tuple[Any, str, list[Any], type[Any] | None, type[Any] | None]] = {
    "int32": (types.Int32, "int32", INT32_EDGES, pb.Int32List, pb.Int32Set),
    "int64": (types.Int64, "int64", INT64_EDGES, pb.Int64List, pb.Int64Set),
    "float": (types.Float32, "float", FLOAT_EDGES, pb.FloatList, pb.FloatSet),
    "double": (types.Float64, "double", DOUBLE_EDGES, pb.DoubleList, pb.DoubleSet),
    "bool": (types.Bool, "bool", [True, False], pb.BoolList, pb.BoolSet),
    "string": (types.String, "string", TEXTS, pb.StringList, pb.StringSet),
    "bytes": (types.Bytes, "bytes", BYTE_STRINGS, pb.BytesList, pb.BytesSet),
    "timestamp": (types.UnixTimestamp, "unix_timestamp", SECONDS, pb.Int64List, pb.Int64Set),
    "json": (types.Json, "json", JSON_TEXTS, pb.StringList, None),
    "uuid": (types.Uuid, "uuid", UUIDS, pb.StringList, pb.StringSet),
    "time_uuid": (types.TimeUuid, "time_uuid", UUIDS, pb.StringList, pb.StringSet),
    "decimal": (types.Decimal, "decimal", DECIMALS, pb.StringList, pb.StringSet),
}

SCALARS: dict[str, tuple[Any, Make]] = {
    name: (dtype, partial(scalar, f"{field}_val", edges)) for name, (dtype, field, edges, _, _) in _BASE.items()
}

COLLECTIONS: dict[str, tuple[Any, Make]] = {}
for _name, (_dtype, _field, _edges, _list, _set) in _BASE.items():
    for _kind, _feast, _message in (("list", types.Array, _list), ("set", types.Set, _set)):
        if _message is not None:
            COLLECTIONS[f"{_name}_{_kind}"] = (
                _feast(_dtype),
                partial(collection, f"{_field}_{_kind}_val", _message, _edges),
            )

_STRUCT = types.Struct({"a": types.Int64, "b": types.String})

STRUCTURES: dict[str, tuple[Any, Make]] = {
    "map": (types.Map, lambda rng: pb.Value(map_val=text_map(rng, 3))),
    "map_list": (types.Array(types.Map), lambda rng: map_list("map_list_val", rng)),
    "struct": (_STRUCT, lambda rng: pb.Value(struct_val=text_map(rng, 2))),
    "struct_list": (types.Array(_STRUCT), lambda rng: map_list("struct_list_val", rng)),
    "list_of_lists": (types.Array(types.Array(types.String)), lambda rng: nested("list_val", rng)),
    "set_of_lists": (types.Set(types.Array(types.String)), lambda rng: nested("set_val", rng)),
    "zoned_timestamp": (types.ZonedTimestamp, zoned),
    "scalar_map": (types.ScalarMap, scalar_map),
}

TYPES: dict[str, tuple[Any, Make]] = {**SCALARS, **COLLECTIONS, **STRUCTURES}

NOT_JSON = [math.nan, math.inf, -math.inf]


def not_json(name: str, rng: Random) -> pb.Value:
    """A float that JSON does not know, in a feature of this type; Feast answers 500 to any batch that holds one."""
    number = rng.choice(NOT_JSON)
    if name in ("float", "double"):
        return of(f"{name}_val", number)
    messages: dict[str, type[Any]] = {
        "float_list": pb.FloatList,
        "double_list": pb.DoubleList,
        "float_set": pb.FloatSet,
        "double_set": pb.DoubleSet,
    }
    return of(f"{name}_val", messages[name](val=[1.0, number]))


def null(rng: Random) -> pb.Value:
    """The two forms of a stored null: nothing at all, and the field that says so."""
    return pb.Value() if rng.random() < ABSENT else pb.Value(null_val=pb.NULL)
