"""The parts of a mail: a tree of offsets over its bytes (MIME, RFC 2045 and 2046), and what each decodes to.

Header blocks are read by `header_fields`, boundaries are found by `bytes.find`; nothing is copied before it is asked
for.  Which part is the text of the letter, and which are attachments, is chosen by `content`.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

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
    description: str = ""
    location: str = ""
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
            part.type = _known_type(declared, part.parameters) or default
        elif name == "content-transfer-encoding" and not part.coding:
            part.coding = value.partition(";")[0].strip(" \t\"'").lower()
        elif name == "content-disposition" and not part.disposition:
            part.disposition, about = header_fields.parameters(value, caps)
            part.name = about.get("filename", "")
        elif name == "content-id" and not part.content_id:
            part.content_id = value.strip("<> \t")
        elif name == "content-description" and not part.description:
            part.description = header_fields.words(value, caps)
        elif name == "content-location" and not part.location:
            part.location = value
    part.name = header_fields.words(part.name or part.parameters.get("name", ""), caps)


_SHORT = {"text": "text/plain", "plain": "text/plain", "html": "text/html"}


def _known_type(declared: str, parameters: dict[str, str]) -> str:
    """The media type that is meant, or '': `multipart/*` and whatever has a boundary is a multipart."""
    if is_type(declared):
        return declared
    if declared.startswith("multipart") or "boundary" in parameters:
        return "multipart/mixed"
    return _SHORT.get(declared, "")


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
    spans = _inside(grown, part, caps)
    if not spans:
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
        block = header_fields.split(part.raw, start, end, caps, settled=False)
        child.start = min(block.body, end)
        describe(child, block, default, caps)
        for defect in block.defects:
            grown.note(defect)
        _grow(grown, child, depth + 1, caps)


# A line that only a boundary can be: a field of a part stands below it.
_BOUNDARY = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*\r?\n[Cc]ontent-[A-Za-z-]{2,40}:", re.MULTILINE)
_LOOKED_THROUGH = 65_536  # bytes of a multipart in which such a line is looked for


def _inside(grown: Tree, part: Part, caps: Caps) -> list[tuple[int, int]]:
    """Where the parts of a multipart stand, also if its boundary is missing or wrong, or all of it was encoded."""
    # A boundary never ends in white space (RFC 2046 section 5.1.1)
    boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "surrogateescape")
    if boundary and len(boundary) <= caps.boundary and (spans := _some_spans(grown, part, boundary, caps)):
        return spans
    grown.note("boundary-missing" if not boundary else "boundary-long" if len(boundary) > caps.boundary else _UNUSED)
    if part.coding in ("base64", "quoted-printable"):  # which RFC 2045 section 6.4 forbids
        part.raw = content(part)
        part.start, part.end, part.coding = 0, len(part.raw), ""
        if 0 < len(boundary) <= caps.boundary and (spans := _some_spans(grown, part, boundary, caps)):
            return spans
    found = _BOUNDARY.search(part.raw, part.start, min(part.end, part.start + _LOOKED_THROUGH))
    return _some_spans(grown, part, found[1], caps) if found else []


_UNUSED = "boundary-unused"


def _some_spans(grown: Tree, part: Part, boundary: bytes, caps: Caps) -> list[tuple[int, int]]:
    """As many parts as the cap allows, and one more, by which the caller sees that there are more."""
    return list(islice(_spans(part, b"--" + boundary, grown), max(caps.parts - grown.count, 0) + 1))


_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)


def _as_text(part: Part) -> None:
    """A multipart that cannot be taken apart is read as it stands."""
    part.type = "text/html" if _PAGE.match(part.raw, part.start, part.end) else "text/plain"
    part.coding = ""


def _spans(part: Part, mark: bytes, grown: Tree) -> Iterator[tuple[int, int]]:
    """(start, end) of every body part between the boundary lines, one at a time: a mail of a million parts is not
    scanned to its end."""
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


CODED = frozenset(("base64", "quoted-printable", *coding.UUENCODED))


def content(part: Part) -> bytes:
    """The decoded bytes of a part; an unknown coding leaves them as they are."""
    if part.coding == "base64":
        return header_fields.base64(memoryview(part.raw)[part.start : part.end])  # a view: the body is not copied
    if part.coding == "quoted-printable":
        return binascii.a2b_qp(memoryview(part.raw)[part.start : part.end])
    return b"".join(pieces(part)) if part.coding in coding.UUENCODED else part.body


def pieces(part: Part) -> Iterator[bytes]:
    """The decoded bytes of a part, in pieces."""
    return coding.pieces(part.raw, part.start, part.end, part.coding)


def beginning(part: Part, size: int) -> bytes:
    """The first `size` decoded bytes of a part, without decoding the rest."""
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
    if part.coding in CODED or end - start <= coding.WINDOW:
        raw = content(part)
        start, end = 0, len(raw)
    block = header_fields.split(raw, start, end)
    return block, tree(raw, block, caps, end)
