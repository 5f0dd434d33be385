"""Run by an interpreter with Feast: prints stored values of every type, and what Feast's server answers for each.

One line of JSON for each: {"type": …, "stored": hex, "answer": …}.
"""

from __future__ import annotations

import json
import random

from feast.feature_server_utils import _value_to_native
from feast.protos.feast.types import Value_pb2 as pb

SCALARS = {
    "bytes": [b"", b"\x00\xff", b"text"],
    "string": ["", "grün", "日本", 'a"b\\c\n', "\U0001f600"],
    "int32": [0, 1, -1, 2**31 - 1, -(2**31)],
    "int64": [0, -1, 2**53 + 1, 2**63 - 1, -(2**63)],
    "double": [0.0, -0.0, 0.1, 1e300, 5e-324, -2.5],
    "float": [0.0, 0.1, 3.4e38, -1.5],
    "bool": [True, False],
    "unix_timestamp": [0, 1785585600, -1],
    "json": ['{"a":1}', ""],
    "uuid": ["6f1c"],
    "time_uuid": ["6f1d"],
    "decimal": ["1.10", "-0"],
}


def collections(rng: random.Random) -> list[pb.Value]:
    """Lists and sets of every scalar type: empty, of one, of many."""
    values = []
    for name, samples in SCALARS.items():
        for kind in ("list", "set"):
            field = f"{name}_{kind}_val"
            if field not in pb.Value.DESCRIPTOR.fields_by_name:
                continue
            for count in (0, 1, 40):
                value = pb.Value()
                getattr(value, field).SetInParent()
                getattr(value, field).val.extend(rng.choices(samples, k=count))
                values.append(value)
    return values


def nested(inner: list[pb.Value]) -> list[pb.Value]:
    """Maps and lists of values, also in one another."""
    values = []
    for field in ("map_val", "struct_val"):
        value = pb.Value()
        getattr(value, field).SetInParent()
        for at, one in enumerate(inner):
            getattr(value, field).val[f"k{at}"].CopyFrom(one)
        values.append(value)
    for field in ("map_list_val", "struct_list_val"):
        value = pb.Value()
        getattr(value, field).val.add().val["a"].CopyFrom(inner[0])
        getattr(value, field).val.add()
        values.append(value)
    for field in ("list_val", "set_val"):
        value = pb.Value()
        getattr(value, field).val.extend([*inner, pb.Value(), values[0]])
        values.append(value)
    return values


def zoned() -> list[pb.Value]:
    """Instants in zones of either kind, and none."""
    cases = [(1785585600, "Europe/Berlin"), (1785585600, "+02:00"), (0, "-03:30"), (0, "UTC"), (0, ""), (-(2**63), "UTC")]
    return [pb.Value(zoned_timestamp_val=pb.ZonedTimestamp(unix_timestamp=seconds, zone=zone)) for seconds, zone in cases]


def main() -> None:
    rng = random.Random(1)
    scalars = [pb.Value(**{f"{name}_val": sample}) for name, samples in SCALARS.items() for sample in samples]
    values = [
        pb.Value(),
        pb.Value(null_val=pb.NULL),
        pb.Value(scalar_map_val=pb.ScalarMap()),
        *scalars,
        *collections(rng),
        *nested(rng.sample(scalars, 12)),
        *zoned(),
    ]
    for value in values:
        print(json.dumps({"type": value.WhichOneof("val"), "stored": value.SerializeToString().hex(), "answer": _value_to_native(value)}))


if __name__ == "__main__":
    main()
