"""winmail.dat: its content is found, in bounded time and memory."""

import base64
import os
import struct

import pytest

from sitmail.reading.formats import rtf, tnef
from sitmail.reading.parse import parse
from tests.growing import LIMIT, patience, ratio


def thing(level, name, kind, data):
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def prop(kind, name, value):
    padded = value + b"\0" * (-len(value) % 4)
    return struct.pack("<HHII", kind, name, 1, len(value)) + padded


def block(*props):
    return struct.pack("<I", len(props)) + b"".join(props)


def stream(*things):
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(things)


def file_of(title, content, *props):
    return [
        thing(2, 0x9002, 6, b"\0" * 14),
        thing(2, 0x8010, 1, title + b"\0"),
        thing(2, 0x800F, 6, content),
        *([thing(2, 0x9005, 6, block(*props))] if props else []),
    ]


LETTER = (
    b"From: anna@example.org\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    b"%s--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n%s\n--b--\n"
)


def letter(data, text=b""):
    return LETTER % (b"--b\n\n" + text + b"\n" if text else b"", base64.encodebytes(data))


def test_the_files_inside_stand_for_it():
    long_name = prop(0x1F, 0x3707, "größere Datei.pdf\0".encode("utf-16-le"))
    kind = prop(0x1E, 0x370E, b"application/pdf\0")
    data = stream(*file_of(b"GROSSE~1.PDF", b"%PDF\0\0", long_name, kind), *file_of(b"b.txt", b"second"))
    mail = parse(letter(data, b"hello"))
    assert [(a.name, a.type, a.content) for a in mail.attachments] == [
        ("größere Datei.pdf", "application/pdf", b"%PDF\0\0"),
        ("b.txt", "application/octet-stream", b"second"),
    ]
    assert mail.text.strip() == "hello"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (thing(1, 0x800C, 2, b"plain words\0"), "plain words"),
        (thing(1, 0x9003, 6, block(prop(0x1F, 0x1000, "Grüße\0".encode("utf-16-le")))), "Grüße"),
        (thing(1, 0x9003, 6, block(prop(0x102, 0x1013, b"<p>a <b>page</b></p>"))), "a page"),
        (thing(1, 0x9003, 6, block(prop(0x102, 0x1009, struct.pack("<II4sI", 43, 31, b"MELA", 0)
                                        + rb"{\rtf1 rich \'e9 \u8364?\par x}"))), "rich é €\nx"),
    ],
    ids=["plain", "unicode", "page", "rich"],
)  # fmt: skip
def test_its_text_is_the_letters_where_there_is_no_other(body, text):
    assert parse(letter(stream(body))).text.strip() == text
    assert parse(letter(stream(body), b"hello")).text.strip() == "hello"


def test_rich_text_made_from_a_page_gives_the_page():
    source = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 "
        rb"one{\*\htmltag72 </p>}\htmlrtf\par}\htmlrtf0{\*\htmltag64 <p>}two{\*\htmltag72 </p>}}"
    )
    assert rtf.to_text(source) == "one\n\ntwo"


def test_packed_rich_text_is_unpacked():
    """`{\\rtf1\\ansi\\mac` from the dictionary, a letter, and the end."""
    packed = bytes([0b00001001]) + b"\x00\x0d" + b"x" + b"y" + struct.pack(">H", (207 + 17) << 4)
    data = struct.pack("<II4sI", 0, 100, b"LZFu", 0) + packed
    assert rtf.unpacked(data) == rb"{\rtf1\ansi\mac"[:15] + b"xy"


def test_what_cannot_be_opened_stays_as_it_came():
    for data in (b"", b"no such thing", b"\x78\x9f\x3e\x22" + b"\xff" * 40):
        assert [a.name for a in parse(letter(data, b"hello")).attachments] == ["winmail.dat"]


BOMBS = {
    "four billion properties": block().replace(b"\0\0\0\0", b"\xff\xff\xff\xff"),
    "four billion short values": struct.pack("<IHHI", 1, 0x1002, 0x3707, 0xFFFFFFFF),
    "four billion strings": struct.pack("<IHHI", 1, 0x1F, 0x3707, 0xFFFFFFFF) + b"\0" * 64,
    "an endless name": struct.pack("<IHH16sII", 1, 0x1F, 0x8001, b"", 1, 0xFFFFFFF0),
}


@pytest.mark.parametrize("name", BOMBS)
def test_counts_are_not_believed(name):
    with patience(20):
        opened = tnef.read(stream(*file_of(b"a.txt", b"x"), thing(2, 0x9005, 6, BOMBS[name])))
    assert [(f.name, f.content) for f in opened.files] == [("a.txt", b"x")]


def test_garbage_is_no_error():
    good = stream(*file_of(b"a.txt", b"x" * 50, prop(0x1E, 0x3707, b"long.txt\0")), thing(1, 0x800C, 2, b"w\0"))
    for at in range(len(good)):
        tnef.read(good[:at])
        tnef.read(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
    for _ in range(200):
        noise = os.urandom(300)
        tnef.read(stream(thing(2, 0x9005, 6, noise), thing(1, 0x9003, 6, noise)) + noise)
        rtf.to_text(rtf.unpacked(struct.pack("<II4sI", 0, 10**9, b"LZFu", 0) + noise))
        rtf.to_text(noise)


def test_time_grows_with_length_alone():
    def bodies(times):
        return stream(*[thing(2, 0x8010, 1, b"n")] * times, thing(1, 0x800C, 2, b"x" * 1000 * times))

    assert ratio(tnef.read, bodies(400), bodies(1600)) < LIMIT
    assert ratio(rtf.to_text, *(b"{\\b \\'e4" * 20 * times for times in (400, 1600))) < LIMIT
