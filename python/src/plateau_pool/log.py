"""Log lines: one JSON object a line on standard error, as the built-in server writes them."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Literal

Level = Literal["info", "warn", "error"]


def log(level: Level, message: str, **fields: str | float) -> None:
    """Writes a line. A closed standard error is no reason to stop serving."""
    stream = sys.stderr
    if stream is None:
        return
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    try:
        stream.write(json.dumps({"time": time, "level": level, "message": message, **fields}, separators=(",", ":")) + "\n")
        stream.flush()
    except (OSError, ValueError):
        pass
