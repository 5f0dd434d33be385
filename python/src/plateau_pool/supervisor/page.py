"""The ``/metrics`` page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..measure import layout as at
from ..measure.edges import BUCKETS, EDGES, split_bucket
from ..measure.reader import PodFigures
from ..signals.cgroup import Throttling
from .generation import PoolConfig

_ALWAYS_SHOWN = ("2xx", "4xx", "5xx", "aborted")
Labels = Mapping[str, str | int | float]
Samples = Sequence[tuple[Labels, float]]


@dataclass(frozen=True)
class PageInput:
    """Everything that the page shows. What is None the kernel or the server does not tell."""

    info: Mapping[str, str]
    desired: PoolConfig
    threads_in_force: int
    generation_in_force: int
    processes: int
    figures: PodFigures
    reasons: Sequence[str]
    locks: Sequence[str]
    slot_cpu: Mapping[int, float]
    pod_cpu: float
    event_loop: bool
    gil_wait: tuple[float, float] | None
    """Seconds waited, seconds probed."""
    lock_waiters: float | None
    core_waits: float | None
    throttling: Throttling | None


def render_page(page: PageInput) -> str:
    """Prometheus text format."""
    writer = _Writer()
    _write_pool(writer, page)
    _write_requests(writer, page)
    for name, meaning in _HISTOGRAMS.items():
        writer.histogram(f"worker_pool_{name}_seconds", meaning, page.figures, name)
    _write_waits(writer, page)
    _write_cpu(writer, page)
    return writer.text()


_HISTOGRAMS = {
    "request": "from reaching the machine to the last byte handed to the kernel",
    "queue": "from reaching the machine to pick-up",
    "service": "pick-up to work done",
    "store": "time of a request waiting for the online store",
}


def _write_pool(writer: _Writer, page: PageInput) -> None:
    writer.gauge("worker_pool_info", "what kind of pool this is", [(page.info, 1)])
    writer.gauge("worker_pool_threads", "threads of each process, or requests that its loop holds, in force", [({}, page.threads_in_force)])
    writer.gauge("worker_pool_threads_desired", "the same as last asked for", [({}, page.desired.threads)])
    writer.gauge("worker_pool_processes", "processes that take new connections", [({}, page.processes)])
    writer.gauge("worker_pool_generation", "generation of the configuration in force", [({}, page.generation_in_force)])


def _write_requests(writer: _Writer, page: PageInput) -> None:
    totals = page.figures.totals
    codes = [(code, totals[at.T_CODES + index]) for index, code in enumerate(at.CODES)]
    writer.counter("worker_pool_arrivals_total", "requests accepted or rejected", [({}, totals[at.T_ARRIVALS])])
    writer.counter(
        "worker_pool_requests_total",
        "answered requests",
        [({"code": code}, count) for code, count in codes if count > 0 or code in _ALWAYS_SHOWN],
    )
    rejected = [({"reason": reason}, totals[at.T_REASONS + index]) for index, reason in enumerate(page.reasons)]
    writer.counter("worker_pool_rejected_total", "shed requests", rejected)
    writer.counter("worker_pool_over_objective_total", "answered later than the objective", [({}, totals[at.T_OVER_OBJECTIVE])])
    writer.counter("worker_pool_busy_thread_seconds_total", "time that places of the pool were held", [({}, totals[at.T_BUSY_SECONDS])])
    inflight = totals[at.T_INFLIGHT_SECONDS]
    writer.counter("worker_pool_inflight_seconds_total", "integral of requests accepted and not yet answered", [({}, inflight)])
    writer.gauge("worker_pool_inflight", "requests accepted and not yet answered", [({}, page.figures.inflight)])
    writer.gauge("worker_pool_queue_depth", "accepted and not yet picked up", [({}, page.figures.queue_depth)])


def _write_waits(writer: _Writer, page: PageInput) -> None:
    totals = page.figures.totals
    if page.event_loop:
        lag = totals[at.T_LAG_SECONDS]
        writer.counter("worker_pool_loop_lag_seconds_total", "integral of the event-loop lag; its rate is the mean lag", [({}, lag)])
    if page.gil_wait is not None:
        waited, probed = page.gil_wait
        writer.counter("worker_pool_gil_wait_seconds_total", "time a probe waited for the interpreter lock", [({}, waited)])
        writer.counter("worker_pool_gil_probe_seconds_total", "time probed", [({}, probed)])
    if page.lock_waiters is not None:
        meaning = "integral of the pool's threads that wait for the interpreter lock"
        writer.counter("worker_pool_gil_waiting_thread_seconds_total", meaning, [({}, page.lock_waiters)])
    if page.core_waits is not None:
        writer.counter("worker_pool_runqueue_wait_seconds_total", "waits of the pool's threads for a core", [({}, page.core_waits)])
    if page.locks:
        waits = [({"lock": lock}, totals[at.T_LOCKS + index]) for index, lock in enumerate(page.locks)]
        writer.counter("worker_pool_lock_wait_seconds_total", "waits for declared locks and pools", waits)


def _write_cpu(writer: _Writer, page: PageInput) -> None:
    by_slot = [({"process": slot}, seconds) for slot, seconds in page.slot_cpu.items()]
    writer.counter("worker_pool_process_cpu_seconds_total", "CPU of each serving process, by slot", by_slot)
    writer.counter("process_cpu_seconds_total", "CPU of all processes of the pod", [({}, page.pod_cpu)])
    if page.throttling is None:
        return
    writer.counter("container_cpu_periods_total", "quota periods", [({}, page.throttling.periods)])
    writer.counter("container_cpu_throttled_periods_total", "quota periods with throttling", [({}, page.throttling.throttled_periods)])
    writer.counter("container_cpu_throttled_seconds_total", "time throttled", [({}, page.throttling.throttled_seconds)])


class _Writer:
    def __init__(self) -> None:
        self._lines: list[str] = []

    def gauge(self, name: str, meaning: str, samples: Samples) -> None:
        self._family(name, meaning, "gauge", samples)

    def counter(self, name: str, meaning: str, samples: Samples) -> None:
        self._family(name, meaning, "counter", samples)

    def histogram(self, name: str, meaning: str, figures: PodFigures, histogram: str) -> None:
        first = at.histogram_at(histogram)
        self._head(name, meaning, "histogram")
        cumulative = 0.0
        for edge, count in bucket_counts(figures.totals[first : first + at.HISTOGRAM_WORDS], figures.objective):
            cumulative += count
            self._lines.append(_sample(f"{name}_bucket", {"le": "+Inf" if edge is None else _number(edge, 12)}, cumulative))
        self._lines += [_sample(f"{name}_sum", {}, figures.totals[first + at.N_SUM]), _sample(f"{name}_count", {}, cumulative)]

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def _family(self, name: str, meaning: str, kind: str, samples: Samples) -> None:
        self._head(name, meaning, kind)
        self._lines += [_sample(name, labels, value) for labels, value in samples]

    def _head(self, name: str, meaning: str, kind: str) -> None:
        self._lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]


def bucket_counts(histogram: Sequence[float], objective: float) -> list[tuple[float | None, float]]:
    """Edges in seconds with what lies between each and the one before; None: the open bucket. The objective divides its bucket."""
    split = split_bucket(objective)
    counts: list[tuple[float | None, float]] = []
    for bucket in range(BUCKETS):
        edge = EDGES[bucket] if bucket < len(EDGES) else None
        count = histogram[bucket]
        if bucket == split and edge != objective:
            below = min(histogram[at.N_SPLIT], count)
            counts.append((objective, below))
            count -= below
        counts.append((edge, count))
    return counts


def _sample(name: str, labels: Labels, value: float) -> str:
    pairs = ",".join(f'{label}="{_escape(str(text))}"' for label, text in labels.items())
    return f"{name}{'{' + pairs + '}' if pairs else ''} {_number(value, 6)}"


def _number(value: float, places: int) -> str:
    return str(int(value)) if value == int(value) else f"{value:.{places}f}".rstrip("0").rstrip(".")


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
