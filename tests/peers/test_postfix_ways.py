"""Every way from a real Postfix to the desk that the page tells of, with the page's own blocks: Unix socket from a
chroot, loopback, pipe, alias.  What one of them is told stays true; what the desk cannot take comes later, once."""

from __future__ import annotations

import shutil
import signal
import smtplib
from base64 import encodebytes
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.peers import real_postfix
from tests.peers.real_desk import Desk, eventually
from tests.peers.real_postfix import Postfix

LETTER = (
    "From: Carol Carter <carol@example.org>\nTo: {to}\nSubject: {about}\nMessage-ID: <{about}@example.org>\n\nHelp.\n"
)
Furnished = Callable[[str], None]


def send(postfix: Postfix, about: str, *to: str, sender: str = "carol@example.org", more: str = "") -> None:
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as door:
        door.sendmail(sender, to, LETTER.format(to=", ".join(to), about=about) + more)


@pytest.fixture
def furnish(tmp_path: Path, instance: Postfix) -> Iterator[tuple[Desk, Furnished]]:
    """A desk that is not started yet, and what starts both for one way."""
    desk = Desk(tmp_path)

    def begin(way: str) -> None:
        spool = ""
        if way == "":
            listen = f'listen = ["127.0.0.1:{desk.lmtp}"]'
            desk.change(listen, f'listen = ["unix:{instance.folder}/queue/sitmail/lmtp"]')
        if way == "pipe":
            spool = f"{instance.folder}/deliver"
            desk.change("[lmtp]\n", f'[lmtp]\nspool = "{spool}"\n')
        desk.start()
        if way == "":  # what SocketGroup= of the unit does
            shutil.chown(instance.folder / "queue/sitmail/lmtp", group="postfix")
        if spool:  # in real life the pipe's user is the daemon's
            for folder in (spool, f"{spool}/new", f"{spool}/tmp"):
                shutil.chown(folder, "nobody")
        real_postfix.start(instance, desk.lmtp, way, spool)

    yield desk, begin
    desk.stop()


@pytest.mark.parametrize("way", ["", "inet", "pipe", "aliases"])
def test_each_way_is_as_the_page_says(furnish: tuple[Desk, Furnished], instance: Postfix, way: str) -> None:
    """New mail, a signed address, the null sender, and two recipients at once."""
    desk, begin = furnish
    begin(way)
    send(instance, "crane", "support@example.com")
    desk.ended(1)
    reply_to = desk.letters("carol@example.org")[-1]["Reply-To"].split("<")[-1].strip("<>")
    send(instance, "again", reply_to)
    rows = desk.ended(2)
    assert sorted(row["ending"] for row in rows) == ["applied", "new"]
    assert {row["from"] for row in rows} == {"carol@example.org"}
    assert reply_to in {row["to"] for row in rows}
    send(instance, "empty", "support@example.com", sender="")
    send(instance, "both", "support@example.com", "support+anything@example.com")
    eventually(lambda: instance.queued() == 0, "an empty queue")
    assert "status=bounced" not in instance.log(), instance.log()
    assert "status=deferred" not in instance.log(), instance.log()
    assert instance.log().count("status=sent") == 5
    rows = desk.ended(4)
    assert [row["reason"] for row in rows if row["subject"] == "empty"] == ["automatic mail: null-sender"]
    assert len(desk.ask("incidents")) == 2


@pytest.mark.parametrize("way", ["", "pipe"])
def test_thirty_megabytes(furnish: tuple[Desk, Furnished], instance: Postfix, way: str) -> None:
    desk, begin = furnish
    begin(way)
    content = bytes(range(256)) * 4 * 21_500
    head = "From: carol@example.org\nTo: support@example.com\nSubject: big\nMIME-Version: 1.0\nContent-Type: "
    part = (
        f"application/octet-stream; name=disk.img\nContent-Transfer-Encoding: base64\n\n{encodebytes(content).decode()}"
    )
    with smtplib.SMTP("127.0.0.1", instance.port, timeout=60) as door:
        door.sendmail("carol@example.org", ["support@example.com"], head + part)
    assert [(row["ending"], len(part) > 29_000_000) for row in desk.ended(1)] == [("new", True)]
    [file] = desk.ask("incident", "1")["updates"][0]["attachments"]
    assert (file["size"], file["sha256"]) == (len(content), sha256(content).hexdigest())
    eventually(lambda: instance.queued() == 0, "an empty queue")


