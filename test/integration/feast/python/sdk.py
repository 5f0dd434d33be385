"""Feast's SDK as a client of feature servers, through its remote online store.

sdk.py compare CATALOGUE FEAST OURS   asks the servers of both repositories everything and prints what either client saw.
sdk.py read REPO                      one read, retried by the SDK as often as its configuration says.
CATALOGUE is a file with what build.py printed. Prints one JSON object.
"""

import json
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
from feast import FeatureService, FeatureStore
from feast.permissions.client.http_auth_requests_wrapper import HttpSessionManager
from feast.protos.feast.types.EntityKey_pb2 import EntityKey
from feast.protos.feast.types.Value_pb2 import Value

Question = Callable[[FeatureStore], Any]

USERS: list[dict[str, Any]] = [{"user_id": user, "item_sku": "a"} for user in (2, 9007199254740993, 424242, 2)]
REFERENCES = ["scalars:int64", "scalars:double", "scalars:string", "scalars:bool", "skus:title"]


def columns(frame: pd.DataFrame) -> dict[str, list[str]]:
    return {str(name): [repr(value) for value in frame[name]] for name in sorted(frame.columns)}


def by_name(found: dict[str, Any]) -> dict[str, str]:
    return {name: repr(found[name]) for name in sorted(found)}


def low_level(store: FeatureStore) -> Any:
    view = store.get_feature_view("scalars")
    keys = [EntityKey(join_keys=["user_id"], entity_values=[Value(int64_val=row["user_id"])]) for row in USERS]
    read = store._get_provider().online_read(store.config, view, keys, ["int64", "string", "double"])
    return [None if row is None else {name: str(row[name]) for name in sorted(row)} for _, row in read]


def features(store: FeatureStore, references: Any, rows: Any, **options: Any) -> dict[str, str]:
    return by_name(store.get_online_features(features=references, entity_rows=rows, **options).to_dict())


def service(store: FeatureStore, name: str, rows: Any, **options: Any) -> dict[str, str]:
    return features(store, store.get_feature_service(name), rows, **options)


def rows_of(catalogue: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Entity rows that a view holds."""
    view = next(view for view in catalogue["views"] if view["name"] == name)
    return [dict(zip(view["joinKeys"], map(json.loads, row), strict=True)) for row in view["rows"]]


QUESTIONS: dict[str, Question] = {
    "features": lambda store: features(store, REFERENCES, USERS),
    "full names": lambda store: features(store, REFERENCES, USERS, full_feature_names=True),
    "columns of values": lambda store: features(store, REFERENCES, {"user_id": [2, 0, 1], "item_sku": ["a", "", "a"]}),
    "data frame": lambda store: columns(store.get_online_features(features=REFERENCES, entity_rows=USERS).to_df()),
    "timestamps": lambda store: features(store, ["moments:level"], [{"user": 0}, {"user": 1785585600}]),
    "service": lambda store: service(store, "subset", [{"user_id": 2, "item_sku": "a"}, {"user_id": 0, "item_sku": ""}]),
    "service with an alias": lambda store: service(store, "alias", [{"user_id": 2, "a_region": 0}], full_feature_names=True),
    "service with renamed keys": lambda store: service(store, "friends", [{"user_id": 2, "friend_id": 0}], full_feature_names=True),
    # The SDK cannot rebuild an empty list from JSON and raises TypeError, whichever server sent it.
    "lists": lambda store: features(store, ["collections:string_list", "collections:int64_set"], USERS),
    "low-level read": low_level,
    "unknown view": lambda store: features(store, ["no_such:int64"], USERS),
    "unknown feature": lambda store: features(store, ["scalars:no_such"], USERS),
    "unknown service": lambda store: features(store, FeatureService(name="no_such", features=[]), USERS),
    "collision": lambda store: features(store, ["scalars:int64", "skus:int64"], [{"user_id": 2, "item_sku": "a"}]),
    "missing join key": lambda store: features(store, ["scalars:int64"], [{"shop_id": 1}]),
    "wrong type": lambda store: features(store, ["scalars:int64"], [{"user_id": "not a number"}]),
}


def outcome(question: Question, store: FeatureStore) -> dict[str, Any]:
    """What the SDK returned, or which exception it raised; addresses are taken out of messages."""
    try:
        return {"answer": question(store)}
    except Exception as error:
        return {"error": type(error).__name__, "message": re.sub(r"port=\d+", "port=…", str(error))}


def fresh(question: Question, store: FeatureStore) -> dict[str, Any]:
    """On a new connection: Feast's server ends a connection after each error, and the next request on it would fail."""
    HttpSessionManager.close_session()
    found = outcome(question, store)
    HttpSessionManager.close_session()
    return found


def write(store: FeatureStore) -> None:
    moment = pd.Timestamp("2026-08-01T12:00:00Z")
    frame = pd.DataFrame({"item_sku": ["a"], "int64": [1], "title": ["t"], "event_timestamp": [moment], "created": [moment]})
    store.write_to_online_store("skus", frame)


def compare(catalogue: dict[str, Any], repos: list[str]) -> dict[str, Any]:
    feast, ours = (FeatureStore(repo_path=repo) for repo in repos)
    pairs = rows_of(catalogue, "user_item")
    questions = {**QUESTIONS, "composite key": lambda store: features(store, ["user_item:clicks", "user_item:note"], [*pairs, pairs[0]])}
    by_feast = {name: fresh(question, feast) for name, question in questions.items()}
    by_ours = {name: outcome(question, ours) for name, question in questions.items()}
    # Only to the second one: the other would write.
    return {"feast": by_feast, "ours": by_ours, "write": outcome(write, ours)}


def main() -> None:
    warnings.simplefilter("ignore")
    command, *words = sys.argv[1:]
    if command == "compare":
        found = compare(json.loads(Path(words[0]).read_text()), words[1:])
    else:
        found = outcome(QUESTIONS["features"], FeatureStore(repo_path=words[0]))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
