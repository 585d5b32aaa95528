"""Unix sockets in deep folders: the kernel takes 107 bytes of a name.  Standard library only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME_MAX = 100  # bytes; some room below sun_path's 107


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """A name to bind or connect to: a long path is named through its folder's file descriptor.  Raises OSError."""
    if len(os.fsencode(path)) <= NAME_MAX:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
