"""Applications that ``plateau-pool serve`` knows by name.

A preset is a module with ``flags`` (name of a flag without its dashes, and what it is for) and ``prepare``.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, cast

PRESETS = {"feast": "plateau_pool.feast_preset", "features": "plateau_pool.features.preset"}
"""Module of each name."""


@dataclass(frozen=True)
class Preset:
    """What a name stands for."""

    app: str
    """``module:attribute``."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Flags that hold unless the user gives them, by name: ``{"server": "uvicorn"}``."""
    servers: Mapping[str, str] = field(default_factory=dict)
    """What names of ``--server`` mean for this application: ``{"gunicorn": "gunicorn-asgi"}``."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables for the serving processes."""


class PresetModule(Protocol):
    """What such a module offers."""

    flags: Mapping[str, str]

    def prepare(self, given: Mapping[str, str]) -> Preset:
        """``given``: those of ``flags`` that the user gave. Raises ValueError with a sentence when something is missing."""


def find_preset(name: str) -> PresetModule | None:
    """The preset of this name; None when there is none."""
    module = PRESETS.get(name)
    return None if module is None else cast("PresetModule", importlib.import_module(module))
