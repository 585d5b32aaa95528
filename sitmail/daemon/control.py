"""The control socket, by which the command line asks the running daemon: a line of JSON each way.

It is a Unix socket of mode 0600, and the peer's uid is checked as well; never TCP.  What is answered is up to the
handlers.  Nothing that a peer sends may harm the daemon.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import pwd
import secrets
import socket
import stat
import struct
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from sitmail.daemon.socket_path import reachable
from sitmail.services.reports import NoAnswer

log = logging.getLogger("sitmail.control")

QUESTION_MAX = 64 * 1024  # bytes of one question
BODY_MAX = 64 << 20  # bytes that may follow it
ASKING_TIME = 10.0  # seconds a peer has to write its question, and again to take the answer's next part
BODY_TIME = 60.0  # seconds it has to write what follows its question
ANSWERING_TIME = 120.0  # seconds a handler has
STOPPING_TIME = 5.0  # seconds that answers under way get when the daemon stops
PEERS_MAX = 32  # at once

Handler = Callable[[dict[str, Any]], Awaitable[object]]


class Control:
    """Answers questions at `path`.  A handler gets the arguments, with `actor` set to the peer's user name.

    Bytes follow their line raw, those of a value as {"ok": true, "bytes": 123}, and those of a question, which its
    handler gets as the argument `body`, likewise.
    """

    def __init__(self, path: Path, handlers: Mapping[str, Handler]) -> None:
        self._path = path
        self._handlers = handlers
        self._server: asyncio.Server | None = None
        self._peers: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Raises OSError: where another daemon answers at the path, or something that is no socket lies there."""
        listener = await asyncio.to_thread(_listener, self._path)
        self._server = await asyncio.start_unix_server(self._meet, sock=listener, limit=QUESTION_MAX)

    async def stop(self) -> None:
        """Removes the socket, and gives answers under way a few seconds to finish."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        if self._peers:
            _, late = await asyncio.wait(self._peers, timeout=STOPPING_TIME)
            for task in late:
                task.cancel()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._peers.add(task)
        try:
            await self._converse(reader, writer)
        except (OSError, TimeoutError):
            log.info("event=control-lost")  # the peer went away, or does not read the answer
        finally:
            self._peers.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        uid = _uid(writer)
        if uid not in (0, os.geteuid()):
            reply: object = _sorry("Only the desk's own user and root may ask here.", os.EX_NOPERM)
        elif len(self._peers) > PEERS_MAX:
            reply = _sorry("The desk is answering too many questions; try again.", os.EX_TEMPFAIL)
        else:
            reply = await self._reply(reader, uid)
        line = {"ok": True, "bytes": len(reply)} if isinstance(reply, bytes) else reply
        writer.write(await asyncio.to_thread(_encoded, line))
        await asyncio.wait_for(writer.drain(), ASKING_TIME)
        if isinstance(reply, bytes):
            for at in range(0, len(reply), QUESTION_MAX):
                writer.write(reply[at : at + QUESTION_MAX])
                await asyncio.wait_for(writer.drain(), ASKING_TIME)

    async def _reply(self, reader: asyncio.StreamReader, uid: int) -> object:
        """The answer's line, or raw bytes; never raises but when cancelled."""
        try:
            question = _question(await asyncio.wait_for(reader.readuntil(b"\n"), ASKING_TIME))
            handler = self._handlers[question["verb"]]
            args = {**question["args"], "actor": _user(uid)}
            if question["bytes"]:
                args["body"] = await asyncio.wait_for(reader.readexactly(question["bytes"]), BODY_TIME)
            value = await asyncio.wait_for(handler(args), ANSWERING_TIME)
        except NoAnswer as refusal:
            return _sorry(refusal.sentence, refusal.code)
        except KeyError:
            return _sorry("The running desk does not know that question.", os.EX_UNAVAILABLE)
        except (ValueError, asyncio.LimitOverrunError, asyncio.IncompleteReadError):
            return _sorry("A question is one line of JSON.", os.EX_USAGE)
        except TimeoutError:
            return _sorry("That took too long.", os.EX_TEMPFAIL)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("event=control-failed reference=%s", reference)
            return _sorry(f"The running desk failed; its log has the cause under {reference}.", os.EX_SOFTWARE)
        return value if isinstance(value, bytes) else {"ok": True, "value": value}


def _question(line: bytes) -> dict[str, Any]:
    """Raises ValueError."""
    question = json.loads(line)
    if not isinstance(question, dict) or not isinstance(question.get("verb"), str):
        raise ValueError("no verb")
    args, size = question.get("args", {}), question.get("bytes", 0)
    if not isinstance(args, dict):
        raise ValueError("no args")
    if not isinstance(size, int) or not 0 <= size <= BODY_MAX:
        raise ValueError("no size")
    return {"verb": question["verb"], "args": args, "bytes": size}


def _sorry(sentence: str, code: int) -> dict[str, object]:
    return {"ok": False, "error": sentence, "code": code}


def _encoded(line: object) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def _uid(writer: asyncio.StreamWriter) -> int:
    """The peer's uid, from the kernel (SO_PEERCRED: pid, uid, gid)."""
    peer = writer.get_extra_info("socket")
    uid: int = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))[1]
    return uid


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _listener(path: Path) -> socket.socket:
    """A listening socket.  Its mode is set before it listens, so that no other user can connect in between."""
    with reachable(path) as name:
        _clear(path, name)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(name)
            path.chmod(0o600)
            listener.listen(PEERS_MAX)
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
    return listener


def _clear(path: Path, name: str) -> None:
    """Removes the socket that a crashed daemon left behind."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise FileExistsError(f"{path} is in the way: it is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(name)
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return
    raise FileExistsError(f"another desk answers at {path}")
