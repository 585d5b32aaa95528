"""Postfix as a peer: a private instance, separate from the machine's own, that delivers everything to one Maildir."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from bench.feeding import Phase, Way, feed
from bench.mails import Mail
from bench.processes import Usage, port, usage, wait_for_port

OWNER = "nobody"  # the user to whom the Maildir belongs
MAIN_CF = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {folder}/log/maillog
maillog_file_prefixes = {folder}
myhostname = mx.example.com
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = example.com
virtual_mailbox_maps = static:desk/
virtual_mailbox_base = {folder}/mail
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
message_size_limit = 100000000
virtual_mailbox_limit = 0
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtpd_client_connection_count_limit = 0
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
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def missing() -> str:
    """Why Postfix cannot be measured here; "" if it can."""
    if shutil.which("postfix") is None:
        return "postfix is not installed (make peers)"
    return "" if os.geteuid() == 0 else "a private postfix needs root"


class Postfix:
    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bench-postfix-"))
        self.folder.chmod(0o755)  # its processes run as other users
        self.port = port()
        for name in ("etc", "queue", "data", "log", "mail"):
            (self.folder / name).mkdir()
        owner = pwd.getpwnam(OWNER)
        shutil.chown(self.folder / "data", "postfix")
        shutil.chown(self.folder / "mail", owner.pw_uid, owner.pw_gid)
        main = MAIN_CF.format(folder=self.folder, uid=owner.pw_uid, gid=owner.pw_gid)
        (self.folder / "etc" / "main.cf").write_text(main)
        (self.folder / "etc" / "master.cf").write_text(MASTER_CF.format(port=self.port))
        self._inbox = self.folder / "mail" / "desk" / "new"

    def start(self) -> None:
        self._control("start")
        wait_for_port(self.port)
        self._master = int((self.folder / "queue" / "pid" / "master.pid").read_text())

    def stop(self) -> None:
        self._control("stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def usage(self) -> Usage:
        return usage(self._master)

    async def measure(self, mails: Sequence[Mail], way: Way) -> Phase:
        """Sends the mails, and measures until the last one is a file in the Maildir."""
        wanted = self._delivered() + len(mails)
        before = self.usage().cpu
        _, started = await feed(self.port, mails, way)
        while self._delivered() < wanted:
            await asyncio.sleep(0.01)
            if perf_counter() - started > 600:
                raise TimeoutError(f"postfix delivered {self._delivered()} of {wanted}")
        return Phase(len(mails), perf_counter() - started, self.usage().cpu - before)

    def _delivered(self) -> int:
        return sum(1 for _ in self._inbox.iterdir()) if self._inbox.exists() else 0

    def _control(self, word: str) -> None:
        subprocess.run(["postfix", "-c", self.folder / "etc", word], check=True, capture_output=True)
