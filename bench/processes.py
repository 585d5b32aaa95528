"""Measures CPU time and memory of a process and its descendants, as Linux reports them in /proc."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """`cpu` in seconds, including ended children; `memory` and `peak` in bytes, summed over running processes."""

    cpu: float
    memory: int
    peak: int


def usage(pid: int) -> Usage:
    cpu = memory = peak = 0
    for one in family(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{one}/status").read_text()
        except OSError:  # it has just ended; its CPU time is counted in its parent
            continue
        cpu += sum(int(field) for field in fields[11:15])  # utime stime cutime cstime
        sizes = dict(line.split(":", 1) for line in status.splitlines() if line.startswith("Vm"))
        memory += _bytes(sizes.get("VmRSS", "0 kB"))
        peak += _bytes(sizes.get("VmHWM", "0 kB"))
    return Usage(cpu / TICKS, memory, peak)


class Highest:
    """The highest `peak` of `usage` inside the `with` block, including children that ended during it."""

    def __init__(self, usage: Callable[[], Usage]) -> None:
        self._usage = usage
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.peak = 0

    def __enter__(self) -> Highest:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            self.peak = max(self.peak, self._usage().peak)


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, ())
    return found


def port() -> int:
    """A free port of the loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def wait_for_port(number: int, seconds: float = 30, alive: Callable[[], bool] = lambda: True) -> None:
    """Waits until the port accepts connections.  Raises TimeoutError if it does not in time, or the program ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and alive():
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens at port {number}")


def machine() -> str:
    """A description of the machine on which a run was measured."""
    about = os.uname()
    names = [
        line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "name" in line
    ]
    return f"{names[0] if names else about.machine}, {os.cpu_count()} processors, Linux {about.release}"


def _bytes(text: str) -> int:
    return int(text.split()[0]) * 1024
