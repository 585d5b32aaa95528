"""The data folder: a lock, so that one process uses it at a time, and a check for network file systems.

What is in the folder does not belong here.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from sitmail.store.errors import StoreBusy

NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "fuse.sshfs"})


def take(data: Path) -> int:
    """Locks the folder, which is made if missing, and returns the handle for `release`.

    StoreBusy if another process has locked it.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = data / "sitmail.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        owner = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
        os.close(handle)
        who = f"process {owner}" if owner else "another process"
        raise StoreBusy(f"{who} is using {data}; stop it, or let the running daemon do the work") from error
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def release(handle: int) -> None:
    """Unlocks the folder.  The lock file stays: removing it while another process opens it would make two locks."""
    os.close(handle)


def filesystem(path: Path, mounts: str) -> str:
    """The type of the file system of a path, from the text of /proc/self/mounts; "" if unknown."""
    found, kind = Path(), ""
    for line in mounts.splitlines():
        words = line.split()
        if len(words) < 3:
            continue
        point = Path(words[1].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= len(found.parts):
            found, kind = point, words[2]
    return kind


def on_network(path: Path) -> str:
    """The type of the file system of a path if it is a network file system, else ""."""
    try:
        mounts = Path("/proc/self/mounts").read_text(errors="replace")
    except OSError:
        return ""
    kind = filesystem(path.resolve(), mounts)
    return kind if kind in NETWORK else ""
