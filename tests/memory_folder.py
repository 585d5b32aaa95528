"""Where tests put their files: in memory, where the system has a place for that.

A desk commits each mail with fsync, and thousands of tests wait for the disk each time.  The program asks for the same
either way; only the disk's share is gone.  A test of what survives when a process is killed loses nothing by it.
`TMPDIR` in the environment decides where it is set.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH = 2 << 30  # bytes; containers often have 64 MB there


def use() -> None:
    """For this process and all it starts."""
    if "TMPDIR" not in os.environ and _serves():
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def _serves() -> bool:
    return os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH
