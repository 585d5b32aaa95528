"""A Dovecot of a test's own: configuration, mail and log in one folder, apart from the machine's Dovecot.

    with Dovecot(folder) as dovecot: dovecot.put("support", LETTER)

`Proxy` stands in front of it and tells of commands that pass, so that a test can restart it in the middle of one.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Self

from tests.peers.real_desk import port as free_port

PASSWORD = "open-sesame"
PARTS = ("tmp", "new", "cur")  # of a Maildir
OWNER = "nobody"  # Dovecot keeps no mail as root
CONF = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:~/Maildir
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
mail_max_userip_connections = 100
{more}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/home/%u
}}
"""


@dataclass
class Dovecot:
    """A running instance; `more` are further lines of its configuration, `certificate` a PEM file."""

    folder: Path
    more: str = ""
    certificate: Path | None = None
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    serial: Iterator[int] = field(default_factory=lambda: count(1))

    def __enter__(self) -> Self:
        (self.folder / "home").mkdir(parents=True)
        self.folder.chmod(0o755)  # its processes run as other users
        for parent in (self.folder, *self.folder.parents):
            if parent.stat().st_uid == os.getuid() and len(parent.parts) > 2:
                parent.chmod(parent.stat().st_mode | 0o011)
        shutil.chown(self.folder / "home", OWNER)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        pem = f"ssl_cert = <{self.certificate}\nssl_key = <{self.certificate}" if self.certificate else ""
        (self.folder / "dovecot.conf").write_text(
            CONF.format(
                folder=self.folder,
                ssl="yes" if pem else "no",
                certificate=pem,
                more=self.more,
                port=self.port,
                tls_port=self.tls_port,
                password=PASSWORD,
            )
        )
        with (self.folder / "out").open("ab") as out:
            self.process = subprocess.Popen(
                ["dovecot", "-F", "-c", self.folder / "dovecot.conf"], stdout=out, stderr=out
            )
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
                if line.recv(100).startswith(b"* OK"):
                    return
            assert self.process.poll() is None, (self.folder / "out").read_text()
            time.sleep(0.05)
        raise AssertionError("dovecot does not greet")

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
            self.process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def maildir(self, user: str, folder: str = "") -> Path:
        return self.folder / "home" / user / "Maildir" / (f".{folder}" if folder else "")

    def put(self, user: str, *letters: bytes, folder: str = "") -> None:
        """Delivers as an MDA does: written aside, then moved to where it is seen."""
        box = self.maildir(user, folder)
        for part in PARTS:
            if not (box / part).is_dir():
                (box / part).mkdir(parents=True)
                for made in (box / part, box, box.parent):
                    shutil.chown(made, OWNER, "nogroup")
        for letter in letters:
            name = f"{time.time():.6f}.{next(self.serial)}.test"
            (box / "tmp" / name).write_bytes(letter)
            shutil.chown(box / "tmp" / name, OWNER, "nogroup")
            (box / "tmp" / name).rename(box / "new" / name)

    def mails(self, user: str, folder: str = "") -> list[Path]:
        box = self.maildir(user, folder)
        return [path for part in ("new", "cur") for path in sorted((box / part).glob("*"))]

    def new_uidvalidity(self, user: str) -> None:
        """As after a migration: every mail gets another UID, under another UIDVALIDITY."""
        self.stop()
        box = self.maildir(user)
        for path in box.glob("dovecot*"):
            path.unlink()
        listing = box / "dovecot-uidlist"
        listing.write_text("3 V1234567 N90001 G" + "ab" * 16 + "\n")
        shutil.chown(listing, OWNER, "nogroup")
        self.start()


class Proxy:
    """Stands before a server, passes everything on, and calls `at` for each line of the client's before it goes on.

    `cut` makes the next command that matches the last on its connection: "before" it reaches the server, or "after"
    the server has had time to do it, with the answer swallowed.
    """

    def __init__(self, server: int) -> None:
        self.server = server
        self.cut: tuple[re.Pattern[bytes], str, Callable[[], None]] | None = None
        self.seen: list[bytes] = []
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    @contextmanager
    def running(self) -> Iterator[Self]:
        thread = threading.Thread(target=self._accept, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            thread.join(10)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self.server)) as server:
            silent = threading.Event()
            back = threading.Thread(target=self._back, args=(server, client, silent), daemon=True)
            back.start()
            with client.makefile("rb") as lines:
                for line in lines:
                    self.seen.append(line)
                    if self.cut and self.cut[0].search(line):
                        _, when, do = self.cut
                        self.cut = None
                        silent.set()
                        if when == "after":
                            server.sendall(line)
                            time.sleep(0.5)
                        do()
                        self.cuts += 1
                        break
                    server.sendall(line)
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            server.shutdown(socket.SHUT_RDWR)
            back.join(10)

    def _back(self, server: socket.socket, client: socket.socket, silent: threading.Event) -> None:
        with suppress(OSError):
            while (data := server.recv(65536)) and not silent.is_set():
                client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
