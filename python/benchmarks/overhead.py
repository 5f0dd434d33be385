"""What it costs to run waitress under plateau-pool: throughput and CPU per request, bare and under the pool, in turns.

    python python/benchmarks/overhead.py [--rounds 12] [--seconds 3] [--threads 8] [--connections 16] [--json]

Closed loop. All servers live all the time, and those whose turn it is not are stopped (SIGSTOP). A round is a turn of each, in
changing order, so that slow changes of the machine fall on all. What is printed: the median of the ratios to the bare server and the
middle half. A second bare server, the control, shows what can be resolved: a difference as large as its own means nothing.
CPU per request counts the supervisor too, and resolves more than throughput does on a machine that others use.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "src"))

from plateau_pool.signals.kernel import children_of, process_cpu  # noqa: E402

KINDS = ("bare", "control", "pool")
REQUEST = b"POST /get-online-features HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}"
BARE = "import sys, waitress, cpu_heavy; waitress.serve(cpu_heavy.app, host='127.0.0.1', port=int(sys.argv[1]), threads=int(sys.argv[2]))"


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[bytes]
    port: int

    def pids(self) -> list[int]:
        return [self.process.pid, *children_of(self.process.pid)]

    def cpu(self) -> list[float]:
        return [process_cpu(pid) or 0.0 for pid in self.pids()]

    def signal(self, number: signal.Signals) -> None:
        for pid in self.pids():
            os.kill(pid, number)


@dataclass(frozen=True)
class Turn:
    rate: float
    cpu: float
    """Seconds for each request, all processes of the server."""
    supervisor: float
    """The part of it that is not the serving process's."""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--load", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.load is not None:
        generate(options.load, options.connections, options.seconds)
        return
    with contextlib.ExitStack() as stack:
        servers = {kind: stack.enter_context(running(kind, options.threads)) for kind in KINDS}
        rounds = [one_round(servers, options, number) for number in range(options.rounds)]
    report(rounds, options)


def one_round(servers: dict[str, Server], options: argparse.Namespace, number: int) -> dict[str, Turn]:
    """A turn of each server, beginning with another one each time, and in the other direction."""
    first = number % len(KINDS)
    order = (KINDS[first:] + KINDS[:first])[:: 1 if number % 2 == 0 else -1]
    turns = {}
    for kind in order:
        others = [server for name, server in servers.items() if name != kind]
        for other in others:
            other.signal(signal.SIGSTOP)
        try:
            turns[kind] = turn(servers[kind], options)
        finally:
            for other in others:
                other.signal(signal.SIGCONT)
    return turns


def turn(server: Server, options: argparse.Namespace) -> Turn:
    """Load for some seconds, from a process of its own."""
    command = [sys.executable, __file__, "--load", str(server.port), "--connections", str(options.connections)]
    before = server.cpu()
    done = subprocess.run([*command, "--seconds", str(options.seconds)], check=True, capture_output=True, text=True)
    used = [after - first for first, after in zip(before, server.cpu(), strict=True)]
    answered, seconds = json.loads(done.stdout)
    return Turn(answered / seconds, sum(used) / answered, (used[0] if len(used) > 1 else 0.0) / answered)


def generate(port: int, connections: int, seconds: float) -> None:
    """A closed loop over kept connections; prints how many answers came in how many seconds."""
    counts = [0] * connections
    begin = time.monotonic()

    def client(index: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            while time.monotonic() - begin < seconds:
                connection.sendall(REQUEST)
                if not receive(connection):
                    raise SystemExit("the server closed a connection")
                counts[index] += 1

    clients = [threading.Thread(target=client, args=(index,)) for index in range(connections)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    print(json.dumps([sum(counts), time.monotonic() - begin]))


def receive(connection: socket.socket) -> bool:
    """Reads one answer."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        data = connection.recv(65_536)
        if not data:
            return False
        answer += data
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    while len(body) < length:
        body += connection.recv(65_536)
    return head.startswith(b"HTTP/1.1 200")


@contextlib.contextmanager
def running(kind: str, threads: int) -> Iterator[Server]:
    """A server that answers."""
    port, admin = free_port(), free_port()
    ours = ["-m", "plateau_pool", "serve", "cpu_heavy:app", "--server", "waitress", "--threads", str(threads), "--port", str(port)]
    ours += ["--admin-port", str(admin), "--host", "127.0.0.1", "--drain-grace", "0", "--max-connection-age", "1h"]
    command = ["-c", BARE, str(port), str(threads)] if kind != "pool" else ours
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent / "src")}
    process = subprocess.Popen([sys.executable, *command], cwd=HERE, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Returns when somebody listens and answers."""
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(REQUEST)
            if receive(connection):
                return
        time.sleep(0.1)
    raise SystemExit(f"the server for port {port} ended with {process.returncode}")


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def report(rounds: list[dict[str, Turn]], options: argparse.Namespace) -> None:
    """Prints the ratios with their spread."""
    figures = {
        "throughput": [turns["pool"].rate / turns["bare"].rate for turns in rounds],
        "throughput_of_control": [turns["control"].rate / turns["bare"].rate for turns in rounds],
        "cpu_per_request": [turns["pool"].cpu / turns["bare"].cpu for turns in rounds],
        "cpu_per_request_of_control": [turns["control"].cpu / turns["bare"].cpu for turns in rounds],
        "supervisor_share_of_cpu": [turns["pool"].supervisor / turns["pool"].cpu for turns in rounds],
    }
    table = {
        name: dict(zip(("lower_quartile", "median", "upper_quartile"), quartiles(values), strict=True)) for name, values in figures.items()
    }
    bare, pool = (statistics.median(turns[kind].cpu for turns in rounds) * 1000 for kind in ("bare", "pool"))
    rate = statistics.median(turns["bare"].rate for turns in rounds)
    extra = statistics.median(turns["pool"].cpu - turns["bare"].cpu for turns in rounds) * 1e6
    facts = {"rounds": len(rounds), "seconds": options.seconds, "threads": options.threads, "connections": options.connections}
    if options.json:
        print(json.dumps({**facts, "bare_rate": rate, "bare_cpu_ms": bare, "pool_cpu_ms": pool, "extra_cpu_us": extra, "ratios": table}))
        return
    print(f"{facts}; bare {rate:.0f} requests/s, {bare:.3f} ms CPU a request, under the pool {pool:.3f} ms ({extra:+.0f} us)")
    for name, spread in table.items():
        print(f"  {name:26} median {spread['median']:.4f}   middle half {spread['lower_quartile']:.4f} to {spread['upper_quartile']:.4f}")


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile."""
    if len(values) < 2:  # noqa: PLR2004
        return values[0], values[0], values[0]
    lower, middle, upper = statistics.quantiles(values, n=4, method="inclusive")
    return lower, middle, upper


if __name__ == "__main__":
    main()
