"""A desk as its own process, and a private Postfix beside it; both on loopback, in folders of their own.

Fakes have no place here: these tests are about programs that other people wrote.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any, TypeVar

import pytest

CHECKOUT = Path(__file__).parents[2]
PATIENCE = 30  # seconds until something that should come is called missing
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
    process: subprocess.Popen[str] | None = None

    def __post_init__(self) -> None:
        (self.folder / "config.toml").write_text(CONFIG.format(smtp=self.smtp, lmtp=self.lmtp))
        (self.folder / "directory.toml").write_text(DIRECTORY)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "sitmail", *arguments, "--config", str(self.folder / "config.toml")]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(CHECKOUT)}

    def start(self) -> None:
        log = (self.folder / "log").open("a")
        self.process = subprocess.Popen(
            self.command("run"), cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert self.process.stdout
        first = self.process.stdout.readline()
        assert first.startswith("ready"), first + (self.folder / "log").read_text()

    def stop(self) -> None:
        """A graceful stop, which has to be one."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            code = self.process.wait(PATIENCE)
            assert self.process.stdout
            self.process.stdout.close()
            self.process = None
            assert code == 0, (self.folder / "log").read_text()

    def ask(self, *arguments: str) -> Any:
        """The JSON answer of the command line."""
        done = subprocess.run(
            self.command(*arguments, "--json"), env=self.environment, capture_output=True, text=True, check=True
        )
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


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.start()
    yield desk
    desk.stop()


@dataclass
class Postfix:
    """A private instance: own configuration, queue and log; nothing of the machine's Postfix is touched."""

    folder: Path
    port: int

    def control(self, *command: str) -> None:
        subprocess.run(["postfix", "-c", self.folder / "etc", *command], check=True, capture_output=True)

    def log(self) -> str:
        path = self.folder / "log" / "maillog"
        return path.read_text() if path.exists() else ""

    def queued(self) -> int:
        listing = subprocess.run(
            ["postqueue", "-c", self.folder / "etc", "-j"], capture_output=True, text=True, check=True
        )
        return len(listing.stdout.splitlines())


MAIN_CF = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {folder}/log/maillog
maillog_file_prefixes = {folder}
myhostname = mx.example.com
mydestination = example.com
alias_maps =
local_recipient_maps = regexp:{folder}/etc/sitmail_recipients
transport_maps = inline:{{ support@example.com=lmtp:inet:127.0.0.1:{lmtp} }}
recipient_delimiter = +
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
transport_retry_time = 2s
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
"""
MASTER_CF = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@pytest.fixture
def postfix(desk: Desk) -> Iterator[Postfix]:
    """Postfix with the settings of docs/howto/postfix.md, in front of the desk's LMTP door."""
    if shutil.which("postfix") is None:
        pytest.skip("needs postfix (make peers)")
    if os.geteuid() != 0:
        pytest.skip("needs root to start a private postfix")
    folder = Path(tempfile.mkdtemp(prefix="sitmail-postfix-"))
    folder.chmod(0o755)  # its processes run as another user
    for name in ("etc", "queue", "data", "log"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    instance = Postfix(folder, port())
    (folder / "etc" / "main.cf").write_text(MAIN_CF.format(folder=folder, lmtp=desk.lmtp))
    (folder / "etc" / "master.cf").write_text(MASTER_CF.format(port=instance.port))
    (folder / "etc" / "sitmail_recipients").write_text(r"/^support(\+[a-z0-9.]+)?@example\.com$/ ok" + "\n")
    instance.control("start")
    try:
        yield instance
    finally:
        instance.control("stop")
        shutil.rmtree(folder)
