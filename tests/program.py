"""The program as a process of its own, without its start: forked from a server that has imported it.

A start of Python that imports all of the program takes a second, and some hundred tests ask a desk a few times each.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired

PATIENCE = 60.0  # seconds
_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload(["sitmail.cli.main", "sitmail.cli.checking", "sitmail.cli.desk", "sitmail.daemon.run"])


def sitmail(*words: str, cwd: Path, environ: Mapping[str, str]) -> CompletedProcess[bytes]:
    """What `sitmail WORDS` ends with and prints, in that folder and with that environment alone."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        process = _FORKING.Process(target=_run, args=(words, cwd, dict(environ), out, err))
        process.start()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutExpired(words, PATIENCE)
        code = process.exitcode
        process.close()
        return CompletedProcess(words, code, out.read_bytes(), err.read_bytes())


def _run(words: tuple[str, ...], folder: Path, environ: dict[str, str], out: Path, err: Path) -> None:
    from sitmail.__main__ import main

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    for number, path in ((1, out), (2, err)):
        with path.open("wb") as file:
            os.dup2(file.fileno(), number)
    sys.argv = ["sitmail", *words]
    sys.exit(main())
