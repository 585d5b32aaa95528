"""How attachments are called: names for people, never paths, also for files that nobody named.

What a name stands for in a store or on a disk is not known here: files there are called after their content.
"""

from __future__ import annotations

import re
import unicodedata

from sitmail.reading.header_fields import CAPS, Caps
from sitmail.reading.mime import Part

# How a file of that type is called which has no name, or whose name has no ending.
_TITLES = {
    "message/rfc822": "letter.eml",
    "message/delivery-status": "delivery-status.txt",
    "text/plain": "document.txt",
    "text/html": "document.html",
    "text/markdown": "document.md",
    "text/rtf": "document.rtf",
    "text/calendar": "calendar.ics",
    "text/csv": "table.csv",
    "text/vcard": "contact.vcf",
    "text/x-vcard": "contact.vcf",
    "text/rfc822-headers": "headers.txt",
    "text/xml": "document.xml",
    "application/xml": "document.xml",
    "application/json": "data.json",
    "application/pdf": "document.pdf",
    "application/rtf": "document.rtf",
    "application/msword": "document.doc",
    "application/vnd.ms-excel": "table.xls",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document.docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "table.xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "slides.pptx",
    "application/zip": "archive.zip",
    "application/gzip": "archive.gz",
    "application/ms-tnef": "winmail.dat",
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "encrypted.asc",
    "application/pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/ics": "calendar.ics",
    "audio/mpeg": "audio.mp3",
    "audio/wav": "audio.wav",
    "image/jpeg": "image.jpeg",
    "image/jpg": "image.jpeg",
    "image/png": "image.png",
    "image/gif": "image.gif",
    "image/webp": "image.webp",
    "image/tiff": "image.tif",
    "image/bmp": "image.bmp",
    "image/svg+xml": "image.svg",
    "video/mp4": "video.mp4",
    "video/quicktime": "video.mov",
}
_NAMED = re.compile(r".{1,200}\.[A-Za-z0-9]{1,10}")


def name_of(part: Part) -> str:
    """What a part is called: its own name, else one that its location, id or description shows, else ''."""
    if part.name:
        return part.name
    place = part.location.partition("?")[0].rstrip("/").rpartition("/")[2]
    for name in (place, part.content_id.partition("@")[0]):
        if _NAMED.fullmatch(name):
            return name
    if part.description and not _NAMED.fullmatch(part.description) and part.type in _TITLES:
        return f"{part.description}.{_TITLES[part.type].partition('.')[2]}"
    return part.description


_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*%]')


def label(name: str, type_: str, number: int, caps: Caps = CAPS) -> str:
    """A printable name for people, never a path: normalised first, then checked.

    Without anything useful in `name` it is called after the declared type, or else `attachment-N.bin`.
    """
    name = unicodedata.normalize("NFC", name[:4096])
    name = "".join(" " if c in "\t\r\n" else c for c in name if c in "\t\r\n" or _visible(c))
    name = name.replace("\\", "/").rpartition("/")[2]
    name = " ".join(_FORBIDDEN.sub("_", name).split()).strip(". ")
    if _RESERVED.fullmatch(name):
        name = "_" + name
    if not name:
        return _TITLES.get(type_, f"attachment-{number}.bin")
    if len(name.encode()) <= caps.name:
        return name
    stem, dot, extension = name.rpartition(".")
    ending = f".{extension}" if dot and len(extension.encode()) <= 16 else ""
    stem = stem if ending else name
    return stem.encode()[: caps.name - len(ending.encode())].decode("utf-8", "ignore").rstrip(". ") + ending


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
