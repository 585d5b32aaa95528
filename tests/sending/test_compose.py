"""Whatever the words are, the letter that leaves has exactly the intended header and body."""

from __future__ import annotations

import email
import email.policy
import re
import zlib
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage, Message
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.sending import encode
from sitmail.sending.compose import File, Letter, compose, wire
from sitmail.sending.encode import address, clean, date, display_name, message_id
from tests.examples import examples

MOMENT = datetime(2026, 3, 9, 14, 5, 7, tzinfo=UTC)
FIELDS = ["Date", "From", "To", "Subject", "Message-ID"]
MIME = ["MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
anything = st.text(st.characters(), max_size=300)


def letter(**changes: Any) -> Letter:
    values: dict[str, Any] = {
        "from_name": "Ada via Example Support",
        "from_address": "support@example.com",
        "to_name": "Bob",
        "to_address": "bob@example.org",
        "subject": "[SIT-12] The printer",
        "date": MOMENT,
        "message_id": "<s1.abc.def@example.com>",
        "text": "Hello\n",
    }
    return Letter(**(values | changes))


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def sent(**changes: Any) -> bytes:
    return wire(*compose(letter(**changes)))


def body_of(raw: bytes) -> str:
    """The text as a reader decodes it, without the standard library's own idea of line ends."""
    part = email.message_from_bytes(raw, policy=email.policy.compat32)
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n")


def sound(raw: bytes) -> None:
    """What holds for every message that leaves (RFC 5321 section 2.3.8, 4.5.3.1.6)."""
    assert raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    assert b"\0" not in raw
    head = raw.split(b"\r\n\r\n", 1)[0]
    assert not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", head)
    assert all(line.strip() for line in head.split(b"\r\n"))


def test_an_ordinary_letter_is_plain_to_read() -> None:
    raw = sent(
        reply_to="support+i12.aabcdefghijklmnop@example.com",
        in_reply_to="<q@example.org>",
        references=("<p@example.org>", "<q@example.org>"),
        fields=(("X-Sitmail-Incident", "12"), ("Auto-Submitted", "auto-replied")),
    )
    assert raw.decode() == (
        "Date: Mon, 09 Mar 2026 14:05:07 +0000\r\n"
        "From: Ada via Example Support <support@example.com>\r\n"
        "To: Bob <bob@example.org>\r\n"
        "Subject: [SIT-12] The printer\r\n"
        "Message-ID: <s1.abc.def@example.com>\r\n"
        "Reply-To: Ada via Example Support\r\n"
        " <support+i12.aabcdefghijklmnop@example.com>\r\n"
        "In-Reply-To: <q@example.org>\r\n"
        "References: <p@example.org> <q@example.org>\r\n"
        "X-Sitmail-Incident: 12\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 7bit\r\n"
        "\r\n"
        "Hello\r\n"
    )


@examples(200)
@given(anything, anything, anything, anything, anything)
def test_nothing_that_comes_in_makes_or_breaks_a_field(
    subject: str, from_name: str, to_name: str, text: str, value: str
) -> None:
    raw = sent(
        subject=subject, from_name=from_name, to_name=to_name, text=text, fields=(("X-Sitmail-Note", value),),
        references=(value, "<a@example.org>"), in_reply_to=value,
    )  # fmt: skip
    sound(raw)
    message = read(raw)
    expected = [*FIELDS, "References", "X-Sitmail-Note", *MIME]
    assert [name for name in message if name != "In-Reply-To"] == expected
    assert str(message["Subject"]) == clean(subject)
    assert str(message["X-Sitmail-Note"]) == clean(value)
    assert [each.addr_spec for each in message["From"].addresses] == ["support@example.com"]
    assert [each.addr_spec for each in message["To"].addresses] == ["bob@example.org"]


@examples(150)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), max_size=3000))
def test_the_text_arrives_as_written(text: str) -> None:
    raw = sent(text=text)
    sound(raw)
    assert body_of(raw) == (text if text.endswith("\n") else text + "\n")


