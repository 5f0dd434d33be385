"""The child as the supervisor sees it: started, told what to do, waited for, killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..log import log
from ..messages import Message, encode
from .generation import PoolConfig

_LINE_LIMIT = 1024 * 1024
_LAST_WORDS = 1.0

_Size = tuple[int, int]
"""Threads of each process, processes."""


@dataclass(frozen=True)
class ServerFacts:
    """What the adapter says of itself."""

    model: str
    knob: str
    live_threads: bool
    live_processes: bool
    one_process: bool
    queue_visible: bool
    runtime: str
    gil: str


class ChildFailed(Exception):
    """The child ended, or could not do what it was told; says why."""


class ChildHandle:
    """One child. Make it with ``start_child``."""

    def __init__(self, process: Process, config: PoolConfig, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.process = process
        self._told = _size(config)
        self._in_force: _Size | None = self._told
        self.facts: ServerFacts | None = None
        self.started = asyncio.Event()
        self.failure: str | None = None
        self._writer = writer
        self._next_id = 0
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._listener = asyncio.create_task(self._listen(reader))

    @property
    def pid(self) -> int:
        return self.process.pid

    def send(self, message: Message) -> None:
        """Tells it something; a child that is gone hears nothing."""
        if not self._writer.is_closing():
            self._writer.write(encode(message))

    async def resize(self, config: PoolConfig) -> None:
        """Returns once the size is in force.

        :raises ChildFailed: when it is not
        """
        wanted = _size(config)
        # What was told and not answered may still come true: only a size that was told last and acknowledged is in force.
        if self._told == self._in_force == wanted:
            return
        self._told, self._in_force = wanted, None
        self._next_id += 1
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        number = self._next_id
        self._waiting[number] = done
        self.send({"do": "resize", "id": number, "threads": config.threads, "processes": config.processes})
        try:
            await done
        finally:
            self._waiting.pop(number, None)
        self._in_force = wanted

    async def ended(self) -> str:
        """Waits for its end, and says how it came."""
        code = await self.process.wait()
        self.kill()  # what it leaves behind, workers of Gunicorn for instance
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._listener, _LAST_WORDS)
        how = f"signal {_signal_name(-code)}" if code < 0 else f"exit code {code}"
        for done in self._waiting.values():
            if not done.done():
                done.set_exception(ChildFailed(f"the server ended with {how}"))
        return f"ended with {how}" if self.failure is None else self.failure

    def kill(self) -> None:
        """Ends it and its own children at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                self._hear(json.loads(line))
        except OSError:
            pass  # it is gone, with something unread
        except ValueError as error:
            log("error", "the child cannot be understood", error=str(error))
        finally:
            self._writer.close()

    def _hear(self, message: Message) -> None:
        match message.get("event"):
            case "hello":
                self.facts = ServerFacts(**message["facts"])
            case "started":
                self.started.set()
            case "failed":
                self.failure = str(message["message"])
            case "done" | "refused" as event:
                done = self._waiting.get(message["id"])
                if done is None or done.done():
                    return
                if event == "done":
                    done.set_result(None)
                else:
                    done.set_exception(ChildFailed(str(message["message"])))


def _size(config: PoolConfig) -> _Size:
    return config.threads, config.processes


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # real-time signals have none
        return str(number)


async def start_child(
    *, settings_json: str, environment: Mapping[str, str], config: PoolConfig, listener: socket.socket, segment_fd: int
) -> ChildHandle:
    """Starts ``python -m plateau_pool.child`` in a process group of its own, so that a Ctrl-C reaches the supervisor only.

    Not in a session of its own: Linux shares the CPU among sessions first (autogroups), which skews every comparison on a busy machine.
    """
    ours, theirs = socket.socketpair()
    descriptors = (theirs.fileno(), segment_fd, listener.fileno())
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *_interpreter_options(),
            "-m",
            "plateau_pool.child",
            *map(str, descriptors),
            pass_fds=descriptors,
            process_group=0,
            env={**os.environ, **_python_path(), **environment},
            stdin=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        ours.close()
        raise
    finally:
        theirs.close()
    reader, writer = await asyncio.open_connection(sock=ours, limit=_LINE_LIMIT)
    child = ChildHandle(process, config, reader, writer)
    child.send({"settings": json.loads(settings_json), "threads": config.threads, "processes": config.processes, "supervisor": os.getpid()})
    return child


def _interpreter_options() -> Sequence[str]:
    named = [f"{name}={value}" if isinstance(value, str) else name for name, value in sys._xoptions.items()]
    return [part for option in named for part in ("-X", option)]


def _python_path() -> Mapping[str, str]:
    """The child finds this package where the supervisor found it, also when it was copied beside the interpreter."""
    folder = str(Path(__file__).resolve().parents[2])
    given = os.environ.get("PYTHONPATH", "")
    if folder in given.split(os.pathsep) or Path(folder).name in ("site-packages", "dist-packages"):
        return {}
    return {"PYTHONPATH": os.pathsep.join(part for part in (given, folder) if part)}
