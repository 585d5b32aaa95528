"""What the demo plays: a desk of two engineers, its directory, and a conversation with the letters it causes.

How it is played: `demo`.
"""

from __future__ import annotations

from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.record import record

CONFIG = """\
[desk]
name = "Example Support"
address = "support@example.com"
team = "helpdesk"
[smtp]
listen = ["127.0.0.1:0"]
hostname = "localhost"
[lmtp]
listen = []
[relay]
url = "smtp://127.0.0.1:{relay}"
[directory]
files = ["directory.toml"]
[trust]
authserv_id = "mx.example.com"
[limits]
fold_within = "1s"
[[vendor]]
id = "maker"
name = "Label Maker Ltd"
addresses = ["service@maker.example.org"]
[[team]]
id = "helpdesk"
name = "Help desk"
[[engineer]]
id = "anna"
name = "Anna Smith"
addresses = ["anna@example.com"]
teams = ["helpdesk"]
[[engineer]]
id = "bob"
name = "Bob Jones"
addresses = ["bob@example.com"]
teams = ["helpdesk"]
[[calendar]]
name = "always"
[calendar.week]
{week}
[[service_level]]
name = "basic"
default = true
[[service_level]]
name = "gold"
calendar = "always"
[[service_level.target]]
priority = "medium"
first_response = "1h"
resolution = "1d"
[[service_level.target]]
priority = "high"
resolution = "2m"
warn_at = [0.05]
[[mailbox]]
address = "support@example.com"
intake = "strict"
"""
WEEK = "\n".join(f'{day} = ["00:00-24:00"]' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
DIRECTORY = """\
[[site]]
id = "acme"
name = "Acme"
domains = ["acme.example.net"]
[[contact]]
addresses = ["jane@acme.example.net"]
name = "Jane Doe"
site = "acme"
[[contract]]
id = "acme-7"
site = "acme"
service_level = "gold"
incidents = 20
expires = {day}
[[site]]
id = "mill"
name = "North Mill"
domains = ["mill.example.org"]
[[contact]]
addresses = ["paul@mill.example.org"]
name = "Paul Roe"
site = "mill"
[[unit]]
serial = "LX-2041"
item = "label printer"
site = "mill"
warranty_until = {day}
"""
PAUL = "Paul Roe <paul@mill.example.org>"
JANE, ANNA, BOB = "Jane Doe <jane@acme.example.net>", "Anna Smith <anna@example.com>", "Bob Jones <bob@example.com>"
MAKER = "Label Maker Ltd <service@maker.example.org>"
DESK = "support@example.com"
FORWARDED = """\
He wrote to me directly, again.

---------- Forwarded message ---------
From: Paul Roe <paul@mill.example.org>
Date: Mon, 5 Jan 2026 at 08:00
Subject: Label printer LX-2041 blinks
To: Bob Jones <bob@example.com>

The label printer LX-2041 blinks all night."""


@record
class Step:
    """One mail of the conversation and the letters it causes: (reader, letter).  `answers`: the letter replied to."""

    title: str
    writer: str = ""
    text: str = ""
    subject: str = ""
    answers: tuple[str, str] | None = None
    letters: tuple[tuple[str, str], ...] = ()


CONVERSATION = (
    Step(
        "Jane writes to the desk: her site has a contract",
        JANE,
        "Hello,\n\nthe printer on the third floor stopped, and smells of smoke.\n\nJane",
        "Printer stopped",
        letters=((JANE, NoticePurpose.ACKNOWLEDGEMENT), (ANNA, NoticePurpose.ASSIGNED)),
    ),
    Step(
        "Anna answers from the letter she got",
        ANNA,
        "Please unplug it. Is there a red light at the back?",
        answers=(ANNA, NoticePurpose.ASSIGNED),
        letters=((JANE, NoticePurpose.ANSWER),),
    ),
    Step(
        "Jane answers",
        JANE,
        "It is unplugged. The light was red, yes.",
        answers=(JANE, NoticePurpose.ANSWER),
        letters=((ANNA, NoticePurpose.CUSTOMER_WROTE),),
    ),
    Step(
        "Anna gives it to Bob as urgent, with a note for colleagues alone; time passes, and he is warned",
        ANNA,
        "/assign bob\n/priority high\n/note\nSounds like the power supply. There is one on the shelf.",
        answers=(ANNA, NoticePurpose.CUSTOMER_WROTE),
        letters=(
            (BOB, NoticePurpose.ASSIGNED),
            (JANE, NoticePurpose.CHANGED),
            (ANNA, NoticePurpose.VERDICT),
            (BOB, NoticePurpose.SLA_WARNING),
        ),
    ),
    Step(
        "Jane asks for closure",
        JANE,
        "/close it works again, thank you",
        answers=(JANE, NoticePurpose.CHANGED),
        letters=((BOB, NoticePurpose.CLOSURE_REQUESTED), (JANE, NoticePurpose.CLOSURE_NOTED)),
    ),
    Step(
        "Bob closes it",
        BOB,
        "/close solved",
        answers=(BOB, NoticePurpose.CLOSURE_REQUESTED),
        letters=((JANE, NoticePurpose.CUSTOMER_CLOSED), (BOB, NoticePurpose.VERDICT)),
    ),
    Step(
        "Paul has no contract, but the unit that he names is under warranty",
        PAUL,
        "Our label printer LX-2041 prints nothing.\n\nPaul",
        "Label printer",
        letters=((PAUL, NoticePurpose.ACKNOWLEDGEMENT), (ANNA, NoticePurpose.ASSIGNED)),
    ),
    Step(
        "Anna asks why it was taken, and why it is hers",
        ANNA,
        "/why",
        answers=(ANNA, NoticePurpose.ASSIGNED),
        letters=((ANNA, NoticePurpose.SHOW),),
    ),
    Step(
        "Anna asks the maker, whom customers never see",
        ANNA,
        "/vendor maker RMA-77\nThe head of an LX-2041 prints nothing. Which part fits?",
        answers=(ANNA, NoticePurpose.ASSIGNED),
        letters=(
            (MAKER, NoticePurpose.VENDOR_ASKED),
            (ANNA, NoticePurpose.VERDICT),
            (PAUL, NoticePurpose.CHANGED),
        ),
    ),
    Step(
        "The maker answers, and staff alone read it",
        MAKER,
        "Head LX-20, in stock. It costs us next to nothing.",
        answers=(MAKER, NoticePurpose.VENDOR_ASKED),
        letters=((ANNA, NoticePurpose.VENDOR_WROTE), (PAUL, NoticePurpose.CHANGED)),
    ),
    Step(
        "Paul wrote to Bob himself; Bob forwards it, and his own words stay inside",
        BOB,
        FORWARDED,
        "Fwd: Label printer LX-2041 blinks",
        letters=((PAUL, NoticePurpose.ACKNOWLEDGEMENT), (BOB, NoticePurpose.ASSIGNED)),
    ),
)
