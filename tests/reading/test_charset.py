"""Bytes to text, by an allow-list of charsets."""

import pytest

from sitmail.reading.formats.charset import CODECS, codec, decode, scrub


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        (b"abc", "", "abc"),
        ("grün".encode(), "utf-8", "grün"),
        ("grün".encode(), "us-ascii", "grün"),
        ("grün".encode("latin-1"), "iso-8859-1", "grün"),
        ("„grün“".encode("cp1252"), "ISO-8859-1", "„grün“"),
        ("grün".encode(), "iso-8859-7-nonsense", "grün"),
        ("привет".encode("koi8-r"), "KOI8-R", "привет"),
        ("你好".encode("gb18030"), "GB2312", "你好"),
        ("日本語".encode("iso-2022-jp"), "iso-2022-jp", "日本語"),
        ("한국어".encode("cp949"), "ks_c_5601-1987", "한국어"),
        ("\ufeffgrün".encode(), "utf-8", "grün"),
        (b"Fr+APY-sche", "utf-7", "Frösche"),
    ],
)
def test_text_is_read_as_declared_or_as_utf8(data, declared, text):
    assert decode(data, declared)[0] == text


def test_one_bad_byte_does_not_change_the_charset():
    text, used = decode(("grüne Wiese " * 10).encode() + b"\xff", "utf-8")
    assert (text.count("grüne Wiese"), used) == (10, "utf-8")


def test_undeclared_text_is_guessed_last():
    text = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 4
    assert decode(text.encode("koi8-r"), "")[0] == text


@pytest.mark.parametrize(
    "name", ["punycode", "idna", "rot13", "zlib", "unicode_escape", "hex", "undefined", "mbcs", "\x00"]
)
def test_only_charsets_are_on_the_list(name):
    assert codec(name) == ""
    assert decode(b"abc-\xff", name)[0]


@pytest.mark.parametrize("name", sorted(CODECS))
def test_every_charset_takes_every_byte(name):
    for data in (bytes(range(256)) * 3, b"\x1b$B\xff", b"+", b"\xd8\x00", b"", b"~{\x80"):
        text = scrub(decode(data, name)[0])
        assert not any((ord(c) < 32 and c not in "\t\n") or "\ud800" <= c <= "\udfff" for c in text)
        text.encode()


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\r\nb\r\n", "a\nb\n"),
        ("a\rb", "a\nb"),
        ("a\rb\nc", "a b\nc"),
        ("a\x00b\x1b[31mc\x7fd\te", "ab[31mcd\te"),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_scrubbed_text_is_fit_for_a_log(raw, clean):
    assert scrub(raw) == clean
