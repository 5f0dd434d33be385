"""``plateau-pool``: the command line."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

from . import __version__
from .settings import UsageError, read_settings

_USAGE = """usage: plateau-pool serve module:app --server waitress|gunicorn|gunicorn-asgi|uvicorn [FLAGS]
       plateau-pool serve --help
       plateau-pool --version
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words == ["--version"]:
        print(__version__)
        return 0
    if words[:1] != ["serve"]:
        asked = words[:1] in (["--help"], ["-h"])
        (sys.stdout if asked else sys.stderr).write(_USAGE)
        return 0 if asked else 2
    try:
        settings = read_settings(words[1:], os.environ)
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        from .supervisor.supervisor import supervise  # noqa: PLC0415  takes a moment, in which a Ctrl-C may come

        return asyncio.run(supervise(settings))
    except KeyboardInterrupt:
        return 130  # before the supervisor took the signal over
