"""Run by an interpreter with Feast: makes the feature store of the recorded exchanges.

    python golden_repo.py FOLDER [REDIS_PORT]

Writes feature_store.yaml and registry.db into the folder, and the features into SQLite there or into Redis.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureService, FeatureStore, FeatureView, Field, FileSource, PushSource, ValueType
from feast.types import Array, Bool, Float32, Float64, Int32, Int64, String

WHEN = pd.Timestamp("2026-08-01T12:00:00Z")


def describe(folder: Path, port: str | None) -> None:
    store = "type: sqlite\n  path: online.db" if port is None else f'type: redis\n  connection_string: "127.0.0.1:{port}"'
    (folder / "feature_store.yaml").write_text(
        f"project: golden\nprovider: local\nregistry: registry.db\nonline_store:\n  {store}\nentity_key_serialization_version: 3\n"
    )


def definitions() -> list[object]:
    driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
    customer = Entity(name="customer", join_keys=["customer_id"], value_type=ValueType.STRING)
    columns = [("conv_rate", Float32), ("acc_rate", Float64), ("avg_daily_trips", Int64), ("name", String), ("active", Bool)]
    batch = FileSource(name="driver_file", path="driver.parquet", timestamp_field="event_timestamp", created_timestamp_column="created")
    push = PushSource(name="driver_push", batch_source=batch)
    stats = FeatureView(
        name="driver_hourly_stats",
        entities=[driver],
        ttl=timedelta(days=3650),
        schema=[Field(name=name, dtype=kind) for name, kind in [*columns, ("emb", Array(Float32)), ("i32", Int32)]],
        source=push,
    )
    trips = FeatureView(
        name="cust_driver",
        entities=[driver, customer],
        ttl=timedelta(days=3650),
        schema=[Field(name="trips", dtype=Int64)],
        source=FileSource(name="trips_file", path="trips.parquet", timestamp_field="event_timestamp"),
    )
    service = FeatureService(name="driver_activity", features=[stats[["conv_rate", "acc_rate"]], trips])
    return [driver, customer, batch, push, stats, trips, service]


def write(store: FeatureStore) -> None:
    full = {"conv_rate": 0.5, "acc_rate": 0.1, "avg_daily_trips": 100, "name": "a", "active": True, "emb": [1.0, 2.0], "i32": 1}
    rows = [
        {"driver_id": 1001, **full, "event_timestamp": WHEN, "created": WHEN},
        {
            "driver_id": 1002,
            **full,
            "conv_rate": 0.25,
            "acc_rate": None,
            "avg_daily_trips": 200,
            "name": None,
            "event_timestamp": WHEN,
            "created": WHEN,
        },
    ]
    store.write_to_online_store("driver_hourly_stats", df=pd.DataFrame(rows))
    trips = [{"driver_id": 1001, "customer_id": "c1", "trips": 7, "event_timestamp": WHEN}]
    store.write_to_online_store("cust_driver", df=pd.DataFrame(trips))


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    describe(folder, sys.argv[2] if len(sys.argv) > 2 else None)
    pd.DataFrame({"driver_id": [1001], "event_timestamp": [WHEN], "created": [WHEN]}).to_parquet(folder / "driver.parquet")
    pd.DataFrame({"driver_id": [1001], "customer_id": ["c1"], "event_timestamp": [WHEN]}).to_parquet(folder / "trips.parquet")
    store = FeatureStore(repo_path=str(folder))
    store.apply(definitions())
    write(store)


if __name__ == "__main__":
    main()