@pytest.mark.parametrize("way", ["inet", "pipe"])
def test_two_recipients_with_two_verdicts(furnish: tuple[Desk, Furnished], instance: Postfix, way: str) -> None:
    """Postfix believes that the second is ours; the desk knows better.  Only he bounces."""
    desk, begin = furnish
    begin(way)
    transport = instance.folder / "etc" / "transport"
    transport.write_text(transport.read_text() + transport.read_text().replace("support@", "stray@"))
    (instance.folder / "etc" / "sitmail_recipients").write_text("/^(support|stray)@example\\.com$/ ok\n")
    instance.control("reload")
    send(instance, "crane", "support@example.com", "stray@example.com")
    log = eventually(lambda: instance.log() if instance.log().count("status=bounced") == 1 else "", "a bounce")
    [bounced] = [line for line in log.splitlines() if "status=bounced" in line]
    assert "to=<stray@example.com>" in bounced
    assert "dsn=5.1.1" in bounced
    eventually(lambda: any("to=<support@example.com>" in x and "status=sent" in x for x in instance.log().splitlines()),
               "the other one sent")  # fmt: skip
    assert [row["ending"] for row in desk.ended(1)] == ["new"]


@pytest.mark.parametrize("way", ["inet", "pipe"])
def test_a_full_disk_is_told_and_mail_comes_later(furnish: tuple[Desk, Furnished], instance: Postfix, way: str) -> None:
    """No disk has room for mails that big, so the desk says 452; after a reload it has room again."""
    desk, begin = furnish
    desk.change("[smtp]\n", '[smtp]\nmax_message_size = "900000 GB"\n')
    begin(way)
    send(instance, "crane", "support@example.com")
    eventually(lambda: "status=deferred" in instance.log(), "a deferred mail")
    assert "452 4.3.1" in instance.log()
    assert desk.ask("inbox") == []
    desk.change('max_message_size = "900000 GB"\n', "")
    assert desk.process
    desk.process.send_signal(signal.SIGHUP)
    assert [row["ending"] for row in desk.ended(1)] == ["new"]
    eventually(lambda: instance.queued() == 0, "an empty queue")


def test_the_pipe_keeps_mail_while_the_daemon_is_down(furnish: tuple[Desk, Furnished], instance: Postfix) -> None:
    """Postfix is told that it is kept, and it is: whatever stops meanwhile."""
    desk, begin = furnish
    begin("pipe")
    desk.stop()
    for number in range(5):
        send(instance, f"crane{number}", "support@example.com")
    eventually(lambda: instance.log().count("status=sent") == 5, "five mails taken")
    eventually(lambda: instance.queued() == 0, "an empty queue")
    new = instance.folder / "deliver" / "new"
    assert len(list(new.iterdir())) == 5
    desk.start()
    assert [row["ending"] for row in desk.ended(5)] == ["new"] * 5
    assert sorted(row["subject"] for row in desk.ask("inbox")) == [f"crane{number}" for number in range(5)]
    assert list(new.iterdir()) == []


def test_without_a_folder_mail_waits_in_the_queue(furnish: tuple[Desk, Furnished], instance: Postfix) -> None:
    desk, begin = furnish
    begin("aliases")
    desk.stop()
    for number in range(3):
        send(instance, f"crane{number}", "support@example.com")
    eventually(lambda: instance.log().count("status=deferred") >= 3, "three deferred mails")
    assert "status=bounced" not in instance.log()
    desk.start()
    assert [row["ending"] for row in desk.ended(3)] == ["new"] * 3
    eventually(lambda: instance.queued() == 0, "an empty queue")


def test_what_postfix_does_with_exit_codes(furnish: tuple[Desk, Furnished], instance: Postfix) -> None:
    """The page's sentence about them is measured here."""
    _, begin = furnish
    begin("pipe")
    program = instance.folder / "bin" / "sitmail"
    page = real_postfix.PAGE.read_text().replace("\n", " ")
    assert "0 is sent; 71 and 75 are deferred; 1, 64 to 70, 73, 77 and 78 bounce" in page
    expected = {0: "sent", 71: "deferred", 75: "deferred", **dict.fromkeys((1, *range(64, 71), 73, 77, 78), "bounced")}
    program.write_text('#!/bin/sh\nexit "$(sed -n "s/^Subject: code//p")"\n')
    for code in expected:
        send(instance, f"code{code}", "support@example.com")
    found = eventually(lambda: verdicts(instance, len(expected)), "a verdict on each")
    assert found == expected


def verdicts(postfix: Postfix, number: int) -> dict[int, str]:
    """What became of each mail, by the code in its Message-ID; {} until there are so many."""
    log = postfix.log().splitlines()
    found = {}
    for line in log:
        if "message-id=<code" in line:
            queue_id, code = line.split(": ")[1], int(line.split("message-id=<code")[1].split("@")[0])
            for other in log:
                if f" {queue_id}: to=" in other:
                    found[code] = other.split("status=")[1].split()[0]
    return found if len(found) == number else {}


def test_every_block_of_the_page_is_used_here() -> None:
    assert set(real_postfix.blocks()) - {"toml"} == {
        *("main.cf", "transport", "sitmail_recipients", "transport inet"),
        *("master.cf pipe", "main.cf pipe", "transport pipe", "aliases"),
    }
