"""What a configuration file and a ``PUT /pool`` mean, given what is in force. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

_LARGEST_INTEGER = 2**53 - 1
"""As in the operator: beyond it, whole numbers are no longer exact in JSON."""
KNOBS = ("threads", "processes")


class ShapeError(ValueError):
    """JSON that is no pool configuration or change; says what is wrong."""


@dataclass(frozen=True)
class PoolConfig:
    """A size of the pool. ``threads`` counts per process."""

    threads: int
    processes: int
    generation: int
    objective_ms: float


@dataclass(frozen=True)
class PoolChange:
    """What should change; None stays."""

    generation: int
    threads: int | None
    processes: int | None
    objective_ms: float | None


@dataclass(frozen=True)
class Bounds:
    """What the pool may be, and which of it while it lives."""

    threads_max: int
    processes_max: int
    live_threads: bool
    live_processes: bool

    def most(self, knob: str) -> int:
        return self.threads_max if knob == "threads" else self.processes_max

    def live(self, knob: str) -> bool:
        return self.live_threads if knob == "threads" else self.live_processes


@dataclass(frozen=True)
class Verdict:
    """``same``: a repeated request, answered like the first."""

    kind: Literal["apply", "same", "stale", "outside"]
    message: str
    next: PoolConfig


def judge(change: PoolChange, current: PoolConfig, bounds: Bounds) -> Verdict:
    """Decides on a change.

    A lower generation comes from a deposed leader; an equal one with other sizes from two that both believe to lead.
    """
    following = PoolConfig(
        threads=current.threads if change.threads is None else change.threads,
        processes=current.processes if change.processes is None else change.processes,
        generation=change.generation,
        objective_ms=current.objective_ms if change.objective_ms is None else change.objective_ms,
    )
    if change.generation < current.generation:
        message = f"generation {change.generation} is older than {current.generation}, which is in force; nothing was changed"
        return Verdict("stale", message, current)
    if change.generation == current.generation:
        if following == current:
            return Verdict("same", "", current)
        message = f"generation {change.generation} is in force with another size or objective; send a higher generation"
        return Verdict("stale", message, current)
    outside = tell_outside(following, bounds) or _tell_not_live(following, current, bounds)
    return Verdict("apply", "", following) if outside is None else Verdict("outside", f"{outside}; nothing was changed", current)


def tell_outside(config: PoolConfig, bounds: Bounds) -> str | None:
    """Says which size is outside its limits; None when none is."""
    for knob in KNOBS:
        size = getattr(config, knob)
        if not 1 <= size <= bounds.most(knob):
            return f"{knob} {size} is outside 1 to {bounds.most(knob)}"
    return None


def _tell_not_live(following: PoolConfig, current: PoolConfig, bounds: Bounds) -> str | None:
    for knob in KNOBS:
        before, after = getattr(current, knob), getattr(following, knob)
        if before != after and not bounds.live(knob):
            return f"this server cannot change its {knob} ({before}) while it runs; {knob} {after} needs a new pod"
    return None


def parse_json(text: str) -> object:
    """JSON as the standard has it.

    :raises ValueError: for anything else, NaN and endless nesting included
    """
    try:
        content: object = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return content


def parse_change(content: object) -> PoolChange:
    """Body of ``PUT /pool``. Unknown keys are left for later versions of the protocol.

    :raises ShapeError: when it is none
    """
    body = _as_object(content)
    return PoolChange(
        generation=_integer(body, "generation", 0),
        threads=_integer(body, "threads", None) if "threads" in body else None,
        processes=_integer(body, "processes", None) if "processes" in body else None,
        objective_ms=_positive(body, "objectiveMs") if "objectiveMs" in body else None,
    )


def parse_config(content: object) -> PoolConfig:
    """The configuration file.

    :raises ShapeError: when it is none
    """
    body = _as_object(content)
    return PoolConfig(
        threads=_integer(body, "threads", 1),
        processes=_integer(body, "processes", 1),
        generation=_integer(body, "generation", 0),
        objective_ms=_positive(body, "objectiveMs"),
    )


def _as_object(content: object) -> Mapping[str, object]:
    if not isinstance(content, dict):
        raise ShapeError("it is no JSON object")
    return content


def _number(body: Mapping[str, object], key: str) -> float:
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ShapeError(f"{key} is missing" if key not in body else f"{key} is no number")
    return value


def _integer(body: Mapping[str, object], key: str, least: int | None) -> int:
    value = _number(body, key)
    if not abs(value) <= _LARGEST_INTEGER or value != int(value):
        raise ShapeError(f"{key} is no whole number up to 2^53 - 1")
    if least is not None and value < least:
        raise ShapeError(f"{key} is less than {least}")
    return int(value)


def _positive(body: Mapping[str, object], key: str) -> float:
    value = _number(body, key)
    if not 0 < value <= _LARGEST_INTEGER or not math.isfinite(value):
        raise ShapeError(f"{key} is not above 0")
    return float(value)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
