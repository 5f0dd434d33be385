"""What a team does to its features over time: materialize.py REPO STEP.

first    applies one view over a Parquet file and materializes it.
second   the file has got another column, the view another feature, and there is another view; applied and materialized again.
Prints what was materialized, by step's views: {view: {user_id: {feature: value}}} as JSON.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, types
from feast.value_type import ValueType

# Later rows in the second step: Feast writes a row to Redis only when it is newer than the one that is there, new features or not.
MOMENTS = {"first": datetime(2026, 8, 1, 12, tzinfo=UTC), "second": datetime(2026, 8, 2, 12, tzinfo=UTC)}
USERS = [1, 2, 2**53 + 1]

user = Entity(name="user", join_keys=["user_id"], value_type=ValueType.INT64)


def parquet(repo: Path, name: str, columns: dict[str, list[Any]], moment: datetime) -> FileSource:
    """Every user has an older row, which must not win."""
    older = {column: [None] * len(values) for column, values in columns.items()}
    frames = [
        pd.DataFrame({"user_id": USERS, **values, "event_timestamp": [at] * len(USERS)}).astype({"user_id": "int64"})
        for values, at in ((older, moment - timedelta(hours=1)), (columns, moment))
    ]
    path = repo / f"{name}.parquet"
    pd.concat(frames, ignore_index=True).to_parquet(path)
    return FileSource(name=f"{name}_source", path=str(path), timestamp_field="event_timestamp")


def view(repo: Path, name: str, columns: dict[str, tuple[Any, list[Any]]], moment: datetime) -> FeatureView:
    source = parquet(repo, name, {column: values for column, (_, values) in columns.items()}, moment)
    schema = [Field(name=column, dtype=dtype) for column, (dtype, _) in columns.items()]
    return FeatureView(name=name, entities=[user], schema=schema, source=source)


ORDERS: dict[str, tuple[Any, list[Any]]] = {"count": (types.Float64, [1.5, 2.5, 3.5]), "last": (types.String, ["a", "ü", "漢"])}
STEPS: dict[str, dict[str, dict[str, tuple[Any, list[Any]]]]] = {
    "first": {"orders": ORDERS},
    "second": {"orders": {**ORDERS, "total": (types.Float64, [10.25, 20.5, -0.125])}, "visits": {"pages": (types.String, ["x", "y", "z"])}},
}


def main() -> None:
    repo, step = Path(sys.argv[1]).resolve(), sys.argv[2]
    store = FeatureStore(repo_path=str(repo))
    wanted, moment = STEPS[step], MOMENTS[step]
    store.apply([user, *(view(repo, name, columns, moment) for name, columns in wanted.items())])
    store.materialize(start_date=moment - timedelta(days=1), end_date=moment + timedelta(hours=1))
    written = {
        name: {str(key): {column: values[index] for column, (_, values) in columns.items()} for index, key in enumerate(USERS)}
        for name, columns in wanted.items()
    }
    # Feast prints its progress on standard output.
    print("\n" + json.dumps(written))


if __name__ == "__main__":
    main()
