"""What Linux says, and garbage."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest
from running import eventually

from plateau_pool.signals.cgroup import Throttling, parse_cpu_stat, read_throttling
from plateau_pool.signals.cpu import PodCpu, SlotCpu
from plateau_pool.signals.kernel import (
    TimedFutex,
    children_of,
    futex_number,
    parse_schedstat,
    parse_stat,
    parse_syscall,
    process_cpu,
    process_times,
    threads_of,
)
from plateau_pool.signals.watch import CoreWaits, LockWaiters, Watched, watched

FUTEX = 202
GARBAGE = [
    "",
    "\0\0",
    "\n",
    "running",
    "-1 0x7ffd 0x7f",
    "202",
    "202 x y z w v u",
    "a b c d e f g h",
    "\u0661 \u0662 \u0663",
    "9" * 5000,
    "  ",
    ") ) )",
]


def line(number: int, address: int, operation: int, timeout: int) -> str:
    return f"{number} {address:#x} {operation:#x} 0x0 {timeout:#x} 0x0 0xffffffff 0x7ffe4a 0x7f22\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (line(FUTEX, 0x7F00, 0x89, 0x7FFE), TimedFutex(0x7F00)),  # FUTEX_WAIT_BITSET | PRIVATE: take_gil
        (line(FUTEX, 0x7F00, 0x189, 0x7FFE), TimedFutex(0x7F00)),  # on the clock of the wall
        (line(FUTEX, 0x7F00, 0x80, 0x7FFE), TimedFutex(0x7F00)),
        (line(FUTEX, 0x7F00, 0x89, 0), None),  # an idle thread of a pool
        (line(FUTEX, 0x7F00, 0x81, 0x7FFE), None),  # FUTEX_WAKE
        (line(230, 0x7F00, 0x89, 0x7FFE), None),  # sleeps
        *((text, None) for text in GARBAGE),
    ],
)
def test_syscall(text: str, found: TimedFutex | None) -> None:
    assert parse_syscall(text, FUTEX) == found


@pytest.mark.parametrize(("text", "seconds"), [("758579 65163000 1\n", 0.065163), ("1 0 0", 0.0), *((text, None) for text in GARBAGE)])
def test_schedstat(text: str, seconds: float | None) -> None:
    assert parse_schedstat(text) == (None if seconds is None else pytest.approx(seconds))


def test_stat_with_a_name_that_looks_like_the_rest() -> None:
    text = "42 (a) b (S 1 2) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 30 7 20 0 4 0 12345 1000 200"
    times = parse_stat(text, 0.01)
    assert times is not None
    assert (times.own, times.reaped) == (pytest.approx(3.0), pytest.approx(0.37))


@pytest.mark.parametrize("text", GARBAGE)
def test_stat_of_garbage(text: str) -> None:
    assert parse_stat(text, 0.01) is None


V2 = """usage_usec 15062374
user_usec 10434268
system_usec 4628106
core_sched.force_idle_usec 0
nr_periods 60
nr_throttled 28
throttled_usec 3600000
nr_bursts 0
burst_usec 0
"""
V1 = "nr_periods 60\nnr_throttled 55\nthrottled_time 42600000000\nnr_bursts 0\nburst_time 0\n"


@pytest.mark.parametrize(
    ("text", "throttling"),
    [
        (V2, Throttling(60, 28, 3.6)),
        (V1, Throttling(60, 55, 42.6)),
        ("usage_usec 15062374\nuser_usec 10\nsystem_usec 4\n", None),  # version 2 at the root: no quota
        ("nr_periods 60\nnr_throttled 28\n", None),
        ("nr_periods x\nnr_throttled 28\nthrottled_usec 1\n", None),
        ("nr_periods 1 2\nnr_throttled 28\nthrottled_usec 1\n", None),
        ("nr_periods \u0661\nnr_throttled 28\nthrottled_usec 1\n", None),
        *((text, None) for text in GARBAGE),
    ],
)
def test_cpu_stat(text: str, throttling: Throttling | None) -> None:
    assert parse_cpu_stat(text) == throttling


def test_the_first_cpu_stat_that_tells_counts(tmp_path: object) -> None:
    folder = str(tmp_path)
    for name, text in (("root", "usage_usec 1\n"), ("v1", V1)):
        with open(f"{folder}/{name}", "w") as file:
            file.write(text)
    assert read_throttling([f"{folder}/missing", folder, f"{folder}/root", f"{folder}/v1"]) == Throttling(60, 55, 42.6)
    assert read_throttling([f"{folder}/missing"]) is None


class TestLockWaiters:
    """Process 1 has the pool's threads 11 to 14 and the probe 19."""

    def look(self, states: dict[int, str | None], waiters: LockWaiters, now: float) -> float:
        before = waiters.seconds
        waiters.read = lambda path: states.get(int(path.split("/")[4]))
        waiters.sample(now, [Watched(1, [11, 12, 13, 14], 19)])
        return waiters.seconds - before

    def waiters(self) -> LockWaiters:
        waiters = LockWaiters(futex=FUTEX)
        self.look({}, waiters, 0.0)
        return waiters

    def test_counts_threads_at_the_address_where_the_probe_was_seen(self) -> None:
        waiters = self.waiters()
        lock, other = line(FUTEX, 0x5500, 0x89, 1), line(FUTEX, 0x9900, 0x89, 1)
        assert self.look({11: lock, 12: lock, 13: other}, waiters, 0.1) == 0  # where the lock is, nobody knows yet
        assert self.look({11: lock, 12: lock, 13: other, 14: "running", 19: lock}, waiters, 0.2) == pytest.approx(0.2)
        assert self.look({11: lock, 12: line(FUTEX, 0x5504, 0x89, 1), 13: lock, 19: "running"}, waiters, 0.3) == pytest.approx(0.3)
        assert self.look({11: line(FUTEX, 0x5500, 0x89, 0), 12: other, 13: None}, waiters, 0.4) == 0

    def test_forgets_a_process_that_ended(self) -> None:
        waiters = self.waiters()
        lock = line(FUTEX, 0x5500, 0x89, 1)
        assert self.look({11: lock, 19: lock}, waiters, 0.1) > 0
        waiters.sample(0.2, [])
        assert self.look({11: lock}, waiters, 0.3) == 0

    def test_a_long_sleep_of_the_supervisor_counts_as_a_second(self) -> None:
        waiters = self.waiters()
        lock = line(FUTEX, 0x5500, 0x89, 1)
        assert self.look({11: lock, 19: lock}, waiters, 1000.0) == pytest.approx(1.0)
        assert self.look({11: lock, 19: lock}, waiters, 900.0) == 0

    def test_samples_of_many_threads_some(self) -> None:
        waiters = LockWaiters(futex=FUTEX, read=lambda path: line(FUTEX, 0x5500, 0x89, 1))
        many = [Watched(1, list(range(1000)), 5000)]
        waiters.sample(0.0, many)
        waiters.sample(0.1, many)
        assert waiters.seconds == pytest.approx(100.0)

    def test_says_when_it_may_not_look(self) -> None:
        waiters = LockWaiters(futex=FUTEX, read=lambda path: None)
        waiters.sample(0.0, [Watched(1, [11], 19)])
        assert not waiters.readable

    @pytest.mark.skipif(futex_number() is None, reason="unknown machine")
    def test_sees_threads_that_fight_for_the_lock_of_an_interpreter(self) -> None:
        with subprocess.Popen([sys.executable, "-c", FIGHT], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            waits, probe, *fight = (int(process.stdout.readline()) for _ in range(5))
            fighting, other = LockWaiters(), LockWaiters()

            def look() -> bool:
                fighting.sample(time.monotonic(), [Watched(process.pid, fight, probe)])
                other.sample(time.monotonic(), [Watched(process.pid, [waits], probe)])
                return fighting.seconds > 0.5

            eventually(look, "two of three wait at any time")
            process.kill()
        # It waits in a timed futex too, but for something else.
        assert other.seconds < fighting.seconds / 10


FIGHT = """
import threading, time
def probe():
    while True:
        time.sleep(0.001)
def burn():
    while True:
        sum(range(1000))
gate = threading.Condition()
def announced(work, done):
    print(threading.get_native_id(), flush=True)
    with gate:
        done.set()
        if work is None:
            gate.wait(600)
    work()
for work in (None, probe, burn, burn, burn):
    done = threading.Event()
    threading.Thread(target=announced, args=(work, done), daemon=True).start()
    done.wait()
    with gate:  # It waits already when the fight begins: in the fight it would wait for the interpreter first.
        pass
time.sleep(600)
"""


class TestCoreWaits:
    def test_keep_what_ended_threads_waited(self) -> None:
        files = {"/proc/1/task/11/schedstat": "1 1000000000 1", "/proc/1/task/12/schedstat": "1 2000000000 1"}
        waits = CoreWaits(read=files.get)
        waits.sample([(1, 11), (1, 12)])
        assert waits.seconds == pytest.approx(3.0)
        files["/proc/1/task/12/schedstat"] = "1 2500000000 1"
        del files["/proc/1/task/11/schedstat"]
        waits.sample([(1, 11), (1, 12)])
        assert waits.seconds == pytest.approx(3.5)
        files["/proc/1/task/11/schedstat"] = "1 100000000 1"  # another thread with the same id
        waits.sample([(1, 11), (1, 12)])
        assert waits.seconds == pytest.approx(3.6)

    def test_of_a_thread_that_could_not_be_read_once_count_once(self) -> None:
        files = {"/proc/1/task/11/schedstat": "1 1000000000 1"}
        waits = CoreWaits(read=files.get)
        waits.sample([(1, 11)])
        told = files.pop("/proc/1/task/11/schedstat")
        waits.sample([(1, 11)])
        files["/proc/1/task/11/schedstat"] = told
        waits.sample([(1, 11)])
        assert waits.seconds == pytest.approx(1.0)

    def test_of_garbage_are_not_readable(self) -> None:
        waits = CoreWaits(read=lambda path: "garbage")
        waits.sample([(1, 11)])
        assert (waits.seconds, waits.readable) == (0.0, False)


class TestCpu:
    def test_of_a_slot_goes_on_when_its_process_is_replaced(self) -> None:
        used: dict[int, float | None] = {100: 5.0, 101: 1.0}
        cpu = SlotCpu(read=used.get)
        cpu.sample([(0, 100), (1, 101)])
        used[100] = 7.0
        cpu.sample([(0, 100), (1, 101)])
        used[100] = None
        cpu.sample([(0, 100), (1, 101)])
        assert cpu.seconds() == {0: 7.0, 1: 1.0}
        used[102] = 0.5
        cpu.sample([(0, 102)])
        assert cpu.seconds() == {0: 7.5, 1: 1.0}

    def test_of_this_process_grows_with_its_work(self) -> None:
        before = process_cpu(os.getpid())
        pod = PodCpu()
        pod_before = pod.seconds()
        sum(range(3_000_000))
        after = process_cpu(os.getpid())
        assert before is not None
        assert after is not None
        assert after > before
        assert pod.seconds() > pod_before

    def test_of_children_stays_when_they_end(self) -> None:
        pod = PodCpu()
        pod.seconds()
        pid = os.fork()
        if pid == 0:
            sum(range(20_000_000))
            os._exit(0)
        assert pid in children_of(os.getpid())
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        as_zombie = process_times(pid)
        before = pod.seconds()
        os.waitpid(pid, 0)
        assert as_zombie is not None
        assert as_zombie.own > 0
        assert pod.seconds() >= before

    def test_of_nobody_is_not_told(self) -> None:
        assert process_cpu(2**22 + 7) is None
        assert process_times(2**22 + 7) is None
        assert threads_of(2**22 + 7) == []
        assert children_of(2**22 + 7) == []


def test_watched_threads_are_those_that_live() -> None:
    mine = threading.get_native_id()
    assert watched(os.getpid(), [mine, 2**22 + 7], False, 0).threads == [mine]
    assert mine not in watched(os.getpid(), [], True, mine).threads
    assert mine in watched(os.getpid(), [], True, 2**22 + 7).threads
