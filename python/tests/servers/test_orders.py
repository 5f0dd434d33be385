"""What serving processes are told, and what becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from plateau_pool.servers import serving_processes
from plateau_pool.servers.serving_processes import ProcessFailed, _Process


class Odd:
    """Serves nobody; its orders fail in odd ways."""

    def __init__(self, ready: Callable[[], None], threads: int) -> None:
        self._ready = ready
        self._over = threading.Event()
        self._go_on = threading.Event()

    def run(self) -> None:
        self._ready()
        self._over.wait()

    def resize(self, threads: int) -> None:
        if threads == 1:
            self._over.wait(0.5)
        if threads == 13:
            raise TimeoutError("unlucky")

    def end_share(self, share: float) -> None:
        pass

    def last_answers(self) -> None:
        pass

    def stop(self) -> None:
        self._over.set()


@pytest.fixture
def process() -> Iterator[_Process]:
    process = _Process(Odd, 4, [])
    assert process.has_word(60)
    process.booted()
    yield process
    process.kill()
    process.join()


def test_an_order_that_fails_ends_no_process(process: _Process) -> None:
    for _ in range(2):
        with pytest.raises(ProcessFailed, match="unlucky"):
            process.order("resize", 13)
    process.order("resize", 6)


def test_an_answer_that_comes_late_is_none_to_a_later_order(process: _Process, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as hasty:
        hasty.setattr(serving_processes, "_ORDER_TIMEOUT", 0.0)
        with pytest.raises(ProcessFailed, match="within"):
            process.order("resize", 1)
    with pytest.raises(ProcessFailed, match="unlucky"):
        process.order("resize", 13)
    process.order("last_answers")


def test_the_end_of_who_gives_orders_ends_the_process(process: _Process) -> None:
    process.channel.close()
    assert process.join() == 0
