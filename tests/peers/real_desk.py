"""A desk as its own process on loopback, with its data in a folder of its own.

Fakes have no place here: these tests are about programs that other people wrote.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests import program

CHECKOUT = Path(__file__).parents[2]
PATIENCE = 120  # seconds until something that should come is called missing
Answer = TypeVar("Answer")

CONFIG = """
[desk]
name = "Example Support"
address = "support@example.com"
tag = "EX"
default_owner = "ann"
[smtp]
listen = ["127.0.0.1:{smtp}"]
[lmtp]
listen = ["127.0.0.1:{lmtp}"]
[relay]
url = "maildir:outgoing"
[directory]
files = ["directory.toml"]
[[engineer]]
id = "ann"
name = "Ann Archer"
addresses = ["ann@example.com"]
"""
DIRECTORY = """
[[site]]
id = "harbour"
name = "Harbour Ltd"
domains = ["example.org"]
[[contact]]
addresses = ["carol@example.org"]
name = "Carol Carter"
site = "harbour"
"""


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def eventually(ask: Callable[[], Answer], what: str) -> Answer:
    """The first answer that is true, or a failure that says what was missing."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.1)
    pytest.fail(f"missing after {PATIENCE} s: {what}")


@dataclass
class Desk:
    """A daemon that can be stopped and started again on the same data."""

    folder: Path
    smtp: int = field(default_factory=port)
    lmtp: int = field(default_factory=port)
    process: program.Running | None = None

    def __post_init__(self) -> None:
        (self.folder / "config.toml").write_text(CONFIG.format(smtp=self.smtp, lmtp=self.lmtp))
        (self.folder / "directory.toml").write_text(DIRECTORY)

    def change(self, old: str, new: str) -> None:
        """Another line in its configuration, for the next start or reload."""
        path = self.folder / "config.toml"
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "sitmail", *arguments, "--config", str(self.folder / "config.toml")]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(CHECKOUT)}

    def start(self) -> None:
        out, log = self.folder / "out", self.folder / "log"
        words = ("run", "--config", str(self.folder / "config.toml"))
        self.process = program.Running(*words, cwd=self.folder, environ=self.environment, out=out, err=log)
        first = program.first_line(self.process, out)
        assert first.startswith("ready"), first + log.read_text()

    def stop(self) -> None:
        """A graceful stop, which has to be one."""
        if self.process is not None:
            self.process.terminate()
            code = self.process.wait(PATIENCE)
            self.process = None
            assert code == 0, (self.folder / "log").read_text()

    def ask(self, *arguments: str) -> Any:
        """The JSON answer of the command line."""
        words = (*arguments, "--json", "--config", str(self.folder / "config.toml"))
        done = program.sitmail(*words, cwd=self.folder, environ=self.environment)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def ended(self, times: int) -> list[dict[str, Any]]:
        """The inbox, as soon as so many mails are in it and all have ended."""

        def ask() -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = self.ask("inbox")
            return rows if len(rows) >= times and all(row["ending"] != "waiting" for row in rows) else []

        return eventually(ask, f"{times} mails that ended")

    def letters(self, reader: str) -> list[Message]:
        """What was written to somebody, oldest first."""
        files = sorted((self.folder / "outgoing" / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns)
        every = [message_from_bytes(path.read_bytes()) for path in files]
        return [letter for letter in every if reader in (letter["To"] or "")]
