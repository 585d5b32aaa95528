"""What people say in the run, and what the desk owes them: one table of steps, played many times at once.

The letters of a step are the whole of what may leave because of it.  `tests/peers/test_crash.py` plays the table once
without any crash, so that a wrong expectation here is not taken for a fault there.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from dataclasses import dataclass

DESK = "support@example.com"
CUSTOMER, ANNA, BOB = "customer", "anna", "bob"
STAFF = {ANNA: "anna@example.com", BOB: "bob@example.com"}
CUSTOMERS = 40
BIG = encodebytes(bytes(range(256)) * 900)  # more than rides in the database: it becomes a file

CONFIG = """\
[desk]
name = "Example Support"
address = "support@example.com"
tag = "EX"
default_owner = "anna"
[smtp]
listen = ["127.0.0.1:0"]
hostname = "localhost"
[lmtp]
listen = ["unix:lmtp.sock"]
[relay]
url = "smtp://127.0.0.1:{relay}"
[directory]
files = ["directory.toml"]
[storm]
count = 0
[limits]
fold_within = "0s"
digest_above = 1000000
acks_per_sender_hour = 1000000
automatic_per_address_day = 1000000
automatic_per_incident_day = 1000000
automatic_per_minute = 1000000
[[engineer]]
id = "anna"
name = "Anna Smith"
addresses = ["anna@example.com"]
[[engineer]]
id = "bob"
name = "Bob Jones"
addresses = ["bob@example.com"]
"""
SITE = '[[site]]\nid = "acme"\nname = "Acme"\ndomains = ["acme.example.net"]\n'
CONTACT = '[[contact]]\naddresses = ["c{0}@acme.example.net"]\nname = "Customer {0}"\nsite = "acme"\n'
DIRECTORY = SITE + "".join(CONTACT.format(number) for number in range(CUSTOMERS))


@dataclass(frozen=True)
class Step:
    """One mail.  `answers` names the letter it answers: (reader, kind); `way` is how the answer finds its incident."""

    writer: str
    text: str
    answers: tuple[str, str] | None = None
    way: str = "token"  # token ids subject
    ending: str = "applied"
    letters: tuple[tuple[str, str], ...] = ()
    updates: int = 1
    automatic: bool = False
    again: bool = False  # the same bytes are sent once more, on purpose
    big: bool = False  # in every third conversation it carries a file


STEPS = (
    Step(
        CUSTOMER,
        "Hello,\n\nthe crane stopped at half height.",
        ending="new",
        letters=((CUSTOMER, "acknowledgement"), (ANNA, "assigned")),
        again=True,
    ),
    Step(
        CUSTOMER,
        "I am away until Monday.",
        (CUSTOMER, "acknowledgement"),
        letters=((ANNA, "machine_wrote"),),
        automatic=True,
    ),
    Step(ANNA, "Is there a red light at the back?", (ANNA, "assigned"), letters=((CUSTOMER, "answer"),)),
    Step(CUSTOMER, "Yes, red.", (CUSTOMER, "answer"), "ids", letters=((ANNA, "customer_wrote"),), big=True),
    Step(ANNA, "/note\nSounds like the brake.", (ANNA, "customer_wrote"), letters=((ANNA, "verdict"),)),
    Step(
        ANNA,
        "/assign bob",
        (ANNA, "verdict"),  # not before the note is in: else Bob would be told of it
        letters=((BOB, "assigned"), (CUSTOMER, "changed"), (ANNA, "verdict")),
        again=True,
    ),
    Step(BOB, "Please release the brake.", (BOB, "assigned"), letters=((CUSTOMER, "answer"),), again=True),
    Step(CUSTOMER, "I shall try.", (CUSTOMER, "answer"), "subject", letters=((BOB, "customer_wrote"),)),
    Step(
        CUSTOMER,
        "/close it moves again, thank you",
        (CUSTOMER, "answer"),
        letters=((BOB, "closure_requested"), (CUSTOMER, "closure_noted")),
    ),
    Step(
        BOB,
        "/close solved",
        (BOB, "closure_requested"),
        letters=((CUSTOMER, "customer_closed"), (BOB, "verdict")),
    ),
)


@dataclass(frozen=True)
class Letter:
    """A letter of the desk, as far as an answer needs it."""

    message_id: str
    reply_to: str
    subject: str


def address(role: str, conversation: int) -> str:
    return STAFF.get(role) or f"c{conversation % CUSTOMERS}@acme.example.net"


def name(conversation: int, place: int) -> str:
    """Which mail it is; stands in its subject, and in no other."""
    return f"mail-{conversation}-{place}"


def named(subject: str) -> str:
    """The mail that has this subject, "" for none of ours."""
    found = re.search(r"mail-\d+-\d+$", subject)
    return found[0] if found else ""


def title(conversation: int) -> str:
    return f"Crane {conversation} stuck"


def mail(conversation: int, place: int, letter: Letter | None) -> tuple[str, str, bytes]:
    """(sender, recipient, bytes) of a step's mail, the same however often it is asked for."""
    step = STEPS[place]
    sender, this = address(step.writer, conversation), name(conversation, place)
    head, recipient, subject = [f"From: <{sender}>"], DESK, title(conversation)
    if letter is not None:
        subject = f"Re: {letter.subject}"
        if step.way == "token":
            recipient = letter.reply_to
        if step.way in ("token", "ids"):
            head += [f"In-Reply-To: {letter.message_id}", f"References: {letter.message_id}"]
    head += [f"To: <{recipient}>", f"Subject: {subject} {this}", f"Message-ID: <{this}@example.net>"]
    if step.automatic:
        head.append("Auto-Submitted: auto-replied")
    return sender, recipient, "\r\n".join([*head, *_content(step, conversation, this)]).encode()


def _content(step: Step, conversation: int, this: str) -> list[str]:
    text = [*step.text.splitlines(), ""]
    if not step.text.startswith("/"):
        text.insert(-1, f"({this})")
    if not (step.big and conversation % 3 == 0):
        return ["", *text]
    part = ["--part", "Content-Type: application/octet-stream", 'Content-Disposition: attachment; filename="log.bin"']
    file = [*part, "Content-Transfer-Encoding: base64", "", *BIG.decode().split()]
    head = ["MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="part"', "", "--part", ""]
    # distinct content, so that every conversation's file is a file of its own
    return [*head, *text, *file, "--part", "Content-Type: text/plain", "", this, "--part--", ""]
