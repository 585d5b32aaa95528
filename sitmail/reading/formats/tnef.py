"""Outlook's winmail.dat: the files and the text inside (MS-OXTNEF), read through tnefparse behind limits.

The library believes every count in the file and copies the rest of the stream for each object, so a small file can
take hours or all memory.  Therefore the stream is read here object by object, and a block of properties is given to the
library only if all of its counts and lengths fit into the block.  Never raises.
"""

from __future__ import annotations

import logging
import struct
from dataclasses import dataclass, field

from tnefparse.mapi import IMESSAGE_SIG, TNEFMAPI_Attribute, decode_mapi
from tnefparse.tnef import TNEF, TNEFObject

from sitmail.reading.formats import charset, html, rtf

TYPES = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
NAMES = frozenset(("winmail.dat", "win.dat"))
_SIZE, _OBJECTS, _PROPERTIES = 64 * 1024 * 1024, 2_000, 5_000  # bytes; objects of a stream; properties of a block
_SIGNATURE = b"\x78\x9f\x3e\x22"
_TEXT, _PAGE, _RTF = (0x1000, 0x3FD9), 0x1013, 0x1009  # property ids (MS-OXPROPS)
_DISPLAY_NAME, _DATA, _FILE_NAME, _LONG_NAME, _MIME = 0x3001, 0x3701, 0x3704, 0x3707, 0x370E
_CODEPAGE = 0x3FDE
_STRINGS = frozenset((0x00, 0x0D, 0x1E, 0x1F, 0x102))
_FIXED = {0x02: 2, 0x0B: 2, 0x03: 4, 0x04: 4, 0x0A: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}

logging.getLogger("tnefparse").disabled = True  # its messages about broken files do not help an administrator


@dataclass(slots=True)
class File:
    """A file inside."""

    name: str = ""
    type: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Opened:
    """What was found; `text` is the body in the best form that is there."""

    files: list[File] = field(default_factory=list)
    text: str = ""
    codepage: str = "cp1252"
    bodies: dict[int, bytes | str] = field(default_factory=dict)


def read(data: bytes) -> Opened:
    """The files and the text of a winmail.dat; of a damaged one, what comes before the damage."""
    opened = Opened()
    if not data.startswith(_SIGNATURE) or len(data) > _SIZE:
        return opened
    at, count = 6, 0
    while at + TNEF.MIN_OBJ_SIZE < len(data) and count < _OBJECTS:
        size = struct.unpack_from("<I", data, at + 5)[0] + 11
        if at + size > len(data):
            break
        thing = TNEFObject(memoryview(data)[at : at + size])
        thing.data = bytes(thing.data)  # the one copy of it
        at, count = at + size, count + 1
        if thing.level == TNEF.LVL_ATTACHMENT:
            _of_file(opened, thing)
        elif thing.level == TNEF.LVL_MESSAGE:
            _of_message(opened, thing)
    opened.text = _body(opened)
    opened.files = [f for f in opened.files if f.name or f.content]
    return opened


def _of_file(opened: Opened, thing: TNEFObject) -> None:
    if thing.name == TNEF.ATTATTACHRENDDATA or not opened.files:
        opened.files.append(File())
    file = opened.files[-1]
    if thing.name == TNEF.ATTATTACHTITLE:
        file.name = file.name or _text(thing.data, opened.codepage)
    elif thing.name == TNEF.ATTATTACHDATA:
        file.content = thing.data
    elif thing.name == TNEF.ATTATTACHMENT:
        said = _properties(thing.data, opened.codepage)
        names = (_string(said.get(key), opened.codepage) for key in (_LONG_NAME, _FILE_NAME))
        file.name = next(filter(None, names), "") or file.name or _string(said.get(_DISPLAY_NAME), opened.codepage)
        file.type = _string(said.get(_MIME), "ascii").lower() or file.type
        if not file.content and _DATA in said:  # a letter or another program's object inside
            file.content = _bytes(said[_DATA]).removeprefix(IMESSAGE_SIG)


