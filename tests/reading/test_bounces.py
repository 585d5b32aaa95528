"""Delivery reports, and mail that only looks like them."""

import pytest

from sitmail.reading.parse import parse

DSN = b"""From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: support+b12.ax@example.com
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

This is the mail system at host mx.example.net.

<anna@example.org>: host mail.example.org said: 550 5.1.1 User unknown

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; anna@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

Final-Recipient: rfc822; bob@example.org
Action: delayed
Status: 4.4.1

--b
Content-Type: message/rfc822

Message-ID: <letter-1@example.com>
Subject: [SIT-1] disk

text
--b--
"""


def test_a_report_of_rfc_3464_names_every_recipient():
    mail = parse(DSN)
    bounce = mail.bounce
    assert mail.kind == mail.machine == mail.unanswerable == "bounce"
    assert bounce is not None
    assert [(r.address, r.action, r.status, r.hard) for r in bounce.recipients] == [
        ("anna@example.org", "failed", "5.1.1", True),
        ("bob@example.org", "delayed", "4.4.1", False),
    ]
    assert (bounce.action, bounce.status, bounce.hard) == ("failed", "5.1.1", True)
    assert bounce.original_message_id == "<letter-1@example.com>"
    assert bounce.reason == "userunknown"


@pytest.mark.parametrize(
    ("status", "words", "hard"),
    [
        (b"5.1.1", b"no such user", True),
        (b"5.0.0", b"550 no such user here", True),
        (b"5.2.2", b"mailbox full", False),
        (b"5.0.0", b"552 mailbox is full, quota exceeded", False),
        (b"5.7.1", b"554 blocked as spam", False),
        (b"4.2.2", b"user unknown for now", False),
    ],
)
def test_hard_means_that_the_address_is_bad(status, words, hard):
    report = DSN.replace(
        b"5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown", status + b"\nDiagnostic-Code: smtp; " + words
    )
    bounce = parse(report).bounce
    assert bounce is not None
    assert bounce.recipients[0].hard is hard


def test_a_report_of_success_is_a_machine_but_no_bounce():
    mail = parse(DSN.replace(b"Action: failed", b"Action: delivered").replace(b"Action: delayed", b"Action: relayed"))
    assert (mail.kind, mail.machine, mail.bounce) == ("auto-reply", "delivery-report", None)


def test_a_late_mail_is_no_failure():
    mail = parse(DSN.replace(b"Action: failed", b"Action: delayed").replace(b"5.1.1", b"4.4.1"))
    assert mail.bounce is not None
    assert (mail.bounce.action, mail.bounce.hard) == ("delayed", False)


EXIM = b"""From: Mail Delivery System <Mailer-Daemon@mx.example.net>
X-Failed-Recipients: anna@example.org,
 bob@example.org
Subject: Mail delivery failed: returning message to sender

A message that you sent could not be delivered.

  anna@example.org:
    550 5.1.1 unknown user
  bob@example.org:
    550 5.2.2 mailbox full

------ This is a copy of the message, including all the headers. ------

Message-Id: <letter-2@example.com>
"""


def test_exim_names_them_in_a_field():
    bounce = parse(EXIM).bounce
    assert bounce is not None
    assert [(r.address, r.status) for r in bounce.recipients] == [
        ("anna@example.org", "5.1.1"),
        ("bob@example.org", "5.2.2"),
    ]
    assert bounce.original_message_id == "<letter-2@example.com>"


QMAIL = b"""From: MAILER-DAEMON@mx.example.net
To: support@example.com
Subject: failure notice

Hi. This is the mail program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.

<anna@example.org>:
Sorry, no mailbox here by that name.

--- Below this line is a copy of the message.

Return-Path: <support@example.com>
Message-ID: <letter-3@example.com>
To: eve@example.org
"""


def test_plain_words_of_a_mail_system_are_read():
    bounce = parse(QMAIL).bounce
    assert bounce is not None
    assert [(r.address, r.hard) for r in bounce.recipients] == [("anna@example.org", True)]
    assert bounce.original_message_id == "<letter-3@example.com>"


@pytest.mark.parametrize(
    "raw", [QMAIL.replace(b"MAILER-DAEMON@", b"anna@"), QMAIL.replace(b"MAILER-DAEMON@", b"bounce@")]
)
def test_the_same_words_of_a_person_are_ordinary_mail(raw):
    mail = parse(raw)
    assert (mail.bounce, mail.machine) == (None, "")
    assert mail.kind == "new"


def test_a_forwarded_report_is_ordinary_mail():
    raw = b"From: anna@example.org\nSubject: Fwd: bounce\nContent-Type: message/rfc822\n\n" + DSN
    mail = parse(raw)
    assert mail.bounce is None
    assert mail.kind == "forward"


def test_a_read_receipt_is_a_machine():
    raw = b"From: anna@example.org\nSubject: Read: x\nContent-Type: multipart/report; boundary=b\n\n--b\n\nread\n"
    raw += b"--b\nContent-Type: message/disposition-notification\n\nDisposition: automatic-action\n--b--"
    mail = parse(raw)
    assert (mail.kind, mail.machine) == ("auto-reply", "disposition-notification")
