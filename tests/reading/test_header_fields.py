"""Header blocks, encoded words, parameters, dates and ids."""

from datetime import UTC, datetime

import pytest

from sitmail.reading import header_fields
from sitmail.reading.header_fields import Caps


def block(text: bytes, **caps: int) -> header_fields.Block:
    return header_fields.split(text, caps=Caps(**caps))


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_fields_are_unfolded_and_the_body_is_found(end):
    raw = end.join([b"Subject: one", b"\ttwo", b"X : y", b"", b"body"])
    got = block(raw)
    assert got.fields == [("subject", "one\ttwo"), ("x", "y")]
    assert raw[got.body :] == b"body"
    assert got.defects == []


def test_a_bare_cr_ends_no_line():
    got = block(b"A: b\rAuthentication-Results: forged\n\n")
    assert got.fields == [("a", "b Authentication-Results: forged")]


def test_undeclared_8_bit_text_is_utf8_else_windows_1252():
    assert block("A: ü".encode() + b"\n\n").get("a") == "ü"
    assert block(b"A: \xfc\n\n").get("a") == "ü"


def test_nul_and_controls_become_blanks():
    assert block(b"A: x\x00y\x1bz\n\n").get("a") == "x y z"


def test_lines_that_are_no_fields_are_left_out():
    got = block(b"A: b\n>From nobody\nC: d\n\nbody")
    assert got.fields == [("a", "b"), ("c", "d")]
    assert got.defects == ["header-line"]


def test_without_a_blank_line_the_text_begins_where_fields_end():
    raw = b"A: b\n c\nplain text\nmore"
    got = block(raw)
    assert got.fields == [("a", "b c")]
    assert raw[got.body :] == b"plain text\nmore"
    assert block(b"just text\n\nmore").body == 0
    assert block(b"A: b\n").defects == []


def test_blocks_are_capped():
    many = b"".join(b"F%d: x\n" % n for n in range(50)) + b"\nbody"
    got = block(many, fields=10)
    assert (len(got.fields), many[got.body :], got.defects) == (10, b"body", ["header-fields"])
    got = block(b"A: " + b"x" * 500 + b"\n\nbody", field=100)
    assert (len(got.get("a")), got.defects) == (100, ["header-field-cut"])
    got = block(b"A: b\n" * 100 + b"\nbody", header_block=52)
    assert (len(got.fields), got.defects) == (10, ["header-cut"])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?J=C3=B6rg_M?=", "Jörg M"),
        ("=?UTF-8?B?SsO2cmc=?= Meier", "Jörg Meier"),
        ("=?utf-8?b?SsM=?= =?utf-8?b?tnJn?=", "Jörg"),  # a letter split between two words
        ("=?utf-8?q?a?= =?utf-8?q?b?= c", "ab c"),
        ("=?iso-8859-1*en?q?=FC?=", "ü"),
        ("=?utf-8?b?SsO2cmc?=", "Jörg"),  # its padding is missing
        ("=?x-unknown?q?abc?=", "abc"),
        ("=?punycode?q?abc-?=", "abc-"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=?iso-8859-1?q?Fr\u00fch?=", "Früh"),
        ("plain = text?", "plain = text?"),
    ],
)
def test_encoded_words(value, text):
    assert header_fields.words(value) == text


def test_encoded_words_are_capped():
    value = "=?utf-8?q?a?= " * 500
    assert header_fields.words(value, Caps(words=3)).startswith("aaa =?")
    assert len(header_fields.words(value, Caps(decoded=100))) <= 100


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        ("a\u202eb\u200bc\x00d", "abcd"),
        ("a \t b\u2028c", "a b c"),
        ("x" * 2000, "x" * 998),
    ],
)
def test_a_subject_is_one_line(value, line):
    assert header_fields.one_line(value) == line


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('Text/Plain; charset="utf-8"; format=flowed', ("text/plain", {"charset": "utf-8", "format": "flowed"})),
        ('a/b; name="x;y\\"z"; name=second', ("a/b", {"name": 'x;y"z'})),
        ("a/b; filename*=utf-8''%C3%BC%20x.txt", ("a/b", {"filename": "ü x.txt"})),
        ("a/b; n*1=lo; n*0*=iso-8859-1'de'h%E9l; n*2*=%20x", ("a/b", {"n": "héllo x"})),
        ("a/b (comment); x = y", ("a/b", {"x": "y"})),
        ("a/b;;;; x", ("a/b", {})),
        ('a/b; x="open', ("a/b", {"x": "open"})),
        ("", ("", {})),
    ],
)
def test_parameters(value, expected):
    assert header_fields.parameters(value) == expected


