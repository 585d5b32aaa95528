"""Japanese charsets as mail programs write them: with the rows of the vendors, which Python's codecs do not know.

Microsoft's and NEC's signs (circled numbers, the company sign, IBM's names) stand in rows of JIS X 0208 that the
standard leaves empty.  Windows-31J (`cp932`) knows them under another numbering, so a pair that Python's EUC-JP refuses
is asked for there.  One byte that nobody knows costs one sign.  Everything is linear and never raises.
"""

from __future__ import annotations

import codecs
import re

_HIGH = bytes(code | 0x80 for code in range(256))
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_ERRORS = "sitmail-vendor-rows"
_HALF_WIDTH = {code: 0xFF61 - 0x21 + code for code in range(0x21, 0x60)}  # JIS X 0201, its right half in seven bits


def _vendor_row(error: UnicodeError) -> tuple[str, int]:
    """What stands at a place that EUC-JP cannot read, and where to read on."""
    assert isinstance(error, UnicodeDecodeError)  # nothing else is registered under this name
    pair = error.object[error.start : error.start + 2]
    if len(pair) < 2 or not 0xA1 <= pair[0] <= 0xFE or not 0xA1 <= pair[1] <= 0xFE:
        return _REPLACED, error.start + 1
    row, cell = pair[0] - 0xA1, pair[1] - 0xA1
    lead = (row >> 1) + (0x81 if row < 62 else 0xC1)
    trail = cell + 0x9F if row & 1 else cell + (0x40 if cell < 63 else 0x41)
    return bytes((lead, trail)).decode("cp932", "replace")[:1], error.start + 2


codecs.register_error(_ERRORS, _vendor_row)


def euc_jp(data: bytes) -> str:
    """EUC-JP with the vendors' rows, as eucJP-ms and CP51932 have them."""
    return data.decode("euc_jp", _ERRORS)


# --- ISO-2022-JP (RFC 1468, RFC 1554), as CP50220 and CP50221 extend it

# ESC and these: from here on bytes are of another set.
_SETS = {
    b"(B": "ascii",
    b"(J": "ascii",
    b"(H": "ascii",
    b"(I": "kana",
    b"$@": "euc_jp",
    b"$B": "euc_jp",
    b"$(@": "euc_jp",
    b"$(B": "euc_jp",
    b"$(D": "jisx0212",
    b"$A": "gb2312",
    b"$(C": "cp949",
    b"$(O": "euc_jis_2004",
    b"$(Q": "euc_jis_2004",
}
_SWITCH = re.compile(rb"\x1b(?:(\([BJHI]|\$\([@BCDOQ]|\$[@AB])|&@)|([\x0e\x0f\n])")


def iso_2022_jp(data: bytes) -> str:
    """Seven-bit JIS; a line end is back at ASCII, as RFC 1468 wants and some programs forget to say."""
    said: list[str] = []
    at, current, before = 0, "ascii", "ascii"
    for switch in _SWITCH.finditer(data):
        said.append(_of_set(data[at : switch.start()], current))
        at = switch.end()
        if switch[1]:
            current = _SETS[switch[1]]
        elif switch[2] == b"\n":
            said.append("\n")
            current = "ascii"
        elif switch[2] == b"\x0e":  # half-width letters until SI, as CP50222 has them
            before, current = current, "kana"
        elif switch[2] == b"\x0f":
            current = before
    said.append(_of_set(data[at:], current))
    return "".join(said)


def _of_set(data: bytes, current: str) -> str:
    if not data:
        return ""
    if current == "kana":
        return data.decode("latin-1").translate(_HALF_WIDTH)
    if current == "ascii":
        return data.decode("ascii" if data.isascii() else "cp932", "replace")  # eight bits: half-width letters, too
    ends = len(data.rstrip(b"\r \t"))  # controls and blanks that stand outside of the set
    text, rest = data[:ends].translate(_HIGH), data[ends:].decode("latin-1")
    if current == "euc_jp":
        return euc_jp(text) + rest
    if current == "jisx0212":
        text, current = b"".join(b"\x8f" + text[at : at + 2] for at in range(0, len(text), 2)), "euc_jp"
    return text.decode(current, "replace") + rest
