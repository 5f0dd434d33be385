"""What an error of redis-py means, in words that say where to look."""

from __future__ import annotations

import redis


def why_lost(error: Exception) -> str:
    """Why Redis cannot be read. A refusal and a start are told from silence: redis-py derives all three from ``ConnectionError``."""
    match error:
        case redis.AuthenticationError() | redis.exceptions.AuthorizationError():
            return f"Redis refuses the user or password; correct the connection: {error}"
        case redis.BusyLoadingError():
            return f"Redis is loading its data; wait: {error}"
        case redis.exceptions.MaxConnectionsError():
            return f"all connections to Redis are taken; allow more of them or fewer threads: {error}"
    return f"Redis does not answer: {str(error) or type(error).__name__}"
