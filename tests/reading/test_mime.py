"""The MIME tree, and the names of attachments."""

import pytest

from sitmail.reading import attachment_names, header_fields, mime
from sitmail.reading.header_fields import Caps


def grow(raw: bytes, **caps: int) -> mime.Tree:
    limits = Caps(**caps)
    return mime.tree(raw, header_fields.split(raw, caps=limits), limits)


def leaves(tree: mime.Tree) -> list[tuple[str, bytes]]:
    return [(p.type, mime.content(p)) for p in tree.root.walk() if not p.children]


MIXED = (
    b'Content-Type: multipart/mixed; boundary="b1"\n\npreamble\n--b1\n\nfirst\n--b10 is text\n--b1  \n'
    b"Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<p>=41=\nB</p>\n--b1--\nepilogue"
)


@pytest.mark.parametrize("raw", [MIXED, MIXED.replace(b"\n", b"\r\n")])
def test_parts_lie_between_boundaries(raw):
    tree = grow(raw)
    (plain, first), (page, second) = leaves(tree)
    assert (plain, first.replace(b"\r\n", b"\n")) == ("text/plain", b"first\n--b10 is text")
    assert (page, second) == ("text/html", b"<p>AB</p>")
    assert tree.defects == []


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (b"Content-Type: multipart/mixed\n\ntext", "boundary-missing"),
        (b'Content-Type: multipart/mixed; boundary="' + b"x" * 300 + b'"\n\ntext', "boundary-long"),
        (b"Content-Type: multipart/mixed; boundary=b\n\ntext", "boundary-unused"),
    ],
)
def test_what_cannot_be_taken_apart_is_text(raw, defect):
    tree = grow(raw)
    assert leaves(tree) == [("text/plain", b"text")]
    assert tree.defects == [defect]


def test_a_missing_last_boundary_loses_nothing():
    tree = grow(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo")
    assert leaves(tree) == [("text/plain", b"one"), ("text/plain", b"two")]
    assert tree.defects == ["boundary-open"]


def test_too_many_parts_become_one_opaque_attachment():
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 50 + b"--b--\n"
    tree = grow(raw, parts=10)
    found = [p for p in tree.root.walk() if not p.children]
    assert len(found) == 10
    assert (found[-1].name, found[-1].type) == ("unparsed.eml", "application/octet-stream")
    assert found[-1].body.count(b"--b\n") == 40
    assert tree.defects == ["mime-limit"]


def test_too_deep_a_tree_becomes_one_opaque_attachment():
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(100)) + b"\nx"
    tree = grow(raw)
    assert sum(1 for _ in tree.root.walk()) == 21
    assert "mime-limit" in tree.defects


def test_an_attached_letter_is_kept_whole():
    raw = b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: inner\n\nhi\n--b--"
    assert leaves(grow(raw)) == [("message/rfc822", b"Subject: inner\n\nhi")]


@pytest.mark.parametrize(
    ("coding", "body", "content"),
    [
        (b"base64", b"aGVs\nbG8=", b"hello"),
        (b"base64", b"aGVs*bG8", b"hello"),
        (b"base64", b"aGVsbG8hX", b"hello!"),
        (b"quoted-printable", b"a=3Db=\nc=ZZ", b"a=bc=ZZ"),
        (b"x-unheard-of", b"as it is", b"as it is"),
        (b"BASE64", b"aGVsbG8=", b"hello"),
    ],
)
def test_bodies_are_decoded_leniently(coding, body, content):
    assert leaves(grow(b"Content-Transfer-Encoding: " + coding + b"\n\n" + body)) == [("text/plain", content)]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\temp\\x.txt", "x.txt"),
        ("\u200b.htaccess", "htaccess"),
        (".\u200b.htaccess", "htaccess"),
        ("x\x00.sh", "x.sh"),
        ("a\r\nb.txt", "a b.txt"),
        ("gpj\u202eexe.txt", "gpjexe.txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("%2e%2e%2fx", "_2e_2e_2fx"),
        ("a<b>|c?.txt", "a_b__c_.txt"),
        ("Prostřeno.xls", "Prostřeno.xls"),
        ("...", "document.pdf"),
        ("/", "document.pdf"),
        ("", "document.pdf"),
    ],
)
def test_labels_are_printable_and_no_paths(name, label):
    assert attachment_names.label(name, "application/pdf", 3) == label


def test_long_labels_keep_their_extension():
    label = attachment_names.label("ü" * 4000 + ".tar", "application/x-tar", 1)
    assert len(label.encode()) <= 150
    assert label.endswith("ü.tar")
