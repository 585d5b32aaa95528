"""Messages to systemd: READY=1, RELOADING=1, STOPPING=1, WATCHDOG=1, STATUS=... (sd_notify(3))."""

from __future__ import annotations

import os
import socket


def notify(*lines: str) -> None:
    """Tells systemd, if it started us.  Failures are ignored."""
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where:
        return
    target = "\0" + where[1:] if where.startswith("@") else where
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.sendto("\n".join(lines).encode(), target)
    except OSError:
        pass


def watchdog_interval() -> float | None:
    """Seconds between two WATCHDOG=1: half of what systemd waits; None if it does not watch us."""
    usec = os.environ.get("WATCHDOG_USEC", "")
    mine = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(usec) / 2_000_000 if usec.isdigit() and mine else None
