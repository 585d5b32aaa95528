"""Why a port cannot be had, as a sentence: for `sitmail run` and `sitmail check`."""

from __future__ import annotations

import errno


def why_not_bound(error: OSError, place: str) -> str:
    """A sentence about the port at `place`, which is written as in `listen`."""
    if error.errno == errno.EADDRINUSE:
        return f"{place} is in use by another program; stop that one, or choose another port"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{place} may not be opened by this user: ports below 1024 need systemd's socket units, or a redirection"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{place} is no address of this machine"
    return f"{place} cannot be opened: {error.strerror or error}"
