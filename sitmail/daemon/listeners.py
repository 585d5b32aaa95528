"""The sockets the doors stand behind: what the configuration names, or what systemd opened for us.

A listener knows nothing of SMTP; it is given the door as the callable that asyncio wants.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
import sys
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sitmail.daemon.ports import why_not_bound
from sitmail.domain.record import record

BACKLOG = 512  # connections the kernel holds for us; asyncio's own 100 overflows in a burst
FIRST_FD = 3  # sd_listen_fds(3)
MODE = 0o660  # of a Unix socket: the MTA belongs to our group
# Since 3.13 asyncio removes a Unix socket when the server is closed, even one that belongs to systemd.
KEEP_SOCKET: dict[str, Any] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}


@record
class Place:
    """Where to listen: `path` of a Unix socket, else `host` ("" = everywhere) and `port` (0 = any free one).

    `tls`: from the first byte.
    """

    host: str = ""
    port: int = 0
    path: Path | None = None
    tls: bool = False


class Listener:
    """An open door.  `name` is for people: "smtp 127.0.0.1:8025"; `address` is its second word."""

    def __init__(self, kind: str, server: asyncio.Server, path: Path | None = None, tls: bool = False) -> None:
        before = "tls:" if tls else ""
        self.address = " ".join(dict.fromkeys(before + printed(sock) for sock in server.sockets))
        self.name = f"{kind} {self.address}"
        self._server = server
        self._path = path
        self._inode = path.stat().st_ino if path else 0

    async def close(self) -> None:
        """Accept nobody any more.  Sessions go on: they are the door's (and waiting for them here may last for ever).

        Our own Unix socket is removed, unless somebody else's stands there by now.
        """
        self._server.close()
        if self._path:
            with contextlib.suppress(OSError):
                if self._path.stat().st_ino == self._inode:
                    self._path.unlink()


async def open_listeners(
    kind: str,
    listen: Sequence[str],
    door: Callable[[], asyncio.Protocol],
    *,
    base: Path,
    inherited: Mapping[str, Sequence[socket.socket]] | None = None,
    encrypted: Callable[[], asyncio.Protocol] | None = None,
) -> list[Listener]:
    """Open every place of `listen` for the door of that kind (smtp, lmtp), or use systemd's sockets of that name.

    `encrypted` is the same door with TLS first: for places that begin with `tls:` and systemd's sockets of the kind's
    name with an s (smtps).  Relative Unix sockets lie in `base`.  Raises ValueError for a place that cannot be read and
    OSError for one that cannot be had; in both cases nothing stays open.
    """
    opened: list[Listener] = []
    try:
        passed = [(sock, False) for sock in (inherited or {}).get(kind, ())]
        if encrypted is not None:
            passed += [(sock, True) for sock in (inherited or {}).get(f"{kind}s", ())]
        for sock, tls in passed:
            opened.append(Listener(kind, await _serve(sock, encrypted if tls and encrypted else door), tls=tls))
        for text in () if passed else listen:
            where = place(text, base)
            if where.tls and encrypted is None:
                raise ValueError(f'listen "{text}": needs a certificate')
            opened.append(await _open(kind, where, encrypted if where.tls and encrypted else door))
    except BaseException:
        for listener in opened:
            await listener.close()
        raise
    return opened


def place(text: str, base: Path) -> Place:
    """Read `127.0.0.1:8025`, `[::1]:25`, `*:25`, `tls:*:465` or `unix:lmtp.sock`.

    Raises ValueError with a sentence for people.
    """
    if text.startswith("tls:") and not text.startswith("tls:unix:"):
        return replace(place(text.removeprefix("tls:"), base), tls=True)
    if text.startswith("unix:"):
        path = base / text.removeprefix("unix:")
        if path == base or len(os.fsencode(path)) > 107:  # sun_path in unix(7)
            raise ValueError(f'listen "{text}": the path of the socket must have 1 to 107 bytes')
        return Place(path=path)
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535 or (":" in host and not bracketed):
        raise ValueError(f'listen "{text}": write "127.0.0.1:8025", "[::1]:25" or "unix:lmtp.sock"')
    host = host[1:-1] if bracketed else host
    return Place(host="" if host == "*" else host, port=int(port))


def inherited_sockets(
    environ: MutableMapping[str, str], pid: int, first: int = FIRST_FD
) -> dict[str, list[socket.socket]]:
    """Sockets that systemd passed, by FileDescriptorName= (sd_listen_fds(3)); "" where it has none.

    The variables are removed, so that no child of ours takes the sockets for its own.
    """
    ours = environ.pop("LISTEN_PID", ""), environ.pop("LISTEN_FDS", ""), environ.pop("LISTEN_FDNAMES", "")
    owner, count, names = ours
    found: dict[str, list[socket.socket]] = {}
    if owner != str(pid) or not count.isdigit():
        return found
    labels = names.split(":") if names else []
    for index in range(int(count)):
        number = first + index
        os.set_inheritable(number, False)
        label = labels[index] if index < len(labels) else ""
        found.setdefault(label, []).append(socket.socket(fileno=number))
    return found


def printed(sock: socket.socket) -> str:
    """An address as it is written in `listen`."""
    address = sock.getsockname()
    if sock.family == socket.AF_INET6:
        return f"[{address[0]}]:{address[1]}"
    if sock.family == socket.AF_INET:
        return f"{address[0]}:{address[1]}"
    return f"unix:{os.fsdecode(address)}"


async def _open(kind: str, where: Place, door: Callable[[], asyncio.Protocol]) -> Listener:
    if where.path is None:
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(door, where.host or None, where.port, backlog=BACKLOG)
        except OSError as error:
            host = f"[{where.host}]" if ":" in where.host else where.host or "*"
            raise OSError(why_not_bound(error, f"{host}:{where.port}")) from error
        return Listener(kind, server, tls=where.tls)
    sock = unix_socket(where.path)
    try:
        return Listener(kind, await _serve(sock, door), where.path)
    except BaseException:
        sock.close()
        raise


async def _serve(sock: socket.socket, door: Callable[[], asyncio.Protocol]) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    if sock.family == socket.AF_UNIX:
        return await loop.create_unix_server(door, sock=sock, backlog=BACKLOG, **KEEP_SOCKET)
    return await loop.create_server(door, sock=sock, backlog=BACKLOG)


def unix_socket(path: Path) -> socket.socket:
    """A bound Unix socket of mode 0660; one that a crash left behind is replaced, a living one never.

    Raises FileExistsError when something else is there, OSError when somebody answers.
    """
    if path.is_symlink() or path.exists():
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise FileExistsError(f"{path} is there and is no socket")
        if alive(path):
            raise OSError(f"another daemon listens on {path}")
        path.unlink()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(sock.fileno(), MODE)  # before bind, so that it is never open to more people than these
        sock.bind(str(path))
        path.chmod(MODE)  # what the umask took away
    except BaseException:
        sock.close()
        raise
    return sock


def alive(path: Path) -> bool:
    """Whether somebody listens there.  Only a refusal proves that nobody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return False
        except OSError:
            return True
    return True
