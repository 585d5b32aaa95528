"""Measures how long the daemon's event loop delays an answer, by sending NOOP repeatedly from a process of its own.

As a program (`python -m bench.probing PORT`) it runs until its input ends, then prints the delays in ms as JSON.
"""

from __future__ import annotations

import asyncio
import json
import select
import socket
import subprocess
import sys
from pathlib import Path
from time import perf_counter

EVERY = 0.01  # seconds between questions
A_SESSION = 80  # NOOPs on one connection; the door closes a session that sends too many


def probe(port: int) -> list[float]:
    waits: list[float] = []
    while True:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.recv(1000)
            for _ in range(A_SESSION):
                if select.select([sys.stdin], [], [], EVERY)[0]:
                    return waits
                asked = perf_counter()
                line.sendall(b"NOOP\r\n")
                if not line.recv(1000):
                    break
                waits.append((perf_counter() - asked) * 1000)


class Probe:
    """Runs beside a phase: `async with Probe(port) as probe: ...`, then `probe.waits`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.waits: list[float] = []

    async def __aenter__(self) -> Probe:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.probing", str(self._port)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[1],
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        out = (await self._process.communicate(b""))[0]
        self.waits = json.loads(out)


if __name__ == "__main__":
    print(json.dumps(probe(int(sys.argv[1]))))
