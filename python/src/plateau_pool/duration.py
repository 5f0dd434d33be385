"""Go-style durations (``30ms``, ``1.5s``, ``5m``), the form Kubernetes users write."""

from __future__ import annotations

import re

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?)(ns|us|µs|ms|s|m|h)")
_LONGEST = 16


def parse_duration(text: str) -> float | None:
    """Seconds; None when the text is no duration. ``0`` needs no unit."""
    if text == "0":
        return 0.0
    if not text or len(text) > _LONGEST or _PART.sub("", text):
        return None
    return sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(text))
