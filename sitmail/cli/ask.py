"""Sends a question to the running daemon.

Only what a socket and JSON need is imported, so that verbs that only read start quickly.  Of the configuration only the
places of file and store are read; its mistakes are reported by the code that loads all of it (`here.loaded`).
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sitmail.cli.failure import Failure
from sitmail.config import ConfigError, data_folder
from sitmail.daemon.socket_path import reachable

PATIENCE = 150.0  # seconds without a reply; longer than the daemon's own limit for an answer


def control_socket(config: Path, environ: Mapping[str, str]) -> Path | None:
    """Where a daemon with this configuration would answer, or None if the file cannot be read."""
    try:
        return data_folder(config, environ) / "control.sock"
    except ConfigError:
        return None


def ask(where: Path, verb: str, args: Mapping[str, Any], body: bytes = b"") -> tuple[bool, Any]:
    """(True, the daemon's answer), or (False, None) where no daemon runs.  Raises Failure.

    `body` follows the question, and is its argument of that name.
    """
    peer = _connected(where)
    if peer is None:
        return False, None
    try:
        with peer, peer.makefile("rb") as stream:
            size = {"bytes": len(body)} if body else {}
            peer.sendall(json.dumps({"verb": verb, "args": args, **size}).encode() + b"\n" + body)
            return True, _value(json.loads(stream.readline() or b"{}"), stream)
    except (OSError, ValueError) as error:
        raise Failure(
            f"The daemon at {where} gave no answer: {error or type(error).__name__}.", os.EX_TEMPFAIL
        ) from error


def _connected(where: Path) -> socket.socket | None:
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(PATIENCE)
    try:
        with reachable(where) as name:
            peer.connect(name)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        peer.close()
        return None
    except PermissionError as error:
        peer.close()
        raise Failure(
            f"The daemon's socket {where} is closed to you: ask as its user, or as root.", os.EX_NOPERM
        ) from error
    except OSError as error:
        peer.close()
        raise Failure(f"The daemon at {where} gave no answer: {error}.", os.EX_TEMPFAIL) from error
    return peer


def _value(reply: dict[str, Any], stream: Any) -> Any:
    if not reply.get("ok"):
        raise Failure(str(reply.get("error", "The daemon gave no answer.")), int(reply.get("code", os.EX_TEMPFAIL)))
    if "bytes" not in reply:
        return reply["value"]
    raw = stream.read(reply["bytes"])
    if len(raw) != reply["bytes"]:
        raise ValueError("it ended in the middle")
    return raw
