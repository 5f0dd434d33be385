"""``plateau-pool serve features``: the application of this folder by flags."""

from __future__ import annotations

from collections.abc import Mapping

from plateau_pool.features.settings import SettingsError, read_settings
from plateau_pool.presets import Preset

flags = {
    "store": "redis://HOST:PORT or sqlite:///ABSOLUTE/PATH (PLATEAU_FEATURES_STORE)",
    "project": "Feast's project (PLATEAU_FEATURES_PROJECT, default plateau)",
    "json": "json or orjson (PLATEAU_FEATURES_JSON, default json)",
    "interface": "wsgi (on waitress or gunicorn, the default) or asgi (on uvicorn)",
}

_SERVERS = {"wsgi": "waitress", "asgi": "uvicorn"}
_NAMES = {"wsgi": {}, "asgi": {"gunicorn": "gunicorn-asgi"}}


def prepare(given: Mapping[str, str]) -> Preset:
    """Raises ``ValueError`` for a flag that is wrong; what is left to the environment is checked when the application starts."""
    interface = given.get("interface", "wsgi")
    if interface not in _SERVERS:
        raise ValueError(f"--interface is {interface!r}; give wsgi or asgi")
    variables = {f"PLATEAU_FEATURES_{name.upper()}": name for name in ("store", "project", "json") if name in given}
    environment = {variable: given[name] for variable, name in variables.items()}
    if "store" in given:
        try:
            read_settings(environment)
        except SettingsError as error:
            raise ValueError(_of_flags(str(error), variables)) from error
    return Preset(
        app=f"plateau_pool.features.{interface}:app",
        defaults={"server": _SERVERS[interface]},
        servers=_NAMES[interface],
        environment=environment,
    )


def _of_flags(message: str, variables: Mapping[str, str]) -> str:
    for variable, name in variables.items():
        message = message.replace(variable, f"--{name}")
    return message
