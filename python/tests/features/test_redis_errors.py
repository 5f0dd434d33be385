"""What errors of redis-py are called."""

from __future__ import annotations

import pytest
import redis

from plateau_pool.features.redis_errors import why_lost


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (redis.AuthenticationError("WRONGPASS"), "Redis refuses the user or password; correct the connection: WRONGPASS"),
        (redis.exceptions.AuthorizationError("NOPERM"), "Redis refuses the user or password; correct the connection: NOPERM"),
        (redis.BusyLoadingError("LOADING"), "Redis is loading its data; wait: LOADING"),
        (redis.MaxConnectionsError("Too many"), "all connections to Redis are taken; allow more of them or fewer threads: Too many"),
        (redis.ConnectionError("refused"), "Redis does not answer: refused"),
        (redis.TimeoutError(), "Redis does not answer: TimeoutError"),
    ],
)
def test_a_refusal_and_a_start_are_told_from_silence(error: Exception, text: str) -> None:
    assert why_lost(error) == text
