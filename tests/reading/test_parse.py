"""Bytes to `Mail`: all parts of reading together; it never raises."""

import hashlib
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain.mail import Address, Envelope
from sitmail.reading.header_fields import Caps
from sitmail.reading.parse import Reading, parse
from tests.examples import examples
from tests.growing import LIMIT, ratio

LETTER = """From: "Anna Example" <Anna@Example.org>
To: Desk <support@example.com>, bob@example.org
Cc: Eve <eve@example.org>
Subject: Re: [SIT-12] =?utf-8?q?gr=C3=BCn?=
Message-ID: <Reply 1@example.org>
In-Reply-To: <Letter-1@example.com>
References: <letter-0@example.com> <Letter-1@example.com>
Date: Tue, 03 Nov 2026 10:20:00 +0100
Received: from b by c
Received: from a by b
Content-Type: text/plain; charset=utf-8

Yes, grün.

On Mon, 2 Nov 2026 at 10:00, Desk <support@example.com> wrote:
>\x20Is\x20it\x20green?

--\x20
Anna
""".encode()


def letter(fields: str = "", body: bytes = b"Hello.\n") -> bytes:
    head = f"From: anna@example.org\nTo: support@example.com\nSubject: disk\n{fields}"
    return head.encode() + b"\n" + body


@pytest.mark.parametrize("raw", [LETTER, LETTER.replace(b"\n", b"\r\n"), b"From x Tue Nov  3 10:20:00 2026\n" + LETTER])
def test_an_answer(raw):
    mail = parse(raw)
    assert mail.identity == "anna@example.org"
    assert mail.sender == Address("Anna Example", "Anna@Example.org")
    assert mail.to == (Address("Desk", "support@example.com"), Address("", "bob@example.org"))
    assert mail.cc == (Address("Eve", "eve@example.org"),)
    assert mail.subject == "Re: [SIT-12] grün"
    assert mail.message_id == "<Reply1@example.org>"
    assert mail.ids() == ("<Letter-1@example.com>", "<letter-0@example.com>")
    assert mail.date == datetime(2026, 11, 3, 9, 20, tzinfo=UTC)
    assert (mail.kind, mail.machine, mail.unanswerable) == ("reply", "", "")
    assert (mail.new_text, mail.signature, mail.charset) == ("Yes, grün.", "-- \nAnna", "utf-8")
    assert mail.quoted_text.endswith("> Is it green?")
    assert mail.hops == 2
    assert mail.headers["received"] == ("from b by c", "from a by b")
    assert [name for name, _ in mail.header_order][:3] == ["from", "to", "cc"]
    assert mail.defects == ()


@pytest.mark.parametrize(
    ("fields", "defect"),
    [
        ("From: eve@example.org\n", "from-repeated"),
        ("from : eve@example.org\n", "from-repeated"),
    ],
)
def test_two_senders_are_no_identity(fields, defect):
    mail = parse(letter(fields))
    assert (mail.identity, mail.defects) == ("", (defect,))
    assert mail.text == "Hello."


@pytest.mark.parametrize(
    "sender", ["a@example.org, b@example.org", "a@example.org (A (B)", "=?utf-8?q?a=40example=2Eorg?=", ""]
)
def test_a_doubtful_sender_is_no_identity(sender):
    mail = parse(f"From: {sender}\nSubject: x\n\nHello.".encode())
    assert (mail.identity, mail.defects) == ("", ("from-unusable",))


def alternative(plain: str, page: str) -> bytes:
    return letter(
        'Content-Type: multipart/alternative; boundary="b"\n',
        f"--b\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n--b\n"
        f"Content-Type: text/html; charset=utf-8\n\n{page}\n--b--\n".encode(),
    )


def test_plain_text_is_preferred_and_the_page_kept():
    mail = parse(alternative("plain", "<p>page</p>"))
    assert (mail.text, mail.html, mail.attachments) == ("plain", "<p>page</p>", ())


def test_an_empty_text_gives_way_to_the_page():
    mail = parse(alternative(" \n", "<p>page <b>words</b></p>"))
    assert (mail.text, mail.new_text) == ("page words", "page words")


def test_a_page_alone_becomes_text_with_its_quotation():
    page = (
        b"<p>Yes.</p><div>On 2 Nov 2026 at 10:00, Desk &lt;support@example.com&gt; wrote:</div>"
        b"<blockquote>Is it?</blockquote>"
    )
    mail = parse(letter("Content-Type: text/html\nIn-Reply-To: <a@b>\n", page))
    assert (mail.new_text, mail.quoted_text.splitlines()[-1]) == ("Yes.", "> Is it?")


