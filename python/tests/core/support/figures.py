"""What tests read out of the figures in shared memory."""

from __future__ import annotations

from plateau_pool.measure import layout as at
from plateau_pool.measure.reader import PodFigures

OBJECTIVE = 0.05


def histogram(figures: PodFigures, name: str) -> list[float]:
    first = at.histogram_at(name)
    return figures.totals[first : first + at.HISTOGRAM_WORDS]
