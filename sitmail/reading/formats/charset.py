"""Decodes bytes to text by an allow-list of charsets, and makes text fit for a log.

Names from mail never reach the codec registry: some codecs there are quadratic, some are no charsets at all.  What a
part's header says is read by `header_fields`; Japanese has a module of its own.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

from sitmail.reading.formats import japanese

_SAME = """ascii cp437 cp720 cp737 cp775 cp850 cp852 cp855 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp869
cp874 cp932 cp949 cp950 cp1125 gb18030 big5hkscs hz euc-jp euc-jis-2004 euc-jisx0213 shift-jis-2004 shift-jisx0213
iso-2022-jp iso-2022-kr iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-10
iso-8859-11 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 johab koi8-r koi8-u koi8-t kz1048 mac-cyrillic mac-greek
mac-iceland mac-latin2 mac-roman mac-turkish ptcp154 tis-620 utf-8 utf-7 utf-16 utf-16be utf-16le utf-32 utf-32be
utf-32le""".split()  # noqa: SIM905

# Python's codec -> names in mail, written as `_squeezed` leaves them.  A charset is read by the largest that holds it,
# as every mail program does: Latin-1 means windows-1252, GB2312 and GBK mean GB18030, Shift_JIS means windows-31J.
_NAMES = {
    "ascii": "usascii ansix341968 646 isoir6 iso646us",
    "big5hkscs": "big5 cnbig5 big5hk big5eten",
    "cp1252": "iso88591 latin1 isolatin1 l1 ansi iso8859 88591",
    "cp1254": "iso88599 latin5 isolatin5 88599",
    "cp1255": "iso88598i iso88598e logical",
    "cp874": "windows874 dos874 iso885911",
    "cp932": "shiftjis sjis windows31j mskanji ms932 windows932 cp943",
    "cp949": "euckr ksc56011987 ksc5601 ksc56011992 uhc ms949 windows949 korean",
    "cp950": "ms950 windows950",
    "euc-jp": "ujis eucjpms cp51932 eucpkdfmtjapanese",
    "gb18030": "gb2312 gb231280 gbk cngb cp936 ms936 windows936 euccn gb18030ms cp54936 chinese",
    "hz": "hzgb hzgb2312",
    "iso-2022-jp": "iso2022jp1 iso2022jp2 iso2022jp3 iso2022jpext iso2022jpms jis cp50220 cp50221 cp50222",
    "iso-8859-8": "iso88598visual visual",
    "iso-8859-15": "latin9 latin0",
    "koi8-r": "koi8 koi",
    "koi8-u": "koi8ru",
    "mac-roman": "macintosh mac",
    "utf-7": "unicode11utf7",
    "utf-8": "unicode11utf8 utf8sig utf8mb4 cp65001 unicode",
}


def _squeezed(name: str) -> str:
    """A charset's name without case, separators, year, and the prefixes of IANA's aliases and of trials."""
    letters = "".join(c for c in name.lower().partition(":")[0] if c.isascii() and c.isalnum())
    return letters.removeprefix("x").removeprefix("cs") if letters[:1] == "x" or letters[:2] == "cs" else letters


CODECS: dict[str, str] = {
    **{_squeezed(name): name for name in _SAME},
    **{f"{prefix}{n}": f"cp{n}" for n in range(1250, 1259) for prefix in ("windows", "win", "cp")},
    **{f"ibm{n}": f"cp{n}" for n in (437, 850, 852, 855, 857, 862, 863, 864, 865, 866, 869)},
    **{f"dos{n}": f"cp{n}" for n in (437, 850, 852, 866)},
    **{f"8859{n}": f"iso-8859-{n}" for n in (2, 5, 7, 15)},
    **{name: codec for codec, names in _NAMES.items() for name in names.split()},
}
_GUESS_CONFIDENCE = 0.15  # chardet is right well below a half; its true guesses at noise lie under this
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n") + b"\x7f"
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def codec(name: str) -> str:
    """Python's codec for a charset's name in mail, or '' if it is not on the list."""
    return CODECS.get(_squeezed(name), "")


def _gb18030(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # nothing else is registered under this name
    return "€" if error.object[error.start] == 0x80 else _REPLACED, error.start + 1  # the euro of windows-936


def _big5(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    pair = error.object[error.start : error.start + 2]
    try:
        return pair.decode("cp950"), error.start + 2  # Microsoft's own signs, as its euro
    except UnicodeDecodeError:
        return _REPLACED, error.start + 1


codecs.register_error("sitmail-gb18030", _gb18030)
codecs.register_error("sitmail-big5", _big5)
_LENIENT: dict[str, Callable[[bytes], str]] = {
    "euc-jp": japanese.euc_jp,
    "big5hkscs": lambda data: data.decode("big5hkscs", "sitmail-big5"),
    "gb18030": lambda data: data.decode("gb18030", "sitmail-gb18030"),
}


def _read(data: bytes, name: str) -> tuple[str, int]:
    """The text in that charset, and how many places of it could not be decoded."""
    if name == "iso-2022-jp":  # Python's codec reads some of what programs write, and takes SO for a control
        text = japanese.iso_2022_jp(data)
        return text, text.count(_REPLACED)
    try:
        return data.decode(name).removeprefix("\ufeff"), 0
    except (UnicodeError, ValueError):  # a codec on the list raises nothing else
        lenient = _LENIENT.get(name)
        text = lenient(data) if lenient else data.decode(name, "replace")
        return text.removeprefix("\ufeff"), text.count(_REPLACED)


def _explains(text: str, bad: int, name: str) -> bool:
    """Whether a charset with some bad places is the right one: it explains more than it fails at, or the end is cut."""
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return bad < good or name == "cp1252" or (bad == 1 and text.endswith(_REPLACED) and good >= 1)


def _guessed(data: bytes) -> str:
    """What chardet thinks of them, as a codec of the list, or ''."""
    import chardet  # noqa: PLC0415  (slow to import, seldom needed)

    found = chardet.detect(data)
    return codec(found.get("encoding") or "") if (found.get("confidence") or 0) >= _GUESS_CONFIDENCE else ""


def decode(data: bytes, declared: str = "", guess_from: int = 65_536) -> tuple[str, str]:
    """Text of `data`, and the codec it was read with; never raises.

    As declared, else UTF-8, else as declared or as UTF-8 but for a few bad places, else chardet's guess, else
    windows-1252.  A bad byte costs one sign.  `guess_from`: so many bytes are looked at for a guess.
    """
    name = codec(declared)
    if name == "ascii" or not name:
        if data.isascii() and b"\x1b" not in data:
            return data.decode("ascii"), name or "ascii"
        name = _seven_bits(data)
    text, bad = _read(data, name) if name else ("", 1)
    if not bad:
        return text, name
    unicode, odd = _read(data, "utf-8") if name != "utf-8" else (text, bad)
    if not odd and b"\x1b" not in data:
        return unicode, "utf-8"
    if name and _explains(text, bad, name):
        return text, name
    if _explains(unicode, odd, "utf-8"):
        return unicode, "utf-8"
    if guess := _guessed(data[:guess_from]):
        text, bad = _read(data, guess)
        if not bad:
            return text, guess
    return data.decode("cp1252", "replace"), "cp1252"


def _seven_bits(data: bytes) -> str:
    """The charset that escape sequences name by themselves, where nothing else does."""
    if not data.isascii() or b"\x1b$" not in data:
        return ""
    return "iso-2022-kr" if b"\x1b$)C" in data else "iso-2022-jp"


def _is_fit(text: str) -> bool:
    """No control characters and no lone surrogates: counted in bytes, much quicker than searched for in letters."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return False
    return len(data.translate(None, _CONTROLS)) == len(data)


def scrub(text: str) -> str:
    """Text with LF as line end and no control characters but TAB and LF; lone surrogates become U+FFFD."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\r" in text:  # a lone CR ends lines only where nothing else does
            text = text.replace("\r", " " if "\n" in text else "\n")
    if not _is_fit(text):
        text = _UNFIT.sub(lambda m: _REPLACED if m[0] >= "\ud800" else "", text)
    return text
