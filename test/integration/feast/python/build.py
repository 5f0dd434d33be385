"""Applies the generated definitions to feature repositories, writes their rows and prints what they hold.

build.py SEED REPO... : each REPO is a folder with a feature_store.yaml. Prints one JSON object.
"""

import json
import sys
from random import Random
from typing import Any

from feast import FeatureStore

from definitions import KeyKind, feast_view, keys, services, views
from rows import write_rows


def build(seed: int, repo: str) -> dict[str, Any]:
    """The same definitions and rows for the same seed, whatever the store."""
    rng = Random(seed)
    store = FeatureStore(repo_path=repo)
    kinds = keys()
    wanted = views(rng)
    made = {view.name: feast_view(view, kinds, index) for index, view in enumerate(wanted)}
    offered = services(made)
    store.apply([*(kind.entity for kind in kinds.values()), *made.values(), *offered])
    described = []
    for view in wanted:
        rows = write_rows(store, store.get_feature_view(view.name), view, kinds, rng)
        joins = [kinds[name].join_key for name in view.entities]
        texts = [[json.dumps(value) for value in row] for row in rows]
        described.append({"name": view.name, "joinKeys": joins, "features": list(view.features), "rows": texts})
    return {
        "project": store.project,
        "views": described,
        "services": [service.name for service in offered],
        "joinKeys": values_to_ask(kinds),
        "entityNames": list(kinds),
    }


def values_to_ask(kinds: dict[str, KeyKind]) -> dict[str, list[str]]:
    """By join key, which may belong to several entities."""
    texts: dict[str, list[str]] = {}
    for kind in kinds.values():
        texts.setdefault(kind.join_key, []).extend(json.dumps(value) for value in kind.values)
    return texts


def main() -> None:
    seed, *repos = sys.argv[1:]
    described = [build(int(seed), repo) for repo in repos]
    json.dump(described[0], sys.stdout)


if __name__ == "__main__":
    main()
