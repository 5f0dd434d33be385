"""Feast's column-major answer: one result for each join key and each feature, the inner index is the row of the request."""

from __future__ import annotations

from collections.abc import Sequence

from plateau_pool.features.json_value import JsonValue
from plateau_pool.features.request import FeatureRequest, ViewRead
from plateau_pool.features.row import EPOCH, MISSING, Row


def build_answer(request: FeatureRequest, found: Sequence[Sequence[Row]]) -> JsonValue:
    """The body of the answer. ``found`` holds, for each view of the request, the row of each of its keys."""
    names: list[JsonValue] = []
    results: list[JsonValue] = []
    count = len(request.key_of_row)
    for name, column in request.entities.items():
        names.append(name)
        results.append({"values": column, "statuses": ["PRESENT"] * count, "event_timestamps": [EPOCH] * count})  # type: ignore[dict-item]
    for read, rows in zip(request.views, found, strict=True):
        prefix = f"{read.view}__" if request.full_feature_names else ""
        names.extend(prefix + feature for feature in read.features)
        results.extend(_columns(read, rows, request.key_of_row))
    return {"results": results, "metadata": {"feature_names": names}}


def _columns(read: ViewRead, rows: Sequence[Row], key_of_row: Sequence[int]) -> list[JsonValue]:
    columns: list[JsonValue] = []
    for at in range(len(read.features)):
        values: list[JsonValue] = []
        statuses: list[JsonValue] = []
        times: list[JsonValue] = []
        for key in key_of_row:
            row = rows[key]
            value = row.values[at]
            values.append(None if value is MISSING else value)
            statuses.append("NOT_FOUND" if value is MISSING else "PRESENT")
            times.append(row.event_time)
        columns.append({"values": values, "statuses": statuses, "event_timestamps": times})
    return columns