def test_parameters_are_capped():
    assert len(header_fields.parameters("a/b" + "".join(f"; p{n}=x" for n in range(100)))[1]) == 50


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("Tue, 03 Nov 2026 10:20:00 +0100", datetime(2026, 11, 3, 9, 20, tzinfo=UTC)),
        ("3 Nov 2026 10:20:00 -0330 (NST)", datetime(2026, 11, 3, 13, 50, tzinfo=UTC)),
        ("Tue, 3 Nov 26 10:20 EST", datetime(2026, 11, 3, 15, 20, tzinfo=UTC)),
        ("Tue, 03 Nov 2026 10:20:60 GMT", datetime(2026, 11, 3, 10, 20, 59, tzinfo=UTC)),
        ("Tue, 31 Feb 2026 10:20:00 +0100", None),
        ("Tue, 03 Nov 2026 10:20:00 +9959", None),
        ("soon", None),
        ("", None),
    ],
)
def test_dates(value, moment):
    assert header_fields.date(value) == moment


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("<a@b> <C@d>", ("<a@b>", "<C@d>")),
        ("<a @b>", ("<a@b>",)),
        ("<no-domain>", ("<no-domain>",)),
        ("<> <nil> <a@b> <a@b>", ("<a@b>",)),
        ("bare@example.org", ("<bare@example.org>",)),
        ("Your message of Tuesday", ()),
        ("<unclosed", ()),
        ("", ()),
    ],
)
def test_ids(value, found):
    assert header_fields.ids(value) == found


def test_only_the_last_ids_count():
    assert header_fields.ids(" ".join(f"<{n}@x>" for n in range(50)), 20) == tuple(f"<{n}@x>" for n in range(30, 50))


@pytest.mark.parametrize("name", ["Subject", "SUBJECT", "X-Mine", "Subject \t"])
@pytest.mark.parametrize("beside", ["", "X-Cut: \x01\r\n", "X-Lone: a\rb\r\n", "X-Long: " + "y" * 70_000 + "\r\n"])
def test_a_field_is_the_same_whatever_stands_beside_it(name: str, beside: str) -> None:
    block = header_fields.split(f"{name}:\t one\r\n\ttwo \r\n three\r\n{beside}To: a@b\r\n\r\ntext".encode())
    assert block.fields[0] == (name.strip().lower(), "one\ttwo  three")
    assert block.fields[-1] == ("to", "a@b")
    assert len(block.fields) == 2 + bool(beside)


