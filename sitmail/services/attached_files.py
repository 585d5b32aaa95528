"""The rows of the files of an entry; letters of ours among them, forwarded or saved, are kept without their secrets.

Whoever reads such a file later could use another's reply address (behaviour 2).  The mail itself is kept as it came.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from sitmail.domain import trust
from sitmail.domain.mail import Attachment
from sitmail.domain.trust import Keys
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import blobs
from sitmail.store.text import storable

TEXTS = ("message/", "text/", "application/mbox")
ENDINGS = (".eml", ".mbox", ".txt", ".html", ".htm")


def attach(unit: UnitOfWork, entry: PendingDecision, update: int, place: int, file: Attachment) -> None:
    """Writes the row of a file, and its content where that is in memory."""
    attach_again(unit, entry, update, place, keep(unit, entry, file))


def keep(unit: UnitOfWork, entry: PendingDecision, file: Attachment) -> Attachment:
    """Writes the content of a file, where that is in memory; the file as it is kept.

    One that says nothing of its content is here already: it is an article's.
    """
    came, file = file, without_secrets(file, unit.desk.keys)
    if file is not came:
        unit.made_void[came.sha256] = file.sha256
    large = entry.arrival.files if entry.arrival else {}
    if file.sha256 in large or file.content or not file.size:
        blob = large.get(file.sha256) or blobs.BlobRow(file.sha256, file.size, file.content)
        unit.blobs.setdefault(file.sha256, blob)
    return file


def attach_again(unit: UnitOfWork, _entry: PendingDecision, update: int, place: int, file: Attachment) -> None:
    """Writes the row of a file whose content is here."""
    unit.put(
        "attachment",
        {
            "update": update,
            "place": place,
            "name": storable(file.name),
            "type": file.type,
            "size": file.size,
            "sha256": file.sha256,
            "inline": file.inline,
        },
    )


def without_secrets(file: Attachment, keys: Keys) -> Attachment:
    """The file with tokens and ids of ours made void; itself where it has none, or is no text.

    Of a file that is too big to be held in memory nothing is changed: `leak_guard` keeps it from people outside.
    """
    text_like = file.type.startswith(TEXTS) or file.name.lower().endswith(ENDINGS)
    if file.path or not text_like or len(file.content) != file.size:
        return file
    text = file.content.decode("latin-1")
    void = trust.without_tokens(keys, text, ())
    if void == text:
        return file
    content = void.encode("latin-1")
    return replace(file, content=content, size=len(content), sha256=hashlib.sha256(content).hexdigest())
