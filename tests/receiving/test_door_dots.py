"""The end of DATA, without a socket: every way to cut the bytes, and attempts at smuggling."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.receiving.dots import Dots

BODY = b".\r\n..first\r\n.\rx\r\n\r\n. \r\nlast.\r\n"  # as its author wrote it


def stuffed(body: bytes) -> bytes:
    """RFC 5321 section 4.5.2, line by line."""
    lines = body.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b".\r\n"


def fed(data: bytes, *cuts: int, limit: int = 1000) -> tuple[bytes, Dots]:
    dots = Dots(limit)
    edges = [0, *sorted(cuts), len(data)]
    text = b""
    for start, end in pairwise(edges):
        if dots.done:
            dots.rest += data[start:end]
        elif start < end:
            text += dots.feed(data[start:end])
    return text, dots


def test_every_pair_of_cuts_gives_the_same_mail() -> None:
    data = stuffed(BODY) + b"QUIT\r\n"
    for first in range(len(data) + 1):
        for second in range(first, len(data) + 1):
            text, dots = fed(data, first, second)
            assert (text, dots.rest, dots.done, dots.size) == (BODY, b"QUIT\r\n", True, len(BODY))


pieces = st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b".", b"a", b"\0"]), max_size=40).map(b"".join)


@given(pieces, st.lists(st.integers(0, 60), max_size=8))
def test_any_lines_survive_the_wire(body: bytes, cuts: list[int]) -> None:
    body += b"\r\n"
    data = stuffed(body) + b"rest"
    text, dots = fed(data, *(cut for cut in cuts if cut <= len(data)))
    assert (text, dots.rest, dots.done) == (body, b"rest", True)
    without = body.replace(b"\r\n", b"")
    assert dots.bare == (b"\r" in without or b"\n" in without)


def test_an_empty_mail() -> None:
    assert fed(b".\r\n")[0] == b""
    assert fed(b".\r\n", 1, 2)[1].done


@pytest.mark.parametrize("limit", [10, 1000])
@pytest.mark.parametrize("length", [9, 10, 11, 1000, 1001])
@pytest.mark.parametrize("step", [1, 3, 5000])
def test_long_lines_are_seen_in_any_pieces(limit: int, length: int, step: int) -> None:
    data = b"ab\r\n" + b"x" * length + b"\r\ncd\r\n.\r\n"
    _, dots = fed(data, *range(step, len(data), step), limit=limit)
    assert dots.done
    assert dots.overlong == (length > limit)
