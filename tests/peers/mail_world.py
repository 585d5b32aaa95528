"""A small world of real programs: Postfix delivers everybody's mail, Dovecot serves it, and the desk fetches its own.

    with opened() as world: world.letters("carol")

Postfix is the only way in and out: the desk's letters leave by it, and people write by it. Dovecot serves the desk's
mailbox (support, with its signed addresses) and those of the customer and the engineer.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.peers import real_postfix
from tests.peers.real_desk import Desk, eventually
from tests.peers.real_dovecot import OWNER, PASSWORD, Dovecot
from tests.peers.real_postfix import Postfix

PEOPLE = {"carol": "carol@example.org", "ann": "ann@example.com"}
# Virtual mailboxes keep the address a mail was sent to in Delivered-To, which a mailbox needs without an envelope.
MAIN_CF = """
recipient_delimiter = +
virtual_mailbox_domains = example.com, example.org
virtual_mailbox_maps = texthash:{folder}/etc/mailboxes
virtual_mailbox_base = {home}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""
MASTER_CF = "virtual unix - n n - - virtual\n"
# By default notices to one reader wait for each other, and these people answer faster than any.
DESK = """
[[imap]]
host = "127.0.0.1"
port = {port}
security = "none"
user = "support"
password = "{password}"
done_folder = "Done"
first = "all"
[limits]
fold_within = "0s"
"""


@dataclass
class MailWorld:
    """What runs, and what lies in the mailboxes."""

    postfix: Postfix
    dovecot: Dovecot
    desk: Desk

    def letters(self, user: str, folder: str = "") -> list[EmailMessage]:
        """What somebody has in the mailbox, in the order in which it was delivered."""
        files = sorted(self.dovecot.mails(user, folder), key=lambda path: path.stat().st_mtime_ns)
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]

    def letter(self, user: str, place: int) -> EmailMessage:
        """The letter at this place, as soon as it is there."""
        return eventually(lambda: self.letters(user)[place - 1 : place], f"letter {place} to {user}")[0]

    def settled(self, mails: int) -> bool:
        """So many mails have ended at the desk, and no letter is under way."""
        rows: list[dict[str, Any]] = self.desk.ask("inbox")
        waits = any(row["ending"] == "waiting" for row in rows) or self.desk.ask("outbox") or self.postfix.queued()
        return len(rows) == mails and not waits

    def clear(self) -> None:
        """Empties the people's mailboxes."""
        for user in PEOPLE:
            for path in self.dovecot.mails(user):
                path.unlink()


def _start_postfix(instance: Postfix, home: Path) -> None:
    etc, owner = instance.folder / "etc", home.stat()
    own = MAIN_CF.format(folder=instance.folder, home=home, uid=owner.st_uid, gid=owner.st_gid)
    there = real_postfix.MAIN_CF.format(folder=instance.folder).replace(
        "mydestination = example.com", "mydestination ="
    )
    (etc / "main.cf").write_text(there + own)
    (etc / "master.cf").write_text(real_postfix.MASTER_CF.format(port=instance.port) + MASTER_CF)
    boxes = {"support@example.com": "support", **{address: user for user, address in PEOPLE.items()}}
    (etc / "mailboxes").write_text("".join(f"{address} {user}/Maildir/\n" for address, user in boxes.items()))
    instance.control("start")


def _desk(folder: Path, postfix: Postfix, dovecot: Dovecot) -> Desk:
    folder.mkdir()
    desk = Desk(folder)
    desk.change('"maildir:outgoing"', f'"smtp://127.0.0.1:{postfix.port}"')
    with (folder / "config.toml").open("a") as file:
        file.write(DESK.format(port=dovecot.port, password=PASSWORD))
    (folder / "config.toml").chmod(0o600)
    return desk


@contextmanager
def opened() -> Iterator[MailWorld]:
    """Everything, running; all of it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="sitmail-post-"))  # the processes of others must be able to walk there
    postfix = real_postfix.make()
    try:
        with Dovecot(folder / "dovecot") as dovecot:
            home = dovecot.folder / "home"
            shutil.chown(home, OWNER, "nogroup")
            _start_postfix(postfix, home)
            desk = _desk(folder / "desk", postfix, dovecot)
            desk.start()
            try:
                yield MailWorld(postfix, dovecot, desk)
            finally:
                desk.stop()
    finally:
        with suppress(subprocess.CalledProcessError):  # it may not have been started
            postfix.control("stop")
        shutil.rmtree(postfix.folder)
        shutil.rmtree(folder)
