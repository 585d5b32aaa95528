"""Postfix hands mail to the LMTP door; what the desk cannot take is queued there and delivered later, once."""

from __future__ import annotations

import smtplib

import pytest

from tests.peers.real_desk import Desk, eventually
from tests.peers.real_postfix import Postfix

LETTER = (
    "From: Carol Carter <carol@example.org>\nTo: {to}\nSubject: {about}\nMessage-ID: <{about}@example.org>\n\nHelp.\n"
)


def send(postfix: Postfix, about: str, *to: str) -> None:
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=30) as door:
        door.sendmail("carol@example.org", to, LETTER.format(to=", ".join(to), about=about))


def test_postfix_delivers_and_its_queue_is_empty_then(desk: Desk, postfix: Postfix) -> None:
    send(postfix, "crane", "support@example.com")
    assert [row["ending"] for row in desk.ended(1)] == ["new"]
    eventually(lambda: "status=sent" in postfix.log(), "status=sent in Postfix's log")
    eventually(lambda: postfix.queued() == 0, "an empty queue")


def test_each_recipient_gets_its_own_answer(desk: Desk, postfix: Postfix) -> None:
    """Without one reply a recipient Postfix would take the missing ones for lost connections, and send again."""
    send(postfix, "crane", "support@example.com", "support+anything@example.com")
    desk.ended(1)
    eventually(lambda: postfix.log().count("status=sent") == 2, "two deliveries")
    assert "lost connection" not in postfix.log()
    assert len(desk.ask("incidents")) == 1


def test_postfix_refuses_what_is_not_the_desks(postfix: Postfix) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(postfix, "crane", "stranger@example.com")
    assert refused.value.recipients["stranger@example.com"][0] == 550


def test_mail_waits_in_postfix_while_the_desk_is_stopped(desk: Desk, postfix: Postfix) -> None:
    desk.stop()
    for number in range(5):
        send(postfix, f"crane{number}", "support@example.com")
    eventually(lambda: postfix.log().count("status=deferred") >= 5, "five deferred mails")
    desk.start()
    assert [row["ending"] for row in desk.ended(5)] == ["new"] * 5
    eventually(lambda: postfix.queued() == 0, "an empty queue")
    assert len(desk.ask("incidents")) == 5
