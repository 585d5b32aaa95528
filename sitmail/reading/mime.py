"""The parts of a mail: a tree of offsets over its bytes (MIME, RFC 2045 and 2046), and what each decodes to.

A skeleton scanner: header blocks by `fields`, boundaries by `bytes.find`; nothing is copied before it is asked for.
Which part is the text of the letter, and which are attachments, is chosen by `parse`.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from sitmail.reading import header_fields
from sitmail.reading.formats import coding
from sitmail.reading.header_fields import CAPS, Caps


@dataclass(slots=True)
class Part:
    """One part: its kind as declared, and where its body stands in `raw`.  Fields by lower-case name, the first one."""

    raw: bytes = field(repr=False)
    start: int
    end: int
    type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    name: str = ""
    coding: str = ""
    content_id: str = ""
    children: list[Part] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        return self.raw[self.start : self.end]

    def walk(self) -> Iterator[Part]:
        """This part and all below it, in order of appearance."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True)
class Tree:
    root: Part
    count: int = 1
    defects: list[str] = field(default_factory=list)

    def note(self, defect: str) -> None:
        if defect not in self.defects:
            self.defects.append(defect)


_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,64}/[a-z0-9!#$&^_.+-]{1,80}")


def is_type(name: str) -> bool:
    """Whether it is a media type (RFC 2045 section 5.1)."""
    return bool(_TYPE.fullmatch(name))


def describe(part: Part, block: header_fields.Block, default: str, caps: Caps) -> None:
    """Fills in what the part's fields declare."""
    part.type = default
    for name, value in block.fields:
        if not name.startswith("content-"):
            continue
        if name == "content-type" and not part.parameters and part.type == default:
            declared, part.parameters = header_fields.parameters(value, caps)
            part.type = declared if is_type(declared) else ("text/plain" if declared == "text" else default)
        elif name == "content-transfer-encoding" and not part.coding:
            part.coding = value.partition(";")[0].strip(" \t\"'").lower()
        elif name == "content-disposition" and not part.disposition:
            part.disposition, about = header_fields.parameters(value, caps)
            part.name = about.get("filename", "")
        elif name == "content-id" and not part.content_id:
            part.content_id = value.strip("<> \t")
    part.name = header_fields.words(part.name or part.parameters.get("name", ""), caps)


def tree(raw: bytes, block: header_fields.Block, caps: Caps = CAPS, end: int | None = None) -> Tree:
    """The whole tree below a header block; never deeper, wider or slower than `caps` allow."""
    root = Part(raw, block.body, len(raw) if end is None else end)
    describe(root, block, "text/plain", caps)
    grown = Tree(root)
    _grow(grown, root, 1, caps)
    return grown


def _grow(grown: Tree, part: Part, depth: int, caps: Caps) -> None:
    if not part.type.startswith("multipart/"):
        return
    boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
    if not boundary or len(boundary) > caps.boundary:
        grown.note("boundary-long" if boundary else "boundary-missing")
        _as_text(part)
        return
    spans = list(_spans(part, b"--" + boundary, grown))
    if not spans:
        grown.note("boundary-unused")
        _as_text(part)
        return
    default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
    for start, end in spans:
        child = Part(part.raw, start, end)
        part.children.append(child)
        if grown.count >= caps.parts or depth >= caps.depth:
            child.start, child.end = start, part.end
            child.type, child.name, child.disposition = "application/octet-stream", "unparsed.eml", "attachment"
            grown.note("mime-limit")
            return
        grown.count += 1
        block = header_fields.split(part.raw, start, end, caps)
        child.start = min(block.body, end)
        describe(child, block, default, caps)
        for defect in block.defects:
            grown.note(defect)
        _grow(grown, child, depth + 1, caps)


def _as_text(part: Part) -> None:
    """A multipart that cannot be taken apart is read as it stands."""
    part.type, part.coding = "text/plain", ""


def _spans(part: Part, mark: bytes, grown: Tree) -> Iterator[tuple[int, int]]:
    """(start, end) of every body part between the boundary lines, lazily: a bomb is not counted to its end."""
    raw, at, begun = part.raw, part.start, -1
    while (spot := raw.find(mark, at, part.end)) >= 0:
        line_end = raw.find(b"\n", spot, part.end)
        line_end = part.end if line_end < 0 else line_end
        at = spot + len(mark)
        if spot > part.start and raw[spot - 1 : spot] != b"\n":
            continue
        tail = raw[at : min(line_end, at + 200)].strip()
        if tail not in (b"", b"--"):  # B10 is not B1
            continue
        if begun >= 0:
            yield begun, _before(raw, begun, spot)
        if tail == b"--":
            return
        begun = at = min(line_end + 1, part.end)
    if begun >= 0:
        grown.note("boundary-open")
        yield begun, part.end


def _before(raw: bytes, begun: int, spot: int) -> int:
    """The end of a part: the line end before the boundary belongs to the boundary (RFC 2046 section 5.1.1)."""
    if spot > begun and raw[spot - 1 : spot] == b"\n":
        spot -= 1
        if spot > begun and raw[spot - 1 : spot] == b"\r":
            spot -= 1
    return spot


def content(part: Part) -> bytes:
    """The decoded bytes of a part; an unknown coding leaves them as they are."""
    if part.coding == "base64":
        return header_fields.base64(memoryview(part.raw)[part.start : part.end])  # a view: the body is not copied
    if part.coding == "quoted-printable":
        return binascii.a2b_qp(memoryview(part.raw)[part.start : part.end])
    return part.body


def pieces(part: Part) -> Iterator[bytes]:
    """The same, a window at a time."""
    return coding.pieces(part.raw, part.start, part.end, part.coding)


def beginning(part: Part, size: int) -> bytes:
    """So much of the same, without decoding what comes behind it."""
    if part.end - part.start <= coding.WINDOW:
        return content(part)[:size]
    found, got = [], 0
    for piece in pieces(part):
        found.append(piece)
        got += len(piece)
        if got >= size:
            break
    return b"".join(found)[:size]


def letter(part: Part, caps: Caps = CAPS) -> tuple[header_fields.Block, Tree]:
    """The letter that a part holds: its header, and its parts.  A large one is read where it stands, if it can be."""
    raw, start, end = part.raw, part.start, part.end
    if part.coding in ("base64", "quoted-printable") or end - start <= coding.WINDOW:
        raw = content(part)
        start, end = 0, len(raw)
    block = header_fields.split(raw, start, end)
    return block, tree(raw, block, caps, end)


# --- labels of attachments

_EXTENSIONS = {
    "message/rfc822": "eml",
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/rfc822-headers": "txt",
    "message/delivery-status": "txt",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/ms-tnef": "dat",
    "application/pgp-signature": "asc",
    "application/pkcs7-signature": "p7s",
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/tiff": "tif",
    "image/bmp": "bmp",
    "image/svg+xml": "svg",
}
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*%]')


def label(name: str, type_: str, number: int, caps: Caps = CAPS) -> str:
    """A printable name for people, never a path: normalised first, then checked.

    Without anything useful in `name` it is `attachment-N.EXT` after the declared type.
    """
    name = unicodedata.normalize("NFC", name[:4096])
    name = "".join(" " if c in "\t\r\n" else c for c in name if c in "\t\r\n" or _visible(c))
    name = name.replace("\\", "/").rpartition("/")[2]
    name = " ".join(_FORBIDDEN.sub("_", name).split()).strip(". ")
    if _RESERVED.fullmatch(name):
        name = "_" + name
    if not name:
        return f"attachment-{number}.{_EXTENSIONS.get(type_, 'bin')}"
    if len(name.encode()) <= caps.name:
        return name
    stem, dot, extension = name.rpartition(".")
    ending = f".{extension}" if dot and len(extension.encode()) <= 16 else ""
    stem = stem if ending else name
    return stem.encode()[: caps.name - len(ending.encode())].decode("utf-8", "ignore").rstrip(". ") + ending


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
