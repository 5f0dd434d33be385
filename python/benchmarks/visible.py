"""Does a server's p95, read from two scrapes, agree with that of an open-loop client? At 0.5, 0.9 and 1.5 times its capacity.

    PYTHONPATH=src:tests python benchmarks/visible.py VEGETA SERVER [SECONDS]

Each request costs its process some CPU, and waits for a store meanwhile in the scenario ``store``. The client is vegeta, in a
process of its own; its latency counts from the scheduled sending. Capacity is measured beforehand by a closed loop.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from http import HTTPStatus
from typing import Any

from support.load import Load
from support.pool import Pool

from plateau_pool.measure import layout as at
from plateau_pool.measure.edges import EDGES

SCENARIOS = {"cpu": "/work?burn=0.006", "store": "/work?burn=0.002&sleep=0.02"}
LOADS = (0.5, 0.9, 1.5)
_SHARE = 0.95
_TOLERANCE = 0.15


def _counts(pool: Pool) -> list[float]:
    first = at.histogram_at("request")
    return pool.figures().totals[first : first + len(EDGES) + 1]


def _quantile(before: list[float], after: list[float]) -> float:
    counts = [late - early for early, late in zip(before, after, strict=True)]
    wanted, seen = sum(counts) * _SHARE, 0.0
    for number, count in enumerate(counts):
        if count and seen + count >= wanted:
            low = EDGES[number - 1] if number else 0.0
            high = EDGES[number] if number < len(EDGES) else low
            return low + (high - low) * (wanted - seen) / count
        seen += count
    return float("nan")


def _capacity(pool: Pool, path: str, keep: bool) -> float:
    with Load(pool.port, clients=12, keep=keep, path=path) as load:
        load.wait_for(50)
        begun, good = time.monotonic(), load.good
        time.sleep(3)
        return (load.good - good) / (time.monotonic() - begun)


def _attack(vegeta: str, url: str, how: list[str]) -> dict[str, Any]:
    target = f"GET {url}\n"
    results = subprocess.run([vegeta, "attack", "-timeout", "20s", *how], input=target.encode(), capture_output=True, check=True).stdout
    lines = subprocess.run([vegeta, "encode", "-to", "json"], input=results, capture_output=True, check=True).stdout.splitlines()
    answers = [json.loads(line) for line in lines]
    good = sorted(answer["latency"] / 1e9 for answer in answers if answer["code"] == HTTPStatus.OK)
    shed = sum(answer["code"] == HTTPStatus.SERVICE_UNAVAILABLE for answer in answers)
    return {"p95": good[int(len(good) * _SHARE)], "good": len(good), "shed": shed, "failed": len(answers) - len(good) - shed}


def main() -> None:
    vegeta, server, seconds = [*sys.argv[1:], "8"][:3]
    app = "support.applications:asgi" if server in ("uvicorn", "gunicorn_asgi") else "support.applications:wsgi"
    many = server != "waitress"
    within = total = 0
    print("| server | scenario | connections | load | offered/s | good | shed | failed | server p95 | client p95 | ratio |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for scenario, path in SCENARIOS.items():
        for keep in (True, False):
            with Pool(server, app=app, threads=4, processes=2 if many else 1) as pool:
                capacity = _capacity(pool, path, keep)
                for load in LOADS:
                    before = _counts(pool)
                    how = ["-rate", f"{round(capacity * load * 10)}/10s", "-duration", f"{seconds}s", f"-keepalive={str(keep).lower()}"]
                    client = _attack(vegeta, f"http://127.0.0.1:{pool.port}{path}", how)
                    own = _quantile(before, _counts(pool))
                    ratio = own / client["p95"]
                    total += 1
                    within += abs(ratio - 1) <= _TOLERANCE
                    kind = "kept" if keep else "one each"
                    counts = f"{client['good']} | {client['shed']} | {client['failed']}"
                    figures = f"{counts} | {own * 1e3:.1f} ms | {client['p95'] * 1e3:.1f} ms | {ratio:.2f}"
                    print(f"| {server} | {scenario} | {kind} | {load} | {capacity * load:.0f} | {figures} |", flush=True)
    print(f"{within} of {total} within 15 %")


if __name__ == "__main__":
    main()
