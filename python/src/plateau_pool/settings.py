"""Flags and environment of ``plateau-pool serve``. A flag wins over the environment. Same names and defaults as ``plateau worker``."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from .duration import parse_duration
from .presets import Preset, PresetModule, find_preset


class UsageError(Exception):
    """What is wrong with the command line, one sentence a line."""


_LAST_MOMENT = 1.0


@dataclass(frozen=True)
class Settings:
    """How to serve. Durations in seconds."""

    app: str
    server: str
    environment: Mapping[str, str]
    host: str
    port: int
    admin_port: int
    config_file: str | None
    token_file: str | None
    threads: int
    processes: int
    objective: float
    threads_max: int
    processes_max: int
    queue_factor: float
    max_body: int
    max_connection_age: float
    keep_alive_timeout: float
    request_timeout: float
    idle_drain: float
    drain_grace: float
    termination_grace: float
    uncounted_paths: str

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @property
    def end_within(self) -> float:
        """Seconds from SIGTERM until what still runs is ended: a moment before whoever gave the grace ends it by force."""
        return self.termination_grace - min(_LAST_MOMENT, self.termination_grace / 4)

    @property
    def drain_within(self) -> float:
        """Seconds in which new requests are still taken after SIGTERM; at most half of the time, so that the last of them has the other."""
        return min(self.drain_grace, self.end_within / 2)

    def queue_for(self, threads: int) -> int:
        """Requests that may wait in a process: in proportion to its places, and room for a burst when it has few."""
        return max(64, math.ceil(threads * self.queue_factor))


@dataclass(frozen=True)
class _Flag:
    help: str
    fallback: str | None = None
    env: str | None = None


_FLAGS = {
    "server": _Flag("waitress or gunicorn (WSGI), uvicorn or gunicorn-asgi (ASGI); or module:attribute of an adapter"),
    "port": _Flag("serving port; 0 takes a free one", "6566", "WORKER_POOL_SERVING_PORT"),
    "admin-port": _Flag("port of metrics, health and pool; 0 takes a free one", "9100", "WORKER_POOL_ADMIN_PORT"),
    "host": _Flag("address to listen on, both ports", "0.0.0.0", "WORKER_POOL_HOST"),
    "config": _Flag("pool configuration file (JSON), read before readiness", None, "WORKER_POOL_CONFIG"),
    "token-file": _Flag("file with the token that PUT /pool needs", None, "WORKER_POOL_TOKEN_FILE"),
    "threads": _Flag("threads of each process, or requests that its event loop holds, when no configuration file says it", "8"),
    "processes": _Flag("serving processes, when no configuration file says it", "1"),
    "objective": _Flag("p95 objective, when no configuration file says it", "100ms"),
    "threads-max": _Flag("most threads that a process may have", "1024"),
    "processes-max": _Flag("most processes that the pool may have", "64"),
    "queue-factor": _Flag("requests that may wait, per request held at once (at least 64 in all)", "8", "PLATEAU_QUEUE_FACTOR"),
    "max-body": _Flag("largest request body, bytes", str(8 * 1024 * 1024)),
    "max-connection-age": _Flag("age at which a connection is closed with its next answer, +-10 %%", "60s"),
    "keep-alive-timeout": _Flag("how long an idle connection is kept", "65s"),
    "request-timeout": _Flag("how long a whole request may take to arrive, and a client may take nothing of its answer", "30s"),
    "idle-drain": _Flag("how long a retiring process waits for idle connections to end with one more answer", "5s"),
    "drain-grace": _Flag("how long connections are accepted after SIGTERM", "5s"),
    "termination-grace": _Flag("the pod's grace period; the server is gone before", "30s"),
    "uncounted-paths": _Flag(
        "paths that are no requests of the pool, with commas",
        "/health,/healthz,/livez,/readyz,/metrics,/favicon.ico",
        "PLATEAU_UNCOUNTED_PATHS",
    ),
}


def read_settings(argv: Sequence[str], env: Mapping[str, str]) -> Settings:
    """Reads what stands after ``plateau-pool serve``.

    :raises UsageError: listing every problem
    """
    given, preset = _parse(argv)
    reader = _Reader(given, preset.defaults, env)
    server = reader.text("server")
    settings = Settings(
        app=preset.app,
        server=preset.servers.get(server, server),
        environment=dict(preset.environment),
        host=reader.text("host"),
        port=reader.integer("port", 0, 65_535),
        admin_port=reader.integer("admin-port", 0, 65_535),
        config_file=reader.optional("config"),
        token_file=reader.optional("token-file"),
        threads=reader.integer("threads", 1, 4096),
        processes=reader.integer("processes", 1, 256),
        objective=reader.duration("objective", 1e-6),
        threads_max=reader.integer("threads-max", 1, 4096),
        processes_max=reader.integer("processes-max", 1, 256),
        queue_factor=reader.number("queue-factor", 0, 1000),
        max_body=reader.integer("max-body", 1, 256 * 1024 * 1024),
        max_connection_age=reader.duration("max-connection-age", 0.1),
        keep_alive_timeout=reader.duration("keep-alive-timeout", 0.001),
        request_timeout=reader.duration("request-timeout", 0.001),
        idle_drain=reader.duration("idle-drain", 0),
        drain_grace=reader.duration("drain-grace", 0),
        termination_grace=reader.duration("termination-grace", 0.001),
        uncounted_paths=reader.optional("uncounted-paths") or "",
    )
    if reader.problems:
        raise UsageError("\n".join(reader.problems))
    return settings


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise UsageError(f"{message}; plateau-pool serve --help lists what there is")


def _parse(argv: Sequence[str]) -> tuple[dict[str, str], Preset]:
    parser = _Parser(prog="plateau-pool serve", allow_abbrev=False, description="Serves a WSGI or ASGI application under the pool.")
    parser.add_argument("app", help="module:attribute of the application, or the name of a preset (feast, features)")
    for name, flag in _FLAGS.items():
        more = [part for part in (flag.env, flag.fallback and f"default {flag.fallback}") if part]
        parser.add_argument(f"--{name}", help=flag.help + (f" ({', '.join(more)})" if more else ""))
    for word in argv:
        module = find_preset(word)
        if module is None:
            continue
        given = _values(_with_flags(parser, module), argv)
        if given["app"] == word:  # and not the value of a flag
            return given, _prepare(module, given)
    given = _values(parser, argv)
    return given, _plain(given["app"])


def _with_flags(parser: argparse.ArgumentParser, module: PresetModule) -> argparse.ArgumentParser:
    more = _Parser(parents=[parser], add_help=False, allow_abbrev=False, prog=parser.prog, description=parser.description)
    for name, meaning in module.flags.items():
        more.add_argument(f"--{name}", help=meaning)
    return more


def _prepare(module: PresetModule, given: Mapping[str, str]) -> Preset:
    try:
        return module.prepare({name: given[name] for name in module.flags if name in given})
    except ValueError as error:
        raise UsageError(str(error)) from error


def _values(parser: argparse.ArgumentParser, argv: Sequence[str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in vars(parser.parse_args(argv)).items() if value is not None}


def _plain(app: str) -> Preset:
    module, _, attribute = app.partition(":")
    if not module or not attribute:
        raise UsageError(f'"{app}" is no application: give module:attribute, such as ranking.service:app')
    return Preset(app)


class _Reader:
    def __init__(self, given: Mapping[str, str], defaults: Mapping[str, str], env: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self._given = given
        self._defaults = defaults
        self._env = env

    def optional(self, name: str) -> str | None:
        flag = _FLAGS[name]
        if name in self._given:
            return self._given[name]
        return (self._env.get(flag.env) if flag.env else None) or self._defaults.get(name, flag.fallback)

    def text(self, name: str) -> str:
        value = self.optional(name)
        if not value:
            self.problems.append(f"--{name} is missing: {_FLAGS[name].help}")
        return value or ""

    def number(self, name: str, least: float, most: float) -> float:
        text = self.text(name)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            self.problems.append(f'{self._source(name)} must be a number from {least:g} to {most:g}, not "{text}"')
            return float(least)
        return value

    def integer(self, name: str, least: int, most: int) -> int:
        value = self.number(name, least, most)
        if not value.is_integer():
            self.problems.append(f"{self._source(name)} must be a whole number, not {value:g}")
        return int(value)

    def duration(self, name: str, least: float) -> float:
        text = self.text(name)
        value = parse_duration(text)
        if value is None or value < least:
            self.problems.append(
                f'{self._source(name)} must be a duration of at least {least * 1000:g}ms such as 20ms or 1.5s, not "{text}"'
            )
        return value or 0.0

    def _source(self, name: str) -> str:
        flag = _FLAGS[name]
        return flag.env if name not in self._given and flag.env and self._env.get(flag.env) else f"--{name}"
