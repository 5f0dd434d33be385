"""When a kept-alive connection has lived long enough."""

from __future__ import annotations

import random

_SPREAD = 0.2


def end_of_age(now: float, max_age: float) -> float:
    """When a connection opened ``now`` has reached its maximum age, give or take ten per cent.

    Spread, so that connections that were opened together do not all come back together.
    """
    return now + max_age * (1 - _SPREAD / 2 + _SPREAD * random.random())
