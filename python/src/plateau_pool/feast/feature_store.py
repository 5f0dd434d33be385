"""Opens the feature store that Feast's server serves, as ``feast serve`` does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import feast
from feast.permissions.server.utils import ServerType, init_auth_manager, init_security_manager, str_to_auth_manager_type

from plateau_pool.feast.limits import with_limits

FILE_VARIABLE = "FEAST_FS_YAML_FILE_PATH"
"""Feast's own variable for ``feast --feature-store-yaml``."""


class NoFeatureStore(Exception):
    """There is no file to serve from; the message says what to set."""


def feature_store_file(environment: Mapping[str, str]) -> Path:
    """The file that the environment names, else ``feature_store.yaml`` in the working directory. Raises ``NoFeatureStore``."""
    file = Path(environment.get(FILE_VARIABLE) or "feature_store.yaml").resolve()
    if not file.is_file():
        raise NoFeatureStore(f"there is no {file}; name a feature_store.yaml with --feature-store or {FILE_VARIABLE}")
    return file


def open_feature_store(file: Path) -> feast.FeatureStore:
    """The store with its registry loaded and its guards in place. Relative paths in the file are relative to its folder."""
    store = feast.FeatureStore(repo_path=str(file.parent), fs_yaml_file=file)
    online = store.config.online_store
    if online.type == "redis":
        online.connection_string = with_limits(online.connection_string)
    auth = str_to_auth_manager_type(store.config.auth_config.type)
    init_security_manager(auth_type=auth, fs=store)
    init_auth_manager(auth_type=auth, server_type=ServerType.REST, auth_config=store.config.auth_config)
    return store
