"""Runs the program under cProfile in every thread: `python -m bench.profiled OUT run --config ...`.

Writes OUT.<thread>; the loop's thread is `MainThread`, the store's `store-writer`.  It measures CPU time and not wall
time, so that waiting does not count.
"""

from __future__ import annotations

import cProfile
import sys
import threading
import time
from collections.abc import Callable
from typing import Any


def main() -> int:
    out, *arguments = sys.argv[1:]
    plain = threading.Thread.run

    def run(self: threading.Thread) -> None:
        measured(out, self.name, lambda: plain(self))

    threading.Thread.run = run  # type: ignore[method-assign]
    from sitmail.cli.main import run as program  # imported after Thread.run was replaced

    return int(measured(out, "MainThread", lambda: program(arguments)) or 0)


def measured(out: str, name: str, work: Callable[[], Any]) -> Any:
    profile = cProfile.Profile(time.thread_time)
    try:
        return profile.runcall(work)
    finally:
        profile.dump_stats(f"{out}.{name}")


if __name__ == "__main__":
    sys.exit(main())
