"""What the tests of the package's core share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

from figures import OBJECTIVE
from running import RunningPool, StartPool

from plateau_pool.measure.segment import Segment, new_segment


@pytest.fixture
def start_pool(tmp_path: Path) -> Iterator[StartPool]:
    """Starts ``plateau-pool serve`` with these arguments; it ends with the test."""
    with ExitStack() as stack:
        yield lambda *arguments, **environment: stack.enter_context(RunningPool(list(arguments), tmp_path, environment))


@pytest.fixture
def segment() -> Segment:
    return new_segment(4, OBJECTIVE)
