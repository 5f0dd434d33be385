"""``plateau_pool.features.wsgi:app``."""

from __future__ import annotations

import os

from plateau_pool.features.settings import read_settings
from plateau_pool.features.stores import open_store, watch_store
from plateau_pool.features.wsgi_application import wsgi_application

_settings = read_settings(os.environ)
watch_store(_settings)
app = wsgi_application(_settings, open_store(_settings))