@pytest.mark.parametrize("sneaky", ["\r\n", "\n", "\r", "\0", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_no_line_break_of_any_kind_reaches_a_field(sneaky: str) -> None:
    evil = f"x{sneaky}Bcc: evil@example.net"
    raw = sent(subject=evil, from_name=evil, to_name=evil, references=(f"<a{sneaky}b@example.org>",), in_reply_to=evil)
    sound(raw)
    message = read(raw)
    assert list(message) == [*FIELDS, *MIME]
    assert message["Subject"] == "x Bcc: evil@example.net"


def test_an_encoded_line_break_of_a_received_subject_stays_text() -> None:
    subject = "=?utf-8?q?x=0D=0ABcc=3A_evil=40example.net?="
    message = read(sent(subject=subject))
    assert list(message) == [*FIELDS, *MIME]
    raw = sent(subject=subject).decode()
    assert subject not in raw  # or the reader's program would decode it


def test_encoded_words_are_short_and_whole_and_the_reference_stays_readable() -> None:
    subject = "[SIT-1234] Der Drucker zeigt nur \N{FROWNING FACE WITH OPEN MOUTH} und \u65e5\u672c\u8a9e " * 9
    head, _ = compose(letter(subject=subject))
    lines = head.split("\r\n")
    assert any(line.startswith("Subject: [SIT-1234] Der Drucker zeigt nur =?utf-8?") for line in lines)
    words = re.findall(r"=\?utf-8\?[qb]\?[^?]*\?=", head)
    assert len(words) > 3
    assert max(map(len, words)) <= 75
    assert max(map(len, lines)) <= 78
    for word in words:
        email.header.decode_header(word)[0][0].decode("utf-8")  # whole characters
    assert str(read(wire(head, "x\n"))["Subject"]) == subject.strip()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann Müller", "Ann Müller"),
        ("Müller, Ann (Support)", "Müller, Ann (Support)"),
        ("O'Neil, Bob", "O'Neil, Bob"),
        ('boss@example.com" <evil@example.net>', "boss example.com evil example.net"),
        ("a\u202eb\u200bc\ufeff", "abc"),
        ("=?utf-8?q?boss=40corp=2Eexample=3E=2C?=", "=?utf-8?q?boss=40corp=2Eexample=3E=2C?="),
        ("x\\", "x"),
        ("", ""),
        ("\u65e5\u672c\u8a9e" * 50, ("\u65e5\u672c\u8a9e" * 50)[:100]),
    ],
)
def test_a_display_name_is_only_ever_a_name(name: str, shown: str) -> None:
    raw = sent(to_name=name)
    sound(raw)
    (to,) = read(raw)["To"].addresses
    assert to.addr_spec == "bob@example.org"
    # Python 3.11's reader puts spaces between the encoded words of a phrase; RFC 2047 section 6.2 does not.
    assert to.display_name.replace(" ", "") == shown.replace(" ", "")


@given(st.integers(1, 100))
def test_one_id_is_folded_as_many_are(length: int) -> None:
    angled = f"<{'x' * length}@example.org>"
    assert encode.id_field("References", angled) == encode.ids_field("References", (angled,))


