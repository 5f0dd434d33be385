"""How the application is configured: by environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote, urlsplit

from plateau_pool.features.codec import CodecName

_STORE = "PLATEAU_FEATURES_STORE"
_PROJECT = "PLATEAU_FEATURES_PROJECT"
_JSON = "PLATEAU_FEATURES_JSON"
_TIMEOUT = "PLATEAU_FEATURES_STORE_TIMEOUT"
_REDIS_SCHEMES = ("redis", "rediss", "unix")


class SettingsError(Exception):
    """A variable is missing or wrong; the message says which and what it takes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the application needs to know."""

    store: str
    """``redis://HOST:PORT/DB`` (or ``rediss``, ``unix``), or ``sqlite:///ABSOLUTE/PATH``."""
    project: str
    """Feast's project, part of every key."""
    codec: CodecName
    store_timeout: float
    """Seconds after which a store that does not answer counts as lost."""

    @property
    def sqlite_path(self) -> str | None:
        """Path of the SQLite file, if the store is one."""
        parts = urlsplit(self.store)
        return unquote(parts.path) if parts.scheme == "sqlite" else None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Reads the variables ``PLATEAU_FEATURES_STORE``, ``…_PROJECT`` (default ``plateau``), ``…_JSON`` (``json`` or ``orjson``)
    and ``…_STORE_TIMEOUT`` (seconds, default 2). Raises ``SettingsError``.
    """
    codec = environment.get(_JSON) or "json"
    if codec not in ("json", "orjson"):
        raise SettingsError(f"{_JSON} is {codec!r}; set it to json or orjson")
    return Settings(
        store=_store(environment.get(_STORE, "")),
        project=environment.get(_PROJECT) or "plateau",
        codec=cast(CodecName, codec),
        store_timeout=_timeout(environment.get(_TIMEOUT) or "2"),
    )


def _store(url: str) -> str:
    said = "is not set"
    if url:
        try:
            parts = urlsplit(url)
        except ValueError:
            said = "is no URL"
        else:
            if parts.scheme in _REDIS_SCHEMES or (parts.scheme == "sqlite" and parts.netloc == "" and len(parts.path) > 1):
                return url
            said = f"is a URL {f'of the kind {parts.scheme!r}' if parts.scheme else 'without a scheme'}"
    # Not the URL itself: it may hold a password.
    raise SettingsError(f"{_STORE} {said}; set it to redis://HOST:PORT or sqlite:///ABSOLUTE/PATH")


def _timeout(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if 0 < seconds < 3600:  # noqa: PLR2004 - an hour is for ever to a client
        return seconds
    raise SettingsError(f"{_TIMEOUT} is {text!r}; set it to a number of seconds above 0")
