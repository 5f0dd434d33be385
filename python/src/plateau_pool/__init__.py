"""Runs, measures and resizes Python web servers under the worker-pool protocol."""

import os
import sys

__version__ = "0.1.0"

if sys.version_info < (3, 11):  # noqa: UP036  an init container may copy the package beside any interpreter
    raise ImportError("plateau_pool needs Python 3.11 or newer, this is " + sys.version.split()[0])

# Servers that came with the package, for images that have none. At the end: what the image has wins.
_vendored = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "plateau_pool_vendor")
if os.path.isdir(_vendored) and _vendored not in sys.path:
    sys.path.append(_vendored)