def test_attachments_have_safe_names_and_hashes():
    body = (
        b"--b\n\nsee files\n--b\nContent-Type: image/png; name=x\n"
        b"Content-Disposition: attachment; filename=../../x.png\n"
        b"Content-Transfer-Encoding: base64\n\naGVsbG8=\n--b\nContent-Type: application/pdf\n\npdf\n--b\n"
        b"Content-Type: image/gif\nContent-ID: <logo@x>\n\ngif\n--b\n"
        b"Content-Type: text/html\n\n<img src='cid:logo@x'>\n--b--"
    )
    mail = parse(letter('Content-Type: multipart/mixed; boundary="b"\n', body))
    assert [(a.name, a.type, a.size, a.inline) for a in mail.attachments] == [
        ("x.png", "image/png", 5, False),
        ("document.pdf", "application/pdf", 3, False),
        ("image.gif", "image/gif", 3, True),
    ]
    assert mail.attachments[0].sha256 == hashlib.sha256(b"hello").hexdigest()
    assert mail.attachments[0].content == b"hello"
    assert mail.text == "see files"


def test_flowed_text_is_unfolded():
    body = b"> a quoted \n> line\nmy long \nline\n-- \nAnna\n"
    mail = parse(letter("Content-Type: text/plain; format=flowed\n", body))
    assert mail.text == "> a quoted line\nmy long line\n-- \nAnna"
    mail = parse(letter("Content-Type: text/plain; format=flowed; delsp=yes\n", b"foo \nbar\n"))
    assert mail.text == "foobar"


def test_text_is_cut_with_a_visible_note():
    mail = parse(letter(body=b"word\n" * 100), reading=Reading(caps=Caps(lines=10)))
    assert mail.text.splitlines()[9:] == ["word", "[cut here, 450 more characters are in the mail as it came]"]


@pytest.mark.parametrize(
    ("fields", "kind", "machine", "unanswerable"),
    [
        ("", "new", "", ""),
        ("In-Reply-To: <a@b>\n", "reply", "", ""),
        ("Auto-Submitted: auto-replied\n", "auto-reply", "auto-submitted", "auto-submitted"),
        ("Auto-Submitted: no\n", "new", "", ""),
        ("List-Id: <x>\n", "list", "", ""),
        ("Precedence: bulk\n", "new", "", ""),
        ("Return-Path: <>\n", "new", "null-sender", "null-sender"),
        ("Return-Path: <anna@example.org>\n", "new", "", ""),
        ("Content-Type: text/calendar; method=REPLY\n", "new", "calendar-reply", "calendar-reply"),
    ],
)
def test_kinds(fields, kind, machine, unanswerable):
    mail = parse(letter(fields))
    assert (mail.kind, mail.machine, mail.unanswerable) == (kind, machine, unanswerable)


@pytest.mark.parametrize(("field", "mark"), [("List-Id: <x>\n", "list"), ("Precedence: bulk\n", "precedence-bulk")])
def test_marks_of_gateways_are_told_apart(field, mark):
    mail = parse(letter(field))
    assert (mail.mark, mail.unanswerable) == (mark, "")


def test_the_envelope_knows_the_null_sender():
    at = datetime(2026, 11, 3, tzinfo=UTC)
    assert parse(letter(), Envelope("", ("support@example.com",), at)).machine == "null-sender"
    assert parse(letter(), Envelope("anna@example.org", ("support@example.com",), at)).machine == ""
    bounces = Envelope("bounces+1@example.org", ("support@example.com",), at)
    assert (parse(letter(), bounces).machine, parse(letter(), bounces).unanswerable) == ("", "role-address")


def test_our_own_letters_are_known():
    ours = Reading(is_own=lambda address: address.startswith("anna@"))
    assert (parse(letter(), reading=ours).identity, parse(letter(), reading=ours).in_our_name) == (
        "",
        "anna@example.org",
    )
    assert parse(letter(), reading=Reading(is_own=lambda a: False)).identity == "anna@example.org"


def test_forwards_in_the_text_and_attached():
    inner = b"From: Bob <bob@example.org>\nSubject: disk\nTo: anna@example.org\n\nIt is full."
    mail = parse(letter(body=b"Please help.\n\n---------- Forwarded message ---------\n" + inner))
    assert (mail.kind, mail.new_text) == ("forward", "Please help.")
    assert mail.forwarded is not None
    assert (mail.forwarded.sender, mail.forwarded.text) == (Address("Bob", "bob@example.org"), "It is full.")
    body = b"--b\n\nPlease help.\n--b\nContent-Type: message/rfc822\n\n" + inner + b"\n--b--"
    raw = letter('Content-Type: multipart/mixed; boundary="b"\n', body)
    mail = parse(raw.replace(b"Subject: disk\nContent", b"Subject: Fwd: disk\nContent"))
    assert (mail.kind, mail.new_text, mail.attachments[0].name) == ("forward", "Please help.", "disk.eml")
    assert mail.forwarded is not None
    assert (mail.forwarded.sender, mail.forwarded.text) == (Address("Bob", "bob@example.org"), "It is full.")
    assert mail.attachments[0].content == inner


