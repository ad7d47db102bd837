"""The client: sends requests over kept-open connections as fast as they are answered, in a process of its own.

It reads one job a line (JSON) and answers one line a job, so that starting it and its own work are nobody's cost.
"""

import json
import selectors
import socket
import sys
import time
from collections import Counter
from itertools import cycle
from typing import Any

MOST_WAITED = 30
"""How long, in seconds, one answer may take before the run is given up."""


class Answer:
    """One answer as it comes in."""

    def __init__(self) -> None:
        self.came, self.begun, self.wanted, self.status = bytearray(), 0, -1, 0

    def take(self, part: bytes) -> bool:
        """Add what came; whether that is all of it."""
        self.came += part
        if self.wanted < 0:
            end = self.came.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = bytes(self.came[:end]).lower()
            self.status, self.begun = int(head[9:12]), end + 4
            _, found, after = head.partition(b"\r\ncontent-length:")
            if not found and self.status not in (204, 304):
                raise RuntimeError(f"An answer without its length: {head!r}")
            self.wanted = end + 4 + (int(after.split(b"\r\n", 1)[0]) if found and self.status not in (204, 304) else 0)
        return len(self.came) >= self.wanted


class Client:
    """One connection, with one request on its way at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=MOST_WAITED)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer, self.sent_at = Answer(), 0.0

    def send(self, request: bytes) -> None:
        self.answer, self.sent_at = Answer(), time.perf_counter()
        self.socket.sendall(request)


def drive(port: int, requests: list[bytes], clients: int, seconds: float, most: int) -> dict[str, Any]:
    """Send requests in turn from so many clients, for so long or so often, whichever is less."""
    everyone = [Client(port) for _ in range(clients)]
    watch, turn, waits = selectors.DefaultSelector(), cycle(requests), list[float]()
    statuses: Counter[int] = Counter()
    begun, sent, size = time.perf_counter(), 0, 0
    for client in everyone[:most]:
        watch.register(client.socket, selectors.EVENT_READ, client)
        client.send(next(turn))
        sent += 1
    while len(waits) < sent:
        ready = watch.select(MOST_WAITED)
        if not ready:
            raise RuntimeError(f"No answer within {MOST_WAITED} seconds")
        for key, _ in ready:
            client = key.data
            part = client.socket.recv(1 << 20)
            if not part:
                raise RuntimeError("The server closed the connection")
            if client.answer.take(part):
                now = time.perf_counter()
                waits.append(now - client.sent_at)
                statuses[client.answer.status] += 1
                size = len(client.answer.came) - client.answer.begun
                if sent < most and now - begun < seconds:
                    client.send(next(turn))
                    sent += 1
    took = time.perf_counter() - begun
    for client in everyone:
        client.socket.close()
    return {"count": len(waits), "seconds": took, "statuses": dict(statuses), "size": size, "waits": waits}


def main() -> None:
    """Answer jobs until there are no more."""
    for line in sys.stdin:
        job = json.loads(line)
        requests = [request.encode("latin-1") for request in job.pop("requests")]
        try:
            done = drive(requests=requests, **job)
        except (OSError, RuntimeError) as problem:
            done = {"problem": str(problem)}
        sys.stdout.write(json.dumps(done) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
