"""Mails made to be expensive: each is read in time linear in its size, in bounded memory, and is never lost.

The shapes are those on which readers of mail are known to spend seconds, gigabytes or an exception.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from sitmail.domain.mail import Mail
from sitmail.reading.parse import parse
from sitmail.reading.parser_client import ParserClient, unusual
from tests.growing import LIMIT, ratio

HEAD = b"From: Anna <anna@example.org>\r\nMessage-ID: <a@example.org>\r\n"
WORD = b"=?utf-8?q?disk?="
pytestmark = pytest.mark.slow


def field(name: bytes, value: bytes) -> bytes:
    return HEAD + name + b": " + value + b"\r\n\r\nThe disk is full.\r\n"


def body(content: bytes, kind: bytes = b"text/plain") -> bytes:
    return HEAD + b"Content-Type: " + kind + b"\r\n\r\n" + content


def nested(depth: int, inside: bytes = b"x\r\n") -> bytes:
    opened = (b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return HEAD + b"".join(opened) + b"\r\n" + inside


def same_boundary(depth: int) -> bytes:
    return body(b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * depth, b"multipart/mixed; boundary=b")


def siblings(number: int) -> bytes:
    return body(b"--b\r\n\r\nx\r\n" * number + b"--b--\r\n", b"multipart/mixed; boundary=b")


def many(piece: bytes, name: bytes = b"To") -> Callable[[int], bytes]:
    return lambda n: field(name, piece * n)


def numbered(shape: bytes, name: bytes = b"To", before: bytes = b"") -> Callable[[int], bytes]:
    return lambda n: field(name, before + b"".join(shape % i for i in range(n)))


# What is grown, to how many of it: a quarter is measured beside it.
SHAPES: dict[str, tuple[Callable[[int], bytes], int]] = {
    "nested multiparts": (nested, 1_000),
    "nested letters": (lambda n: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * n + b"x", 4_000),
    "one boundary nested": (same_boundary, 8_000),
    "lines below a hundred levels": (lambda n: nested(100, b"x\r\n" * n), 100_000),
    "lines below levels that are read": (lambda n: nested(18, b"x\r\n" * n), 100_000),
    "siblings": (siblings, 40_000),
    "encoded words in a subject": (many(WORD + b" ", b"Subject"), 10_000),
    "encoded words without blanks": (many(WORD, b"Subject"), 10_000),
    "words in a subject": (many(b"disk ", b"Subject"), 100_000),
    "addresses": (numbered(b"anna%d@example.org, "), 10_000),
    "names": (numbered(b"Anna Ost %d <anna@example.org>, "), 8_000),
    "encoded names": (numbered(b"=?utf-8?q?Anna_%d?= <a@example.org>, "), 8_000),
    "quotes": (many(b'"'), 40_000),
    "commas": (many(b","), 60_000),
    "a route": (lambda n: field(b"To", b"<" + b"@a," * n), 80_000),
    "nested comments": (many(b"("), 40_000),
    "nested comments around a sender": (lambda n: b"From: " + b"(" * n + b")" * n + b" a@b.cc\r\n\r\nx", 20_000),
    "semicolons": (many(b";", b"Content-Type"), 60_000),
    "parameters": (numbered(b"; a%d=b", b"Content-Type", b"text/plain"), 10_000),
    "pieces of a parameter": (numbered(b"; name*%d=b", b"Content-Type", b"text/plain"), 8_000),
    "semicolons in an open quote": (lambda n: field(b"Content-Type", b'text/plain; name="' + b";" * n), 60_000),
    "references": (numbered(b"<%d@example.org> ", b"References"), 10_000),
    "a body in punycode": (lambda n: body(b"disk-" + b"a9" * n, b"text/plain; charset=punycode"), 45_000),
    "a subject in punycode": (lambda n: field(b"Subject", b"=?punycode?q?" + b"a9" * n + b"?="), 30_000),
    "a long boundary": (
        lambda n: body((b"--" + b"b" * n + b"\r\n\r\nx\r\n") * 10, b"multipart/mixed; boundary=" + b"b" * n),
        40_000,
    ),
    "short lines": (lambda n: body(b"x\r\n" * n), 400_000),
    "one line": (lambda n: body(b"x" * n), 2_000_000),
    "base64": (
        lambda n: body(b"QUFB" * 18 * n, b"application/zip\r\nContent-Transfer-Encoding: base64"),
        30_000,
    ),
    "an 8-bit subject": (many(b"\xe9", b"Subject"), 1_000_000),
    "one encoded word": (lambda n: field(b"Subject", b"=?utf-8?q?" + b"a" * n + b"?="), 1_000_000),
    "a message-id": (lambda n: field(b"Message-ID", b"<" + b"a" * n + b"@example.org>"), 1_000_000),
    "fields": (lambda n: HEAD + b"X: y\r\n" * n + b"\r\nx", 100_000),
    "a file's name": (lambda n: field(b"Content-Disposition", b"attachment; filename=" + b"a" * n), 1_000_000),
    "utf-7": (lambda n: body(b"+AGE-" * n, b"text/plain; charset=utf-7"), 100_000),
    "quoted-printable": (
        lambda n: body(b"=41" * n, b"text/plain\r\nContent-Transfer-Encoding: quoted-printable"),
        100_000,
    ),
    "uuencode": (
        lambda n: body(b"begin 644 a\n" + b"#86)C\n" * n, b"text/plain\r\nContent-Transfer-Encoding: x-uuencode"),
        50_000,
    ),
    "bare carriage returns": (lambda n: body(b"\r" * n), 1_000_000),
    "hops": (lambda n: b"Received: by mx.example.net\r\n" * n + field(b"Subject", b"disk"), 10_000),
    "one character in a field": (lambda n: field(b"Subject", b"=?" * n), 32_000),
    "open tags": (lambda n: body(b"<a " * n, b"text/html"), 16_000),
    "deep tags": (lambda n: body(b"<div>" * n, b"text/html"), 20_000),
    "marked sections": (lambda n: body(b"<![" * n, b"text/html"), 16_000),
}
MEMORY = 20, 5_000_000  # times the mail's bytes, and bytes for any mail


@pytest.fixture(scope="module")
def worker() -> Iterator[ParserClient]:
    with closing(ParserClient()) as one:
        yield one


def kept(mail: Mail) -> None:
    assert isinstance(mail, Mail)
    assert "reader-failed" not in mail.defects


@pytest.mark.parametrize("shape", SHAPES)
def test_time_grows_with_the_mail(shape: str) -> None:
    make, most = SHAPES[shape]
    assert ratio(parse, make(most // 4), make(most)) < LIMIT
    kept(parse(make(most)))


@pytest.mark.parametrize("shape", SHAPES)
def test_memory_is_bounded_by_the_mail(shape: str) -> None:
    make, most = SHAPES[shape]
    raw = make(most // 4)
    parse("Subject: é".encode("latin-1") + b"\n\n")  # a process loads the tables for guesses once
    tracemalloc.start()
    try:
        kept(parse(raw))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    times, any_mail = MEMORY
    assert peak < times * len(raw) + any_mail


@pytest.mark.parametrize("shape", [shape for shape, (make, most) in SHAPES.items() if unusual(make(most))])
def test_what_is_unusual_is_read_at_arms_length(shape: str, worker: ParserClient) -> None:
    make, most = SHAPES[shape]
    [mail] = worker([(make(most), None)])
    kept(mail)
    assert "reader-stopped" not in mail.defects
