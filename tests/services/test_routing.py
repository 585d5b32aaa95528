"""Which of our addresses a mail came to, from the form of the address alone; guessed tokens lead nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sitmail.domain.policy import Mailbox, Policy
from sitmail.services import routing

TOKEN = "abcdefghijklmnopq"
POLICY = Policy(
    name="Desk",
    mailboxes=(
        Mailbox("support@example.com", reply="support+{}@example.com"),
        Mailbox("sales@example.com", reply="{}@tickets.example.com"),
        Mailbox("plain@example.org"),
    ),
    digest="one",
)


@pytest.mark.parametrize(
    "recipient, kind, mailbox, number",
    [
        ("support@example.com", "mailbox", "support@example.com", 0),
        ("SUPPORT@Example.COM", "mailbox", "support@example.com", 0),
        (f"support+i12.{TOKEN}@example.com", "i", "support@example.com", 12),
        (f"SUPPORT+I12.{TOKEN.upper()}@EXAMPLE.COM", "i", "support@example.com", 12),
        (f"b7.{TOKEN}@tickets.example.com", "b", "sales@example.com", 7),
        ("cmd@tickets.example.com", "cmd", "sales@example.com", 0),
        ("support+cmd@example.com", "cmd", "support@example.com", 0),
        ("support+anything@example.com", "mailbox", "support@example.com", 0),
        (f"support+i12.{TOKEN}x@example.com", "mailbox", "support@example.com", 0),
        ("support+i12@example.com", "mailbox", "support@example.com", 0),
        ("plain@example.org", "mailbox", "plain@example.org", 0),
    ],
)
def test_what_is_ours(recipient: str, kind: str, mailbox: str, number: int) -> None:
    route = routing.find(POLICY, recipient)
    assert route is not None
    assert (route.kind, route.mailbox.address, route.number) == (kind, mailbox, number)
    assert bool(route.token) == (kind in "invhckdb" and kind != "cmd")


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "@example.com",
        "support",
        "support@example.org",
        "support@example.com.evil.example",
        "xsupport@example.com",
        f"xsupport+i12.{TOKEN}@example.com",
        f"support+i12.{TOKEN}@example.com.evil.example",
        "anything@tickets.example.com",
        "support%evil.example@example.com",
        "evil.example!support@example.com",
        '"support@example.com"@evil.example',
        "support@example.com@evil.example",
        "supportXcmd@example.com",
    ],
)
def test_what_is_not_ours(recipient: str) -> None:
    assert routing.find(POLICY, recipient) is None and not routing.is_ours(POLICY, recipient)


def test_without_plus_only_the_plain_address_is_ours() -> None:
    policy = replace(POLICY, plus=False, mailboxes=(Mailbox("support@example.com"),), digest="two")
    assert routing.find(policy, "support+x@example.com") is None
    assert routing.command_address(policy.desk) == "support@example.com"


@pytest.mark.parametrize(
    "recipients, kind",
    [
        (["support@example.com", f"support+i12.{TOKEN}@example.com"], "i"),
        ([f"support+i12.{TOKEN}@example.com", f"support+n12.{TOKEN}@example.com"], "n"),
        ([f"support+n12.{TOKEN}@example.com", "support+cmd@example.com"], "n"),
        (["support+cmd@example.com", "support@example.com"], "cmd"),
        ([f"support+b12.{TOKEN}@example.com", "support@example.com"], "mailbox"),
        (["x@elsewhere.example", "support@example.com"], "mailbox"),
    ],
)
def test_of_several_addresses_the_nearest_decides(recipients: list[str], kind: str) -> None:
    for order in (recipients, recipients[::-1]):
        found = routing.deciding(POLICY, order)
        assert found is not None and found[1].kind == kind


def test_no_address_of_ours_decides_nothing() -> None:
    assert routing.deciding(POLICY, ["x@elsewhere.example"]) is None


def test_what_is_remembered_of_an_address_belongs_to_one_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "REMEMBERED", 3)
    fewer = replace(POLICY, mailboxes=POLICY.mailboxes[1:])
    strict = replace(POLICY, plus=False)
    for _ in range(2):
        assert routing.is_ours(POLICY, "support@example.com")
        assert not routing.is_ours(fewer, "support@example.com")
        assert routing.is_ours(POLICY, "support+x@example.com")
        assert not routing.is_ours(strict, "support+x@example.com")
    for number in range(10):
        assert routing.is_ours(POLICY, f"support+{number}@example.com")
        assert len(routing._book.remembered) <= 3
