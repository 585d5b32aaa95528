"""Bytes to text: charsets by an allow-list, and a text fit for a log.

Names from mail never reach the codec registry: some codecs there are quadratic, some are no
charsets at all.  What a part's header says is read by `fields`.
"""

from __future__ import annotations

import re

_SAME = """ascii cp437 cp720 cp737 cp775 cp850 cp852 cp855 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp869
cp874 cp1125 gbk gb18030 big5 big5hkscs hz euc-jp euc-kr iso-2022-jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3
iso-2022-jp-ext iso-2022-kr iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-10
iso-8859-11 iso-8859-13 iso-8859-14 iso-8859-16 johab koi8-r koi8-u koi8-t kz1048 mac-cyrillic mac-greek mac-iceland
mac-latin2 mac-roman mac-turkish ptcp154 tis-620 utf-8 utf-7 utf-16 utf-16be utf-16le utf-32 utf-32be
utf-32le""".split()  # noqa: SIM905

# Lower-case name in mail -> Python's codec.  Latin-1 means windows-1252 and so on, as every mail program reads it.
CODECS: dict[str, str] = {
    **{name: name for name in _SAME},
    **{f"windows-{n}": f"cp{n}" for n in range(1250, 1259)},
    **{f"cp{n}": f"cp{n}" for n in range(1250, 1259)},
    **{f"ibm{n}": f"cp{n}" for n in (437, 850, 852, 855, 857, 862, 863, 864, 865, 866, 869)},
    **dict.fromkeys(("us-ascii", "ansi-x3.4-1968", "646", "iso-ir-6", "iso646-us"), "ascii"),
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "latin1", "latin-1", "l1", "ansi", "iso-8859", "8859-1"), "cp1252"),
    **dict.fromkeys(("iso-8859-9", "latin5", "latin-5"), "cp1254"),
    **dict.fromkeys(("iso-8859-15", "iso8859-15", "latin9", "latin-9"), "iso-8859-15"),
    **{f"iso8859-{n}": f"iso-8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14, 16)},
    **dict.fromkeys(("iso-8859-8-i", "iso-8859-8-e", "logical"), "cp1255"),
    **dict.fromkeys(("utf8", "unicode-1-1-utf-8", "utf-8-sig", "utf8mb4", "cp65001", "unicode"), "utf-8"),
    **dict.fromkeys(("unicode-1-1-utf-7", "utf7"), "utf-7"),
    **dict.fromkeys(("gb2312", "gb-2312", "gb-2312-80", "cn-gb", "cp936", "windows-936", "x-gbk", "ms936"), "gb18030"),
    **dict.fromkeys(("hz-gb-2312", "hzgb"), "hz"),
    **dict.fromkeys(("shift-jis", "shiftjis", "sjis", "cp932", "windows-31j", "ms-kanji", "ms932"), "cp932"),
    **dict.fromkeys(("eucjp", "x-euc-jp"), "euc-jp"),
    **dict.fromkeys(("ks-c-5601-1987", "ks-c-5601", "ksc5601", "euckr", "cp949", "uhc", "windows-949"), "cp949"),
    **dict.fromkeys(("cn-big5", "cp950", "ms950", "big-5"), "cp950"),
    **dict.fromkeys(("koi8", "koi"), "koi8-r"),
    **dict.fromkeys(("macintosh", "mac", "x-mac-roman", "macroman"), "mac-roman"),
    **dict.fromkeys(("iso-8859-8-visual", "visual"), "iso-8859-8"),
    **dict.fromkeys(("windows-874", "dos-874", "iso-8859-11"), "cp874"),
    **dict.fromkeys(("cp-850", "dos-850"), "cp850"),
}
_GUESS_BYTES = 65_536
_GUESS_CONFIDENCE = 0.15  # chardet is right well below a half; its true guesses at noise lie under this
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n") + b"\x7f"
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def codec(name: str) -> str:
    """Python's codec for a charset's name in mail, or '' if it is not on the list."""
    name = name.strip(" \t'\"").lower().replace("_", "-")
    return CODECS.get(name) or CODECS.get(name.removeprefix("x-"), "")


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, ValueError):  # a codec on the list raises nothing else
        return None


def _guessed(data: bytes) -> str:
    """What chardet thinks of the first bytes, as a codec of the list, or ''."""
    import chardet  # noqa: PLC0415  (slow to import, seldom needed)

    found = chardet.detect(data[:_GUESS_BYTES])
    return codec(found.get("encoding") or "") if (found.get("confidence") or 0) >= _GUESS_CONFIDENCE else ""


def decode(data: bytes, declared: str = "") -> tuple[str, str]:
    """Text of `data`, and the codec it was read with; never raises.

    As declared, else UTF-8, else as declared but for a few bad places, else chardet's guess, else windows-1252 with
    replacement characters.
    """
    name = codec(declared)
    if name == "ascii" or not name:
        if data.isascii() and b"\x1b" not in data:
            return data.decode("ascii"), name or "ascii"
    elif (text := _strictly(data, name)) is not None:
        return text.removeprefix("\ufeff"), name
    if (text := _strictly(data, "utf-8")) is not None and b"\x1b" not in data:
        return text.removeprefix("\ufeff"), "utf-8"
    if name and name != "ascii":
        text = data.decode(name, "replace")
        if text.count(_REPLACED) * 20 <= len(text) or name == "cp1252":
            return text, name
    if (guess := _guessed(data)) and (text := _strictly(data, guess)) is not None:
        return text, guess
    return data.decode("cp1252", "replace"), "cp1252"


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
