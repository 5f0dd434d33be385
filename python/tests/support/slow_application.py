"""The applications of the tests, but importing them lasts as long as there is the file that ``SLOW_WHILE`` names."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

from .applications import asgi, wsgi

__all__ = ["asgi", "starting", "wsgi"]

_file = Path(os.environ["SLOW_WHILE"])


def _wait() -> None:
    if _file.exists():
        _file.write_bytes(b"somebody waits")
    while _file.exists():
        time.sleep(0.01)


async def starting(scope: Any, receive: Any, send: Any) -> None:
    """Imported like the others; it is its start that lasts."""
    if scope["type"] == "lifespan":
        await asyncio.to_thread(_wait)
    await asgi(scope, receive, send)


if not os.environ.get("SLOW_TO_START"):
    _wait()
