"""Features out of Feast's SQLite online store: a table for each view, a row for each feature of an entity."""

from __future__ import annotations

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from plateau_pool import store
from plateau_pool.features.refusal import Refusal, StoreLost
from plateau_pool.features.request import ViewRead
from plateau_pool.features.row import EPOCH, MISSING, Row, timestamp_from_column
from plateau_pool.features.value import decode_value

_KEYS_PER_QUERY = 500
"""SQLite allows 999 parameters in its oldest versions in use."""


class SqliteStore:
    """Opens one read-only connection for each thread."""

    def __init__(self, path: str, project: str, timeout: float) -> None:
        self._uri = f"file:{quote(path)}?mode=ro"
        self._path = path
        self._project = project
        self._timeout = timeout
        self._threads = threading.local()

    def read(self, reads: Sequence[ViewRead], keys: Sequence[bytes]) -> list[list[Row]]:
        """For each view the row of each key. Raises ``StoreLost``, or ``Refusal`` when there is no such view."""
        with store.timed():
            found = [self._fetch(read, keys) for read in reads]
        return [[_row(read, of_key.get(key, {})) for key in keys] for read, of_key in zip(reads, found, strict=True)]

    def ping(self) -> None:
        """Reaches the store once. Raises ``StoreLost``."""
        try:
            self._connection().execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            raise self._lost(error) from error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._uri, uri=True, timeout=self._timeout)
            self._threads.connection = connection
        return connection

    def _lost(self, error: sqlite3.Error) -> StoreLost:
        self._threads.connection = None
        return StoreLost(f"the SQLite file {self._path} cannot be read: {error}")

    def _fetch(self, read: ViewRead, keys: Sequence[bytes]) -> dict[bytes, dict[str, tuple[bytes, object]]]:
        found: dict[bytes, dict[str, tuple[bytes, object]]] = defaultdict(dict)
        try:
            for key, feature, value, time in self._select(read, keys):
                found[key][feature] = (value, time)
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                raise Refusal(404, f"Feature view {read.view} does not exist in project {self._project}", plain=True) from error
            raise self._lost(error) from error
        except sqlite3.Error as error:
            raise self._lost(error) from error
        return found

    def _select(self, read: ViewRead, keys: Sequence[bytes]) -> Iterator[tuple[bytes, str, bytes, object]]:
        table = f"{self._project}_{read.view}".replace('"', '""')
        for at in range(0, len(keys), _KEYS_PER_QUERY):
            some = keys[at : at + _KEYS_PER_QUERY]
            marks = ",".join("?" * len(some))
            query = f'SELECT entity_key, feature_name, value, event_ts FROM "{table}" WHERE entity_key IN ({marks})'
            yield from self._connection().execute(query, some)


def _row(read: ViewRead, features: dict[str, tuple[bytes, object]]) -> Row:
    if not features:
        return Row([MISSING] * len(read.features), EPOCH)
    _, time = next(reversed(features.values()))
    values = [decode_value(features[name][0]) if name in features else MISSING for name in read.features]
    return Row(values, timestamp_from_column(time))
