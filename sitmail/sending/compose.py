"""The one header writer: every letter that leaves gets its head here, and its bytes on the wire.

Templates say what a letter says, `services` to whom and why, `relay` carries it.  The standard
library's EmailMessage is not used: it costs a hundred times as much, and on patch levels people run it turns an
encoded CR LF of a received subject into a header field of its own.
"""

from __future__ import annotations

import re
import zlib
from binascii import b2a_base64, b2a_qp
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

from sitmail.sending import encode, invites

MOST_REFERENCES = 20  # the first and the latest; more of them help no mail program
LONGEST_LINE = 990  # of RFC 5321's 998 octets; a longer one makes the text quoted-printable

_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_OURS = re.compile(
    r"date|from|sender|to|b?cc|subject|message-id|reply-to|in-reply-to|references|mime-version|content-.*|return-path|"
    r"received|resent-.*|dkim-signature",
    re.IGNORECASE,
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ORDINARY = bytes(code for code in range(128) if not _CONTROL.fullmatch(chr(code)))
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")


class Letter(NamedTuple):
    """What a letter is, before it is bytes.  Everything but the addresses and the own id may hold any characters.

    `fields` are fields of ours (X-Sitmail-Incident, Auto-Submitted ...), never one of those this module writes.
    """

    from_name: str
    from_address: str
    to_name: str
    to_address: str
    subject: str
    date: datetime
    message_id: str
    text: str
    language: str = ""
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()


_BEYOND_ASCII = re.compile(r"[^\s<>@]+(?=@)")  # the local part of an address


def compose(letter: Letter) -> tuple[str, str]:
    """Head and text (LF) of a letter, as the outbox keeps them.

    The head has CRLF, no MIME fields and no blank line, and is ASCII but for addresses beyond it (RFC 6532).

    ValueError where no trying again can help: an address that is none, an own id that is none, a moment without
    zone, a field that is not ours to add.  Foreign ids that are none are left out.
    """
    own_id = encode.message_id(letter.message_id)
    if not own_id:
        raise ValueError(f"not a Message-ID: {letter.message_id[:100]!r}")
    head = [
        f"Date: {encode.date(letter.date)}\r\n",
        encode.mailbox_field("From", letter.from_name, letter.from_address),
        encode.mailbox_field("To", letter.to_name, letter.to_address),
        encode.text_field("Subject", letter.subject),
        encode.id_field("Message-ID", own_id),
    ]
    if letter.language:
        head.append(f"Content-Language: {letter.language}\r\n")
    if letter.reply_to:
        head.append(encode.mailbox_field("Reply-To", letter.from_name, letter.reply_to))
    if letter.in_reply_to or letter.references:
        head.append(_conversation(letter))
    head += [_added(name, value) for name, value in letter.fields]
    return "".join(head), _tidy(letter.text)


def _conversation(letter: Letter) -> str:
    """In-Reply-To and References, as far as they are ids."""
    answered = encode.message_id(letter.in_reply_to)
    field = encode.id_field("In-Reply-To", answered)
    chain = tuple(dict.fromkeys(filter(None, map(encode.message_id, letter.references))))
    if len(chain) > MOST_REFERENCES:
        chain = (chain[0], *chain[1 - MOST_REFERENCES :])
    return field + encode.ids_field("References", chain)


@lru_cache(maxsize=1024)
def _added(name: str, value: str) -> str:
    """A field of ours: there are few of them, with few values."""
    if not _FIELD_NAME.fullmatch(name) or _OURS.fullmatch(name):
        raise ValueError(f"not a field to add: {name[:100]!r}")
    return encode.text_field(name, value)


class File(NamedTuple):
    """A file in a letter; `cid` names it where the page shows it as a picture (RFC 2392)."""

    name: str
    type: str
    content: bytes
    cid: str = ""


def wire(head: str, body: str, page: bytes = b"", files: Sequence[File] = (), invite: str = "") -> bytes:
    """The message in CRLF, 7-bit throughout, dots not yet stuffed (RFC 5322, 2045, 2046).

    `page` in UTF-8; b"": the letter is text alone.  An `invite` is the last of the alternatives, where mail
    programs look for events (RFC 6047 section 2.4).  The same arguments give the same bytes, on every attempt.  A head
    with an address beyond ASCII makes it a message of RFC 6532, in UTF-8; ValueError if anything else there is not
    ASCII.
    """
    if not head.isascii() and not _BEYOND_ASCII.sub("", head).isascii():
        raise ValueError(f"not ascii, and no address: {head[:100]!r}")
    alternatives = [_part("plain", body)]
    if page:
        shown = _part("html", _page(page).decode())
        pictures = [file for file in files if file.cid]
        if pictures:
            shown = _multipart("related", head, [shown, *map(_file, pictures)])
        alternatives.append(shown)
        files = [file for file in files if not file.cid]
    if invite:
        alternatives.append(_part(f"calendar; method={invites.method(invite)}", invite))
    whole = _multipart("alternative", head, alternatives) if alternatives[1:] else alternatives[0]
    if files:
        whole = _multipart("mixed", head, [whole, *map(_file, files)])
    return f"{head}MIME-Version: 1.0\r\n".encode() + whole


def _page(kept: bytes) -> bytes:
    """Earlier versions kept pages packed by zlib, whose first byte is an x; one may wait in the outbox still."""
    return zlib.decompress(kept) if kept.startswith(b"x") else kept


def _multipart(kind: str, head: str, parts: Sequence[bytes]) -> bytes:
    """RFC 2046 section 5.1; parts in the order of the reader's preference, the best last, if they say the same."""
    boundary = _boundary(kind, head, parts)
    opening = f"\r\n--{boundary}\r\n".encode()
    root = ' type="text/html";' if kind == "related" else ""  # RFC 2387 section 3.1
    start = f'Content-Type: multipart/{kind};{root}\r\n boundary="{boundary}"\r\n'.encode()
    return b"".join((start, opening, opening.join(parts), f"\r\n--{boundary}--\r\n".encode()))


def _part(kind: str, body: str) -> bytes:
    encoding, text = _text(body)
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + text


def _file(file: File) -> bytes:
    fields = f"Content-Type: {_type(file.type)}\r\nContent-Transfer-Encoding: base64\r\n"
    if file.cid:
        fields += f"Content-ID: <{file.cid}>\r\n"
    disposition = _disposition("inline" if file.cid else "attachment", file.name)
    return f"{fields}{disposition}\r\n".encode("ascii") + _base64(file.content)


def _tidy(text: str) -> str:
    """LF only, no control characters but tabs, one LF at the end."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not _ordinary(text):
        text = _CONTROL.sub("", text)
    return text if text.endswith("\n") else text + "\n"


def _ordinary(text: str) -> bool:
    """Printable ASCII, tabs and LF only.  (A tenth of a regular expression's time.)"""
    return text.isascii() and not text.encode().translate(None, _ORDINARY)


def _is_short(text: str) -> bool:
    """Whether no line is longer than LONGEST_LINE: looks for the last line end within each such stretch."""
    at = 0
    while len(text) - at > LONGEST_LINE:
        at = text.rfind("\n", at, at + LONGEST_LINE + 1) + 1
        if not at:
            return False
    return True


def _text(body: str) -> tuple[str, bytes]:
    """Transfer encoding and encoded octets of the text: as it is, else quoted-printable, else base64."""
    if _ordinary(body) and _is_short(body):
        return "7bit", body.encode("ascii").replace(b"\n", b"\r\n")
    body = _tidy(body)
    octets = body.encode("utf-8", "replace")
    if 4 * (len(octets) - len(body.encode("ascii", "ignore"))) > len(octets):
        return "base64", _base64(octets.replace(b"\n", b"\r\n"))
    return "quoted-printable", b2a_qp(octets, istext=True).replace(b"\n", b"\r\n")


def _base64(content: bytes) -> bytes:
    """RFC 2045 section 6.8: lines of 76, the last one ended too."""
    code = b2a_base64(content, newline=False)
    return b"".join([code[at : at + 76] + b"\r\n" for at in range(0, len(code), 76)])


def _boundary(kind: str, head: str, parts: Sequence[bytes]) -> str:
    """From the head, which holds the Message-ID; another one in the incredible case that a part contains it."""
    seed = head
    while True:
        boundary = f"=_{kind[0]}_{sha256(seed.encode()).hexdigest()[:38]}"
        line = boundary.encode()
        if not any(line in part for part in parts):
            return boundary
        seed = boundary


def _type(declared: str) -> str:
    """A type that may stand on a base64 part; letters inside letters stay closed (RFC 2046 section 5.2.1 forbids
    base64 for them, and a part must not show its own head)."""
    type_ = declared.lower()
    if not _TYPE.fullmatch(type_) or type_.startswith(("multipart/", "message/")):
        return "application/octet-stream"
    return type_


def _disposition(how: str, name: str) -> str:
    """Content-Disposition with the file's name (RFC 2183; RFC 2231 where it is not plain ASCII)."""
    name = re.sub(r'[/\\"]', "_", encode.clean(name))[:150] or "unnamed"
    if name.isascii() and "=?" not in name:
        return f'Content-Disposition: {how};\r\n filename="{name}"\r\n'
    pieces = [""]
    for code in (quote(character, safe="") for character in name):
        if len(pieces[-1]) + len(code) > 50:
            pieces.append("")
        pieces[-1] += code
    pieces[0] = f"utf-8''{pieces[0]}"
    if len(pieces) == 1:
        return f"Content-Disposition: {how};\r\n filename*={pieces[0]}\r\n"
    numbered = ";\r\n".join(f" filename*{place}*={piece}" for place, piece in enumerate(pieces))
    return f"Content-Disposition: {how};\r\n{numbered}\r\n"
