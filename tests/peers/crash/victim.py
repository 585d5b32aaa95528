"""The daemon of the run: started again and again, and killed at a chosen system call."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sitmail.cli import ask
from sitmail.cli.failure import Failure
from sitmail.cli.main import run as command
from tests.peers.crash import order
from tests.peers.crash.conversation import CONFIG, DIRECTORY

CHECKOUT = Path(__file__).parents[3]
SABOTEUR = Path(__file__).with_name("saboteur.py")


@dataclass(frozen=True)
class Point:
    """The K-th call of a system call, counted in each thread by itself, and what happens there."""

    call: str
    when: int
    effect: str = "signal=SIGKILL"
    watched: bool = False  # what is written, synced and answered is traced too


def may_trace() -> str:
    """ "" if strace works here, else what is missing."""
    try:
        words = ["strace", "-f", "-qq", "-e", "trace=unlink", "true"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    except FileNotFoundError:
        return "needs strace (make peers)"
    return "" if done.returncode == 0 else f"needs leave to trace processes (ptrace): {done.stderr.strip()[:80]}"


class Victim:
    """A desk in a folder.  `port` is 0 while it is down."""

    def __init__(self, folder: Path, relay: int, saboteur: str = "") -> None:
        self.folder, self._saboteur = folder, saboteur
        self.config = folder / "config.toml"
        self.config.write_text(CONFIG.format(relay=relay))
        (folder / "directory.toml").write_text(DIRECTORY)
        self.port = 0
        self.ready: list[float] = []  # seconds that each start took
        self._process: subprocess.Popen[str] | None = None
        self._traced = False

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def start(self, tracer: Sequence[str] = ()) -> bool:
        """Runs it, under a tracer's command if there is one; False if it ended before it was ready."""
        launcher = [str(SABOTEUR), self._saboteur] if self._saboteur else ["-m", "sitmail"]
        words = [*tracer, sys.executable, *launcher, "run", "--config", str(self.config)]
        started = time.monotonic()
        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                words,
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._traced = bool(tracer)
        assert self._process.stdout
        found = re.search(r"smtp 127\.0\.0\.1:(\d+)", self._process.stdout.readline())
        if not found:
            return False
        self.port = int(found[1])
        self.ready.append(time.monotonic() - started)
        return True

    def start_for(self, point: Point, trace: Path) -> bool:
        """Runs it up to a point.  --seccomp-bpf would be cheaper, but strace 6.1 then counts calls wrongly."""
        tracer = order.TRACER if point.watched else ("strace", "-f", "-qq", "-e", f"trace={point.call}")
        return self.start([*tracer, "-o", str(trace), "-e", f"inject={point.call}:{point.effect}:when={point.when}"])

    @property
    def running(self) -> bool:
        return self._daemon() != 0

    def signal(self, number: signal.Signals) -> None:
        """To the daemon itself, not to the tracer round it."""
        with contextlib.suppress(ProcessLookupError):
            if daemon := self._daemon():
                os.kill(daemon, number)

    def _daemon(self) -> int:
        """Its process, 0 if there is none: a tracer lives on until those that the daemon started have ended too."""
        if self._process is None or self._process.poll() is not None:
            return 0
        pid = self._process.pid
        if not self._traced:
            return pid
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            return int(children[0]) if children else 0
        return 0

    def ended(self, seconds: float = 60) -> int:
        """The exit code, after it has ended by itself or by a signal."""
        assert self._process and self._process.stdout
        code = self._process.wait(seconds)
        self.port = 0
        self._process.stdout.close()
        return code

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.ended()

    def ask(self, *words: str) -> Any:
        """What `sitmail WORDS --json` prints; in this process, for a hundred starts of Python would take long."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = command([*words, "--json", "--config", str(self.config)])
        assert code == os.EX_OK, f"sitmail {' '.join(words)} ended with {code}: {err.getvalue()}"
        return json.loads(out.getvalue())

    def retry(self) -> None:
        """Has deferred letters tried at once, as `sitmail outbox retry all` does, but never in the daemon's place."""
        with contextlib.suppress(Failure):
            ask.ask(self.folder / "control.sock", "outbox", {"action": "retry"})
