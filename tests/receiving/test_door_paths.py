"""Arguments of MAIL and RCPT: what is read, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.receiving import paths
from sitmail.receiving.paths import asks_for_relay, path, without_route
from tests.growing import LIMIT, ratio


@pytest.mark.parametrize(
    ("argument", "address", "parameters"),
    [
        ("FROM:<>", "", {}),
        ("from: <Jane@example.net> SIZE=100 body=8bitmime", "Jane@example.net", {"SIZE": "100", "BODY": "8BITMIME"}),
        ("FROM:jane@example.net", "jane@example.net", {}),
        ("FROM:<root>", "root", {}),
        ('FROM:<"a b>c"@example.net>', '"a b>c"@example.net', {}),
        ("FROM:<grüße@bücher.example> SMTPUTF8", "grüße@bücher.example", {"SMTPUTF8": ""}),
    ],
)
def test_what_is_read(argument: str, address: str, parameters: dict[str, str]) -> None:
    assert path(argument, "FROM:") == (address, parameters)


@given(st.text(alphabet='<>a.@+ \t="\\-S\r', max_size=12))
def test_the_usual_form_is_read_as_any_other(argument: str) -> None:
    usual, every = paths._USUAL.fullmatch(argument), paths._ARGUMENT.fullmatch(argument)
    if usual:
        assert every is not None
        assert (every[1], (every[3] or "").split()) == (usual[1], (usual[3] or "").split())


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "FROM",
        "FROM:",
        "TO:<a@example.net>",
        "FROM:<a@example.net",
        "FROM:<a b@example.net>",
        "FROM:<a@example.net> =x",
        "FROM:<a@example.net>SIZE=1",
        "FROM:<a\x00@example.net>",
        "FROM:<a@example.net>\x00",
        "FROM:<" + "a" * 600 + "@example.net>",
    ],
)
def test_what_is_not(argument: str) -> None:
    assert path(argument, "FROM:") is None


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
    small, large = (f"FROM:<{piece * (length // len(piece))}" for length in (40_000, 160_000))
    assert ratio(lambda text: path(text, "FROM:"), small, large) < LIMIT