def test_a_mail_of_nothing_but_a_quotation_is_shown_and_commands_nothing():
    answered, alone = (parse(letter(head, b"> Is it?\n")) for head in ("In-Reply-To: <a@b>\n", ""))
    assert (answered.new_text, answered.own_words) == (alone.new_text, alone.own_words) == ("", "> Is it?")


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"\x00" * 100, random.Random(1).randbytes(3000)])
def test_what_is_no_mail_is_unreadable(raw):
    assert parse(raw).kind == "unreadable"


def test_words_without_fields_are_read():
    mail = parse(b"just some words\nwithout any header")
    assert (mail.kind, mail.text) == ("new", "just some words\nwithout any header")


PIECES = [
    *(
        b"From: ",
        b"a@b.example",
        b"<",
        b">",
        b'"',
        b"(",
        b";",
        b":",
        b",",
        b"=?utf-8?q?",
        b"?=",
        b"=",
        b"\n",
        b"\r\n",
        b"\r",
    ),
    *(
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: text/html",
        b"--b",
        b"--b--",
        b"\n\n",
        b"\x00",
        b"\xff",
    ),
    *(
        b"Content-Transfer-Encoding: base64\n",
        b"charset=utf-7",
        b"name*0*=x''%",
        b"message/delivery-status",
        b"message/rfc822",
    ),
    *(
        b"Subject: Fw: ",
        b"Final-Recipient: ",
        b"> ",
        b"On 2026 wrote:",
        b"-- \n",
        b"<div>",
        b"<b ",
        b"&#",
        b" ",
        b"\t",
        b"+",
    ),
]


@examples(300)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=40))
def test_no_bytes_make_it_fail(pieces):
    mail = parse(b"".join(pieces))
    assert "reader-failed" not in mail.defects
    for text in (mail.subject, mail.text, mail.new_text, mail.quoted_text, *(a.name for a in mail.attachments)):
        text.encode()
    assert "\n" not in mail.subject
    assert len(mail.subject) <= 998


BOMBS = {
    "nested": lambda n: b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (k, k) for k in range(n // 50)
    ),
    "one boundary nested": lambda n: b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * (n // 47),
    "siblings": lambda n: letter("Content-Type: multipart/mixed; boundary=b\n", b"--b\n\nx\n" * (n // 7)),
    "alike boundaries": lambda n: letter("Content-Type: multipart/mixed; boundary=b\n", b"--b1\n" * (n // 5)),
    "encoded words": lambda n: b"Subject: " + b"=?utf-8?q?a?= " * (n // 14) + b"\n\nx",
    "open quotes": lambda n: b'To: "' + b'\\"' * (n // 2) + b"\n\nx",
    "comments": lambda n: b"To: " + b"(" * n + b"\n\nx",
    "addresses": lambda n: b"To: " + b'"a b" <a@b.example>, ' * (n // 21) + b"\n\nx",
    "semicolons": lambda n: b'Content-Type: text/plain; name="' + b";" * n + b"\n\nx",
    "fields": lambda n: b"A: b\n" * (n // 5) + b"\nx",
    "no fields": lambda n: b"A: b\n" + b"no field\n" * (n // 9) + b"\nx",
    "blank lines": lambda n: b"\n" * n + LETTER,
    "short lines": lambda n: letter(body=b"x\n" * (n // 2)),
    "marks": lambda n: letter(body=b">" * n),
    "almost attributions": lambda n: letter(body=b"On 2026-01-01 10:00 a <a@b.example>\n" * (n // 36)),
    "attributions": lambda n: letter(body=b"On 2026-01-01 you wrote:\n" * (n // 25)),
    "labels": lambda n: letter(body=b"To: a\nFrom:\n" * (n // 12)),
    "interleaved": lambda n: letter(body=b"> q\na\n" * (n // 6)),
    "delimiters": lambda n: letter(body=b"-- \n" * (n // 4)),
    "forward markers": lambda n: letter(body=b"---------- Forwarded message\n" * (n // 29)),
    "flowed": lambda n: letter("Content-Type: text/plain; format=flowed\n", b"a \n" * (n // 3)),
    "deep page": lambda n: letter("Content-Type: text/html\n", b"<div>" * (n // 5)),
    "wide page": lambda n: letter("Content-Type: text/html\n", b"<table>" + b"<td>a" * (n // 5)),
    "bounce": lambda n: b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\nnot delivered\n" + b"a@" * (n // 2),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_cost_follows_the_length(bomb):
    small, large = (BOMBS[bomb](size) for size in (40_000, 160_000))
    assert ratio(parse, small, large) < LIMIT
    assert "reader-failed" not in parse(large).defects
