"""A Postfix of a test's own: configuration, queue and log in one folder, apart from the machine's Postfix."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.peers.real_desk import port


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


def start(lmtp: int) -> Postfix:
    """Postfix with the settings of docs/howto/postfix.md, in front of the LMTP door at that port."""
    folder = Path(tempfile.mkdtemp(prefix="sitmail-postfix-"))
    folder.chmod(0o755)  # its processes run as another user
    for name in ("etc", "queue", "data", "log"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    instance = Postfix(folder, port())
    (folder / "etc" / "main.cf").write_text(MAIN_CF.format(folder=folder, lmtp=lmtp))
    (folder / "etc" / "master.cf").write_text(MASTER_CF.format(port=instance.port))
    (folder / "etc" / "sitmail_recipients").write_text(r"/^support(\+[a-z0-9.]+)?@example\.com$/ ok" + "\n")
    instance.control("start")
    return instance
