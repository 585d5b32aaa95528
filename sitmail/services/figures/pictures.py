"""The curve of a report as a picture, where matplotlib is installed (`sitmail[pictures]`); without it there is none.

It is drawn by a process of its own, in the thread that makes the report.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from sitmail.domain.figures.tables import Curve
from sitmail.services.figures import picture_process

PATIENCE = 30.0  # seconds
MOST = 200_000  # bytes; a bigger one is left out, as its numbers stand in the table
PNG = b"\x89PNG\r\n\x1a\n"


def drawn(curve: Curve, said: Callable[[object], str]) -> bytes:
    """The PNG, or b"": whatever is wrong with a picture, the report leaves without it."""
    if find_spec("matplotlib") is None:
        return b""
    asked = {"steps": curve.steps, "lines": [[said(name), values] for name, values in curve.lines]}
    home = str(Path(__file__).resolve().parents[3])
    try:
        with tempfile.TemporaryDirectory(prefix="sitmail-picture-") as folder:
            done = subprocess.run(  # noqa: S603 - ourselves
                [sys.executable, "-P", "-m", picture_process.__name__],
                input=json.dumps(asked).encode(),
                capture_output=True,
                timeout=PATIENCE,
                check=False,
                # nothing of ours, passwords least
                env={"PYTHONPATH": home, "PATH": os.defpath, "LC_ALL": "C.UTF-8", "MPLCONFIGDIR": folder},
            )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    fine = done.returncode == os.EX_OK and done.stdout.startswith(PNG) and len(done.stdout) <= MOST
    return done.stdout if fine else b""
