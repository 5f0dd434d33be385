"""Feast definitions for the comparison: fixed ones for what is known to be special, generated ones for the rest."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from feast import Entity, FeatureService, FeatureView, Field, FileSource, types
from feast.value_type import ValueType

from values import COLLECTIONS, SCALARS, STRUCTURES, TEXTS, TYPES


@dataclass(frozen=True)
class KeyKind:
    """A join key: its entity, its type, and values to write rows under."""

    entity: Entity
    join_key: str
    dtype: Any
    value_field: str
    values: list[Any]


def _key(name: str, join_key: str, value_type: ValueType, values: list[Any]) -> KeyKind:
    dtypes = {
        ValueType.INT64: (types.Int64, "int64_val"),
        ValueType.INT32: (types.Int32, "int32_val"),
        ValueType.STRING: (types.String, "string_val"),
        ValueType.UNIX_TIMESTAMP: (types.UnixTimestamp, "unix_timestamp_val"),
    }
    dtype, value_field = dtypes[value_type]
    return KeyKind(Entity(name=name, join_keys=[join_key], value_type=value_type), join_key, dtype, value_field, values)


def keys() -> dict[str, KeyKind]:
    """By entity name. Names and join keys differ, sort differently, and one join key is another one's beginning."""
    return {
        "user": _key("user", "user_id", ValueType.INT64, [1, 2, 0, -1, 2**53 + 1, 2**63 - 1, -(2**63)]),
        "item": _key("item", "item_sku", ValueType.STRING, TEXTS),
        "region": _key("region", "a_region", ValueType.INT32, [0, 1, -1, 2**31 - 1, -(2**31)]),
        "moment": _key("moment", "user", ValueType.UNIX_TIMESTAMP, [0, 1785585600, -1]),
        "shop": _key("shop", "shop_id", ValueType.INT64, [10, 11, 12]),
        # The same join key as another type: which one a request means depends on the order of its views.
        "member": _key("member", "user_id", ValueType.STRING, ["1", "2", "-1", "07"]),
    }


@dataclass
class View:
    """A feature view with what rows need: which entities, and the type name of each feature."""

    name: str
    entities: list[str]
    features: dict[str, str]
    # Rows get floats that JSON has no text for.
    odd_floats: bool = False
    rows: int = 6
    options: dict[str, Any] = field(default_factory=dict)


def views(rng: Random) -> list[View]:
    fixed = [
        View("scalars", ["user"], {name: name for name in SCALARS}, rows=12),
        View("collections", ["user"], {name: name for name in COLLECTIONS}, rows=12),
        View("structures", ["user"], {name: name for name in STRUCTURES}, rows=12),
        View("skus", ["item"], {"int64": "int64", "title": "string"}, rows=12),
        View("regional", ["region"], {"temperature": "double"}),
        View("moments", ["moment"], {"level": "float", "user_id": "int64"}),
        View("members", ["member"], {"rank": "int32"}),
        View("user_item", ["user", "item"], {"clicks": "int64", "note": "string"}, rows=20),
        View("trio", ["region", "item", "user"], {"clicks": "int32", "größe": "double_list"}, rows=20),
        View("constants", [], {"pi": "double", "label": "string"}),
        View(
            "odd_floats",
            ["user"],
            {"double": "double", "float": "float", "float_list": "float_list", "double_set": "double_set"},
            odd_floats=True,
        ),
        View("never_written", ["user"], {"double": "double", "new": "string"}, rows=0),
        View("short_lived", ["user"], {"stale": "int64"}, options={"ttl": timedelta(seconds=1)}),
        View("disabled", ["user"], {"unseen": "int64"}, options={"enabled": False}),
    ]
    return fixed + [_random_view(index, rng) for index in range(6)]


def _random_view(index: int, rng: Random) -> View:
    entities = rng.choice([["user"], ["shop"], ["shop", "user"], ["item", "region"], []])
    names = rng.sample(["int64", "double", "f_a", "f_b", "F_A", "x__y", "unité", "temperature", "clicks"], rng.randint(1, 6))
    kinds = sorted(TYPES)
    return View(f"random_{index}", list(entities), {name: rng.choice(kinds) for name in names}, rows=rng.randint(1, 8))


def feast_view(view: View, kinds: dict[str, KeyKind], index: int) -> FeatureView:
    """Every other view names its join keys in the schema too, as users do."""
    schema = [Field(name=name, dtype=TYPES[kind][0]) for name, kind in view.features.items()]
    if index % 2 == 0:
        schema += [Field(name=kinds[name].join_key, dtype=kinds[name].dtype) for name in view.entities]
    source = FileSource(name=f"{view.name}_source", path=f"{view.name}.parquet", timestamp_field="event_timestamp")
    entities = [kinds[name].entity for name in view.entities]
    return FeatureView(name=view.name, entities=entities, schema=schema, source=source, **view.options)


def services(made: dict[str, FeatureView]) -> list[FeatureService]:
    scalars, skus, user_item = made["scalars"], made["skus"], made["user_item"]
    friend = scalars[["int64", "string"]].with_name("friend").with_join_key_map({"user_id": "friend_id"})
    return [
        FeatureService(name="whole_views", features=[made["collections"], skus]),
        FeatureService(name="subset", features=[scalars[["string", "int32", "double"]], skus[["title"]]]),
        FeatureService(name="alias", features=[scalars[["bool"]].with_name("renamed"), made["regional"]]),
        FeatureService(name="friends", features=[scalars[["int64", "string"]].with_name("me"), friend]),
        FeatureService(name="mapped", features=[user_item.with_join_key_map({"item_sku": "other_sku"}), made["constants"]]),
        FeatureService(
            name="swapped", features=[user_item.with_name("swap").with_join_key_map({"user_id": "buyer", "item_sku": "user_id"})]
        ),
        FeatureService(name="entityless", features=[made["constants"]]),
        FeatureService(name="with_disabled", features=[made["disabled"], skus]),
        FeatureService(name="collides", features=[skus, made["scalars"][["int64"]]]),
    ]
