"""A desk in a folder, with a daemon as its own process that tests start, stop, ask and break."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from sitmail.store.database import open_database
from tests import program
from tests.wire import send

CHECKOUT = Path(__file__).parents[1]
PATIENCE = 60.0  # seconds
CONFIG = """\
[desk]
address = "support@example.com"
tag = "EX"
[smtp]
listen = ["127.0.0.1:{smtp}"]
max_message_size = "{size}"
[lmtp]
listen = ["unix:lmtp.sock"]
[relay]
url = "{relay}"
[[engineer]]
id = "ann"
addresses = ["ann@example.com"]
{more}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


class Desk:
    """A desk in a folder, with a daemon that can be started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.daemon: subprocess.Popen[bytes] | program.Running | None = None
        self.launcher = ""  # a script in the program's place
        self.configure()

    def configure(self, relay: str = "maildir:outgoing", size: str = "1 MB", more: str = "") -> None:
        text = CONFIG.format(smtp=self.port, relay=relay, size=size, more=more)
        (self.folder / "config.toml").write_text(text)

    def sitmail(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = program.sitmail(*words, cwd=self.folder, environ=self.environ)
        return subprocess.CompletedProcess(words, done.returncode, done.stdout.decode(), done.stderr.decode())

    @property
    def environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), "LC_ALL": "C.UTF-8"}

    def start(self) -> None:
        out, err = self.folder / "out", self.folder / "log"
        for path in (out, err):
            path.unlink(missing_ok=True)
        if self.launcher:
            with out.open("w") as stdout, err.open("w") as stderr:
                words = [sys.executable, self.launcher, "run"]
                self.daemon = subprocess.Popen(words, cwd=self.folder, env=self.environ, stdout=stdout, stderr=stderr)
        else:
            self.daemon = program.Running("run", cwd=self.folder, environ=self.environ, out=out, err=err)
        line = program.first_line(self.daemon, out)
        assert line.startswith("ready"), line + err.read_text()

    def stop(self) -> None:
        if self.daemon is not None:
            self.daemon.terminate()
            self.daemon.wait(PATIENCE)
            self.daemon = None

    def write(self, job: Callable[[Connection], Any]) -> None:
        """Changes the store while no daemon runs."""
        url = f"sqlite:///{self.folder}/sitmail.db"
        with closing(open_database(url, data=self.folder)) as database:
            database.write(lambda connection, items: [job(connection) for _ in items], None).result()

    def told(self, pattern: str) -> None:
        """Waits until `status` says it, and ends with 1."""
        end = time.monotonic() + PATIENCE
        while True:
            done = self.sitmail("status")
            if re.search(pattern, done.stdout):
                assert done.returncode == 1
                assert done.stderr == ""
                return
            if time.monotonic() > end:
                pytest.fail(f"{pattern!r} is not in:\n{done.stdout}{done.stderr}{(self.folder / 'log').read_text()}")
            time.sleep(0.2)

    def is_well(self) -> bool:
        done = self.sitmail("status")
        return done.returncode == 0 and "All is well." in done.stdout


def mail(desk: Desk) -> None:
    raw = b"From: Jane Doe <jane@example.net>\r\nTo: support@example.com\r\nSubject: lamp\r\n\r\nIt is dark.\r\n"
    assert send(desk.port, "jane@example.net", ["support@example.com"], raw)[-2].startswith("250")


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)
