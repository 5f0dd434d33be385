"""The pool's configuration at start: the mounted file when there is one, else the flags."""

from __future__ import annotations

from ..settings import Settings
from .generation import PoolConfig, parse_config, parse_json


class CannotStart(Exception):
    """Says why the server cannot start, in a sentence that names what is wrong and what to do."""


def read_start_config(settings: Settings) -> PoolConfig:
    """What to start with.

    :raises CannotStart: when the file cannot be used
    """
    if settings.config_file is None:
        return PoolConfig(settings.threads, settings.processes, 0, settings.objective * 1000)
    return _read(settings.config_file)


def _read(file: str) -> PoolConfig:
    remedy = 'it must hold {"threads", "processes", "generation", "objectiveMs"}'
    try:
        with open(file, encoding="utf-8") as opened:
            content = parse_json(opened.read())
    except OSError as error:
        raise CannotStart(
            f"pool configuration {file} cannot be read ({error.strerror or error}); mount it, or name another with --config"
        ) from error
    except ValueError as error:
        raise CannotStart(f"pool configuration {file} cannot be read as JSON; {remedy}: {error}") from error
    try:
        return parse_config(content)
    except ValueError as error:
        raise CannotStart(f"pool configuration {file} is not valid; {remedy}: {error}") from error
