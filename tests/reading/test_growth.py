"""Every pattern and every function that reads mail takes time linear in the mail's length."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

import sitmail.reading
import sitmail.receiving
import sitmail.sending
from sitmail.domain.address import addresses
from sitmail.reading import header_fields
from sitmail.reading.formats import charset, html, rtf
from sitmail.reading.parse import outside, parse
from sitmail.receiving import paths
from sitmail.receiving.fingerprint import fingerprint
from sitmail.receiving.imap.lines import Violation, fetched
from tests.growing import every_pattern, grows

# What their grammars repeat: separators, openings without an end, encoded words, tags, statuses.
PIECES = [
    "a", "1", " ", "\t", "\r\n", "\n", "\r\n ", "a: b\r\n", "a:", ";", "; a=b", ';a="', "a*0*=", "\\", '"', '"a" ',
    "<", ">", "<a@b.cc>", "a@b.", "@a,", ",", "(", "()", "(a\\", "=?", "=?utf-8?q?a?=", "=?utf-8?q?a?= ", "?", "%",
    "%4", "=", "=3D", "<a ", "<a>", "</", "<!--", "<![", "<p>", "<div>", "<style>", "&#", "&amp;", "--b\r\n",
    "--b--\r\n", "{\\a", "\\'", "{", "}", "550 ", "5.1.1 ", "550-", "<a> 550 ", "user unknown ", "mailbox ",
    "http://a", "{9}\r\n", "[", "]", "http:", "Mon, ", "1:", "\0", "é", "\x1b$B",
]  # fmt: skip
PATTERNS = every_pattern(sitmail.receiving, sitmail.reading, sitmail.sending)
pytestmark = pytest.mark.slow


def test_there_are_patterns_to_look_at() -> None:
    assert {"sitmail.reading.header_fields._PARAMETER.0", "sitmail.receiving.imap.lines._TOKEN.0"} <= PATTERNS.keys()
    assert len(PATTERNS) > 80


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_matches_in_line(name: str) -> None:
    pattern = PATTERNS[name]
    if isinstance(pattern.pattern, bytes):
        assert not grows(lambda text: pattern.match(text.encode()), PIECES)
    else:
        assert not grows(pattern.match, PIECES)


HEAD = "From: <anna@example.org>\r\nSubject: disk\r\n"
WORK: dict[str, Callable[[str], object]] = {
    "a field": lambda text: parse(f"X: {text}\r\n\r\n".encode()),
    "a subject": lambda text: header_fields.one_line(text),
    "parameters": lambda text: header_fields.parameters(text),
    "ids": lambda text: header_fields.ids(text),
    "a date": lambda text: header_fields.date(text),
    "base64": lambda text: header_fields.base64(text.encode()),
    "addresses": lambda text: addresses(text, str, 500),
    "a charset": lambda text: charset.decode(text.encode(), "utf-7"),
    "a page": html.to_text,
    "a page, crudely": html.crude,
    "rich text": lambda text: rtf.to_text(text.encode()),
    "a letter": lambda text: parse(f"{HEAD}\r\n{text}".encode()),
    "a page's letter": lambda text: parse(f"{HEAD}Content-Type: text/html\r\n\r\n{text}".encode()),
    "parts": lambda text: parse(f"{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{text}".encode()),
    "its header alone": lambda text: outside(f"{HEAD}{text}".encode()),
    "a bounce": lambda text: parse(f"Return-Path: <>\r\n{HEAD}\r\nUndelivered mail: {text}".encode()),
    "an answer of IMAP": lambda text: fetched([f"* 1 FETCH ({text})".encode()]),
    "a fingerprint": lambda text: fingerprint(text.encode()),
    "a path": lambda text: paths.address_and_parameters(f"<{text}"),
}


@pytest.mark.parametrize("name", WORK)
def test_reading_grows_with_the_mail(name: str) -> None:
    def work(text: str) -> None:
        with suppress(Violation):  # what it says of an IMAP server's nonsense
            WORK[name](text)

    assert not grows(work, PIECES)
