"""A view that changed twice, with Feast's versioned views switched on: history.py REPO.

Prints requests and what Feast itself answers to them: [{"request": {...}, "columns": {...}} or {"request", "status", "class"}].
"""

import json
import sys
import warnings
from typing import Any

from feast import Entity, FeatureService, FeatureStore, FeatureView, Field, FileSource, types
from feast.errors import FeastError
from feast.protos.feast.types.EntityKey_pb2 import EntityKey
from feast.protos.feast.types.Value_pb2 import Value
from feast.value_type import ValueType

from rows import START

user = Entity(name="user", join_keys=["user_id"], value_type=ValueType.INT64)
VERSIONS: list[dict[str, Any]] = [
    {"count": types.Int64},
    {"count": types.Int64, "note": types.String},
    {"count": types.String},
]
# The service is applied with this version, and stays as it is.
SERVICE_VERSION = 1

REFERENCES = [
    ["orders:count"],
    ["orders@latest:count"],
    ["orders@v0:count"],
    ["orders@v1:count", "orders@v1:note"],
    ["orders@V2:count"],
    ["orders@v0:count", "orders@v1:note"],
    ["orders@v1:count", "orders:count"],
    ["orders@v1:note", "orders:note"],
    ["orders@v9:count"],
    ["orders@v0:note"],
    ["orders@vx:count"],
    ["visits:pages", "orders@v1:note"],
    ["visits@v0:pages"],
    ["visits@v1:pages"],
]


def view(name: str, fields: dict[str, Any]) -> FeatureView:
    source = FileSource(name=f"{name}_source", path=f"{name}.parquet", timestamp_field="event_timestamp")
    schema = [Field(name=field, dtype=dtype) for field, dtype in fields.items()]
    return FeatureView(name=name, entities=[user], schema=schema, source=source)


def write(store: FeatureStore, name: str, version: int) -> None:
    """Each version's rows are told apart by their values."""
    stored = store.get_feature_view(name)
    texts = {field.name: field.dtype == types.String for field in stored.features}
    row = {field: Value(string_val=f"text {version}") if text else Value(int64_val=version) for field, text in texts.items()}
    key = EntityKey(join_keys=["user_id"], entity_values=[Value(int64_val=1)])
    store._get_provider().online_write_batch(store.config, stored, [(key, row, START, None)], None)


def answer(store: FeatureStore, request: dict[str, Any]) -> dict[str, Any]:
    try:
        features = store.get_feature_service(request["feature_service"]) if "feature_service" in request else request["features"]
        options = {"full_feature_names": request["full_feature_names"]}
        found = store.get_online_features(features=features, entity_rows=request["entities"], **options)
        return {"request": request, "columns": found.to_dict()}
    except FeastError as error:
        return {"request": request, "status": error.http_status_code(), "class": type(error).__name__}
    except Exception:
        return {"request": request, "status": 500}


def main() -> None:
    warnings.simplefilter("ignore")
    store = FeatureStore(repo_path=sys.argv[1])
    store.apply([user, view("visits", {"pages": types.Int64})])
    write(store, "visits", 0)
    for version, fields in enumerate(VERSIONS):
        changed = view("orders", fields)
        store.apply([user, changed])
        write(store, "orders", version)
        if version == SERVICE_VERSION:
            store.apply([FeatureService(name="kept", features=[changed])])
    wanted: list[dict[str, Any]] = [{"features": references} for references in REFERENCES] + [{"feature_service": "kept"}]
    requests = [{**one, "full_feature_names": full, "entities": {"user_id": [1, 2]}} for one in wanted for full in (False, True)]
    print(json.dumps([answer(store, request) for request in requests]))


if __name__ == "__main__":
    main()
