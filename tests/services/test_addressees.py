"""Finding the recipients of a mail that has no envelope."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sitmail.domain.mail import UNKNOWN_SENDER, Envelope
from sitmail.domain.policy import Mailbox, Policy
from sitmail.services.addressees import BELIEVED, envelope

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DESK, SALES = "support@example.com", "sales@example.com"
SIGNED = f"support+i12.a{'b' * 16}@example.com"
POLICY = Policy(
    name="Example",
    mailboxes=(Mailbox(DESK, reply="support+{}@example.com"), Mailbox(SALES, reply="sales+{}@example.com")),
)


def read(*lines: str, believed: tuple[str, ...] = BELIEVED, fallback: str = "ann@example.org") -> Envelope:
    head = "\r\n".join([*lines, "", "To: support+cmd@example.com is text", ""]).encode()
    return envelope(POLICY, head, MORNING, "imap", believed=believed, fallback=fallback, client="x")


@pytest.mark.parametrize(
    ("lines", "recipients"),
    [
        ([f"Delivered-To: {SALES}"], (SALES,)),
        ([f"delivered-to: <{SALES}>", "To: ann@example.org"], (SALES,)),
        ([f"X-Original-To: {SIGNED}", f"To: {DESK}"], (SIGNED, DESK)),
        ([f"Delivered-To: {DESK}", f'To: "Help, please" <{SIGNED}>, bob@example.org'], (DESK, SIGNED)),
        ([f"Envelope-To: {SALES}"], (SALES,)),
        (["To: bob@example.org", f"Cc: x@example.net,\r\n {SALES}"], (SALES,)),
        ([f"Delivered-To: ann@example.org\r\nDelivered-To: {SALES}"], (DESK,)),  # one that delivery did not write
        (["To: undisclosed-recipients:;"], (DESK,)),
        ([f"Bcc: {SALES}"], (DESK,)),
        ([f"To: {DESK}, {DESK.upper()}, {SIGNED}"], (DESK, SIGNED)),
        (["To: =?utf-8?q?support=40example=2Ecom?="], (DESK,)),
    ],
)
def test_recipients(lines: list[str], recipients: tuple[str, ...]) -> None:
    assert read(*lines).recipients == recipients


def test_only_what_is_believed_is_asked() -> None:
    lines = (f"Delivered-To: {SALES}", f"X-Original-To: {DESK}")
    assert read(*lines, believed=("X-Original-To",)).recipients == (DESK,)
    assert read(*lines, believed=(), fallback=SALES).recipients == (SALES,)


def test_else_it_is_the_mailboxs_own_address() -> None:
    assert read("To: bob@example.org", fallback=SALES.upper()).recipients == (SALES,)
    assert read("To: bob@example.org", fallback="nobody").recipients == (DESK,)


@pytest.mark.parametrize(
    ("lines", "sender"),
    [
        (["Return-Path: <carol@example.org>", "From: ann@example.org"], "carol@example.org"),
        (["Return-Path: <>", "From: mailer-daemon@example.org"], ""),
        (["Return-Path: < >"], ""),
        (["From: Carol <carol@example.org>"], "carol@example.org"),  # not a bounce for want of a field
        (["From: two@example.org, three@example.org"], UNKNOWN_SENDER),
        (["Return-Path: carol@example.org"], "carol@example.org"),
        ([], UNKNOWN_SENDER),
    ],
)
def test_senders(lines: list[str], sender: str) -> None:
    assert read(*lines).sender == sender


def test_garbage_is_the_desks_mail_too() -> None:
    for raw in (b"", b"\r\n", b"\0\xff" * 1000, b"To:" * 200_000, b"From support@example.com\nX"):
        found = envelope(POLICY, raw, MORNING, "imap", believed=BELIEVED, fallback="", client="")
        assert found.recipients == (DESK,)


def test_not_more_recipients_than_an_envelope_has() -> None:
    many = ", ".join(f"support+x{n}@example.com" for n in range(300))
    assert len(read(f"To: {many}").recipients) == 50
