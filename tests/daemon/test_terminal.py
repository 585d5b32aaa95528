"""A desk that was started by hand ends with its terminal; SIGHUP alone reloads the configuration."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.running_desk import PATIENCE, Desk, wait_for

pytestmark = pytest.mark.slow


def test_the_desk_ends_with_its_terminal(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    parent, child = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "sitmail", "run"],
        cwd=tmp_path,
        env=desk.environ,
        stdin=child,
        stdout=child,
        stderr=child,
        start_new_session=True,
    )
    os.close(child)
    shown = b""
    try:
        end = time.monotonic() + PATIENCE
        while b"ready smtp" not in shown and time.monotonic() < end:
            shown += os.read(parent, 4096)
        process.send_signal(signal.SIGHUP)
        while b"event=reloaded" not in shown and time.monotonic() < end:
            shown += os.read(parent, 4096)
        assert process.poll() is None
        os.close(parent)
        process.send_signal(signal.SIGHUP)  # as the kernel does to the foreground of a terminal that is gone
        wait_for(lambda: process.poll() is not None)
        assert process.returncode >= 0  # not by the signal
    finally:
        process.kill()
        process.wait()
