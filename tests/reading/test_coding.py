"""Decoding in pieces gives the same as decoding at once, wherever the pieces are cut."""

from __future__ import annotations

import base64
import binascii
import random

import pytest

from sitmail.reading import header_fields
from sitmail.reading.formats import coding

WINDOWS = [1, 2, 3, 5, 7, 16, 64]
BASE64 = [
    base64.encodebytes(bytes(range(256)) * 2),
    base64.encodebytes(bytes(range(255))).replace(b"\n", b"\r\n"),
    base64.b64encode(bytes(range(200))),
    b"", b"Q", b"QQ", b"QQ=", b"QQ==", b"QUI", b"QUI=", b"QUJD", b"QUJDQ", b"Q=Q=Q=Q=", b"QQ=\r\n=\r\nQUJD",
    b"QQ=Q=UJD", b"QQ = = behind", b"QUI =behind", b"====QUJD", b"QUJD====QUJD", b"Q====UJD", b"QQ=-=QUJD", b"Q\xff\0Q",
]  # fmt: skip
PRINTABLE = [
    b"a=3Db=\r\nc=\nd", b"=", b"a=", b"a=3", b"==\n=3D", b"=\rlost\nkept", b"=\r", b"a  \r\nb\t\n", b"=ZZ\n=zz=\n",
    b"one line without an end " * 9, b"\n\n=\n\n", b"=3\n=4", b"_\n",
]  # fmt: skip


def decoded(raw: bytes, name: str) -> bytes:
    return b"".join(coding.pieces(b"before" + raw + b"behind", 6, 6 + len(raw), name))


@pytest.fixture(params=WINDOWS)
def window(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(coding, "WINDOW", request.param)
    return int(request.param)


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("raw", BASE64)
def test_base64(raw: bytes) -> None:
    assert decoded(raw, "base64") == header_fields.base64(raw)


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize(
    ("raw", "means"),
    [
        (b"QQ==QUJD", b"A"),
        (b"QQ = = behind", b"A"),
        (b"QUI=\r\n-- \r\nA footer of the list", b"AB"),
        (b"Q=Q=Q=Q=", b"A\x04"),
        (b"QUJD====QUJD", b"ABCABC"),
    ],
)
def test_padding_ends_the_text_under_every_python(raw: bytes, means: bytes) -> None:
    assert decoded(raw, "base64") == header_fields.base64(raw) == means


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("raw", PRINTABLE)
def test_quoted_printable(raw: bytes) -> None:
    assert decoded(raw, "quoted-printable") == binascii.a2b_qp(raw)
    assert decoded(raw, "8bit") == raw


def test_whatever_the_bytes_are(window: int) -> None:
    chance = random.Random(window)
    for _ in range(3_000):
        strange = bytes(chance.choices(b"QUJDabc/+=====\r\n -\xff", k=chance.randrange(40)))
        assert decoded(strange, "base64") == header_fields.base64(strange), strange
        printable = bytes(chance.choices(b"=====\r\n\n3DdA \t_x", k=chance.randrange(40)))
        assert decoded(printable, "quoted-printable") == binascii.a2b_qp(printable), printable


def test_a_piece_is_no_longer_than_a_window() -> None:
    raw = base64.b64encode(bytes(3 * coding.WINDOW))
    assert max(map(len, coding.pieces(raw, 0, len(raw), "base64"))) <= coding.WINDOW
    lines = b"x" * 75 + b"\n"
    raw = lines * (2 * coding.WINDOW // len(lines))
    assert max(map(len, coding.pieces(raw, 0, len(raw), "quoted-printable"))) <= coding.WINDOW
