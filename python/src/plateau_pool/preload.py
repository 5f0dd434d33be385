"""Imports made once, before serving processes are forked: a new process is then there at once, and shares their memory."""

from __future__ import annotations

import gc
import importlib

VARIABLE = "PLATEAU_POOL_PRELOAD"
"""Modules with commas between. They must bear a fork: no threads, no connections at import. Not the application itself."""


def preload(names: str) -> None:
    """Imports the modules. Raises what an import raises.

    What is there then, this package and the server too, the garbage collector leaves alone from now on. Walking over it again and again
    for an application that makes many objects was nearly all of what the pool cost: 0.2 ms of a request of 3.7 ms, measured. And a
    collection in a forked process would write to the header of each object, and so copy what is shared.
    """
    for name in filter(None, map(str.strip, names.split(","))):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
