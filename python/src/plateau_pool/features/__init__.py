"""A feature server as a team would write it in Python: Feast's wire format from Redis or SQLite, no Feast needed.

``plateau_pool.features.wsgi:app`` and ``plateau_pool.features.asgi:app`` are ordinary applications; any WSGI or ASGI
server runs them. ``settings.py`` tells how they are configured.

There is no registry: the join keys of a view are those of the request, integers as INT64 and strings as STRING.
"""
