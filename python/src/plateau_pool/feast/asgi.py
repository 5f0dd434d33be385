"""``plateau_pool.feast.asgi:app``."""

from __future__ import annotations

import os

from plateau_pool.feast.application import build

app = build(os.environ)
