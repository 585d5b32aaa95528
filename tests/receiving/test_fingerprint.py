"""The same mail has the same fingerprint however it came; a different mail has a different one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.receiving.fingerprint import Fingerprint, fingerprint
from tests.growing import LIMIT, ratio

MAIL = (
    b"From: Jane <jane@example.net>\r\nTo: support@example.com\r\nSubject: printer\r\n"
    b"X-Arc: mine\r\nMessage-ID: <1@example.net>\r\n\r\nIt is grey.\r\nReceived: a letter\r\n"
)
TRACES = [
    b"Received: from a by b\r\n\twith ESMTP;\r\n Sat, 21 Nov 2026 10:00:00 +0000\r\n",
    b"RETURN-PATH: <jane@example.net>\r\n",
    b"delivered-to: support@example.com\r\n",
    b"X-Original-To : support@example.com\r\n",
    b"Authentication-Results: mx.example.com;\r\n dkim=pass\r\n",
    b"envelope-to: support@example.com\r\n",
    b"Delivery-date: Sat, 21 Nov 2026 10:00:00 +0000\r\n",
    b"X-Received: by 2002:a05:6a00 with SMTP id x1;\r\n Sat, 21 Nov 2026 10:00:00 +0000\r\n",
    b"ARC-Seal: i=1\r\n",
    b"ARC-Message-Signature: i=1;\r\n\tb=x\r\n",
]


def in_pieces(raw: bytes, *cuts: int) -> str:
    mark = Fingerprint()
    edges = [0, *sorted(cuts), len(raw)]
    for start, end in pairwise(edges):
        mark.update(raw[start:end])
    return mark.hexdigest()


@pytest.mark.parametrize("trace", TRACES)
def test_trace_fields_do_not_count(trace: bytes) -> None:
    assert fingerprint(trace + MAIL) == fingerprint(MAIL)
    assert fingerprint(MAIL.replace(b"Subject", trace + b"Subject")) == fingerprint(MAIL)


@pytest.mark.parametrize(
    "other",
    [
        MAIL.replace(b"grey", b"blue"),
        MAIL.replace(b"<1@", b"<2@"),
        MAIL.replace(b"mine", b"yours"),
        MAIL.replace(b"a letter", b"two letters"),
        MAIL.replace(b"printer\r\n", b"printer\r\n on fire\r\n"),
        b"Received-SPF: pass\r\n" + MAIL,
        MAIL + b"\r\n",
        b"\r\n" + MAIL,
    ],
)
def test_everything_else_counts(other: bytes) -> None:
    assert fingerprint(other) != fingerprint(MAIL)


def test_line_ends_do_not_count() -> None:
    assert fingerprint(MAIL.replace(b"\r\n", b"\n")) == fingerprint(MAIL)


def test_trace_fields_count_in_the_body() -> None:
    assert fingerprint(b"\n" + TRACES[0]) != fingerprint(b"\n")


def test_two_cuts_anywhere_make_no_difference() -> None:
    raw = TRACES[0] + MAIL.replace(b"Subject", TRACES[4] + b"Subject")
    whole = fingerprint(raw)
    assert {in_pieces(raw, cut, cut + step) for cut in range(len(raw)) for step in (1, 2, 7)} == {whole}


words = st.sampled_from(
    [b"Received:", b"arc-x: 1", b"Subject: x", b"\r", b"\n", b"\r\n", b" ", b"\t", b"a", b":", b"\n\n", b"x" * 5000]
)


@given(st.lists(words, max_size=30).map(b"".join), st.lists(st.integers(0, 6000), max_size=6))
def test_any_bytes_in_any_pieces(raw: bytes, cuts: list[int]) -> None:
    assert in_pieces(raw, *(cut for cut in cuts if cut < len(raw))) == fingerprint(raw)


@pytest.mark.parametrize("before", [988, 990, 999, 1000, 1001])
@pytest.mark.parametrize("filler", [b"X: y\n", b"x"])
def test_a_header_block_has_an_end_anyhow(before: int, filler: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile header of many megabytes costs no more than a body; where it ends does not depend on the pieces."""
    monkeypatch.setattr("sitmail.receiving.fingerprint.HEAD_LIMIT", 1000)
    raw = (filler * before)[:before] + b"\nReceived: x\nReceived: y\nReceived: z\n\nbody"
    whole = fingerprint(raw)
    for cut in range(before - 5, before + 30):
        for step in (1, 4, 7):
            assert in_pieces(raw, cut - 300, cut, cut + step) == whole
    assert whole != fingerprint(raw.replace(b"z", b"Z"))


def test_hops_are_received_fields_of_the_header_only() -> None:
    mark = Fingerprint()
    mark.update(TRACES[0] * 3 + b"".join(TRACES[1:]) + MAIL)
    assert mark.received == 3


def in_chunks(raw: bytes) -> None:
    mark = Fingerprint()
    for start in range(0, len(raw), 65536):
        mark.update(raw[start : start + 65536])
    mark.hexdigest()


@pytest.mark.parametrize("piece", [b"x", b"Received: x\r\n ", b"\r", b"A:\n", b"\n"])
def test_time_is_linear(piece: bytes) -> None:
    small, large = (piece * (length // len(piece)) for length in (1_000_000, 4_000_000))
    assert ratio(in_chunks, small, large) < LIMIT
