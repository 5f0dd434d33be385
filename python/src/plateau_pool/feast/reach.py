"""Whether Feast reaches its registry and its online store."""

from __future__ import annotations

from typing import Any

import feast
from feast.types import Bytes, String

_SAMPLES: dict[Any, Any] = {String: "", Bytes: b""}
"""A value for a join key; all other types that can be one are integers."""


def reach(store: feast.FeatureStore) -> None:
    """Reads one feature of an entity that need not exist, by Feast's own way. Raises what Feast raises when it cannot."""
    for view in store.list_feature_views(allow_cache=True):
        if view.online and view.features and view.entity_columns:
            row = {column.name: _SAMPLES.get(column.dtype, 0) for column in view.entity_columns}
            store.get_online_features(features=[f"{view.name}:{view.features[0].name}"], entity_rows=[row])
            return
