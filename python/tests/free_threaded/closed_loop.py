"""A closed loop in a process of its own: so many clients, each sends its next request when it has its answer.

    python closed_loop.py PORT SECONDS CLIENTS BODY_FILE

Prints how many answers were 200, and how many were not.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from pathlib import Path

HEADERS = {"Content-Type": "application/json"}


def client(port: int, until: float, body: bytes, statuses: list[int]) -> None:
    """Asks until the time is over."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while time.monotonic() < until:
        connection.request("POST", "/get-online-features", body, HEADERS)
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()


def main() -> None:
    port, seconds, clients = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    body = Path(sys.argv[4]).read_bytes()
    statuses: list[int] = []
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=client, args=(port, until, body, statuses)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    good = statuses.count(200)
    print(json.dumps({"good": good, "bad": len(statuses) - good}))


if __name__ == "__main__":
    main()
