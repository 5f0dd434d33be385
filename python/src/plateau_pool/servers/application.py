"""Finds the application that is to be served."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


def load_application(name: str) -> Callable[..., Any]:
    """Imports ``module:attribute`` (``attribute`` may have dots; absent, ``app``).

    Raises ``ValueError`` with a sentence when there is no such callable; errors of the import itself come through.
    """
    module_name, _, attribute = name.partition(":")
    found: Any = importlib.import_module(module_name)
    for part in (attribute or "app").split("."):
        if not hasattr(found, part):
            raise ValueError(f"The application {name!r} was not found: {found!r} has no attribute {part!r}.")
        found = getattr(found, part)
    if not callable(found):
        raise ValueError(f"The application {name!r} is no WSGI or ASGI application: a {type(found).__name__} cannot be called.")
    application: Callable[..., Any] = found
    return application
