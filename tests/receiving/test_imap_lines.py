"""IMAP lines: assembled from pieces of any size, read strictly, bounded, and written without ambiguity."""

from __future__ import annotations

import pytest

from sitmail.receiving.imap.lines import Responses, Violation, code, fetched, kind, mailbox, quoted, text, uid_set, uids

WIRE = (
    b'* 1 FETCH (UID 5 FLAGS (\\Seen "a\\"b(" $x) BODY[]<0> {7}\r\n(a\r\n{3} X "5 * 3 * 2" Y NIL)\r\n'
    b"* OK a text that ends like a literal {5}\r\n"
    b"A1 OK done {9}\r\n"
    b"* 2 FETCH (BODY[] {0}\r\n UID 6)\r\n"
)


def cut(data: bytes, size: int, literal: int = 100) -> list[list[bytes]]:
    responses = Responses()
    responses.literal_limit = literal
    return [parts for at in range(0, len(data), size) for parts in responses.feed(data[at : at + size])]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_however_it_comes_it_is_the_same(size: int) -> None:
    first, greeting, tagged, second = cut(WIRE, size)
    items = fetched(first)
    assert items["BODY[]<0>"] == b"(a\r\n{3}"
    assert items["FLAGS"] == [b"\\Seen", b'a"b(', b"$x"]
    assert (items["UID"], items["X"], items["Y"]) == (b"5", b"5 * 3 * 2", b"NIL")
    assert greeting == [b"* OK a text that ends like a literal {5}"]
    assert tagged == [b"A1 OK done {9}"]
    assert fetched(second) == {"BODY[]": b"", "UID": b"6"}


def test_a_literal_is_refused_when_it_is_announced() -> None:
    with pytest.raises(Violation, match="announced 209715200 bytes"):
        cut(b"* 1 FETCH (BODY[] {209715200}\r\n", 10)


def test_a_line_without_an_end_is_refused() -> None:
    responses = Responses(line_limit=1000)
    list(responses.feed(b"x" * 1000))
    with pytest.raises(Violation, match="more than 1000 bytes"):
        list(responses.feed(b"x"))


def test_the_bound_counts_all_lines_of_a_response() -> None:
    responses = Responses(line_limit=1000)
    with pytest.raises(Violation, match="more than 1000 bytes"):
        list(responses.feed(b"* 1 FETCH (" + (b"a" * 98 + b" {1}\r\nx") * 11))


def test_ten_thousand_lines_are_ten_thousand_responses() -> None:
    """One call a line is where other readers end."""
    assert len(cut(b"* 1 EXISTS\r\n" * 10_000, 1 << 20)) == 10_000


@pytest.mark.parametrize(
    "line",
    [b"* 1 FETCH (UID 5", b"* 1 FETCH (UID 5))", b'* 1 FETCH (UID "5)', b"* 1 FETCH " + b"(" * 1000, b"* 1 FETCH (]"],
)
def test_what_cannot_be_read_is_said_so(line: bytes) -> None:
    with pytest.raises(Violation):
        fetched([line])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"* 12 EXISTS", "EXISTS"),
        (b"* SEARCH 1 2", "SEARCH"),
        (b"* 1 fetch (UID 2)", "FETCH"),
        (b"* OK [UIDNEXT 4] x", "OK"),
        (b"* 12", "12"),
        (b"* ", ""),
    ],
)
def test_kinds(line: bytes, expected: str) -> None:
    assert kind([line]) == expected


def test_codes() -> None:
    assert code(b"* OK [UIDVALIDITY 17] ok") == ("UIDVALIDITY", "17")
    assert code(b"NO [overquota] full") == ("OVERQUOTA", "")
    assert code(b"* OK plain") == ("", "")


def test_uids_of_strange_searches() -> None:
    assert uids([[b"* SEARCH 3 1 3 0 x -4 99999999999 4294967296"], [b"* SEARCH"], [b"* SEARCH 2"]]) == {1, 2, 3}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", '"INBOX"'),
        ("My Folder", '"My Folder"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("Entwürfe & Co", '"Entw&APw-rfe &- Co"'),
        ("~peter/mail/台北/日本語", '"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'),  # RFC 3501 section 5.1.3
        ("📎", '"&2D3czg-"'),
    ],
)
def test_mailbox_names(name: str, written: str) -> None:
    assert mailbox(name) == written


def test_words_and_sets() -> None:
    assert quoted('a "b" \\') == '"a \\"b\\" \\\\"'
    assert uid_set([7, 1, 2, 3, 9, 10, 2]) == "1:3,7,9:10"
    assert text(b"a\x1b[31m\r\n\xff") == "a [31m  \ufffd"
