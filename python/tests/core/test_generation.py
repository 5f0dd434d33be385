"""What a change and a configuration mean."""

from __future__ import annotations

import dataclasses

import pytest

from plateau_pool.supervisor.generation import Bounds, PoolChange, PoolConfig, ShapeError, judge, parse_change, parse_config, tell_outside

NOW = PoolConfig(threads=8, processes=2, generation=2**32 + 3, objective_ms=30.0)
BOUNDS = Bounds(threads_max=64, processes_max=4, live_threads=True, live_processes=False)


def change(generation: int, threads: int | None = None, processes: int | None = None, objective_ms: float | None = None) -> PoolChange:
    return PoolChange(generation, threads, processes, objective_ms)


@pytest.mark.parametrize(
    ("wanted", "verdict", "after"),
    [
        (change(2**32 + 4, threads=6), "apply", {"threads": 6, "generation": 2**32 + 4}),
        (change(2**32 + 4), "apply", {"generation": 2**32 + 4}),
        (change(2**33, objective_ms=12.5), "apply", {"objective_ms": 12.5, "generation": 2**33}),
        (change(2**32 + 4, threads=64), "apply", {"threads": 64, "generation": 2**32 + 4}),
        (change(2**32 + 4, processes=2), "apply", {"generation": 2**32 + 4}),
        (change(2**32 + 3), "same", {}),
        (change(2**32 + 3, threads=8, processes=2, objective_ms=30), "same", {}),
        (change(2**32 + 3, threads=9), "stale", {}),
        (change(2**32 + 3, objective_ms=31), "stale", {}),
        (change(2**32 + 2, threads=6), "stale", {}),
        (change(2**32 + 2, threads=8), "stale", {}),
        (change(0, threads=999), "stale", {}),
        (change(2**32 + 4, threads=0), "outside", {}),
        (change(2**32 + 4, threads=65), "outside", {}),
        (change(2**32 + 4, threads=-(2**40)), "outside", {}),
        (change(2**32 + 4, processes=5), "outside", {}),
        (change(2**32 + 4, processes=3), "outside", {}),
    ],
)
def test_judge(wanted: PoolChange, verdict: str, after: dict[str, float]) -> None:
    judged = judge(wanted, NOW, BOUNDS)
    assert judged.kind == verdict
    assert judged.next == dataclasses.replace(NOW, **after)
    assert (judged.message == "") == (verdict in ("apply", "same"))


def test_a_leader_that_was_deposed_cannot_win() -> None:
    newest = judge(change(5 * 2**32, threads=4), NOW, BOUNDS).next
    assert judge(change(4 * 2**32 + 2**32 - 1, threads=5), newest, BOUNDS).kind == "stale"


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "x",
        1,
        True,
        {},
        {"generation": None},
        {"generation": "1"},
        {"generation": True},
        {"generation": -1},
        {"generation": 1.5},
        {"generation": 2**53},
        {"generation": 1e300},
        {"generation": float("inf")},
        {"generation": float("nan")},
        {"generation": 1, "threads": None},
        {"generation": 1, "threads": 1.5},
        {"generation": 1, "threads": "4"},
        {"generation": 1, "processes": False},
        {"generation": 1, "objectiveMs": 0},
        {"generation": 1, "objectiveMs": -3},
        {"generation": 1, "objectiveMs": float("nan")},
        {"generation": 1, "objectiveMs": float("inf")},
        {"generation": 1, "objectiveMs": None},
    ],
)
def test_no_change(content: object) -> None:
    with pytest.raises(ShapeError):
        parse_change(content)


def test_a_change_says_only_what_it_names() -> None:
    assert parse_change({"generation": 7, "threads": 4.0, "later": "version"}) == change(7, threads=4)


def test_a_configuration_says_everything() -> None:
    content = {"threads": 8, "processes": 1, "generation": 0, "objectiveMs": 30}
    assert parse_config(content) == PoolConfig(8, 1, 0, 30.0)
    for key in content:
        with pytest.raises(ShapeError, match=key):
            parse_config({other: value for other, value in content.items() if other != key})


@pytest.mark.parametrize(
    ("threads", "processes", "told"),
    [(1, 1, None), (64, 4, None), (65, 1, "threads 65 is outside 1 to 64"), (1, 5, "processes 5 is outside 1 to 4"), (0, 9, "threads 0")],
)
def test_outside(threads: int, processes: int, told: str | None) -> None:
    said = tell_outside(PoolConfig(threads, processes, 0, 1), BOUNDS)
    assert said is None if told is None else told in str(said)