@pytest.mark.parametrize("first", ["\n", "\r\n"])
@pytest.mark.parametrize("second", ["\n", "\r\n"])
@pytest.mark.parametrize("blank", ["\n", "\r\n"])
@pytest.mark.parametrize("later", ["\n\n", "\r\n\r\n", "\n\r\n", ""])
def test_the_first_blank_line_ends_the_header(first: str, second: str, blank: str, later: str) -> None:
    head = f"A: 1{first}B: 2{second}{blank}"
    block = header_fields.split(f"{head}C: 3{later}D: 4".encode())
    assert block.fields == [("a", "1"), ("b", "2")]
    assert (block.body, block.defects) == (len(head), [])


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize(
    ("lines", "fields", "defects"),
    [
        ([b"From: a@b", b"To:c", b"X-Odd : \t d ", b"", b"text"], ["from a@b", "to c", "x-odd d"], []),
        ([b"Received: from a  ", b"\tby b", b" for c: d", b"", b"text"], ["received from a  \tby b for c: d"], []),
        ([b" folded", b"From: a", b"", b"text"], ["from a"], ["header-line"]),
        ([b"From: a", b"Subject", b"To: b", b"", b"text"], ["from a", "to b"], ["header-line"]),
        ([b"From: a", b"no field: b", b"", b"text"], ["from a"], ["header-line"]),
        ([b"From: a", b"Subject: \x01", b"", b"text"], ["from a", "subject "], []),
        ([b"From: a\r\n\tb", b"To: b", b"", b"text"], ["from a\tb", "to b"], []),
        ([b"From: a", b"To: b"], ["from a", "to b"], []),
    ],
)
def test_blocks_of_every_kind(lines, fields, defects, end):
    found = header_fields.split(end.join(lines))
    assert ([f"{name} {value}" for name, value in found.fields], found.defects) == (fields, defects)


RAW = "Принтер не работает"


def test_raw_text_in_a_field_waits_for_the_charset_of_the_body():
    raw = f"Subject: {RAW}\nX: ü\n".encode("koi8-r", "replace") + "Y: ü\n\n".encode()
    found = header_fields.split(raw, settled=False)
    header_fields.settle(found, "koi8-r")
    assert (found.get("subject"), found.get("y")) == (RAW, "ü")  # what is UTF-8 is not touched


def test_raw_text_in_a_part_is_in_its_own_charset():
    raw = f"Content-Type: text/plain; charset=windows-1251\nContent-Description: {RAW}\n\n".encode("cp1251")
    assert header_fields.split(raw).get("content-description") == RAW


def test_raw_seven_bit_text_declares_itself():
    raw = b"Subject: \x1b$B%W%j%s%?\x1b(B ok\n\n"
    assert header_fields.split(raw).get("subject") == "プリンタ ok"


def test_encoded_words_in_no_charset_are_in_that_of_the_body():
    assert header_fields.words("=?unknown-8bit?q?=F0=D2=C9=CE=D4=C5=D2?=", default="koi8-r") == "Принтер"
    assert header_fields.words("=?unknown?q?gr=C3=BCn?=", default="koi8-r") == "grün"


@pytest.mark.parametrize(
    "value",
    [
        "text/plain; charset=utf-8",
        'text/html;charset="UTF-8"',
        'text/plain; charset="utf-8',
        "text/plain; charset=a;b=c",
        "TEXT/Plain (text); charset=a",
    ],
)
def test_the_usual_type_is_read_as_any_other(value):
    assert header_fields.parameters(value) == header_fields.parameters(value.replace(";", " ;"))


@pytest.mark.parametrize(
    ("value", "main", "known"),
    [
        ('multipart/mixed boundary="b"', "multipart/mixed", {"boundary": "b"}),
        ('multipart/mixed\tboundary="b" charset=x', "multipart/mixed", {"boundary": "b", "charset": "x"}),
        ("multipart/*; boundary=b", "multipart/*", {"boundary": "b"}),
        ('filename="plan.pdf"', "", {"filename": "plan.pdf"}),
        ("attachment filename=my plan.pdf", "attachment", {"filename": "my plan.pdf"}),
        ("text/plain, charset=x", "text/plain", {"charset": "x"}),
        ("", "", {}),
    ],
)
def test_a_missing_semicolon_loses_nothing(value, main, known):
    assert header_fields.parameters(value) == (main, known)


@pytest.mark.parametrize("blanks", ["", " ", "\t", " \t ", "\r\n "])
def test_results_count_only_in_the_form_that_relays_strip(blanks):
    """`Authentication-Results :` is what a relay that strips forged ones by name may overlook."""
    raw = f"Authentication-Results{blanks}: mx.example.com; dmarc=pass\r\nFrom : anna@example.org\r\n\r\nx".encode()
    found = block(raw)
    assert bool(found.get("authentication-results")) is (not blanks)
    assert found.get("from") == "anna@example.org"
