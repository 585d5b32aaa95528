"""The program as a process of its own, without its start: forked from a server that has imported it.

A start of Python that imports all of the program takes a second or two, and some hundred tests start a desk, or ask one
a few times each.  How the program itself starts is shown where it is installed or killed (`tests/peers`).
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from pathlib import Path
from subprocess import CompletedProcess, Popen, TimeoutExpired

PATIENCE = 60.0  # seconds
NOBODY = 65534
_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload(["sitmail.cli.main", "sitmail.cli.checking", "sitmail.cli.desk", "sitmail.daemon.run"])


class Running:
    """The program while it runs, with the methods of `subprocess.Popen`; prints to `out`, which is new, and `err`."""

    def __init__(
        self, *words: str, cwd: Path, environ: Mapping[str, str], out: Path, err: Path, user: int | None = None
    ) -> None:
        out.unlink(missing_ok=True)
        self._words = words
        self._process = _FORKING.Process(target=_run, args=(words, cwd, dict(environ), out, err, user), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, seconds: float = PATIENCE) -> int:
        self._process.join(seconds)
        code = self._process.exitcode
        if code is None:
            raise TimeoutExpired(self._words, seconds)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def first_line(running: Running | Popen[bytes], out: Path) -> str:
    """The first line it prints to that file; what there is of it where it ends before."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        ended = running.poll() is not None
        line, newline, _ = out.read_text().partition("\n") if out.exists() else ("", "", "")
        if newline or ended:
            return line
        time.sleep(0.005)
    raise TimeoutExpired("the program", PATIENCE)


def sitmail(*words: str, cwd: Path, environ: Mapping[str, str], user: int | None = None) -> CompletedProcess[bytes]:
    """What `sitmail WORDS` ends with and prints, in that folder and with that environment alone; for root as a user."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        running = Running(*words, cwd=cwd, environ=environ, out=out, err=err, user=user)
        try:
            code = running.wait()
        except TimeoutExpired:
            running.kill()
            running.wait()
            raise
        return CompletedProcess(words, code, out.read_bytes(), err.read_bytes())


def _run(words: tuple[str, ...], folder: Path, environ: dict[str, str], out: Path, err: Path, user: int | None) -> None:
    from sitmail.__main__ import main

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    for number, path in ((1, out), (2, err)):
        with path.open("ab") as file:
            os.dup2(file.fileno(), number)
    sys.argv = ["sitmail", *words]
    if user is not None:
        _become(user, main)
    sys.exit(main())


def _become(user: int, main: Callable[[], int]) -> None:
    """The interpreter may lie where only root may read: asked as root, the program has imported what it needs."""
    argv = sys.argv
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for sys.argv in (argv, ["sitmail", "status", "--config", "elsewhere.toml"]):
            main()
    sys.argv = argv
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
