"""What may be thrown at every reader of strange bytes, and what must hold of the answer.

Each target takes bytes, raises nothing, and asserts what the rooms behind it rely on.  `test_short.py` plays them for
moments, `long.py` as long as one likes.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from sitmail.domain import address, authentication, commands, numbered_commands
from sitmail.domain.customer_verbs import CUSTOMER
from sitmail.domain.mail import Mail
from sitmail.domain.verbs import STAFF
from sitmail.reading import header_fields
from sitmail.reading.parse import parse
from sitmail.reading.text import forwarding, quoting
from tests.fuzz.dialogue import dialogue

KINDS = {"new", "reply", "forward", "auto-reply", "bounce", "list", "own", "unreadable"}


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def read(raw: bytes) -> Mail:
    """A mail, of which whatever holds for every mail is asserted."""
    mail = parse(raw)
    assert "reader-failed" not in mail.defects
    assert mail.kind in KINDS
    json.dumps([mail.text, mail.new_text, mail.subject, mail.html]).encode()  # nothing that cannot be written down
    assert not any(c in mail.subject for c in "\r\n\0")
    for file in mail.attachments:
        assert file.size == len(file.content)
        assert not any(c in file.name for c in "/\\\r\n\0")
        assert file.name not in (".", "..")
    return mail


def header(data: bytes) -> None:
    mail = read(data + b"\r\n\r\nThe disk is full.\r\n")
    assert not mail.identity or mail.identity.count("@") == 1
    value = text_of(data)
    assert "\n" not in header_fields.one_line(value)
    header_fields.parameters(value)
    header_fields.date(value)
    header_fields.ids(value)


def addresses(data: bytes) -> None:
    value = text_of(data)
    for one in address.addresses(value):
        assert not any(c in one.address for c in "\r\n\0")
    sole = address.strict(value)
    assert not sole or (sole == sole.lower() and sole.count("@") == 1 and not any(c.isspace() for c in sole))


def skeleton(data: bytes) -> None:
    """Parts: `|` ends a line, so that boundaries are met more often."""
    lines = data.replace(b"|", b"\r\n")
    read(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + lines + b"\r\n--b--\r\n")


def quotation(data: bytes) -> None:
    text = text_of(data).replace("\0", "")
    for reply in (True, False):
        split = quoting.split(text, reply, "Anna Ost")
        shown = "".join(f"{split.new}{split.quoted}{split.signature}".split())
        for line in text.split("\n"):
            assert "".join(line.split()) in shown  # folded, never deleted
    forwarding.find(text, "Fwd: disk")
    forwarding.find(text, "Re: disk")


def command_block(data: bytes) -> None:
    text = text_of(data)
    for verbs, strict in ((STAFF, True), (CUSTOMER, False)):
        script = commands.read(text, verbs, strict=strict)
        assert all(command.verb in verbs for command in script.commands)
    numbered_commands.read_numbered(text, text[:80], STAFF)


REPORT = (
    b"From: MAILER-DAEMON@example.net\r\nReturn-Path: <>\r\nSubject: Undelivered Mail Returned to Sender\r\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    b"--b\r\n\r\n%s\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n%s\r\n--b--\r\n"
)


def bounce(data: bytes) -> None:
    human, _, machine = data.partition(b"\0")
    mail = read(REPORT % (human, machine))
    if mail.bounce:
        assert all(not any(c.isspace() for c in r.address) for r in mail.bounce.recipients)


def results(data: bytes) -> None:
    value = text_of(data)
    authentication.parse(value)
    authentication.advice_for_trust([("authentication-results", value), ("received", value)])


TARGETS: dict[str, Callable[[bytes], None]] = {
    "header": header,
    "addresses": addresses,
    "skeleton": skeleton,
    "quotation": quotation,
    "command-block": command_block,
    "bounce": bounce,
    "authentication-results": results,
    "smtp-session": dialogue,
}

# Words that the readers know: random letters would never meet them.
WORDS = [
    *(
        b"From: ",
        b"To: ",
        b"Subject: ",
        b"Sent: ",
        b"Re: ",
        b"Fwd: ",
        b"=?utf-8?q?",
        b"?=",
        b"=?",
        b"\r\n",
        b"\n",
        b" ",
    ),
    *(b"anna@example.org", b"<", b">", b"(", b")", b'"', b"\\", b",", b";", b":", b"[", b"]", b"@", b"\0", b"\xff"),
    *(b"--b\r\n", b"--b--\r\n", b"|--b|", b"|--b--|", b"Content-Type: ", b"text/html", b"multipart/mixed; boundary=b"),
    *(b"message/rfc822", b"charset=", b"utf-7", b"base64", b"Content-Transfer-Encoding: ", b"=3D", b"name*0*=", b"%41"),
    *(b"> ", b"-- \n", b"On Mon, 2 Nov 2026 at 10:00, A <a@b.cc> wrote:", b"-----Original Message-----", b"________"),
    *(b"Forwarded message", b"Sent from my phone", b"This e-mail is confidential", b"Regards,\nAnna", b"Anna\n"),
    *(b"/close", b"/note ", b"12: ", b"[EXTERNAL]", b"Final-Recipient: rfc822;", b"Status: 5.1.1", b"Action: failed"),
    *(
        b"550 5.1.1 ",
        b"<a@example.org>: ",
        b"mx.example.com; dkim=pass header.d=",
        b"dmarc=fail",
        b"1/2/2001 05:08 PM\n",
    ),
]