@pytest.mark.parametrize(
    "bad",
    [
        "", "bob", "bob@", "@example.org", "bob@example.org\r\nRCPT TO:<x@example.net>", "bob@example.org ",
        "bob@exämple.org", "BÖB@example.org", "<bob@example.org>", "a@b@example.org", "bob@example..org",
        "b b@example.org", '">"@example.org',
        "a" * 250 + "@example.org", "bob@example.org\n", "bob,ann@example.org", "bob@[::1]> SIZE=1",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        compose(letter(to_address=bad))
    with pytest.raises(ValueError, match="not an address"):
        compose(letter(from_address=bad))


@pytest.mark.parametrize(
    "good",
    [
        "o'neil+x=1@example.org",
        "a..b.@example.jp",
        '"john doe"@example.org',
        "a@[127.0.0.1]",
        "a@host",
        "böb@example.org",
    ],
)
def test_unusual_addresses_that_exist_are_written_to(good: str) -> None:
    assert address(good) == good


@pytest.mark.parametrize("name", ["Bcc", "CC", "Content-Type", "MIME-Version", "X Y", "X:Y", "X\r\nBcc", "", "Subject"])
def test_no_field_can_be_slipped_in_twice_or_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="not a field"):
        compose(letter(fields=((name, "x"),)))


def test_an_own_id_or_date_that_is_none_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        compose(letter(message_id="<a b@example.com>"))
    with pytest.raises(ValueError, match="naive"):
        compose(letter(date=datetime(2026, 1, 1)))


def test_dates_carry_their_zone() -> None:
    moment = datetime(2026, 12, 24, 8, 0, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    assert date(moment) == "Thu, 24 Dec 2026 08:00:00 -0330"
    assert date(moment.astimezone(timezone(timedelta(hours=5, minutes=45)))) == "Thu, 24 Dec 2026 17:15:00 +0545"


def test_references_keep_the_first_and_the_latest_twenty() -> None:
    ids = [f"<{number}.{'x' * 60}@example.org>" for number in range(50)]
    head, _ = compose(letter(references=(*ids, ids[-1], "not one", "<un closed@x>")))
    assert str(read(wire(head, "x\n"))["References"]).split() == [ids[0], *ids[31:]]
    assert max(map(len, head.split("\r\n"))) <= 78


def test_ids_are_written_with_brackets_however_they_were_kept() -> None:
    assert message_id("a@example.org") == message_id("<a@example.org>") == "<a@example.org>"
    assert message_id("<a\n@example.org>") == message_id("") == message_id("<a@b> <c@d>") == ""


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain\n", "7bit"),
        ("x" * 990 + "\n", "7bit"),
        (("x" * 990 + "\n") * 3, "7bit"),
        ("x\n" + "y" * 991 + "\n", "quoted-printable"),
        ("x\n" * 600 + "y" * 991 + "\n", "quoted-printable"),
        ("x" * 5000 + "\n", "quoted-printable"),
        ("Grüße aus Köln\nund noch eine Zeile\n", "quoted-printable"),
        ("\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440\n", "base64"),
    ],
)
def test_the_transfer_encoding_fits_the_text(text: str, encoding: str) -> None:
    raw = sent(text=text)
    assert read(raw)["Content-Transfer-Encoding"] == encoding
    assert body_of(raw) == text


def test_control_characters_and_lone_line_ends_do_not_leave() -> None:
    raw = sent(text="a\r\nb\rc\0\x1b[31m\n.\r\nMAIL FROM:<x>\ud800\n")
    sound(raw)
    assert body_of(raw) == "a\nb\nc[31m\n.\nMAIL FROM:<x>?\n"


def test_attachments_keep_their_bytes_and_names() -> None:
    files = [
        File("plan.pdf", "application/pdf", bytes(range(256)) * 40),
        File("größe \u65e5\u672c.txt", "text/plain", b"a\nb\r\n.\r\n"),
        File("../../etc/pass\r\nwd\"", "no type", b""),
        File("\u65e5\u672c\u8a9e" * 60 + ".png", "IMAGE/PNG", b"x"),
        File("letter.eml", "message/rfc822", b"Subject: x\n\nBcc: y\n"),
        File("a", "text/html; charset=utf-8\r\nBcc: z", b"<b>"),
    ]  # fmt: skip
    head, body = compose(letter(text="Grüße\n"))
    raw = wire(head, body, files=files)
    sound(raw)
    message = read(raw)
    assert list(message) == [*FIELDS, "MIME-Version", "Content-Type"]
    text, *parts = message.iter_parts()
    assert isinstance(text, EmailMessage)
    assert text.get_content() == "Grüße\r\n"
    found = [(p.get_filename(), p.get_content_type(), p.get_payload(decode=True)) for p in parts]
    assert found == [
        ("plan.pdf", "application/pdf", files[0][2]),
        ("größe \u65e5\u672c.txt", "text/plain", files[1][2]),
        (".._.._etc_pass wd_", "application/octet-stream", b""),
        (("\u65e5\u672c\u8a9e" * 60)[:150], "image/png", b"x"),
        ("letter.eml", "application/octet-stream", files[4][2]),
        ("a", "application/octet-stream", b"<b>"),
    ]
    assert all(part.get_content_disposition() == "attachment" for part in parts)


