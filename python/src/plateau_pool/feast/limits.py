"""Limits for waits that Feast's Redis store leaves without."""

from __future__ import annotations

_STORE_LIMITS = {"socket_timeout": 2, "socket_connect_timeout": 2}
"""Seconds. Without them, redis-py waits for ever for a server that swallows commands."""


def with_limits(connection_string: str) -> str:
    """A ``connection_string`` of Feast's Redis store, with limits for the waits that it leaves without.

    Parameters follow the hosts with commas, as Feast documents them: ``host:6379,ssl=true,socket_timeout=5``.
    """
    given = {part.partition("=")[0] for part in connection_string.split(",") if "=" in part}
    return ",".join([connection_string, *(f"{name}={seconds}" for name, seconds in _STORE_LIMITS.items() if name not in given)])
