"""Finds the adapter that ``--server`` names, and says what is missing when it cannot."""

from __future__ import annotations

import importlib
from typing import cast

from .ports import ServerAdapter

PACKAGES = {"waitress": "waitress", "gunicorn": "gunicorn", "gunicorn-asgi": "gunicorn", "uvicorn": "uvicorn"}
"""Servers by name, and the extra of this package that brings each."""
_OURS = __name__.partition(".")[0]


class NoAdapter(Exception):
    """What is wrong with ``--server``, in a sentence."""


def load_adapter(name: str) -> ServerAdapter:
    """``waitress``, ``gunicorn``, ``gunicorn-asgi``, ``uvicorn``, or ``module:attribute``.

    :raises NoAdapter: when there is none of this name, or its server is not installed
    """
    if name not in PACKAGES and ":" not in name:
        raise NoAdapter(f'--server "{name}" is not known: choose {", ".join(PACKAGES)}, or give module:attribute of an adapter')
    module, _, attribute = name.partition(":")
    if name in PACKAGES:
        module, attribute = f"{_OURS}.servers.{name.replace('-', '_')}", "adapter"
    try:
        return cast("ServerAdapter", getattr(importlib.import_module(module), attribute))
    except ModuleNotFoundError as error:
        raise NoAdapter(_tell_missing(name, error)) from error
    except AttributeError as error:
        raise NoAdapter(f"--server {name}: the module {module} has no {attribute}") from error


def _tell_missing(name: str, error: ModuleNotFoundError) -> str:
    if name in PACKAGES:
        return f"--server {name} needs the package {error.name}, which is not installed here: pip install 'plateau-pool[{PACKAGES[name]}]'"
    return f"--server {name}: there is no module {error.name} to import"
