"""What ``plateau-pool serve features`` and ``serve feast`` stand for."""

from __future__ import annotations

from pathlib import Path

import pytest

from plateau_pool import feast_preset
from plateau_pool.settings import UsageError, read_settings


def test_features_on_threads_by_default() -> None:
    settings = read_settings(["features", "--store", "redis://127.0.0.1:6379", "--project", "ranking", "--json", "orjson"], {})
    assert (settings.app, settings.server) == ("plateau_pool.features.wsgi:app", "waitress")
    assert dict(settings.environment) == {
        "PLATEAU_FEATURES_STORE": "redis://127.0.0.1:6379",
        "PLATEAU_FEATURES_PROJECT": "ranking",
        "PLATEAU_FEATURES_JSON": "orjson",
    }


@pytest.mark.parametrize(
    ("words", "app", "server"),
    [
        (["features", "--server", "gunicorn"], "plateau_pool.features.wsgi:app", "gunicorn"),
        (["features", "--interface", "asgi"], "plateau_pool.features.asgi:app", "uvicorn"),
        (["features", "--interface", "asgi", "--server", "gunicorn"], "plateau_pool.features.asgi:app", "gunicorn-asgi"),
        (["feast"], "plateau_pool.feast.asgi:app", "uvicorn"),
        (["feast", "--server", "gunicorn"], "plateau_pool.feast.asgi:app", "gunicorn-asgi"),
    ],
)
def test_server_by_application(words: list[str], app: str, server: str) -> None:
    settings = read_settings(words, {})
    assert (settings.app, settings.server) == (app, server)


def test_feast_reads_the_named_file(tmp_path: Path) -> None:
    file = tmp_path / "feature_store.yaml"
    file.write_text("project: golden")
    assert feast_preset.prepare({"feature-store": str(file)}).environment["FEAST_FS_YAML_FILE_PATH"] == str(file)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["features", "--store", "mysql://x"], "^--store is a URL of the kind 'mysql'; set it to redis://HOST:PORT"),
        (["features", "--store", "redis://x", "--json", "ujson"], "^--json is 'ujson'"),
        (["features", "--store", "redis://x", "--json", "ujson"], "json or orjson"),
        (["features", "--interface", "cgi"], "wsgi or asgi"),
        (["feast", "--feature-store", "nowhere.yaml"], "there is no file"),
    ],
)
def test_refuses(words: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_settings(words, {})
