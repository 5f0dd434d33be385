"""The variables that configure the application."""

from __future__ import annotations

import pytest

from plateau_pool.features.settings import Settings, SettingsError, read_settings


def test_defaults() -> None:
    assert read_settings({"PLATEAU_FEATURES_STORE": "redis://127.0.0.1:6379"}) == Settings("redis://127.0.0.1:6379", "plateau", "json", 2.0)


def test_everything_said() -> None:
    said = {
        "PLATEAU_FEATURES_STORE": "sqlite:///data/a%20b.db",
        "PLATEAU_FEATURES_PROJECT": "ranking",
        "PLATEAU_FEATURES_JSON": "orjson",
        "PLATEAU_FEATURES_STORE_TIMEOUT": "0.5",
    }
    settings = read_settings(said)
    assert settings == Settings("sqlite:///data/a%20b.db", "ranking", "orjson", 0.5)
    assert settings.sqlite_path == "/data/a b.db"


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({}, "PLATEAU_FEATURES_STORE is not set"),
        (
            {"PLATEAU_FEATURES_STORE": "mysql://x"},
            "PLATEAU_FEATURES_STORE is a URL of the kind 'mysql'; set it to redis://HOST:PORT or sqlite:///ABSOLUTE/PATH",
        ),
        ({"PLATEAU_FEATURES_STORE": "sqlite://relative.db"}, "PLATEAU_FEATURES_STORE is a URL of the kind 'sqlite'"),
        ({"PLATEAU_FEATURES_STORE": "127.0.0.1/0"}, "PLATEAU_FEATURES_STORE is a URL without a scheme"),
        ({"PLATEAU_FEATURES_STORE": "redis://x", "PLATEAU_FEATURES_JSON": "ujson"}, "PLATEAU_FEATURES_JSON is 'ujson'"),
        ({"PLATEAU_FEATURES_STORE": "redis://x", "PLATEAU_FEATURES_STORE_TIMEOUT": "nan"}, "PLATEAU_FEATURES_STORE_TIMEOUT is 'nan'"),
        ({"PLATEAU_FEATURES_STORE": "redis://x", "PLATEAU_FEATURES_STORE_TIMEOUT": "-1"}, "PLATEAU_FEATURES_STORE_TIMEOUT"),
        ({"PLATEAU_FEATURES_STORE": "redis://x", "PLATEAU_FEATURES_STORE_TIMEOUT": "soon"}, "PLATEAU_FEATURES_STORE_TIMEOUT"),
    ],
)
def test_refuses(said: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named.replace("(", r"\(")):
        read_settings(said)


@pytest.mark.parametrize("url", ["mysql://me:secret@db/0", "redis://me:secret@[::1/0", "sqlite://me:secret@db/0", "//me:secret@db"])
def test_keeps_passwords_to_itself(url: str) -> None:
    with pytest.raises(SettingsError, match="PLATEAU_FEATURES_STORE is") as raised:
        read_settings({"PLATEAU_FEATURES_STORE": url})
    assert "secret" not in str(raised.value)