def test_the_boundary_is_the_same_on_every_attempt_and_never_in_the_text() -> None:
    head, body = compose(letter())
    raw = wire(head, body, files=[File("a", "text/plain", b"x")])
    assert raw == wire(head, body, files=[File("a", "text/plain", b"x")])
    boundary = read(raw).get_boundary()
    assert boundary is not None
    hostile = wire(head, f"--{boundary}--\nstill the text\n", files=[File("a", "text/plain", b"x")])
    assert read(hostile).get_boundary() != boundary
    assert len(list(read(hostile).iter_parts())) == 2


PAGE = '<!DOCTYPE html><p>Grüße</p>\n<img src="cid:lamp@example.com">\n'


def shape(message: Message) -> object:
    """Types of the parts, as they stand in each other."""
    parts = [shape(part) for part in message.get_payload()] if message.is_multipart() else []
    return {message.get_content_type(): parts} if parts else message.get_content_type()


def test_a_page_stands_beside_the_text_with_its_pictures_and_files_stand_round_both() -> None:
    head, body = compose(letter(text="Grüße\n"))
    lamp, log = File("lamp.png", "image/png", b"x", "lamp@example.com"), File("a.log", "text/plain", b"y")
    alone = wire(head, body, PAGE.encode())
    sound(alone)
    assert shape(read(alone)) == {"multipart/alternative": ["text/plain", "text/html"]}
    whole = wire(head, body, PAGE.encode(), [log, lamp])
    sound(whole)
    shown = {"multipart/related": ["text/html", "image/png"]}
    assert shape(read(whole)) == {"multipart/mixed": [{"multipart/alternative": ["text/plain", shown]}, "text/plain"]}
    page = read(whole).get_body(("html",))
    assert page is not None
    assert page.get_content().replace("\r\n", "\n") == PAGE
    (picture,) = [part for part in read(whole).walk() if part["Content-ID"]]
    assert (picture["Content-ID"], picture.get_content_disposition()) == ("<lamp@example.com>", "inline")
    (related,) = [part for part in read(whole).walk() if part.get_content_type() == "multipart/related"]
    assert related.get_param("type") == "text/html"
    assert whole == wire(head, body, PAGE.encode(), [log, lamp])


def test_a_page_that_an_earlier_version_left_packed_in_the_outbox_is_sent() -> None:
    head, body = compose(letter())
    assert wire(head, body, zlib.compress(PAGE.encode(), 1)) == wire(head, body, PAGE.encode())


def test_the_language_of_a_letter_stands_in_its_head() -> None:
    head, _ = compose(letter(language="pt-br"))
    assert "\r\nContent-Language: pt-br\r\n" in head


def test_a_head_that_is_not_ascii_is_refused() -> None:
    with pytest.raises(ValueError, match="ascii"):
        wire("Subject: ü\r\n", "x\n")


def test_an_address_beyond_ascii_stands_as_it_is() -> None:
    head, body = compose(letter(to_name="Jörg", to_address="jörg@example.org"))
    raw = wire(head, body)
    assert "<jörg@example.org>".encode() in raw
    assert "Jörg <".encode() not in raw  # a name can be encoded, and is


def test_names_are_remembered_by_where_they_stand() -> None:
    long = "Müller " * 10
    assert display_name(long, 6) != display_name(long, 40)


@given(st.text(alphabet="<>a~! \x7f\u00e9@", max_size=6) | st.integers(898, 903).map(lambda n: "a" * n))
def test_an_id_is_one_as_a_whole(text: str) -> None:
    angled = text if text.startswith("<") else f"<{text}>"
    assert message_id(text) == (angled if re.fullmatch(r"<[!-;=?-~]{1,900}>", angled) else "")
