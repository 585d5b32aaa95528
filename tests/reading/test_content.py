"""Which part of a mail is its text, and how its files are named."""

import pytest

from sitmail.reading.formats import uuencode
from sitmail.reading.parse import parse


def mail(*parts: str, kind: str = "mixed", head: str = ""):
    """A multipart of these parts, each a header, a blank line and a body."""
    body = "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"
    return parse(f"From: a@example.org\n{head}Content-Type: multipart/{kind}; boundary=b\n\n{body}".encode())


def names(read) -> list[str]:
    return [file.name for file in read.attachments]


PLAIN = "Content-Type: text/plain\n\nThe door is jammed."
PAGE = "Content-Type: text/html\n\n<p>The door is jammed.</p>"
PDF = "Content-Type: application/pdf; name=a.pdf\n\npdf"
EMPTY = "Content-Type: text/plain\n\n"


def named(type_: str, disposition: str, body: str = "The door is jammed.") -> str:
    return f"Content-Type: {type_}; name=body.txt\nContent-Disposition: {disposition}; filename=body.txt\n\n{body}"


# --- the text


@pytest.mark.parametrize(
    ("parts", "text", "files"),
    [
        ([named("text/plain", "inline"), PDF], "The door is jammed.", ["a.pdf"]),
        ([named("text/html", "inline"), PDF], "The door is jammed.", ["a.pdf"]),
        ([EMPTY, named("text/plain", "inline")], "The door is jammed.", []),
        ([PDF, named("text/plain", "attachment")], "The door is jammed.", ["a.pdf", "body.txt"]),  # shown, and kept
        ([PLAIN, named("text/plain", "inline", "log")], "The door is jammed.", ["body.txt"]),
        ([PLAIN, named("text/plain", "attachment", "log")], "The door is jammed.", ["body.txt"]),
        # the author wrote nothing, and sent a file: a command in it is none
        ([EMPTY, named("text/plain", "attachment", "/close solved")], "", ["body.txt"]),
        (
            [PLAIN, PDF, "Content-Type: text/plain\n\nAnd the window."],
            "The door is jammed.\nAnd the window.",
            ["a.pdf"],
        ),
        (["Content-Type: text/markdown\n\n# The door"], "# The door", []),
        (["Content-Type: text/csv\n\na;b"], "", ["table.csv"]),
    ],
)
def test_the_first_text_is_the_text(parts, text, files):
    read = mail(*parts)
    assert (read.text, names(read)) == (text, files)


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: text/plain; name=body.txt\nContent-Disposition: inline; filename=body.txt\n",
        "Content-Disposition: attachment\n",
        "Content-Type: text/html\nContent-Disposition: attachment; filename=message.html\n",
        "Content-Type: text\n",
        "Content-Type: html\n",
        "Content-Type: text/plain charset=utf-8\n",
    ],
)
def test_a_mails_only_part_is_its_text(head):
    read = parse(f"From: a@example.org\n{head}\nThe door is jammed.\n".encode())
    assert (read.text, read.attachments) == ("The door is jammed.", ())


LONG = "<p>" + "The door on floor two is jammed, and nobody gets out. " * 6 + "</p>"
AMP = "Content-Type: text/x-amp-html\n\n<html amp4email><body>amp words</body></html>"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([PLAIN, PAGE], "The door is jammed."),
        (["Content-Type: text/html\n\n<p>See the text.</p>", PLAIN], "The door is jammed."),
        ([EMPTY, PAGE], "The door is jammed."),
        ([PLAIN, AMP, PAGE], "The door is jammed."),
        ([AMP, PAGE], "The door is jammed."),
        ([AMP], "amp words"),
        ([PLAIN, "Content-Type: text/enriched\n\n<bold>The door is jammed.</bold>"], "The door is jammed."),
        # a stub beside a full page
        (["Content-Type: text/plain\n\nPlease use a program that reads HTML.", f"Content-Type: text/html\n\n{LONG}"],
         ("The door on floor two is jammed, and nobody gets out. " * 6).rstrip()),
        # as short as its page
        (["Content-Type: text/plain\n\nok", "Content-Type: text/html\n\n<style>p{}</style>" + "<p>ok</p>"], "ok"),
    ],
)  # fmt: skip
def test_the_plain_version_is_the_text_if_it_says_what_the_page_says(parts, text):
    read = mail(*parts, kind="alternative")
    assert (read.text, read.attachments) == (text, ())


def test_a_version_that_somebody_named_is_a_file():
    amp = AMP.replace("html\n", "html; name=page.html\n", 1)
    assert names(mail(PLAIN, amp, kind="alternative")) == ["page.html"]


# --- names


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ("Content-Type: image/png\nContent-ID: <logo.png@01D5.ABC>", "logo.png"),
        ("Content-Type: image/png\nContent-ID: <ii_k3v9@mail>", "image.png"),
        ("Content-Type: image/png\nContent-Location: https://example.org/pictures/door.png?size=3", "door.png"),
        ("Content-Type: application/pdf\nContent-Description: plan.pdf", "plan.pdf"),
        ("Content-Type: application/pdf\nContent-Description: =?utf-8?q?Pl=C3=A4ne?=", "Pläne.pdf"),
        ("Content-Type: application/x-odd\nContent-Description: notes of Monday", "notes of Monday"),
        ("Content-Type: application/x-odd", "attachment-2.bin"),
        ("Content-Type: text/calendar", "calendar.ics"),
        ("Content-Type: application/octet-stream\nContent-Disposition: attachment filename=plan.pdf", "plan.pdf"),
        ("Content-Type: image/png\nContent-Description: ../../etc/passwd.png", "passwd.png"),
    ],
)
def test_a_file_without_a_name_is_called_after_what_else_is_said_of_it(fields, name):
    assert names(mail(PLAIN, PDF, f"{fields}\n\nx")) == ["a.pdf", name]


