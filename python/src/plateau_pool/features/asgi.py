"""``plateau_pool.features.asgi:app``."""

from __future__ import annotations

import os

from plateau_pool.features.asgi_application import AsgiFeatures
from plateau_pool.features.settings import read_settings
from plateau_pool.features.stores import watch_store

_settings = read_settings(os.environ)
watch_store(_settings)
app = AsgiFeatures(_settings)
