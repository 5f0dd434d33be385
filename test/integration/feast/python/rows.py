"""Rows for the views, written through Feast's own provider, so that its stores decide how they are laid out."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from feast import FeatureStore, FeatureView
from feast.protos.feast.types.EntityKey_pb2 import EntityKey
from feast.protos.feast.types.Value_pb2 import Value

from definitions import KeyKind, View
from values import TYPES, not_json, null, of

Row = tuple[EntityKey, dict[str, Value], datetime, datetime | None]

# Shares of a row's features, from 0: null, a float that JSON does not know (if wanted), an ordinary value; the rest is not written.
NULL, ODD, ORDINARY = 0.1, 0.6, 0.95

START = datetime(2026, 8, 1, 12, tzinfo=UTC)
# Whole seconds, milliseconds, microseconds, long ago.
MOMENTS = [
    START,
    START + timedelta(milliseconds=5),
    START + timedelta(microseconds=123456),
    datetime(1970, 1, 1, tzinfo=UTC),
    START - timedelta(days=20000),
]


def draw_keys(view: View, kinds: dict[str, KeyKind], rng: Random) -> list[list[Any]]:
    """Distinct combinations of join key values, in the order of the view's entities."""
    drawn: list[list[Any]] = []
    for _ in range(view.rows):
        key = [rng.choice(kinds[name].values) for name in view.entities]
        if key not in drawn:
            drawn.append(key)
    return drawn


def entity_key(view: View, kinds: dict[str, KeyKind], values: list[Any]) -> EntityKey:
    if not view.entities:
        return EntityKey(join_keys=["__dummy_id"], entity_values=[Value(string_val="")])
    names = [kinds[name].join_key for name in view.entities]
    return EntityKey(
        join_keys=names,
        entity_values=[of(kinds[name].value_field, value) for name, value in zip(view.entities, values, strict=True)],
    )


def features(view: View, rng: Random) -> dict[str, Value]:
    """Some are null, some are not written at all."""
    row: dict[str, Value] = {}
    for name, kind in view.features.items():
        dice = rng.random()
        if dice < NULL:
            row[name] = null(rng)
        elif view.odd_floats and dice < ODD:
            row[name] = not_json(kind, rng)
        elif dice < ORDINARY:
            row[name] = TYPES[kind][1](rng)
    return row


def write_rows(store: FeatureStore, target: FeatureView, view: View, kinds: dict[str, KeyKind], rng: Random) -> list[list[Any]]:
    """Writes a view's rows, and some of them once more, later, with fewer features.

    Returns:
        The join key values of each row.
    """
    drawn = draw_keys(view, kinds, rng)
    rows: list[Row] = [(entity_key(view, kinds, key), features(view, rng), rng.choice(MOMENTS), None) for key in drawn]
    later: list[Row] = [(key, dict(list(row.items())[:2]), START + timedelta(days=1), None) for key, row, _, _ in rows[::4]]
    write_batch = store._get_provider().online_write_batch
    for batch in (rows, later):
        if batch:
            write_batch(store.config, target, batch, None)
    return drawn
