"""From the body of ``POST /get-online-features`` to what has to be read.

Statuses and messages for a client's mistakes are Feast's, as far as they can be told without a registry.
"""

from __future__ import annotations

from dataclasses import dataclass

from plateau_pool.features.codec import Codec
from plateau_pool.features.entity_key import entity_keys
from plateau_pool.features.json_value import JsonValue
from plateau_pool.features.refusal import Refusal, missing_field, python_error, wrong_type

MOST_VALUES = 1_000_000
"""Values that one answer may hold: without a bound, a small body asks for an answer that no process can hold."""


@dataclass(frozen=True, slots=True)
class ViewRead:
    """Features of one feature view."""

    view: str
    features: list[str]


@dataclass(frozen=True, slots=True)
class FeatureRequest:
    """A checked request."""

    entities: dict[str, list[object]]
    views: list[ViewRead]
    full_feature_names: bool
    keys: list[bytes]
    """Distinct entity keys."""
    key_of_row: list[int]
    """For each row of the request the index of its key."""


def read_request(body: bytes, content_type: str, codec: Codec) -> FeatureRequest:
    """Parses and checks a body. Raises ``Refusal``."""
    fields = _fields(body, content_type, codec)
    entities = _entities(fields)
    if fields.get("feature_service") is not None:
        raise Refusal(404, "This server has no registry and knows no feature services; list the features instead.")
    features = _features(fields)
    full = fields.get("full_feature_names", False)
    if not isinstance(full, bool):
        raise wrong_type("bool", ["full_feature_names"], full)
    views = _views(features, full)
    _check_rows(entities, len(features))
    try:
        keys, key_of_row = entity_keys(entities)
    except UnicodeEncodeError as error:
        raise Refusal(422, f"A join key is no valid text: {error}") from error
    return FeatureRequest(entities, views, full, keys, key_of_row)


def _fields(body: bytes, content_type: str, codec: Codec) -> dict[str, JsonValue]:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal(422, "The body has to be JSON, sent with Content-Type: application/json.")
    try:
        fields = codec.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(422, [{"type": "json_invalid", "loc": ["body"], "msg": "JSON decode error", "ctx": {"error": str(error)}}]) from error
    if not isinstance(fields, dict):
        raise wrong_type("dict", [], fields)
    return fields


def _entities(fields: dict[str, JsonValue]) -> dict[str, list[object]]:
    if "entities" not in fields:
        raise missing_field("entities", fields)
    given = fields["entities"]
    if not isinstance(given, dict):
        raise wrong_type("dict", ["entities"], given)
    entities: dict[str, list[object]] = {}
    for name, column in given.items():
        if not isinstance(column, list):
            raise wrong_type("list", ["entities", name], column)
        entities[name] = list(column)
    return entities


def _features(fields: dict[str, JsonValue]) -> list[str]:
    given = fields.get("features", [])
    if not isinstance(given, list):
        raise wrong_type("list", ["features"], given)
    if not given:
        raise python_error("No features specified for retrieval")
    features: list[str] = []
    for at, reference in enumerate(given):
        if not isinstance(reference, str):
            raise wrong_type("string", ["features", at], reference)
        features.append(reference)
    return features


def _views(references: list[str], full: bool) -> list[ViewRead]:
    views: dict[str, ViewRead] = {}
    names: set[str] = set()
    for reference in references:
        view, colon, feature = reference.partition(":")
        if not (view and colon and feature):
            raise python_error(f"Invalid feature reference '{reference}'. Expected format: '<feature_view>:<feature>'")
        name = f"{view}__{feature}" if full else feature
        if name in names:
            raise python_error(f"Duplicate features named {name} found.")
        names.add(name)
        views.setdefault(view, ViewRead(view, [])).features.append(feature)
    return list(views.values())


def _check_rows(entities: dict[str, list[object]], features: int) -> None:
    rows = {len(column) for column in entities.values()}
    if len(rows) > 1:
        raise python_error("All entity rows must have the same columns.")
    if rows in (set(), {0}):
        raise python_error("Missing join key values: the request names no entity.")
    values = max(rows) * (features + len(entities))
    if values > MOST_VALUES:
        raise Refusal(
            413, f"The answer would have {values} values; the most is {MOST_VALUES}. Split the request into fewer rows or features."
        )
