"""Which mail is a web form's: by its signature, its login, or the host it comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from sitmail.domain.mail import Envelope, Mail
from sitmail.domain.policy import Form, Mailbox, Policy, Trust
from sitmail.services.believed_forms import understood

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FORM = Form(("form@web.example.org",), {"contact": "Mail"}, "Web", (ip_network("192.0.2.0/28"),))
POLICY = Policy("desk", (Mailbox("support@example.com"),), forms=(FORM,), trust=Trust(authserv_id="mx.example.com"))
MAIL = Mail(identity="form@web.example.org", text="Mail: jane@example.net")
SIGNED = (("authentication-results", "mx.example.com; dkim=pass header.d=web.example.org"),)


@pytest.mark.parametrize(
    ("client", "door", "login", "signed", "believed"),
    [
        ("192.0.2.3", "smtp", "", (), True),
        ("::ffff:192.0.2.3", "smtp", "", (), True),
        ("192.0.2.77", "smtp", "", (), False),
        ("192.0.2.3", "lmtp", "", (), False),  # that is the mail server, which takes mail from everywhere
        ("", "smtp", "", (), False),
        ("198.51.100.1", "smtp", "web", (), True),
        ("198.51.100.1", "smtp", "form@web.example.org", (), True),
        ("198.51.100.1", "smtp", "anna", (), False),
        ("198.51.100.1", "smtp", "", SIGNED, True),
    ],
)
def test_a_form_is_believed(
    client: str, door: str, login: str, signed: tuple[tuple[str, str], ...], believed: bool
) -> None:
    envelope = Envelope("x@web.example.org", ("support@example.com",), NOW, door, client, login)
    seen = understood(POLICY, replace(MAIL, header_order=signed), envelope)
    assert (seen.identity, seen.form) == (
        ("jane@example.net", "form@web.example.org") if believed else ("form@web.example.org", "")
    )


def test_mail_of_others_is_itself() -> None:
    mail = replace(MAIL, identity="jane@example.net")
    assert understood(POLICY, mail, Envelope("", (), NOW, "smtp", "192.0.2.3")) is mail


def test_a_form_that_sends_with_our_own_address_is_told_by_it() -> None:
    ours = replace(POLICY, forms=(replace(FORM, addresses=("support@example.com",)),))
    mail = replace(MAIL, identity="eve@example.net", in_our_name="support@example.com")
    seen = understood(ours, mail, Envelope("", (), NOW, "smtp", "192.0.2.3"))
    assert (seen.identity, seen.form, seen.in_our_name) == ("jane@example.net", "support@example.com", "")
