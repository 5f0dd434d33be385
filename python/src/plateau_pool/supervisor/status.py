"""What the admin port says of the pool: its state, its bounds, whether it is ready."""

from __future__ import annotations

from typing import Any

from ..measure import layout as at
from ..measure.reader import PodFigures
from ..settings import Settings
from .child_handle import ServerFacts
from .figures import Figures, gil_of
from .generation import Bounds
from .pool import Pool


class Status:
    """Asks the figures anew each time."""

    def __init__(self, settings: Settings, pool: Pool, figures: Figures) -> None:
        self.facts: ServerFacts | None = None
        """What the server is; None until one has come up."""
        self.up = False
        """Whether the pool has had its first size."""
        self.ending = False
        self._settings = settings
        self._pool = pool
        self._figures = figures
        self._reached = False

    def metrics(self) -> str | None:
        return None if self.facts is None else self._figures.page(self._pool, self.facts)

    def bounds(self) -> Bounds | None:
        return None if self.facts is None else self.bounds_of(self.facts)

    def bounds_of(self, facts: ServerFacts) -> Bounds:
        return self._pool.bounds(facts, self._settings.threads_max, self._settings.processes_max)

    def state(self) -> dict[str, Any] | None:
        facts = self.facts
        return None if facts is None else self._pool.state(facts, self.bounds_of(facts), gil_of(self._figures.read().living, facts))

    def taking_connections(self) -> int:
        """How many processes do."""
        return sum(1 for slot in self._figures.read().living if slot.threads > 0)

    def not_ready(self) -> str | None:
        """Why the pod is not ready; None when it is."""
        if self.ending:
            return "the server is ending"
        if not self.up:
            return "the pool is not up yet"
        figures = self._figures.read()
        serving = [slot for slot in figures.living if slot.threads > 0]
        if not serving:
            return "no serving process is up"
        self._reached = self._reached or any(slot.store != at.STORE_AWAITED for slot in serving)
        return None if self._reached else (_problem(figures) or "the store has not been reached yet")

    def degraded(self) -> str | None:
        """What is wrong although the pod stays ready."""
        return _problem(self._figures.read())


def _problem(figures: PodFigures) -> str | None:
    return next((slot.problem for slot in figures.living if slot.problem), None)
