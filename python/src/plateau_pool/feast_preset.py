"""``plateau-pool serve feast``: Feast's own feature server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from plateau_pool import preload
from plateau_pool.presets import Preset

flags = {"feature-store": "path of the feature_store.yaml (FEAST_FS_YAML_FILE_PATH)"}


def prepare(given: Mapping[str, str]) -> Preset:
    """Raises ``ValueError`` when the named file does not exist. Without the flag, Feast's own variable names it."""
    # Seconds of imports, pandas and pyarrow among them. Feast's own Gunicorn forks after them as well.
    environment = {preload.VARIABLE: "feast.feature_server"}
    if "feature-store" in given:
        file = Path(given["feature-store"]).resolve()
        if not file.is_file():
            raise ValueError(f"--feature-store: there is no file {file}")
        environment["FEAST_FS_YAML_FILE_PATH"] = str(file)
    return Preset(
        app="plateau_pool.feast.asgi:app",
        defaults={"server": "uvicorn"},
        servers={"gunicorn": "gunicorn-asgi"},
        environment=environment,
    )
