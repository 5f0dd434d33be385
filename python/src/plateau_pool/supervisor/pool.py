"""The pool as the admin port shows and changes it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from ..measure.segment import Segment
from .child_handle import ChildFailed, ServerFacts
from .generation import Bounds, PoolChange, PoolConfig, judge

_IN_FORCE = 20.0
"""Seconds that a change may take before its caller is told to ask again."""


@dataclass(frozen=True)
class Outcome:
    """What became of a change."""

    kind: Literal["in_force", "stale", "outside", "slow"]
    message: str = ""


class Pool:
    """Size and objective, as asked for and as in force.

    :param enforce: brings a configuration into force in the server that runs, or waits for one that does
    """

    def __init__(self, config: PoolConfig, segment: Segment, enforce: Callable[[PoolConfig], Awaitable[None]]) -> None:
        self.desired = config
        self.in_force = config
        self.facts: ServerFacts | None = None
        self._segment = segment
        self._enforce = enforce
        self._turn = asyncio.Lock()

    def bounds(self, facts: ServerFacts, threads_max: int, processes_max: int) -> Bounds:
        """What a pool with this server may be."""
        return Bounds(threads_max, 1 if facts.one_process else processes_max, facts.live_threads, facts.live_processes)

    async def change(self, change: PoolChange, bounds: Bounds) -> Outcome:
        """Judges a change, and makes it true; one after the other, in the order they came."""
        late = Outcome("slow", f"generation {change.generation} is not in force in all processes yet; ask again with the same body")
        try:
            async with asyncio.timeout(_IN_FORCE), self._turn:
                return await self._change_now(change, bounds)
        except TimeoutError:
            return late
        except ChildFailed as error:
            return Outcome("slow", f"{late.message} ({error})")

    async def _change_now(self, change: PoolChange, bounds: Bounds) -> Outcome:
        verdict = judge(change, self.desired, bounds)
        if verdict.kind in ("stale", "outside"):
            return Outcome("stale" if verdict.kind == "stale" else "outside", verdict.message)
        self.desired = verdict.next
        self._segment.objective = self.desired.objective_ms / 1000
        await self._enforce(self.desired)
        self.in_force = self.desired
        return Outcome("in_force")

    def state(self, facts: ServerFacts, bounds: Bounds, gil: str) -> dict[str, Any]:
        """Answer of ``GET /pool``."""
        objective = self.desired.objective_ms
        return {
            "threads": self.desired.threads,
            "processes": self.desired.processes,
            "generation": self.desired.generation,
            "objectiveMs": int(objective) if objective.is_integer() else objective,
            "limits": {"threads": {"min": 1, "max": bounds.threads_max}, "processes": {"min": 1, "max": bounds.processes_max}},
            "live": {"threads": bounds.live_threads, "processes": bounds.live_processes},
            "model": facts.model,
            "knob": facts.knob,
            "gil": gil,
        }