def _of_message(opened: Opened, thing: TNEFObject) -> None:
    if thing.name == TNEF.ATTOEMCODEPAGE and len(thing.data) >= 4:
        opened.codepage = charset.codec(f"cp{struct.unpack_from('<I', thing.data)[0]}") or opened.codepage
    elif thing.name == TNEF.ATTBODY:
        opened.bodies[_TEXT[0]] = thing.data
    elif thing.name == TNEF.ATTMAPIPROPS:
        said = _properties(thing.data, opened.codepage)
        if _CODEPAGE in said and len(page := _bytes(said[_CODEPAGE])) >= 4:
            number = struct.unpack_from("<I", page)[0]
            opened.codepage = charset.codec(f"cp{number}") or opened.codepage
        for key in (*_TEXT, _PAGE, _RTF):
            if key in said:
                value = said[key].raw_data
                opened.bodies[key] = "".join(value) if value and isinstance(value[0], str) else _bytes(said[key])


# --- bodies and values


def _body(opened: Opened) -> str:
    for key in _TEXT:
        if plain := _text(opened.bodies.get(key, b""), opened.codepage).strip():
            return charset.scrub(plain)
    if page := _text(opened.bodies.get(_PAGE, b""), opened.codepage):
        return charset.scrub(html.to_text(page))
    packed = opened.bodies.get(_RTF, b"")
    return charset.scrub(rtf.to_text(rtf.unpacked(packed))) if isinstance(packed, bytes) else ""


def _text(value: bytes | str, codepage: str) -> str:
    return (value if isinstance(value, str) else charset.decode(value, codepage)[0]).partition("\0")[0]


def _bytes(attribute: TNEFMAPI_Attribute) -> bytes:
    value = attribute.raw_data
    if isinstance(value, list):
        return b"".join(v if isinstance(v, bytes) else v.encode("utf-8", "replace") for v in value)
    return value if isinstance(value, bytes) else b""


def _string(attribute: TNEFMAPI_Attribute | None, codepage: str) -> str:
    if attribute is None:
        return ""
    value = attribute.raw_data
    first = value[0] if isinstance(value, list) and value else value
    return _text(first, codepage) if isinstance(first, (bytes, str)) else ""


# --- properties


def _properties(block: bytes, codepage: str) -> dict[int, TNEFMAPI_Attribute]:
    """The properties of a block by their id; none if a count or length does not fit into the block."""
    try:
        return {a.name: a for a in decode_mapi(block, codepage)} if _sound(block) else {}
    except (ValueError, struct.error, LookupError, OverflowError):  # letters no charset has, a cut end
        return {}


def _sound(block: bytes) -> bool:
    """Whether all counts and lengths fit, so that the library reads it in linear time."""
    try:
        count, at = struct.unpack_from("<I", block)[0], 4
        if count > _PROPERTIES:
            return False
        for _ in range(count):
            at = _after(block, at)
            if at > len(block) + 3:  # the padding of the last one may be missing
                return False
        return True
    except struct.error:
        return False


def _after(block: bytes, at: int) -> int:
    """Where the property at `at` ends (MS-OXTNEF section 2.1.3.4)."""
    kind, name = struct.unpack_from("<HH", block, at)
    at += 4
    if name >= 0x8000:  # named: a GUID, and a number or a string
        if struct.unpack_from("<I", block, at + 16)[0] == 0:
            at += 24
        else:
            at += 24 + _padded(struct.unpack_from("<I", block, at + 20)[0])
    many, kind = bool(kind & 0x1000), kind & ~0x1000
    values = 1
    if many or kind in _STRINGS:
        values = struct.unpack_from("<I", block, at)[0]
        at += 4
    if kind in _FIXED:
        at += values * _FIXED[kind]
        return at + (2 if values % 2 and _FIXED[kind] == 2 else 0)
    if kind not in _STRINGS:
        raise struct.error
    for _ in range(values):
        at += 4 + _padded(struct.unpack_from("<I", block, at)[0])  # behind the end this raises
    return at


def _padded(length: int) -> int:
    return length + -length % 4
