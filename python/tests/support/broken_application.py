"""The applications of the tests, but no process can import them while there is the file that ``BROKEN_WHILE`` names."""

from __future__ import annotations

import os
from pathlib import Path

from .applications import asgi, wsgi

__all__ = ["asgi", "wsgi"]

_file = Path(os.environ["BROKEN_WHILE"])
if _file.exists():
    with _file.open("r+b") as _attempts:  # never makes it anew: that would break what was mended meanwhile
        _attempts.seek(0, os.SEEK_END)
        _attempts.write(b".")
    raise ImportError("the application is broken, as asked")