def test_names_that_we_give_differ():
    picture = "Content-Type: image/png\n\nx"
    assert names(mail(PLAIN, picture, picture)) == ["image.png", "image-2.png"]


def test_a_raw_name_is_in_the_charset_of_the_letter():
    text = "Content-Type: text/plain; charset=gb2312\n\n打印机坏了"
    file = 'Content-Type: application/pdf\nContent-Disposition: attachment; filename="打印机.pdf"\n\nx'
    raw = f"From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\n{text}\n--b\n{file}\n--b--\n"
    assert names(parse(raw.encode("gb18030"))) == ["打印机.pdf"]


# --- uuencode

FILE = "begin 644 printer.log\n#86)C\n`\nend\n"


def test_files_in_a_text_are_attached():
    read = parse(f"From: a@example.org\n\nHello,\n\n{FILE}\nAnna\n\n{FILE}".encode())
    assert read.text == "Hello,\n\n\nAnna"
    assert [(file.name, file.content) for file in read.attachments] == [("printer.log", b"abc")] * 2


@pytest.mark.parametrize(
    "text",
    [
        "begin 644 a cup of tea\nand then\nend\n",
        "begin at once\nend\n",
        "we begin 644 x\n#86)C\n`\nend\n",
        FILE.removesuffix("end\n"),
        "begin 644 x\n`\nend\n",
    ],
)
def test_text_that_only_begins_like_a_file_stays(text):
    read = parse(f"From: a@example.org\n\n{text}".encode())
    assert (read.text, read.attachments) == (text.rstrip(), ())


def test_a_part_may_be_uuencoded():
    part = f"Content-Type: application/x-log; name=x.log\nContent-Transfer-Encoding: x-uuencode\n\n{FILE}"
    assert [(file.name, file.content) for file in mail(PLAIN, part).attachments] == [("x.log", b"abc")]


def test_many_beginnings_cost_their_length():
    raw = b"begin 644 x\n#86)C\n" * 20_000
    assert uuencode.find(raw, 0, len(raw), 100) == []


# --- calendars


@pytest.mark.parametrize(
    ("field", "body", "rule"),
    [
        ("", "BEGIN:VCALENDAR\nMETHOD:REPLY", "calendar-reply"),
        ("; method=REPLY", "BEGIN:VCALENDAR", "calendar-reply"),
        ("; method=REQUEST", "BEGIN:VCALENDAR\nmethod:reply", "calendar-reply"),
        ("; method=REPLY", "BEGIN:VCALENDAR\nMETHOD:REQUEST", ""),
        ("", "BEGIN:VCALENDAR\nMETHOD:REQUEST", ""),
        ("", "BEGIN:VCALENDAR\nDESCRIPTION:METHOD:REPLY", ""),
    ],
)
def test_a_calendars_answer_is_known_by_the_method_in_its_body(field, body, rule):
    assert mail(PLAIN, f"Content-Type: text/calendar{field}\n\n{body}", kind="alternative").machine == rule


# --- multiparts that are written wrongly

PARTS = f"--b\n{PLAIN}\n--b\n{PDF}\n--b--\n"


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/mixed\n\tboundary=b",
        "multipart/*; boundary=b",
        "multipart; boundary=b",
        "boundary=b",
        'multipart/mixed; boundary="b "',
        "multipart/mixed; boundary=other",
        "multipart/mixed",
        "multipart/mixed; boundary=",
        'multipart/mixed; boundary="b',
        "multipart/mixed; boundary=" + "b" * 300,
    ],
)
def test_a_crippled_multipart_is_taken_apart(kind):
    read = parse(f"From: a@example.org\nContent-Type: {kind}\n\n{PARTS}".encode())
    assert (read.text, names(read)) == ("The door is jammed.", ["a.pdf"])


def test_a_multipart_that_was_encoded_as_a_whole_is_taken_apart():
    import base64

    head = b"From: a@example.org\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n"
    read = parse(head + base64.encodebytes(PARTS.encode()))
    assert (read.text, names(read)) == ("The door is jammed.", ["a.pdf"])


@pytest.mark.parametrize(
    ("coding", "body", "text"),
    [
        ("quoted-printable", "Der Drucker l=C3=A4uft nicht.", "Der Drucker läuft nicht."),
        ("base64", "RGVyIERydWNrZXI=", "Der Drucker"),
        ("8bit", "Der Drucker", "Der Drucker"),
        ("8bit", "<html><p>Der Drucker</p></html>", "Der Drucker"),
    ],
)
def test_a_multipart_without_parts_is_a_text(coding, body, text):
    head = f"From: a@example.org\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: {coding}\n\n"
    assert parse((head + body).encode()).text == text


@pytest.mark.parametrize("first", [">From anna Tue Jan 13", "From anna Tue Jan 13", "\n>From anna Tue Jan 13"])
def test_the_line_of_a_mailbox_is_no_field(first):
    read = parse(f"{first}\nFrom: a@example.org\nSubject: Door\n\nIt is jammed.".encode())
    assert (read.identity, read.subject, read.text) == ("a@example.org", "Door", "It is jammed.")
