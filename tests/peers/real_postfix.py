"""A Postfix of a test's own: configuration, queue and log in one folder, apart from the machine's Postfix."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers.real_desk import CHECKOUT, port


@dataclass
class Postfix:
    """A running instance."""

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


# What a private instance needs; how the desk's mail goes its way is written in docs/howto/postfix.md.
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
discard unix - - n - - discard
local unix - n n - - local
lmtp unix - - y - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
PAGE = Path(__file__).parents[2] / "docs" / "howto" / "postfix.md"
INTERPRETERS = (sys.executable, "/usr/bin/python3")
NEEDS = ("__init__.py", "__main__.py", "cli/__init__.py", "cli/deliver.py", "cli/dropping.py")  # `sitmail deliver`


def blocks() -> dict[str, str]:
    """The page's blocks by what stands behind their three backquotes: the file, and which way it is for."""
    return dict(re.findall(r"^```([a-z_.]+(?: [a-z]+)?)\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE))


def make() -> Postfix:
    """The folders of an instance, with a `sitmail deliver` that everybody may run; nothing runs yet."""
    folder = Path(tempfile.mkdtemp(prefix="sitmail-postfix-"))
    folder.chmod(0o755)  # its processes run as other users
    for name in ("etc", "queue", "queue/sitmail", "data", "log", "bin/sitmail-deliver/sitmail/cli"):
        (folder / name).mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    for name in NEEDS:
        shutil.copy(CHECKOUT / "sitmail" / name, folder / "bin/sitmail-deliver/sitmail" / name)
    program = folder / "bin" / "sitmail"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={program}-deliver exec {interpreter()} -m sitmail "$@"\n')
    program.chmod(0o755)
    return Postfix(folder, port())


def interpreter() -> str:
    """A Python that `nobody` may run; the one of the tests may stand in somebody's home."""
    for path in INTERPRETERS:
        with contextlib.suppress(OSError):
            if not subprocess.run(
                [path, "-c", ""], user="nobody", cwd="/", capture_output=True, check=False
            ).returncode:
                return path
    pytest.skip("needs a python3 that everybody may run")


def start(instance: Postfix, lmtp: int, way: str = "", spool: str = "/nowhere") -> None:
    """Starts it with the blocks of docs/howto/postfix.md for one way: "" (unix socket), inet, pipe, or aliases."""
    etc, here = instance.folder / "etc", instance.folder
    names = {
        "/etc/postfix/": f"{etc}/",
        "/etc/aliases": f"{etc}/aliases",
        "/usr/bin/sitmail": f"{here}/bin/sitmail",
        "127.0.0.1:8024": f"127.0.0.1:{lmtp}",
        "/var/lib/sitmail/deliver": spool,
        "user=sitmail": "user=nobody",
    }
    written = {name: _replaced(text, names) for name, text in blocks().items()}
    own = MAIN_CF.format(folder=here) + written["main.cf"] + written.get(f"main.cf {way}", "")
    if way == "aliases":
        own = own.replace("alias_maps =", f"alias_maps = hash:{etc}/aliases").replace("transport_maps", "unused_maps")
        (etc / "aliases").write_text(written["aliases"])
    (etc / "main.cf").write_text(own)
    (etc / "master.cf").write_text(MASTER_CF.format(port=instance.port) + written.get(f"master.cf {way}", ""))
    (etc / "transport").write_text(written.get(f"transport {way}", written["transport"]))
    (etc / "sitmail_recipients").write_text(written["sitmail_recipients"])
    if way == "aliases":
        subprocess.run(["postalias", "-c", etc, f"hash:{etc}/aliases"], check=True, capture_output=True)
    instance.control("start")


def _replaced(text: str, names: dict[str, str]) -> str:
    for name, here in names.items():
        text = text.replace(name, here)
    return text
