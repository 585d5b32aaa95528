"""Arguments of MAIL and RCPT: which are accepted, which are refused."""

from __future__ import annotations

import pytest

from sitmail.receiving.paths import address_and_parameters, asks_for_relay, without_route
from tests.growing import LIMIT, ratio


@pytest.mark.parametrize(
    ("argument", "address", "parameters"),
    [
        ("<>", "<>", ""),
        ("<Jane@example.net> SIZE=100 body=8bitmime", "Jane@example.net", "SIZE=100 body=8bitmime"),
        ("jane@example.net", "jane@example.net", ""),
        ("<root>", "root", ""),
        ('<"a b>c"@example.net>', '"a b>c"@example.net', ""),
        ('<"x"@example.net>', '"x"@example.net', ""),
        ("<=?utf-8?q?x=40y?=@example.net>", "=?utf-8?q?x=40y?=@example.net", ""),
        ("<grüße@bücher.example> SMTPUTF8", "grüße@bücher.example", "SMTPUTF8"),
        ("<a@example.net> =x", "a@example.net", "=x"),
    ],
)
def test_what_is_read(argument: str, address: str, parameters: str) -> None:
    assert address_and_parameters(argument) == (address, parameters)


def test_the_auth_parameter_is_left_out_where_logins_are_offered() -> None:
    argument = "<a@example.net> SIZE=1 auth=<> BODY=7BIT"
    assert address_and_parameters(argument, mail_auth=True) == ("a@example.net", "SIZE=1 BODY=7BIT")
    assert address_and_parameters(argument) == ("a@example.net", "SIZE=1 auth=<> BODY=7BIT")


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "<",
        "<a",
        "<a@",
        '"',
        '<"',
        '<"a',
        "<@a:",
        "<x@[",
        "<a@example.net",
        "<a b@example.net>",
        "<a@example.net>SIZE=1",
        "<a@example.net> SIZE=\u00b2",
        "<a\x00@example.net>",
        "<a\udcff@example.net>",
        '<"a\udcff"@example.net>',
        "<a@example.net>\x00",
        "<" + "a" * 600 + "@example.net>",
    ],
)
def test_what_is_not(argument: str) -> None:
    assert address_and_parameters(argument) == (None, None)


def test_a_source_route_of_a_sender_is_forgotten() -> None:
    assert without_route("@a.example,@b.example:jane@example.net") == "jane@example.net"
    assert without_route("jane@example.net") == "jane@example.net"


@pytest.mark.parametrize(
    "address",
    [
        "x%example.net@example.com",
        "example.net!x@example.com",
        "example.net!x",
        "@example.com:x@example.net",
        "x@example.net@example.com",
        '"x@example.net"@example.com',
        '"x"@example.com',
        "x:y@example.com",
    ],
)
def test_relay_probes(address: str) -> None:
    assert asks_for_relay(address)


@pytest.mark.parametrize("address", ["support@example.com", "support+i12.kabc@example.com", "postmaster", "o'neil@x"])
def test_ordinary_recipients(address: str) -> None:
    assert not asks_for_relay(address)


@pytest.mark.parametrize("piece", ['"', 'a"', '\\"', '""', "<", "@a:", " "])
def test_no_argument_takes_long(piece: str) -> None:
    small, large = (f"<{piece * (length // len(piece))}" for length in (40_000, 160_000))
    assert ratio(lambda text: address_and_parameters(text), small, large) < LIMIT
