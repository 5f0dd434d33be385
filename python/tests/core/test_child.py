"""The child as the supervisor handles it, and how a process joins the pool."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from running import eventually

from plateau_pool import child as child_process
from plateau_pool import readiness
from plateau_pool.measure import layout as at
from plateau_pool.measure.recorder import SlotRecorder
from plateau_pool.measure.segment import Segment, new_segment
from plateau_pool.supervisor.child_handle import ChildFailed, ChildHandle, _signal_name
from plateau_pool.supervisor.child_keeper import backoff
from plateau_pool.supervisor.generation import PoolConfig


class Far:
    """The child's end of the line."""

    def __init__(self, handle: ChildHandle, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.handle = handle
        self.reader = reader
        self.writer = writer

    async def told(self) -> Any:
        return json.loads(await asyncio.wait_for(self.reader.readline(), 30))

    def say(self, event: str, **more: object) -> None:
        self.writer.write(json.dumps({"event": event, **more}).encode() + b"\n")


@asynccontextmanager
async def conversation() -> AsyncIterator[Far]:
    ours, theirs = socket.socketpair()
    near = await asyncio.open_connection(sock=ours)
    far = await asyncio.open_connection(sock=theirs)
    process: Any = SimpleNamespace(pid=0, returncode=None)
    yield Far(ChildHandle(process, size(8), *near), *far)
    far[1].close()
    near[1].close()


def size(threads: int) -> PoolConfig:
    return PoolConfig(threads, 1, 0, 30.0)


class TestResize:
    def test_back_to_what_was_in_force_is_told_while_another_is_under_way(self) -> None:
        async def run() -> None:
            async with conversation() as far:
                slow = asyncio.create_task(far.handle.resize(size(6)))
                assert (await far.told())["threads"] == 6
                slow.cancel()
                await asyncio.gather(slow, return_exceptions=True)
                back = asyncio.create_task(far.handle.resize(size(8)))
                told = await far.told()
                assert told["threads"] == 8
                far.say("done", id=told["id"] - 1)
                await asyncio.sleep(0.05)
                assert not back.done()
                far.say("done", id=told["id"])
                await asyncio.wait_for(back, 30)
                await far.handle.resize(size(8))  # in force: nobody need be asked

        asyncio.run(run())

    def test_that_was_refused_is_told_again(self) -> None:
        async def run() -> None:
            async with conversation() as far:
                for _ in range(2):
                    asked = asyncio.create_task(far.handle.resize(size(13)))
                    far.say("refused", id=(await far.told())["id"], message="unlucky")
                    with pytest.raises(ChildFailed, match="unlucky"):
                        await asyncio.wait_for(asked, 30)

        asyncio.run(run())


@pytest.mark.parametrize(("crashes", "seconds"), [(1, 0.1), (2, 0.2), (7, 6.4), (8, 10.0), (2000, 10.0)])
def test_backoff_of_any_number_of_crashes(crashes: int, seconds: float) -> None:
    assert backoff(crashes) == pytest.approx(seconds)


@pytest.mark.parametrize(("number", "name"), [(9, "SIGKILL"), (40, "40"), (signal.SIGRTMIN, "SIGRTMIN")])
def test_every_signal_has_a_name(number: int, name: str) -> None:
    assert _signal_name(number) == name


class TestJoining:
    @pytest.fixture
    def segment(self) -> Segment:
        return new_segment(2, 0.1)

    def test_a_process_serves_no_sooner_than_its_store_is_known_to_be_awaited(
        self, segment: Segment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(readiness, "_state", readiness._State())
        readiness.await_report()
        recorder = child_process._new_recorder(segment, os.getpid())
        assert isinstance(recorder, SlotRecorder)
        words, base = recorder.words, recorder.base
        assert (words[base + at.S_STORE], words[base + at.S_THREADS]) == (at.STORE_AWAITED, 0)

    @pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="the kernel does not tell of a parent's death")
    def test_a_worker_whose_master_died_before_it_was_ready_ends(self, segment: Segment) -> None:
        read, write = os.pipe()
        master = os.fork()
        if master == 0:
            master = os.getpid()
            try:
                if os.fork() == 0:
                    signal.alarm(60)
                    while os.getppid() == master:
                        time.sleep(0.005)
                    child_process._new_recorder(segment, master)
                    os.write(write, b"serving")
            finally:
                os._exit(0)
        os.close(write)
        os.waitpid(master, 0)
        os.set_blocking(read, False)

        def said() -> bytes | None:
            try:
                return os.read(read, 100) or b"end"
            except BlockingIOError:
                return None

        assert eventually(said, "the worker ends or serves") == b"end"
        os.close(read)
