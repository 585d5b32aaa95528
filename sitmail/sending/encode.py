"""Words for header fields: cleaning, RFC 2047 encoded words, display names, addresses, ids, folding.

Text that came from anywhere goes in, one safe field with its CRLF comes out.  Which fields a letter has is
decided in `compose`; fields that came in are read in `reading`.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from sitmail.domain.address import addr_spec

WIDTH = 76  # RFC 2047 section 2 for lines with encoded words; RFC 5322 section 2.1.1 would like 78 and allows 998
ENCODED_WORD = 75  # RFC 2047 section 2
LONGEST_WORD = 400  # a longer word without a space is encoded, for an encoded word can be folded
LONGEST_NAME = 100  # characters of a display name

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# RFC 5322 section 3.4.1 and RFC 5321 section 4.1.2, ASCII only.  Dots anywhere, because such addresses exist; a
# quoted local part only without the characters that could end the path it stands in.
_ADDRESS = re.compile(
    r"(?:[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]++|\"[ !#-;=?-\[\]-~]++\")"
    r"@(?:[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*+|\[[A-Za-z0-9:.]++\])"
)
_ID = re.compile("<[!-;=?-~]++>")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_NAME_PUNCTUATION = re.compile(r'[@<>"\\]')  # what could make a display name look like, or become, an address
_NAME_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})

# RFC 2047 section 5 (3): what may stand bare in an encoded word inside a phrase; the strictest place, so everywhere.
_Q_BARE = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/"
_Q = {chr(byte): chr(byte) if byte in _Q_BARE else f"={byte:02X}" for byte in range(128)} | {" ": "_"}


def clean(text: str) -> str:
    """One line without control characters, line or paragraph separators or lone surrogates; white space collapsed."""
    return " ".join(_CONTROL.sub(" ", text).split())


@lru_cache(maxsize=2048)  # the desk's own, those of engineers and of whoever is in a conversation
def address(text: str) -> str:
    """The same addr-spec, if mail can be sent to it: of RFC 5322 section 3.4.1, or in canonical form with a local part
    beyond ASCII (RFC 6531); at most 254 octets.  Else ValueError."""
    if len(text) > 254 or not (_ADDRESS.fullmatch(text) if text.isascii() else text == addr_spec(text)):
        raise ValueError(f"not an address that mail can be sent to: {text[:100]!r}")
    return text


def message_id(text: str) -> str:
    """A Message-ID with its angle brackets (given with or without); "" if it is none."""
    angled = text if text[:1] == "<" else f"<{text}>"
    return angled if len(angled) <= 902 and _ID.fullmatch(angled) else ""


def date(moment: datetime) -> str:
    """RFC 5322 section 3.3.  A moment without zone is a mistake of ours: ValueError."""
    return _date_in_utc(moment) if moment.tzinfo is UTC else f"{_date(moment)} {_offset(moment)}"


@lru_cache(maxsize=16)  # the letters of a batch bear one moment; one in another zone would count as the same
def _date_in_utc(moment: datetime) -> str:
    return f"{_date(moment)} +0000"


def _date(moment: datetime) -> str:
    written = moment.ctime()  # "Mon Mar  2 09:00:00 2026", whatever the locale
    return f"{written[:3]}, {written[8:10].replace(' ', '0')} {written[4:7]} {written[20:]} {written[11:19]}"


def _offset(moment: datetime) -> str:
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError(f"naive moment {moment!r}")
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}{rest:02d}"


def text_field(name: str, value: str) -> str:
    """An unstructured field (RFC 5322 section 2.2.1), cleaned, encoded where needed, folded, with its CRLF.

    Only the stretch from the first to the last word that needs it is encoded, so that the incident's reference in
    front stays readable to filters.
    """
    value = clean(value)
    if len(name) + len(value) < WIDTH and value.isascii() and "=?" not in value:
        return f"{name}: {value}\r\n"
    words = value.split(" ")
    odd = [place for place, word in enumerate(words) if _needs_encoding(word)]
    lines = [f"{name}:"]
    if odd:
        first, end = odd[0], odd[-1] + 1
        _flow(lines, words[:first])
        _flow(lines, encoded_words(" ".join(words[first:end]), len(lines[-1]) + 1))
        words = words[end:]
    _flow(lines, words)
    return _joined(lines)


def mailbox_field(name: str, who: str, addr_spec: str) -> str:
    """A field with one mailbox (RFC 5322 section 3.4).  `who` may be empty.  ValueError for a bad address."""
    addr_spec = address(addr_spec)
    words = display_name(who, len(name) + 2)
    if not words:
        return f"{name}: {addr_spec}\r\n"
    line = f"{name}: {' '.join(words)} <{addr_spec}>\r\n"
    if len(line) <= WIDTH + 2:
        return line
    lines = [f"{name}:"]
    _flow(lines, (*words, f"<{addr_spec}>"))
    return _joined(lines)


def id_field(name: str, angled: str) -> str:
    """One Message-ID, as `message_id` gives it; "" if that gave none."""
    if not angled:
        return ""
    line = f"{name}: {angled}\r\n"
    return line if len(line) <= WIDTH + 2 else f"{name}:\r\n {angled}\r\n"


def ids_field(name: str, good: Sequence[str]) -> str:
    """Message-IDs (as `message_id` gives them), folded between them; "" if there is none."""
    if not good:
        return ""
    line = f"{name}: {' '.join(good)}\r\n"
    if len(line) <= WIDTH + 2:
        return line
    lines = [f"{name}:"]
    _flow(lines, good)
    return _joined(lines)


@lru_cache(maxsize=2048)  # whoever is in a conversation is named in each of its letters, and twice in many
def display_name(name: str, used: int) -> tuple[str, ...]:
    """Tokens of a phrase: atoms, one quoted string, or encoded words.  `used` columns of the first line are taken.

    Stripped of everything that could make it look like an address or hide what it says.
    """
    name = clean(_NAME_PUNCTUATION.sub(" ", name))
    if not name.isascii():
        name = clean("".join(c for c in name if unicodedata.category(c) not in _NAME_CATEGORIES))
    name = name[:LONGEST_NAME].rstrip()
    if not name:
        return ()
    if name.isascii() and "=?" not in name:
        if _ATOMS.fullmatch(name):
            return tuple(name.split(" "))
        if len(name) <= 60:
            return (f'"{name}"',)
    return tuple(encoded_words(name, used))


def encoded_words(text: str, used: int) -> list[str]:
    """RFC 2047 words in UTF-8, none longer than 75 octets, no character split; the first fits beside `used` columns.

    Q where most of it stays readable, else B.
    """
    raw = text.encode()
    quoted = 3 * len(raw.translate(None, _Q_BARE + b" ")) <= len(raw)
    room = WIDTH - used if WIDTH - used >= 30 else ENCODED_WORD
    words: list[str] = []
    for piece in _q_pieces(text, room - 12) if quoted else _b_pieces(text, room - 12):
        words.append(f"=?utf-8?{'q' if quoted else 'b'}?{piece}?=")
    return words


def _q_pieces(text: str, room: int) -> list[str]:
    pieces, piece = [], ""
    for character in text:
        code = _Q.get(character) or "".join(f"={byte:02X}" for byte in character.encode())
        if len(piece) + len(code) > room:
            pieces.append(piece)
            piece, room = "", ENCODED_WORD - 12
        piece += code
    return [*pieces, piece]


def _b_pieces(text: str, room: int) -> list[str]:
    pieces, piece, octets = [], b"", room // 4 * 3
    for character in text:
        code = character.encode()
        if len(piece) + len(code) > octets:
            pieces.append(piece)
            piece, octets = b"", (ENCODED_WORD - 12) // 4 * 3
        piece += code
    return [b64encode(each).decode() for each in (*pieces, piece)]


def _needs_encoding(word: str) -> bool:
    return not word.isascii() or "=?" in word or len(word) > LONGEST_WORD


def _flow(lines: list[str], tokens: Sequence[str]) -> None:
    """Append tokens to the last line, each after one space; a line that gets too long is folded before the token."""
    for token in tokens:
        if len(lines[-1]) + 1 + len(token) > WIDTH:
            lines.append("")
        lines[-1] += f" {token}"


def _joined(lines: list[str]) -> str:
    return "\r\n".join(lines) + "\r\n"
