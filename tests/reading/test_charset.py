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


VENDORS = {  # signs that no standard has, as the programs of a country write them
    ("iso-2022-jp", b"\x1b(IL_X]@\x1b$B$NEE8;\x1b(B"): "ﾌﾟﾘﾝﾀの電源",
    ("iso-2022-jp", b"\x1b$B-j|b\x1b(B!"): "㈱髙!",
    ("iso-2022-jp", b"\x0eL_X]@\x0f, ok"): "ﾌﾟﾘﾝﾀ, ok",
    ("iso-2022-jp", b"\x1b$BEE8;\nhello"): "電源\nhello",  # the line end is back at ASCII, though nobody said so
    ("iso-2022-jp", b"\x1b$(D\x30\x21\x1b$A\x3a\x3a\x1b$(C\x30\x21\x1b(B"): "丂汉가",
    ("cp50221", b"\x1b$B-!\x1b(B"): "①",
    ("", b"\x1b$B-!EE8;\x1b(B"): "①電源",
    ("", b"\x1b$)C\x0e0!\x0f"): "가",
    ("euc-jp", b"\xad\xa1\xa4\xa2\x8e\xb1\xfc\xe2"): "①あｱ髙",
    ("shift_jis", "①㈱髙ｱ～".encode("cp932")): "①㈱髙ｱ～",
    ("euc-kr", "똠방각하 뷁".encode("cp949")): "똠방각하 뷁",
    ("big5", "碁銹裏".encode("cp950") + b"\xa3\xe1"): "碁銹裏€",
    ("gb2312", "镕﨑".encode("gb18030") + b"\x80"): "镕﨑€",
    ("gbk", "𠀀".encode("gb18030")): "𠀀",
    ("koi8-ru", "їжак".encode("koi8-u")): "їжак",
    ("win-1251", "ёлка".encode("cp1251")): "ёлка",
}


@pytest.mark.parametrize(("written", "text"), VENDORS.items())
def test_signs_of_vendors_are_read(written, text):
    declared, data = written
    assert decode(data, declared)[0] == text


@pytest.mark.parametrize(
    ("declared", "before", "after"),
    [
        ("utf-8", "Grüße", ""),
        ("utf-8", "Für Müller: läuft", " nicht"),
        ("", "Für Müller: läuft", " nicht"),
        ("euc-jp", "プリンタの", "電源"),
        ("gb2312", "打印机", "坏了"),
        ("big5", "印表機", "壞了"),
        ("euc-kr", "프린터가", " 고장"),
    ],
)
def test_a_bad_byte_costs_one_sign(declared, before, after):
    name = codec(declared) or "utf-8"
    text, used = decode(before.encode(name) + b"\xff" + after.encode(name), declared)
    assert (text, used) == (f"{before}\ufffd{after}", name)


def test_a_letter_that_was_cut_in_the_middle_is_one_sign():
    assert decode("Köln, G".encode() + b"\xc3", "utf-8")[0] == "Köln, G\ufffd"


def test_text_in_another_charset_than_it_says_is_not_full_of_gaps():
    assert decode("Grüße für Müller".encode("latin-1"), "utf-8")[0] == "Grüße für Müller"


@pytest.mark.parametrize("name", ["csISO2022JP", "x-sjis", "ISO_8859-1:1987", "cp-850", "UTF8", "iso8859-15", "Latin1"])
def test_names_are_known_in_the_spellings_of_mail(name):
    assert codec(name)


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
