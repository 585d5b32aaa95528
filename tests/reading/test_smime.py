"""Opaque S/MIME (signed, not encrypted): the mail inside is read without a key."""

import zlib
from pathlib import Path

from asn1crypto import cms

from sitmail.reading.formats import smime
from sitmail.reading.parse import parse

SIGNED = Path(__file__).parent / "smime" / "signed.eml"


def names(read) -> list[str]:
    return [file.name for file in read.attachments]


def test_a_signed_letter_is_opened():
    read = parse(SIGNED.read_bytes())
    assert read.text == "The boiler room is flooded. PINEAPPLE"
    assert names(read) == ["plan.pdf"]


def container(kind: str, content: bytes) -> bytes:
    if kind == "signed_data":
        inside = {"version": "v1", "digest_algorithms": [], "signer_infos": []}
    else:
        inside = {"version": "v0", "compression_algorithm": {"algorithm": "zlib"}}
    inside["encap_content_info"] = {"content_type": "data", "content": content}
    return cms.ContentInfo({"content_type": kind, "content": inside}).dump()


LETTER = b"Content-Type: text/plain\r\n\r\nThe boiler room is flooded."


def test_a_compressed_letter_is_opened():
    assert smime.opened(container("compressed_data", zlib.compress(LETTER))) == LETTER
    assert smime.opened(container("compressed_data", b"not compressed")) == b""


def test_a_container_in_pieces_is_opened():
    """BER of indefinite length, with the content in chunks, as Outlook writes it."""
    chunks = b"".join(b"\x04" + bytes([len(part)]) + part for part in (LETTER[:20], LETTER[20:]))
    data = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x80\x24\x80" + chunks + b"\x00\x00\x00\x00"
    signed = b"\x30\x80\x02\x01\x01\x31\x00\x30\x80" + data + b"\x00\x00\x31\x00\x00\x00"
    assert (
        smime.opened(b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80" + signed + b"\0\0\0\0") == LETTER
    )


def test_what_cannot_be_opened_stays_a_file():
    for data in (b"", b"0", b"0\x80" * 5000, SIGNED.read_bytes(), container("signed_data", b"x")[:-3]):
        assert smime.opened(data) in (b"", b"x")
    read = parse(b"From: a@example.org\nContent-Type: application/pkcs7-mime; name=smime.p7m\n\nMIIB")
    assert names(read) == ["smime.p7m"]


def test_letters_signed_many_times_over_are_opened_three_deep():
    inside = LETTER
    for _ in range(8):
        data = container("signed_data", inside)
        inside = (
            b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: binary\r\n\r\n" + data
        )
    read = parse(b"From: a@example.org\r\n" + inside)
    assert (read.text, names(read)) == ("", ["smime.p7m"])
