"""Errors of an application, told from the end of its client: Gunicorn takes each ``OSError`` for that, and answers nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any


def answer_of(application: Callable[..., Iterable[bytes]], environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Calls the application. An ``OSError`` of its own comes out as a ``RuntimeError``, now and while the answer is read."""
    guard = _Guard()
    with guard.own_errors():
        answer = application(environ, guard.started_by(start_response))
    # Gunicorn sends its file wrapper without reading it.
    return answer if isinstance(answer, (list, tuple, environ["wsgi.file_wrapper"])) else _Answer(answer, guard)


class _Guard:
    def __init__(self) -> None:
        self._of_client: OSError | None = None

    @contextlib.contextmanager
    def own_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error is self._of_client:
                raise
            raise RuntimeError(f"The application raised {type(error).__name__}.") from error

    def started_by(self, start_response: Callable[..., Any]) -> Callable[..., Any]:
        """With a ``write`` whose errors are the client's."""

        def start(*arguments: Any, **named: Any) -> Callable[[bytes], None]:
            write = start_response(*arguments, **named)

            def written(data: bytes) -> None:
                try:
                    write(data)
                except OSError as error:
                    self._of_client = error
                    raise

            return written

        return start


class _Answer:
    """What an application returned, read under guard."""

    def __init__(self, parts: Iterable[bytes], guard: _Guard) -> None:
        self._parts = parts
        self._guard = guard

    def __iter__(self) -> Iterator[bytes]:
        with self._guard.own_errors():
            iterator = iter(self._parts)
        while True:
            with self._guard.own_errors():
                part = next(iterator, None)
            if part is None:
                return
            yield part

    def close(self) -> None:
        """Gunicorn calls it in the end, as WSGI asks."""
        close = getattr(self._parts, "close", None)
        if close is not None:
            with self._guard.own_errors():
                close()
